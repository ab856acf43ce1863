//! Median and spread of a few samples that may hold outliers.

/// Median absolute deviation of a normal distribution, per standard deviation.
const MAD_PER_SIGMA: f64 = 0.674_489_750_196_081_7;
/// Mean absolute deviation of a normal distribution, per standard deviation: `sqrt(2 / pi)`.
const MEAN_DEVIATION_PER_SIGMA: f64 = 0.797_884_560_802_865_4;

/// Median of finite values; 0 of none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper) = halves(values, middle);
    if even {
        let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        lower + (upper - lower) / 2.0
    } else {
        upper
    }
}

/// The values below the one of this rank, in any order, and that one.
fn halves(values: &mut [f64], rank: usize) -> (&[f64], f64) {
    if cfg!(feature = "small") {
        // All of it, where selecting would take a kilobyte more.
        values.sort_unstable_by(f64::total_cmp);
        return (&values[..rank], values[rank]);
    }
    let (below, upper, _) = values.select_nth_unstable_by(rank, f64::total_cmp);
    (below, *upper)
}

/// Spread about a centre, in standard deviations of a normal distribution: the median absolute deviation, or the
/// mean one where more than half of the values are equal; 0 if all are.
pub(crate) fn spread(values: &[f64], center: f64) -> f64 {
    spread_in_place(&mut values.to_vec(), center)
}

/// The same where the values are no longer needed.
pub(crate) fn spread_in_place(deviations: &mut [f64], center: f64) -> f64 {
    for value in deviations.iter_mut() {
        *value = (*value - center).abs();
    }
    let mad = median(deviations);
    if mad > 0.0 {
        return mad / MAD_PER_SIGMA;
    }
    let total: f64 = deviations.iter().sum();
    total / (deviations.len().max(1) as f64 * MEAN_DEVIATION_PER_SIGMA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_even_and_odd_counts() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&mut [7.0]), 7.0);
        assert_eq!(median(&mut []), 0.0);
    }

    #[test]
    fn spread_ignores_an_outlier() {
        let with_outlier = spread(&[1.0, 2.0, 3.0, 4.0, 1e9], 3.0);
        assert_eq!(with_outlier, 1.0 / MAD_PER_SIGMA);
    }

    #[test]
    fn spread_of_mostly_equal_values_is_not_zero() {
        let spread = spread(&[0.0, 0.0, 0.0, 1.0], 0.0);
        assert_eq!(spread, 0.25 / MEAN_DEVIATION_PER_SIGMA);
        assert_eq!(super::spread(&[5.0, 5.0, 5.0], 5.0), 0.0);
    }
}
