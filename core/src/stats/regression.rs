//! Least squares on running sums: terms that are not there are shrunk to nothing, old samples are forgotten.

use alloc::{vec, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::math;

/// The most features a regression may have, the intercept among them.
const MOST: usize = 16;

/// Keeps features that are nearly the same apart.
const RIDGE: f64 = 1e-6;

/// Sums of products of features, of which the first is the constant 1, and of features and target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Regression {
    /// The lower triangle, row by row; its first column holds the sums of the features.
    products: Vec<f64>,
    targets: Vec<f64>,
    square: f64,
}

/// Features that are kept or dropped together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    /// The first of them.
    pub(crate) first: usize,
    /// One, or two.
    pub(crate) len: usize,
    /// A term whose chi-square is not above it is dropped, one well above it is kept.
    pub(crate) penalty: f64,
}

/// How well a fit fits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fit {
    /// Variance of what is not explained.
    pub(crate) variance: f64,
    /// How many coefficients it took, as they were shrunk; the intercept counts 1.
    pub(crate) coefficients: f64,
}

impl Regression {
    pub(crate) fn new(features: usize) -> Self {
        let triangle = features * (features + 1) / 2;
        Self { products: vec![0.0; triangle], targets: vec![0.0; features], square: 0.0 }
    }

    /// One more sample.
    pub(crate) fn add(&mut self, features: &[f64], target: f64) {
        let mut row = 0;
        for (i, x) in features.iter().enumerate() {
            for (sum, other) in self.products[row..=row + i].iter_mut().zip(features) {
                *sum += x * other;
            }
            row += i + 1;
        }
        for (sum, x) in self.targets.iter_mut().zip(features) {
            *sum += x * target;
        }
        self.square += target * target;
    }

    /// All there is weighs less.
    pub(crate) fn forget(&mut self, keep: f64) {
        for sum in self.products.iter_mut().chain(&mut self.targets) {
            *sum *= keep;
        }
        self.square *= keep;
    }

    /// The target of all samples was larger by so much.
    pub(crate) fn shift_target(&mut self, by: f64) {
        self.square += by * (2.0 * self.targets[0] + by * self.weight());
        for (feature, sum) in self.targets.iter_mut().enumerate() {
            *sum += by * self.products[feature * (feature + 1) / 2];
        }
    }

    /// A feature of all samples, not the first, was larger by so much.
    pub(crate) fn shift_feature(&mut self, feature: usize, by: f64) {
        let row = feature * (feature + 1) / 2;
        let sum = self.products[row];
        self.products[row + feature] += by * (2.0 * sum + by * self.weight());
        for other in 0..self.targets.len() {
            let (low, high) = if other < feature { (other, feature) } else { (feature, other) };
            if other != feature {
                self.products[high * (high + 1) / 2 + low] += by * self.products[other * (other + 1) / 2];
            }
        }
        self.targets[feature] += by * self.targets[0];
    }

    /// Samples, as they weigh.
    pub(crate) fn weight(&self) -> f64 {
        self.products[0]
    }

    /// Mean of a feature.
    pub(crate) fn mean(&self, feature: usize) -> f64 {
        self.products[feature * (feature + 1) / 2] / at_least_one(self.weight())
    }

    /// Mean of the target.
    pub(crate) fn target_mean(&self) -> f64 {
        self.targets[0] / at_least_one(self.weight())
    }

    fn covariance(&self, i: usize, j: usize) -> f64 {
        let (low, high) = if i < j { (i, j) } else { (j, i) };
        let product = self.products[high * (high + 1) / 2 + low] / at_least_one(self.weight());
        product - self.mean(i) * self.mean(j)
    }

