//! Count, mean and spread of values seen one by one, which two halves of a stream can put together.

use serde::Serialize;

use crate::{Sample, math};

/// Count, mean and sum of squared deviations. Nothing is subtracted from large sums, so the spread keeps its digits
/// where the level is large beside it.
///
/// Source: B. P. Welford, *Technometrics* 4 (1962), for one more value; T. F. Chan, G. H. Golub, R. J. `LeVeque`,
/// *Updating formulae and a pairwise algorithm* (1979), for putting two together.
///
/// ```
/// use drift_sre::Moments;
///
/// let (mut morning, mut evening) = (Moments::default(), Moments::default());
/// [2.0, 4.0, 4.0].into_iter().for_each(|value| morning.update(value));
/// [4.0, 5.0, 5.0, 7.0, 9.0].into_iter().for_each(|value| evening.update(value));
/// morning.merge(&evening);
/// assert_eq!((morning.count(), morning.mean(), morning.sd()), (8, Some(5.0), Some(2.0)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Moments {
    count: u64,
    mean: f64,
    m2: f64,
}

impl Moments {
    /// Takes one value. One that is not finite or beyond [`Sample::LIMIT`] changes nothing.
    pub fn update(&mut self, value: f64) {
        if Sample::new(0.0, value).usable().is_none() {
            return;
        }
        self.count = self.count.saturating_add(1);
        let deviation = value - self.mean;
        self.mean += deviation / self.count as f64;
        self.m2 = (self.m2 + deviation * (value - self.mean)).min(f64::MAX);
    }

    /// Takes all that another has seen: as if its values had come here, but for rounding.
    pub fn merge(&mut self, other: &Self) {
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (ours, theirs) = (self.count as f64, other.count as f64);
        let share = theirs / (ours + theirs);
        let apart = other.mean - self.mean;
        self.count = self.count.saturating_add(other.count);
        self.mean += apart * share;
        self.m2 = (self.m2 + other.m2 + apart * apart * (ours * share)).min(f64::MAX);
    }

    /// How many values were taken.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; `None` of none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The mean square of their deviations, with divisor n; `None` of none.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.count > 0).then(|| self.m2 / self.count as f64)
    }

    /// The root of [`Moments::variance`], in the unit of the values; `None` of none.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(math::sqrt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        for value in values {
            moments.update(*value);
        }
        moments
    }

    #[test]
    fn none_of_none() {
        let none = Moments::default();
        assert_eq!((none.count(), none.mean(), none.variance(), none.sd()), (0, None, None, None));
    }

    #[test]
    fn a_large_level_does_not_swallow_the_spread() {
        let high = moments(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!((high.mean(), high.variance()), (Some(1e9 + 10.0), Some(22.5)));
    }

    #[test]
    fn merging_with_none_changes_no_bit() {
        let some = moments(&[0.1, 0.2, 0.4]);
        let (mut left, mut right) = (some, Moments::default());
        left.merge(&Moments::default());
        right.merge(&some);
        assert_eq!((left, right), (some, some));
        right = Moments::default();
        right.merge(&Moments::default());
        assert_eq!(right, Moments::default());
    }

    #[test]
    fn halves_put_together_are_the_whole() {
        let values: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 10.0, 16.0];
        for cut in 0..=values.len() {
            let mut halves = moments(&values[..cut]);
            halves.merge(&moments(&values[cut..]));
            // 36 / 6, and (25 + 16 + 9 + 4 + 16 + 100) / 6.
            assert_eq!(halves.count(), 6);
            assert!((halves.mean().unwrap() - 6.0).abs() < 1e-14, "{cut}: {halves:?}");
            assert!((halves.variance().unwrap() - 170.0 / 6.0).abs() < 1e-13, "{cut}: {halves:?}");
        }
    }

    #[test]
    fn hostile_values_leave_it_finite() {
        let mut extreme = moments(&[f64::NAN, f64::INFINITY, -f64::MAX, 1e150, -1e150]);
        assert_eq!((extreme.count(), extreme.mean()), (2, Some(0.0)));
        for _ in 0..63 {
            extreme.merge(&extreme.clone());
        }
        assert!(extreme.count() > 1 << 63 && extreme.sd().unwrap().is_finite());
        extreme.merge(&extreme.clone());
        extreme.update(1.0);
        assert_eq!(extreme.count(), u64::MAX);
        assert!(extreme.mean().unwrap().is_finite() && extreme.sd().unwrap().is_finite());
    }
}
