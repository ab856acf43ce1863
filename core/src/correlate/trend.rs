//! How far the newest windows of a source drift, each golden signal by its own measure.
//!
//! The scores rest on the slope of a straight line through the newest points (least squares, per point), on the
//! relative rate `(last - first) / n / first`, and on the volatility, standard deviation by mean. A quotient whose
//! divisor is 0 is not known, and its term adds nothing.

use alloc::vec::Vec;

use crate::{Sample, math};

/// Points that a score is made of.
const NEWEST: usize = 10;
/// Fewer say nothing.
const LEAST: usize = 3;
/// Scores above this are a sustained degradation by themselves.
const LATENCY_SUSTAINED: f64 = 0.6;
const ERRORS_SUSTAINED: f64 = 0.5;
/// Standard deviations above normal at which a window counts towards a run.
const RUN_LEVEL: f64 = 2.0;
/// A single window is no run, whatever is asked for.
const LEAST_RUN: usize = 2;
const HOUR: f64 = 3_600.0;

/// Windows in a row above two standard deviations that are taken for a sustained degradation unless told otherwise.
pub const SUSTAINED_RUN: usize = 3;

/// The drift scores of one source, 0 to 1 each; `None` while there are fewer than three points.
///
/// ```
/// use drift_sre::DriftScores;
///
/// let latency = [100.0, 130.0, 160.0, 190.0];
/// let scores = DriftScores::of(&latency, &[0.01, 0.01], &[50.0, 50.0, 50.0]);
/// assert!(scores.latency.is_some_and(|score| score > 0.6));
/// assert_eq!((scores.errors, scores.traffic), (None, Some(0.0)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DriftScores {
    /// See [`latency_drift_score`].
    pub latency: Option<f64>,
    /// See [`error_drift_score`].
    pub errors: Option<f64>,
    /// See [`traffic_anomaly_score`].
    pub traffic: Option<f64>,
}

impl DriftScores {
    /// All three scores of one source: mean latency in milliseconds, share of errors, requests; one point a window,
    /// the newest last.
    #[must_use]
    pub fn of(latency_ms: &[f64], error_shares: &[f64], requests: &[f64]) -> Self {
        Self {
            latency: latency_drift_score(latency_ms),
            errors: error_drift_score(error_shares),
            traffic: traffic_anomaly_score(requests),
        }
    }

    /// The higher one of latency and errors, which tells how certain a degradation is; 0 if neither is known.
    #[must_use]
    pub fn degradation(&self) -> f64 {
        self.latency.unwrap_or(0.0).max(self.errors.unwrap_or(0.0))
    }
}

/// How far latency drifts, 0 to 1, from points in milliseconds, the newest last; of those that can be read the newest
/// ten count, and fewer than three give `None`.
///
/// The sum of 0.4 min(slope / 10, 1) if the slope is positive, 0.4 min(|relative rate| / 0.5, 1) if that rate is
/// beyond 5 %, and 0.2 (1 - volatility / 0.3) if the volatility is below 0.3. Steady latency so scores 0.2, and a fall
/// counts in the second term; neither reaches what [`is_sustained_degradation`] asks for.
///
/// ```
/// use drift_sre::latency_drift_score;
///
/// assert_eq!(latency_drift_score(&[100.0, 100.0, 100.0]), Some(0.2));
/// assert_eq!(latency_drift_score(&[100.0, 100.0]), None);
/// ```
#[must_use]
pub fn latency_drift_score(points: &[f64]) -> Option<f64> {
    let trend = Trend::of(points)?;
    let rate = trend.relative_rate.map_or(0.0, f64::abs);
    let volatility = trend.volatility.filter(|volatility| *volatility < 0.3);
    let climbing = if trend.slope > 0.0 { 0.4 * (trend.slope / 10.0).min(1.0) } else { 0.0 };
    let changing = if rate > 0.05 { 0.4 * (rate / 0.5).min(1.0) } else { 0.0 };
    let steadily = volatility.map_or(0.0, |volatility| 0.2 * (1.0 - volatility / 0.3));
    Some((climbing + changing + steadily).min(1.0))
}

