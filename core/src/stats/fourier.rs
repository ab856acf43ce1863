//! The fast Fourier transform.

use crate::math;

const TURN: f64 = core::f64::consts::TAU;

/// Transforms complex numbers in place, real parts apart from imaginary ones; their count must be a power of two.
/// J. W. Cooley and J. W. Tukey, *Mathematics of Computation* 19 (1965).
pub(crate) fn transform(re: &mut [f64], im: &mut [f64]) {
    let size = re.len();
    let mut j = 0;
    for i in 1..size {
        let mut bit = size >> 1;
        while j & bit != 0 {
            j ^= bit;
            bit >>= 1;
        }
        j |= bit;
        if i < j {
            re.swap(i, j);
            im.swap(i, j);
        }
    }
    let mut half = 1;
    while half < size {
        let angle = -TURN / (2 * half) as f64;
        for k in 0..half {
            let (cos, sin) = (math::cos(angle * k as f64), math::sin(angle * k as f64));
            for a in (k..size).step_by(2 * half) {
                let b = a + half;
                let (real, imaginary) = (re[b] * cos - im[b] * sin, re[b] * sin + im[b] * cos);
                (re[b], im[b]) = (re[a] - real, im[a] - imaginary);
                (re[a], im[a]) = (re[a] + real, im[a] + imaginary);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_is_two_lines() {
        let mut re: [f64; 16] = core::array::from_fn(|n| math::cos(TURN * 3.0 * n as f64 / 16.0));
        let mut im = [0.0; 16];
        transform(&mut re, &mut im);
        for k in 0..16 {
            let wanted = if k == 3 || k == 13 { 8.0 } else { 0.0 };
            assert!((re[k] - wanted).abs() < 1e-12 && im[k].abs() < 1e-12, "{k}: {} {}", re[k], im[k]);
        }
    }
}