    /// Least squares on the given terms; coefficients of other features are 0. Each term is shrunk by
    /// `max(0, 1 - penalty / chi-square)`, a non-negative garrote: L. Breiman, *Technometrics* 37 (1995).
    pub(crate) fn fit(&self, terms: &[Term], coefficients: &mut [f64]) -> Fit {
        coefficients.fill(0.0);
        let weight = at_least_one(self.weight());
        let mean = self.target_mean();
        let total = positive(self.square / weight - mean * mean);
        let mut chosen = [0; MOST];
        let mut count = 0;
        for feature in terms.iter().flat_map(|term| term.first..term.first + term.len) {
            chosen[count] = feature;
            count += 1;
        }
        let chosen = &chosen[..count];
        // In units of standard deviations nothing overflows, and one ridge suits all.
        let mut sd = [0.0; MOST];
        let mut against = [0.0; MOST];
        for (k, &feature) in chosen.iter().enumerate() {
            let variance = self.covariance(feature, feature);
            if variance > 1e-24 * (1.0 + self.mean(feature) * self.mean(feature)) {
                sd[k] = math::sqrt(variance);
                against[k] = (self.targets[feature] / weight - self.mean(feature) * mean) / sd[k];
            }
        }
        let mut matrix = [[0.0; MOST]; MOST];
        for i in 0..count {
            for j in 0..=i {
                let there = sd[i] > 0.0 && sd[j] > 0.0;
                let value = if there { self.covariance(chosen[i], chosen[j]) / (sd[i] * sd[j]) } else { 0.0 };
                matrix[i][j] = value;
                matrix[j][i] = value;
            }
            matrix[i][i] = 1.0 + RIDGE;
        }
        invert(&mut matrix, count);
        let mut full = [0.0; MOST];
        let mut explained = 0.0;
        for i in 0..count {
            let coefficient: f64 = (0..count).map(|j| matrix[i][j] * against[j]).sum();
            // The ridge keeps true ones far below; sums that belong to no samples may lead anywhere.
            full[i] = if coefficient.abs() <= 1e9 { coefficient } else { 0.0 };
            explained += full[i] * against[i];
        }
        let floor = total * 1e-9;
        let rest = total - explained;
        let freedom = weight - count as f64 - 1.0;
        let variance = (if rest > floor { rest } else { floor }) * weight / at_least_one(freedom);
        let noise = variance / weight;
        let mut used = 1.0;
        let mut k = 0;
        for term in terms {
            let chi_square = significance(&matrix, &full, k, term.len, noise);
            let keep = positive(1.0 - term.penalty / chi_square);
            used += keep * term.len as f64;
            for i in k..k + term.len {
                if sd[i] > 0.0 {
                    coefficients[chosen[i]] = keep * full[i] / sd[i];
                }
            }
            k += term.len;
        }
        let others: f64 = chosen.iter().map(|&feature| coefficients[feature] * self.mean(feature)).sum();
        coefficients[0] = mean - others;
        Fit { variance, coefficients: used }
    }

    /// Whether decoded sums are ones that there can be.
    pub(crate) fn is_sane(&self, features: usize) -> bool {
        let sums = || self.products.iter().chain(&self.targets).chain([&self.square]);
        self.products.len() == features * (features + 1) / 2
            && self.targets.len() == features
            && sums().all(|sum| sum.abs() <= 1e150)
            && self.weight() >= 0.0
    }
}

/// The chi-square of one or two coefficients against nothing; infinite where there is no noise.
fn significance(inverse: &[[f64; MOST]; MOST], full: &[f64; MOST], k: usize, len: usize, noise: f64) -> f64 {
    let of = |value: f64, scale: f64| if scale > 0.0 { value / scale } else { f64::INFINITY };
    if full[k] == 0.0 && (len == 1 || full[k + 1] == 0.0) {
        return 0.0;
    }
    if len == 1 {
        return of(full[k] * full[k], inverse[k][k] * noise);
    }
    let (a, b) = (full[k], full[k + 1]);
    let (aa, bb, ab) = (inverse[k][k], inverse[k + 1][k + 1], inverse[k][k + 1]);
    of(a * a * bb + b * b * aa - 2.0 * a * b * ab, (aa * bb - ab * ab) * noise)
}