/// How far errors drift, 0 to 1, from shares of failed requests, the newest last; of those that can be read the newest
/// ten count, and fewer than three give `None`.
///
/// The sum of 0.5 min(slope / 0.01, 1) if the slope is positive and 0.5 min(|relative rate|, 1) if that rate is beyond
/// 10 %.
///
/// ```
/// use drift_sre::error_drift_score;
///
/// assert_eq!(error_drift_score(&[0.0, 0.02, 0.04]), Some(0.5));
/// assert_eq!(error_drift_score(&[0.01, 0.01, 0.01]), Some(0.0));
/// ```
#[must_use]
pub fn error_drift_score(points: &[f64]) -> Option<f64> {
    let trend = Trend::of(points)?;
    let rate = trend.relative_rate.map_or(0.0, f64::abs);
    let climbing = if trend.slope > 0.0 { 0.5 * (trend.slope / 0.01).min(1.0) } else { 0.0 };
    let changing = if rate > 0.1 { 0.5 * rate.min(1.0) } else { 0.0 };
    Some((climbing + changing).min(1.0))
}

/// How far traffic is from what it was, 0 to 1, from requests a window, the newest last; of those that can be read the
/// newest ten count, and fewer than three give `None`.
///
/// min(|relative rate| / 2, 1) if that rate is beyond 20 %, else 0.
///
/// ```
/// use drift_sre::traffic_anomaly_score;
///
/// assert_eq!(traffic_anomaly_score(&[10.0, 20.0, 40.0, 50.0]), Some(0.5));
/// ```
#[must_use]
pub fn traffic_anomaly_score(points: &[f64]) -> Option<f64> {
    let rate = Trend::of(points)?.relative_rate.map_or(0.0, f64::abs);
    Some(if rate > 0.2 { (rate / 2.0).min(1.0) } else { 0.0 })
}

/// Whether a degradation has come to stay: a latency score above 0.6, an error score above 0.5, or `run` windows in a
/// row, at least two, whose z-scores in the hour up to `now` were above 2.
///
/// `z_scores` are samples of one metric's z-score in order of time; a gap ends a run, and what lies outside of the
/// hour does not count. [`SUSTAINED_RUN`] is the usual `run`.
///
/// ```
/// use drift_sre::{DriftScores, SUSTAINED_RUN, Sample, is_sustained_degradation};
///
/// let z_scores = [Sample::new(0.0, 2.5), Sample::new(60.0, 3.0), Sample::new(120.0, 2.2)];
/// let unknown = DriftScores::default();
/// assert!(is_sustained_degradation(&unknown, &z_scores, 180.0, SUSTAINED_RUN));
/// assert!(!is_sustained_degradation(&unknown, &z_scores, 3_630.0, SUSTAINED_RUN));
/// ```
#[must_use]
pub fn is_sustained_degradation(scores: &DriftScores, z_scores: &[Sample], now: f64, run: usize) -> bool {
    let above = |score: Option<f64>, level: f64| score.is_some_and(|score| score > level);
    above(scores.latency, LATENCY_SUSTAINED)
        || above(scores.errors, ERRORS_SUSTAINED)
        || longest_run(z_scores, now) >= run.max(LEAST_RUN)
}

fn longest_run(z_scores: &[Sample], now: f64) -> usize {
    let within_the_hour = z_scores.iter().filter(|sample| (0.0..=HOUR).contains(&(now - sample.at)));
    let (longest, _) = within_the_hour.fold((0, 0), |(longest, run), sample| {
        let run = if sample.usable().is_some_and(|z| z > RUN_LEVEL) { run + 1 } else { 0 };
        (longest.max(run), run)
    });
    longest
}

struct Trend {
    slope: f64,
    relative_rate: Option<f64>,
    volatility: Option<f64>,
}

