//! The adaptive detector.

use drift_sre::{AdaptiveConfig, Kind, Sample, Seasonality, Verdict};
use numpy::{IntoPyArray, PyArray1};
use pyo3::{
    prelude::*,
    pybacked::PyBackedStr,
    types::{PyBytes, PyTuple, PyType},
};

use crate::{
    chart::{Values, contiguous, parse_count, parse_direction, quoted},
    error::{coded, value_error},
    event::Event,
};

/// Finds drifts and point anomalies in any metric, whose only knob is how often it may cry wolf.
///
/// `arl0` is the alarm budget, the mean number of samples between false alarms. `season` is "auto", None, a period, or a
/// period and a longer cycle such as (86400, 604800); `interval` the seconds from one sample to the next, where samples come
/// without times. Without either, times are numbers of samples.
#[pyclass(module = "drift_sre", skip_from_py_object)]
#[derive(Clone)]
pub(crate) struct Adaptive {
    detector: drift_sre::Adaptive,
    interval: Option<f64>,
    /// The time of the newest sample.
    at: Option<f64>,
}

#[pymethods]
impl Adaptive {
    #[new]
    #[pyo3(
        signature = (
            arl0=10_000.0,
            *,
            season=Season(Seasonality::Auto),
            interval=None,
            direction="both",
            compact=false,
            adopt_after=10_000,
            idle_secs=None,
        ),
        text_signature = "(arl0=10_000, *, season='auto', interval=None, direction='both', compact=False, \
                          adopt_after=10_000, idle_secs=None)"
    )]
    #[expect(clippy::too_many_arguments, reason = "one for each setting")]
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn new(
        py: Python<'_>,
        arl0: f64,
        season: Season,
        interval: Option<f64>,
        direction: &str,
        compact: bool,
        adopt_after: i64,
        idle_secs: Option<f64>,
    ) -> PyResult<Self> {
        let direction = parse_direction(py, direction)?;
        let adopt_after = parse_count(py, "adopt_after", adopt_after, "at least 1,000 samples")?;
        if let Some(secs) = interval.filter(|secs| !(secs.is_finite() && *secs > 0.0)) {
            let message = format!("interval must be a positive number of seconds, got {secs}");
            return Err(coded(py, "out_of_range", message));
        }
        let season = season.0;
        let config = AdaptiveConfig { arl0, season, direction, compact, adopt_after, idle_secs };
        let detector = drift_sre::Adaptive::new(config).map_err(|error| value_error(py, error))?;
        Ok(Self { detector, interval, at: None })
    }

    /// Takes one value; True if it alarms, for a drift or for itself. A value that is not finite changes nothing. Without a
    /// time, one interval has passed since the last sample.
    #[pyo3(signature = (x, at=None))]
    fn update(&mut self, x: f64, at: Option<f64>) -> bool {
        is_alarm(&self.take(x, at))
    }

    /// Takes many values; the positions of those that alarm.
    #[pyo3(signature = (values, times=None))]
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn update_many<'py>(
        &mut self,
        py: Python<'py>,
        values: Values<'py>,
        times: Option<Values<'py>>,
    ) -> PyResult<Bound<'py, PyArray1<isize>>> {
        let verdicts = self.many(py, &values, times.as_ref(), is_alarm)?;
        let alarms = verdicts.into_iter().enumerate().filter(|(_, alarm)| *alarm);
        // NumPy indexes with signed numbers; no array is long enough to wrap one.
        let alarms: Vec<isize> = alarms.map(|(position, _)| position.cast_signed()).collect();
        Ok(alarms.into_pyarray(py))
    }

    /// Takes many values; their scores, 1.0 being the alarm line and NaN meaning that there is none.
    #[pyo3(signature = (values, times=None))]
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn score_many<'py>(
        &mut self,
        py: Python<'py>,
        values: Values<'py>,
        times: Option<Values<'py>>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let scores = self.many(py, &values, times.as_ref(), |verdict| {
            verdict.score.map_or(f64::NAN, |score| score.value)
        })?;
        Ok(scores.into_pyarray(py))
    }

    /// Lets time pass without a sample; past `idle_secs` the series goes stale, which closes an open drift.
    fn advance(&mut self, at: f64) -> Option<Event> {
        self.detector.advance(at).map(Event)
    }

    /// From the next value on, how long a silence makes the series stale; None for never.
    #[pyo3(signature = (*, idle_secs))]
    fn reconfigure(&mut self, py: Python<'_>, idle_secs: Option<f64>) -> PyResult<()> {
        let config = AdaptiveConfig { idle_secs, ..*self.detector.config() };
        self.detector.reconfigure(config).map_err(|error| value_error(py, error))
    }

    /// Declares the present level normal, which closes an open drift.
    fn accept(&mut self) -> Option<Event> {
        self.detector.accept().map(Event)
    }

    /// Forgets all it has seen, which closes an open drift.
    fn reset(&mut self) -> Option<Event> {
        self.detector.reset().map(Event)
    }

    /// Whether the newest value alarmed.
    #[getter]
    fn drift_detected(&self) -> bool {
        self.detector.drift_detected()
    }

    /// Score of the newest value, 1.0 being the alarm line; None in the warm-up.
    #[getter]
    fn score(&self) -> Option<f64> {
        self.detector.score().map(|score| score.value)
    }

    /// Which way the newest score leans, "up" or "down"; None in the warm-up.
    #[getter]
    fn direction(&self) -> Option<&'static str> {
        self.detector.score().map(|score| score.direction.name())
    }

    /// What the last alarm was about: "level", "spread" or, for a point anomaly, "point"; None before the first.
    #[getter]
    fn kind(&self) -> Option<&'static str> {
        self.detector.alarm().map(|event| event.aspect.name())
    }

    /// The most likely time of the first sample of what the last alarm was about; None before the first.
    #[getter]
    fn onset(&self) -> Option<f64> {
        self.detector.alarm().map(|event| event.onset)
    }

    /// Between what bounds the newest value was expected; None in the warm-up.
    #[getter]
    fn band(&self) -> Option<(f64, f64)> {
        self.detector.band()
    }

    /// What there was to tell of the newest value.
    #[getter]
    fn event(&self) -> Option<Event> {
        self.detector.event().map(Event)
    }

    /// The level that values return to by themselves, season included; None in the warm-up.
    #[getter]
    fn baseline(&self) -> Option<f64> {
        self.detector.level()
    }

    /// The period of the season, if one is known.
    #[getter]
    fn period(&self) -> Option<f64> {
        self.detector.period()
    }

    /// Where the series stands: "`warming_up`", "`in_control`", "warning", "drifting" or "stale".
    #[getter]
    fn state(&self) -> &'static str {
        self.detector.state().name()
    }

    /// Usable values seen since the start or the last reset.
    #[getter]
    fn samples(&self) -> u64 {
        self.detector.samples()
    }

    /// Parameters and state as bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.detector.to_bytes())
    }

    /// The detector that `to_bytes` wrote, which goes on bit for bit.
    #[classmethod]
    #[pyo3(signature = (data, interval=None))]
    fn from_bytes(cls: &Bound<'_, PyType>, data: &[u8], interval: Option<f64>) -> PyResult<Self> {
        let detector = drift_sre::Adaptive::from_bytes(data).map_err(|error| value_error(cls.py(), error))?;
        let at = detector.newest();
        Ok(Self { detector, interval, at })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let this = slf.borrow();
        let state = (this.to_bytes(py), this.interval).into_pyobject(py)?;
        Ok((slf.get_type().getattr("from_bytes")?, state))
    }

    fn __copy__(&self) -> Self {
        self.clone()
    }

    #[expect(unused_variables, reason = "the protocol passes a memo; there is nothing in here to share")]
    fn __deepcopy__(&self, memo: &Bound<'_, PyAny>) -> Self {
        self.clone()
    }

    fn __repr__(&self) -> String {
        let AdaptiveConfig { arl0, direction, compact, .. } = *self.detector.config();
        let (direction, compact) = (quoted(direction), if compact { "True" } else { "False" });
        format!("Adaptive(arl0={arl0}, direction={direction}, compact={compact})")
    }
}

