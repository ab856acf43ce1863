//! The standard normal distribution.

use crate::math;

/// `1 / sqrt(2 pi)`.
const PEAK: f64 = 0.398_942_280_401_432_7;

/// Density at a point.
pub(crate) fn density(x: f64) -> f64 {
    PEAK * math::exp(-0.5 * x * x)
}

/// The value that a share of all, in (0, 1), lies below; to about 1e-9. P. J. Acklam's rational approximations (2003).
pub(crate) fn quantile(share: f64) -> f64 {
    /// Outside of it the tails have an approximation of their own.
    const MIDDLE: f64 = 0.024_25;
    let tail = |share: f64| {
        let q = math::sqrt(-2.0 * math::ln(share));
        let above = polynomial(
            q,
            [
                -7.784_894_002_430_293e-3,
                -3.223_964_580_411_365e-1,
                -2.400_758_277_161_838,
                -2.549_732_539_343_734,
                4.374_664_141_464_968,
                2.938_163_982_698_783,
            ],
        );
        let below = polynomial(
            q,
            [
                7.784_695_709_041_462e-3,
                3.224_671_290_700_398e-1,
                2.445_134_137_142_996,
                3.754_408_661_907_416,
                1.0,
            ],
        );
        above / below
    };
    if share < MIDDLE {
        return tail(share);
    }
    if share > 1.0 - MIDDLE {
        return -tail(1.0 - share);
    }
    let q = share - 0.5;
    let r = q * q;
    let above = polynomial(
        r,
        [
            -3.969_683_028_665_376e1,
            2.209_460_984_245_205e2,
            -2.759_285_104_469_687e2,
            1.383_577_518_672_69e2,
            -3.066_479_806_614_716e1,
            2.506_628_277_459_239,
        ],
    );
    let below = polynomial(
        r,
        [
            -5.447_609_879_822_406e1,
            1.615_858_368_580_409e2,
            -1.556_989_798_598_866e2,
            6.680_131_188_771_972e1,
            -1.328_068_155_288_572e1,
            1.0,
        ],
    );
    q * above / below
}

/// By Horner's rule, the highest power first.
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    coefficients.into_iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (share, wanted) in [
            (0.5, 0.0),
            (0.841_344_746_068_543, 1.0),
            (0.975, 1.959_963_984_540_054),
            (0.998_650_101_968_37, 3.0),
            (0.01, -2.326_347_874_040_841),
            (1e-6, -4.753_424_308_822_899),
        ] {
            assert!((quantile(share) - wanted).abs() < 1e-8, "{share}: {}", quantile(share));
        }
    }

    #[test]
    fn density_is_that_of_the_tables() {
        assert!((density(0.0) - 0.398_942_280_401_432_7).abs() < 1e-16);
        assert!((density(-2.0) - 0.053_990_966_513_188_06).abs() < 1e-16);
    }
}