impl Trend {
    fn of(points: &[f64]) -> Option<Self> {
        let readable = points.iter().rev().copied().filter(|point| point.abs() <= Sample::LIMIT);
        let mut points: Vec<f64> = readable.take(NEWEST).collect();
        points.reverse();
        let (&[first, .., last], LEAST..) = (points.as_slice(), points.len()) else { return None };
        let count = points.len() as f64;
        let mean = points.iter().sum::<f64>() / count;
        let center = (count - 1.0) / 2.0;
        let (mut along, mut steps, mut squares) = (0.0, 0.0, 0.0);
        for (index, point) in points.iter().enumerate() {
            let (step, deviation) = (index as f64 - center, point - mean);
            along += step * deviation;
            steps += step * step;
            squares += deviation * deviation;
        }
        let by = |value: f64, divisor: f64| (divisor != 0.0).then_some(value / divisor);
        Some(Self {
            slope: along / steps,
            relative_rate: by((last - first) / count, first),
            volatility: by(math::sqrt(squares / count), mean.abs()),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn scores_stay_between_nothing_and_one(points in prop::collection::vec(any::<f64>(), 0..20)) {
            let scores = DriftScores::of(&points, &points, &points);
            for score in [scores.latency, scores.errors, scores.traffic].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&score), "{score}");
            }
        }
    }

    fn line(count: u32, first: f64, step: f64) -> Vec<f64> {
        (0..count).map(|index| first + f64::from(index) * step).collect()
    }

    fn near(score: Option<f64>, wanted: f64) {
        assert!(score.is_some_and(|score| (score - wanted).abs() < 1e-12), "{score:?}, not {wanted}");
    }

    #[test]
    fn two_points_have_no_trend() {
        assert_eq!(DriftScores::of(&[1.0, 2.0], &[], &[f64::NAN, 1.0, 2.0]), DriftScores::default());
    }

    #[test]
    fn latency_adds_slope_rate_and_steadiness() {
        // 100, 110, 120: slope 10 is full; the rate of 6.67 % gives 0.4 * 0.1333; volatility 8.165 / 110.
        let volatility = 0.2 * (1.0 - (200.0f64 / 3.0).sqrt() / 110.0 / 0.3);
        near(
            latency_drift_score(&[100.0, 110.0, 120.0]),
            0.4 + 0.4 * (20.0 / 3.0 / 100.0) / 0.5 + volatility,
        );
        // 1000, 1002, 1004: slope 2 gives 0.08, a rate of 0.07 % is forgiven.
        let volatility = 0.2 * (1.0 - (8.0f64 / 3.0).sqrt() / 1002.0 / 0.3);
        near(latency_drift_score(&[1_000.0, 1_002.0, 1_004.0]), 0.08 + volatility);
        // 1, 100, 301: slope and rate are full, and it is too volatile for the third term.
        near(latency_drift_score(&[1.0, 100.0, 301.0]), 0.8);
        // 100, 220, 220: the slope is full, the rate of 40 % gives 0.32, a volatility of 0.314 takes nothing away.
        near(latency_drift_score(&[100.0, 220.0, 220.0]), 0.72);
        // Flat: steadiness alone.
        near(latency_drift_score(&[50.0; 5]), 0.2);
    }

    #[test]
    fn latency_that_falls_counts_by_its_rate_alone() {
        // 100, 10, 1: a rate of -33 % gives 0.264; the slope is negative, the volatility high.
        near(latency_drift_score(&[100.0, 10.0, 1.0]), 0.4 * 0.33 / 0.5);
    }

    #[test]
    fn latency_can_fill_all_three_terms() {
        // One point of 100 and nine of 1,000: slope and rate are full, the volatility is 270 / 910, just below 0.3.
        let mut points = [1_000.0; 10];
        points[0] = 100.0;
        near(latency_drift_score(&points), 0.8 + 0.2 * (1.0 - 270.0 / 910.0 / 0.3));
    }

    #[test]
    fn errors_add_slope_and_rate() {
        near(error_drift_score(&[0.01, 0.01, 0.01]), 0.0);
        // Slope .005 gives .25, the rate of 33 % gives .167.
        near(error_drift_score(&[0.01, 0.015, 0.02]), 0.25 + 0.5 / 3.0);
        // A rate of 8 % is forgiven: slope alone.
        near(error_drift_score(&[0.1, 0.112, 0.124]), 0.5);
        // From 0 there is no relative rate.
        near(error_drift_score(&[0.0, 0.05, 0.1]), 0.5);
        // Both are full.
        near(error_drift_score(&[0.01, 0.05, 0.2]), 1.0);
        // A fall counts by its rate.
        near(error_drift_score(&[0.1, 0.05, 0.01]), 0.15);
    }

    #[test]
    fn traffic_counts_beyond_a_fifth() {
        near(traffic_anomaly_score(&[100.0, 100.0, 160.0]), 0.0);
        near(traffic_anomaly_score(&[100.0, 100.0, 190.0]), 0.15);
        near(traffic_anomaly_score(&[100.0, 50.0, 10.0]), 0.15);
        near(traffic_anomaly_score(&[100.0, 400.0, 1_600.0]), 1.0);
        near(traffic_anomaly_score(&[0.0, 400.0, 1_600.0]), 0.0);
    }

    #[test]
    fn only_the_newest_ten_readable_points_count() {
        let mut points = line(10, 100.0, 3.0);
        let wanted = latency_drift_score(&points);
        points.insert(0, 9_000.0);
        points.insert(5, f64::NAN);
        points.push(f64::INFINITY);
        assert_eq!(latency_drift_score(&points), wanted);
    }

    #[test]
    fn points_at_zero_have_no_volatility() {
        assert_eq!(latency_drift_score(&[0.0; 4]), Some(0.0));
    }

    #[test]
    fn degradation_is_the_higher_of_latency_and_errors() {
        let scores = |latency, errors| DriftScores { latency, errors, traffic: Some(1.0) };
        assert_eq!(scores(Some(0.3), Some(0.7)).degradation(), 0.7);
        assert_eq!(scores(Some(0.3), None).degradation(), 0.3);
        assert_eq!(scores(None, None).degradation(), 0.0);
    }

    #[test]
    fn scores_above_their_line_are_sustained() {
        let table = [
            (Some(0.61), None, true),
            (Some(0.6), Some(0.5), false),
            (None, Some(0.51), true),
            (None, None, false),
        ];
        for (latency, errors, wanted) in table {
            let scores = DriftScores { latency, errors, traffic: Some(1.0) };
            assert_eq!(is_sustained_degradation(&scores, &[], 0.0, 3), wanted, "{scores:?}");
        }
    }

    #[test]
    fn runs_of_high_z_scores_are_sustained() {
        // One z-score a minute; asked at minute 10.
        let high = Some(2.1);
        let table: [(&[Option<f64>], usize, bool); 9] = [
            (&[high, high, high], 3, true),
            (&[high, high], 3, false),
            (&[high, high], 2, true),
            (&[high, high], 0, true),
            (&[high, Some(0.0)], 1, false),
            (&[high, high, Some(2.0), high], 3, false),
            (&[high, high, None, high], 3, false),
            (&[Some(-5.0), Some(-5.0), Some(-5.0)], 3, false),
            (&[high, high, high, Some(0.0)], 3, true),
        ];
        for (z_scores, run, wanted) in table {
            let samples: Vec<Sample> = (0u32..)
                .zip(z_scores)
                .map(|(at, z)| Sample { at: 60.0 * f64::from(at), value: *z })
                .collect();
            let unknown = DriftScores::default();
            assert_eq!(is_sustained_degradation(&unknown, &samples, 600.0, run), wanted, "{samples:?}");
        }
    }

    #[test]
    fn z_scores_outside_of_the_hour_do_not_count() {
        let samples = [0.0, 60.0, 120.0].map(|at| Sample::new(at, 9.0));
        let at = |now| is_sustained_degradation(&DriftScores::default(), &samples, now, 3);
        assert_eq!([119.0, 120.0, 3_600.0, 3_601.0, f64::NAN].map(at), [false, true, true, false, false]);
    }
}