impl Adaptive {
    fn take(&mut self, x: f64, at: Option<f64>) -> Verdict {
        let next = self.at.map_or(0.0, |at| at + self.interval.unwrap_or(1.0));
        let at = at.unwrap_or(next);
        if at.is_finite() {
            self.at = Some(at);
        }
        self.detector.update(Sample::new(at, x))
    }

    /// Takes many values without holding the interpreter; what is made of the verdict on each.
    fn many<T: Send>(
        &mut self,
        py: Python<'_>,
        values: &Values<'_>,
        times: Option<&Values<'_>>,
        answer: impl Fn(&Verdict) -> T + Send + Sync,
    ) -> PyResult<Vec<T>> {
        let (values, times) = (contiguous(values), times.map(contiguous));
        if let Some(times) = times.as_ref().filter(|times| times.len() != values.len()) {
            let message = format!("times must be as many as values, {}, got {}", values.len(), times.len());
            return Err(coded(py, "out_of_range", message));
        }
        let take = |(position, value): (usize, &f64)| {
            answer(&self.take(*value, times.as_ref().map(|times| times[position])))
        };
        Ok(py.detach(|| values.iter().enumerate().map(take).collect()))
    }
}

fn is_alarm(verdict: &Verdict) -> bool {
    verdict.event.is_some_and(|event| event.kind != Kind::Closed)
}

/// "auto", None, a period, or a period and a longer cycle.
struct Season(Seasonality);

impl<'py> FromPyObject<'_, 'py> for Season {
    type Error = PyErr;

    fn extract(season: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if season.is_none() {
            return Ok(Self(Seasonality::None));
        }
        if let Ok(period) = season.extract::<f64>() {
            return Ok(Self(Seasonality::Given { period, cycle: None }));
        }
        if let Ok((period, cycle)) = season.extract::<(f64, f64)>() {
            return Ok(Self(Seasonality::Given { period, cycle: Some(cycle) }));
        }
        if season.extract::<PyBackedStr>().is_ok_and(|name| &*name == "auto") {
            return Ok(Self(Seasonality::Auto));
        }
        let message =
            format!("season must be 'auto', None, a period or a pair of periods, got {}", season.repr()?);
        Err(coded(season.py(), "out_of_range", message))
    }
}
