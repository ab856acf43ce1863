//! Random numbers that are the same on every target.

use crate::math;

/// xoshiro256++ of D. Blackman and S. Vigna, *Scrambled linear pseudorandom number generators*, ACM Transactions on
/// Mathematical Software 47 (2021), seeded by `SplitMix64` as they advise: neighbouring seeds give unrelated streams.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Generator {
    state: [u64; 4],
    spare: Option<f64>,
}

/// G. L. Steele, D. Lea and C. H. Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Generator {
    /// Two generators from one seed that share no state.
    pub(super) fn pair(seed: u64) -> (Self, Self) {
        let mut seeds = SplitMix64(seed);
        // Four outputs in a row are of distinct inputs to a bijection, so they are never all zero.
        let mut generator =
            || Self { state: [seeds.next(), seeds.next(), seeds.next(), seeds.next()], spare: None };
        (generator(), generator())
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let answer = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (crossed, last) = (c ^ a, d ^ b);
        self.state = [a ^ last, b ^ crossed, crossed ^ (b << 17), last.rotate_left(45)];
        answer
    }

    /// Uniform in [0, 1): one of 2^53 equidistant values, so that no rounding is involved.
    pub(super) fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.next() >> 11) as f64 * STEP
    }

    /// Standard normal, by G. Marsaglia's polar method, which needs no more than a logarithm and a square root.
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let stretch = math::sqrt(-2.0 * math::ln(square) / square);
                self.spare = Some(y * stretch);
                return x * stretch;
            }
        }
    }

    /// Gamma of a positive shape and scale 1, by G. Marsaglia and W. W. Tsang, *A simple method for generating gamma
    /// variables*, ACM Transactions on Mathematical Software 26 (2000).
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let whole = self.gamma(shape + 1.0);
            return whole * math::exp(math::ln(self.uniform()) / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / math::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let root = 1.0 + c * x;
            let v = root * root * root;
            if v > 0.0 && math::ln(self.uniform()) < 0.5 * x * x + d * (1.0 - v + math::ln(v)) {
                return d * v;
            }
        }
    }

    /// Poisson of a mean up to [`crate::Law::POISSON_LIMIT`], by inversion.
    pub(super) fn poisson(&mut self, mean: f64) -> f64 {
        let mut left = self.uniform();
        let mut probability = math::exp(-mean);
        let mut count = 0.0;
        // The probabilities may add up to a rounding error less than the number drawn; they do vanish in the end.
        while left >= probability && probability > 0.0 {
            left -= probability;
            count += 1.0;
            probability *= mean / count;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_mix_gives_the_published_numbers() {
        let mut seeds = SplitMix64(1_234_567);
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(published.map(|_| seeds.next()), published);
    }

    #[test]
    fn xoshiro_gives_the_published_numbers() {
        let mut generator = Generator { state: [1, 2, 3, 4], spare: None };
        let published = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
            9_228_616_714_210_784_205,
            9_973_669_472_204_895_162,
            14_011_001_112_246_962_877,
            12_406_186_145_184_390_807,
            15_849_039_046_786_891_736,
            10_450_023_813_501_588_000,
        ];
        assert_eq!(published.map(|_| generator.next()), published);
    }

    #[test]
    fn a_pair_shares_nothing() {
        let (mut one, mut other) = Generator::pair(7);
        assert!((0..100).all(|_| one.next() != other.next()));
    }
}