/// In place, by Gauss and Jordan; without pivoting, as the matrix is a correlation with a ridge.
fn invert(matrix: &mut [[f64; MOST]; MOST], size: usize) {
    for k in 0..size {
        let pivot = matrix[k][k];
        let scale = 1.0 / if pivot > RIDGE { pivot } else { RIDGE };
        matrix[k][k] = 1.0;
        for value in &mut matrix[k][..size] {
            *value *= scale;
        }
        let pivot_row = matrix[k];
        for (i, row) in matrix.iter_mut().enumerate().take(size) {
            if i != k {
                let factor = row[k];
                row[k] = 0.0;
                for (value, other) in row[..size].iter_mut().zip(&pivot_row) {
                    *value -= factor * other;
                }
            }
        }
    }
}

/// Not `max`: of 0 and -0 it may give either, on another machine the other.
fn positive(value: f64) -> f64 {
    if value > 0.0 { value } else { 0.0 }
}

fn at_least_one(value: f64) -> f64 {
    if value > 1.0 { value } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: [Term; 2] =
        [Term { first: 1, len: 1, penalty: 6.0 }, Term { first: 2, len: 2, penalty: 9.0 }];

    /// Spread evenly in (-1, 1), the same on every machine.
    fn noise(n: u32) -> f64 {
        f64::from(n.wrapping_mul(2_654_435_769) >> 8) / f64::from(1 << 23) - 1.0
    }

    #[test]
    fn terms_that_are_there_are_found_and_others_dropped() {
        let mut regression = Regression::new(4);
        for n in 0..2000 {
            let features = [1.0, noise(3 * n), noise(3 * n + 1), noise(3 * n + 2)];
            regression.add(&features, 5.0 + 2.0 * features[1] + 0.1 * noise(7 * n + 5));
        }
        let mut coefficients = [9.0; 4];
        let fit = regression.fit(&TERMS, &mut coefficients);
        assert!((coefficients[0] - 5.0).abs() < 0.01 && (coefficients[1] - 2.0).abs() < 0.01);
        assert_eq!(coefficients[2..], [0.0, 0.0]);
        // The intercept, and one that is hardly shrunk.
        assert!((1.999..2.0).contains(&fit.coefficients), "{}", fit.coefficients);
        assert!((fit.variance - 0.01 / 3.0).abs() < 0.0003, "{}", fit.variance);
    }

    #[test]
    fn a_constant_target_and_constant_features_explain_nothing() {
        let mut regression = Regression::new(4);
        for _ in 0..100 {
            regression.add(&[1.0, 3.0, 3.0, 3.0], 7.0);
        }
        let mut coefficients = [9.0; 4];
        let fit = regression.fit(&TERMS, &mut coefficients);
        assert_eq!(coefficients, [7.0, 0.0, 0.0, 0.0]);
        assert_eq!(fit, Fit { variance: 0.0, coefficients: 1.0 });
    }

    #[test]
    fn shifted_sums_are_those_of_shifted_samples() {
        let (mut plain, mut shifted) = (Regression::new(3), Regression::new(3));
        for n in 0..50 {
            let (a, b, y) = (noise(3 * n), noise(3 * n + 1), noise(3 * n + 2));
            plain.add(&[1.0, a, b], y);
            shifted.add(&[1.0, a + 2.0, b], y - 3.0);
        }
        plain.shift_target(-3.0);
        plain.shift_feature(1, 2.0);
        let sums = |regression: Regression| {
            let Regression { products, targets, square } = regression;
            products.into_iter().chain(targets).chain([square])
        };
        for (one, other) in sums(plain).zip(sums(shifted)) {
            assert!((one - other).abs() < 1e-9, "{one} {other}");
        }
    }

    #[test]
    fn what_is_forgotten_weighs_less() {
        let mut regression = Regression::new(1);
        regression.add(&[1.0], 10.0);
        regression.forget(0.5);
        regression.add(&[1.0], 1.0);
        assert_eq!((regression.weight(), regression.target_mean()), (1.5, 4.0));
    }
}
