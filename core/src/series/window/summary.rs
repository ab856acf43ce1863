//! What a window answers.

use alloc::vec::Vec;

use serde::Serialize;

use super::observation::Observation;
use crate::stats::{moments::Moments, quantile::quantile};

/// What happened at one source in a span of event time.
///
/// A window in which the source was heard, but only by heartbeats, is empty: its count and its rate are 0 and it has
/// neither average nor percentiles. One in which it was not heard at all is missing, and there is no `Window` of it.
///
/// ```
/// use drift_sre::{Observation, WindowConfig, Windows};
///
/// let config = WindowConfig { window_secs: vec![60.0], lateness_secs: 0.0, ..WindowConfig::default() };
/// let mut windows = Windows::new(config)?;
/// for (at, value, failed) in [(0.0, 10.0, false), (15.0, 20.0, true), (30.0, 60.0, false)] {
///     windows.update(Observation { failed: Some(failed), ..Observation::new(at, value) });
/// }
/// let window = windows.update(Observation::heartbeat(60.0)).closed[0];
/// assert_eq!((window.start, window.end, window.count()), (0.0, 60.0, 3));
/// assert_eq!((window.average(), window.rate()), (Some(30.0), 0.05));
/// assert_eq!((window.p50(), window.p95()), (Some(20.0), Some(56.0)));
/// assert_eq!(window.error_rate(), Some(1.0 / 3.0));
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Window {
    /// Its length in seconds, as configured. Windows of one source that start together differ in it.
    pub secs: f64,
    /// Where it starts, in seconds of event time.
    pub start: f64,
    /// Where it ends, in seconds of event time.
    pub end: f64,
    /// Count, mean and spread of the values.
    pub moments: Moments,
    /// The values' percentiles; `None` where there are no values.
    pub quantiles: Option<Quantiles>,
    /// How many events told whether they failed.
    pub judged: u64,
    /// How many of them did.
    pub failures: u64,
    /// How many windows of this length lie between this one and the one told before it, because nothing of them is
    /// known: no event, no heartbeat. 0 for the first one, and for windows that are asked for.
    pub missing: u64,
    /// Whether it holds all there was: the source had been heard by its start, and no observation of it was lost for
    /// want of capacity.
    pub complete: bool,
}

/// Percentiles, by linear interpolation at rank (n - 1) p.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantiles {
    /// The median.
    pub p50: f64,
    /// What 95 % of the values do not exceed.
    pub p95: f64,
    /// What 99 % of the values do not exceed.
    pub p99: f64,
}

impl Window {
    /// The window over observations that come in their one order; `None` of none.
    pub(super) fn over<'a>(
        secs: f64,
        (start, end): (f64, f64),
        observations: impl Iterator<Item = &'a Observation>,
    ) -> Option<Self> {
        let mut observations = observations.peekable();
        observations.peek()?;
        let (mut values, mut moments, mut judged, mut failures) = (Vec::new(), Moments::default(), 0, 0);
        for Observation { value, failed, .. } in observations {
            let Some(value) = *value else { continue };
            values.push(value);
            moments.update(value);
            judged += u64::from(failed.is_some());
            failures += u64::from(*failed == Some(true));
        }
        values.sort_unstable_by(f64::total_cmp);
        let quantiles = match [0.5, 0.95, 0.99].map(|share| quantile(&values, share)) {
            [Some(p50), Some(p95), Some(p99)] => Some(Quantiles { p50, p95, p99 }),
            _ => None,
        };
        Some(Self { secs, start, end, moments, quantiles, judged, failures, missing: 0, complete: true })
    }

    /// How many events there were; heartbeats are none.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.moments.count()
    }

    /// Events per second of the window's whole length.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.count() as f64 / self.secs
    }

    /// The mean of the values, in their own unit; `None` of none.
    #[must_use]
    pub fn average(&self) -> Option<f64> {
        self.moments.mean()
    }

    /// The median of the values; `None` of none.
    #[must_use]
    pub fn p50(&self) -> Option<f64> {
        Some(self.quantiles?.p50)
    }

    /// The 95th percentile of the values; `None` of none.
    #[must_use]
    pub fn p95(&self) -> Option<f64> {
        Some(self.quantiles?.p95)
    }

    /// The 99th percentile of the values; `None` of none.
    #[must_use]
    pub fn p99(&self) -> Option<f64> {
        Some(self.quantiles?.p99)
    }

    /// The share of failures among the events that told, 0 to 1; `None` where none did.
    #[must_use]
    pub fn error_rate(&self) -> Option<f64> {
        (self.judged > 0).then(|| self.failures as f64 / self.judged as f64)
    }
}
