//! Rising totals, differenced from one reading to the next.

use std::collections::BTreeMap;

/// Totals by name.
pub(super) type Totals = BTreeMap<String, f64>;

/// What was read last of totals that only rise.
#[derive(Debug, Default)]
pub(super) struct Counters {
    last: Option<(Totals, f64)>,
}

impl Counters {
    /// Growth of all totals together per second; `None` without two comparable readings.
    pub(super) fn rate(&mut self, totals: Totals, at: f64) -> Option<f64> {
        let (growth, secs) = self.growth(totals, at)?;
        Some(growth.values().sum::<f64>() / secs)
    }

    /// The percentage of the growth that is the part's; `None` without two comparable readings.
    pub(super) fn share(&mut self, part: f64, rest: f64, at: f64) -> Option<f64> {
        let (growth, _) = self.growth([("part".into(), part), ("rest".into(), rest)].into(), at)?;
        let whole: f64 = growth.values().sum();
        (whole > 0.0).then(|| 100.0 * growth["part"] / whole)
    }

    fn growth(&mut self, totals: Totals, at: f64) -> Option<(Totals, f64)> {
        let (last, since) = self.last.replace((totals.clone(), at))?;
        // A total that is in one reading only has appeared or vanished: its whole height is no change.
        let growth: Totals = totals
            .into_iter()
            .filter_map(|(name, total)| Some((total - last.get(&name)?, name)))
            .map(|(growth, name)| (name, growth))
            .collect();
        // A fall is a reset: what happened on either side of it is unknown.
        let comparable = at > since && !growth.is_empty() && growth.values().all(|growth| *growth >= 0.0);
        comparable.then_some((growth, at - since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(pairs: &[(&str, f64)]) -> Totals {
        pairs.iter().map(|(name, total)| ((*name).to_owned(), *total)).collect()
    }

    #[test]
    fn a_rate_is_the_growth_of_what_was_there_before() {
        let mut counters = Counters::default();
        assert_eq!(counters.rate(totals(&[("eth0", 100.0)]), 10.0), None);
        assert_eq!(counters.rate(totals(&[("eth0", 300.0), ("tun0", 1e9)]), 20.0), Some(20.0));
    }

    #[test]
    fn a_fall_or_a_clock_that_stands_still_gives_no_rate() {
        let mut counters = Counters::default();
        counters.rate(totals(&[("a", 100.0)]), 10.0);
        assert_eq!(counters.rate(totals(&[("a", 5.0)]), 11.0), None);
        assert_eq!(counters.rate(totals(&[("a", 6.0)]), 11.0), None);
        assert_eq!(counters.rate(totals(&[("a", 9.0)]), 12.0), Some(3.0));
    }

    #[test]
    fn a_share_is_of_the_growth_not_of_the_totals() {
        let mut counters = Counters::default();
        assert_eq!(counters.share(1000.0, 0.0, 0.0), None);
        assert_eq!(counters.share(1001.0, 3.0, 1.0), Some(25.0));
        assert_eq!(counters.share(1001.0, 3.0, 2.0), None);
    }
}
