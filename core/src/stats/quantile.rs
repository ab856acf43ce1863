//! Percentiles of a few values, all of which are at hand.

use crate::math;

/// The value at a share of ordered finite values, 0 to 1: between the two nearest ones to rank (n - 1) share, linearly.
/// `None` of none. Definition 7 of R. J. Hyndman and Y. Fan, *The American Statistician* 50 (1996).
pub(crate) fn quantile(ordered: &[f64], share: f64) -> Option<f64> {
    let last = ordered.len().checked_sub(1)?;
    let rank = last as f64 * share.clamp(0.0, 1.0);
    let whole = math::floor(rank);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and 0 to last")]
    let below = whole as usize;
    let (lower, upper) = (*ordered.get(below)?, *ordered.get(below.saturating_add(1).min(last))?);
    let value = lower + (upper - lower) * (rank - whole);
    // Rounding must not lift one percentile above the next. Not `min`: of 0 and -0 it may give either, on another
    // machine the other.
    Some(if value < upper { value } else { upper })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_interpolated() {
        let table: [(&[f64], f64, Option<f64>); 12] = [
            (&[], 0.5, None),
            (&[7.0], 0.0, Some(7.0)),
            (&[7.0], 0.99, Some(7.0)),
            (&[1.0, 2.0], 0.5, Some(1.5)),
            (&[1.0, 3.0], 0.75, Some(2.5)),
            (&[1.0, 2.0, 4.0], 0.5, Some(2.0)),
            (&[1.0, 2.0, 4.0], 1.0, Some(4.0)),
            (&[1.0, 2.0, 4.0], 0.75, Some(3.0)),
            (&[10.0, 20.0, 30.0, 40.0, 50.0], 0.875, Some(45.0)),
            (&[-4.0, -4.0, -4.0, 8.0], 0.5, Some(-4.0)),
            (&[1.0, 2.0], f64::NEG_INFINITY, Some(1.0)),
            (&[1.0, 2.0], 2.0, Some(2.0)),
        ];
        for (ordered, share, wanted) in table {
            assert_eq!(quantile(ordered, share), wanted, "{ordered:?} at {share}");
        }
    }

    #[test]
    fn the_sign_of_nothing_is_the_same_on_every_machine() {
        for share in [0.0, 0.5, 1.0] {
            assert_eq!(quantile(&[-0.0, -0.0], share).map(f64::to_bits), Some((-0.0_f64).to_bits()));
        }
    }

    #[test]
    fn hostile_values_stay_between_their_neighbours() {
        for share in [0.0, 0.1, 0.5, 0.95, 0.99, 1.0] {
            let value = quantile(&[-1e150, 1e150], share).unwrap();
            assert!((-1e150..=1e150).contains(&value), "{share}: {value}");
            assert_eq!(quantile(&[0.1, 0.1, 0.1], share), Some(0.1));
        }
        assert!(quantile(&[1.0, 2.0], f64::NAN).is_none_or(f64::is_finite));
    }
}
