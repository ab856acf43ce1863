//! Many hostile samples for every detector on every baseline: nothing panics, every number stays finite, and one that is
//! saved and resumed midway goes on bit for bit.

use drift_sre::{
    Baseline, Chart, ChartConfig, Detector, Exponential, Fleet, Monitor, MonitorConfig, Rolling, Sample,
    Scale, Transform,
};

use crate::{hostile::Series, monitor::is_finite};

/// How many series a fleet has here: more than it takes in one strip, and not whole strips.
const SERIES: usize = 67;

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Pairs of a baseline and a detector, under either transform.
    pub pairs: usize,
    /// Values taken by charts, monitors and fleets.
    pub updates: u64,
    /// How many of them alarmed.
    pub alarms: u64,
    /// How many events the monitors told.
    pub events: u64,
}

/// Gives at least so many values, as many to each pair, a third each to a chart, a monitor and a fleet.
///
/// # Panics
/// If the core breaks a promise.
#[must_use]
pub fn endure(updates: u64, seed: u64) -> Report {
    let configs: Vec<_> = configs().collect();
    let mut report = Report { pairs: configs.len(), ..Report::default() };
    // One half once, the other half twice: to what went on and to what was resumed.
    let half = updates.div_ceil(9 * configs.len() as u64);
    for (config, seed) in configs.into_iter().zip(seed..) {
        chart(config, seed, half, &mut report);
        monitor(config, seed, half, &mut report);
        fleet(config, seed, half, &mut report);
    }
    report
}

fn configs() -> impl Iterator<Item = ChartConfig> {
    let given_scale = Exponential { scale: Scale::Fixed(5.0), ..Exponential::default() };
    let robust = Rolling { robust: true, ..Rolling::default() };
    let variants = [Baseline::Exponential(given_scale), Baseline::Rolling(robust)];
    let baselines = Baseline::all().chain(variants);
    let pairs = baselines.flat_map(|baseline| Detector::all().map(move |detector| (baseline, detector)));
    pairs.flat_map(|(baseline, detector)| {
        [Transform::Identity, Transform::Log].map(|transform| ChartConfig { transform, baseline, detector })
    })
}

fn chart(config: ChartConfig, seed: u64, half: u64, report: &mut Report) {
    let mut series = Series::new(seed);
    let mut chart = Chart::new(config).expect("valid");
    let mut take = |chart: &mut Chart, value| {
        let alarm = chart.update(value);
        report.updates += 1;
        report.alarms += u64::from(alarm);
        let score = chart.score().map(|score| score.value);
        assert!(score.is_none_or(|score| score.is_finite() && score >= 0.0), "{value} {chart:?}");
        assert!(chart.level().is_none_or(f64::is_finite), "{value} {chart:?}");
        (alarm, score.map(f64::to_bits))
    };
    for value in series.by_ref().take(whole(half)) {
        take(&mut chart, value);
    }
    let mut resumed = Chart::from_bytes(&chart.to_bytes()).expect("its own state passes its own checks");
    for value in series.take(whole(half)) {
        assert_eq!(take(&mut chart, value), take(&mut resumed, value), "{config:?}");
    }
    assert_eq!(chart.to_bytes(), resumed.to_bytes(), "{config:?}");
    assert!(Chart::from_bytes(&chart.to_bytes()).is_ok(), "{chart:?}");
}

fn monitor(config: ChartConfig, seed: u64, half: u64, report: &mut Report) {
    let ChartConfig { transform, baseline, detector } = config;
    let mut config = MonitorConfig { transform, baseline, detector, ..MonitorConfig::default() };
    // So that no drift lasts for the rest of the run.
    config.decision.adopt_secs = Some(1_000.0);
    let mut samples = (0u32..).zip(Series::new(seed)).map(|(t, value)| Sample::new(f64::from(t), value));
    let mut monitor = Monitor::new(config).expect("valid");
    let mut take = |monitor: &mut Monitor, sample| {
        let verdict = monitor.update(sample);
        report.updates += 1;
        report.events += u64::from(verdict.event.is_some());
        let score = verdict.score.map(|score| score.value);
        assert!(score.is_none_or(|score| score.is_finite() && score >= 0.0), "{sample:?} {monitor:?}");
        assert!(verdict.event.as_ref().is_none_or(is_finite), "{verdict:?} {monitor:?}");
        assert!(monitor.level().is_none_or(f64::is_finite), "{sample:?} {monitor:?}");
        verdict
    };
    for sample in samples.by_ref().take(whole(half)) {
        take(&mut monitor, sample);
    }
    let mut resumed =
        Monitor::resume(config, &monitor.snapshot()).expect("its own state passes its own checks");
    for sample in samples.take(whole(half)) {
        assert_eq!(take(&mut monitor, sample), take(&mut resumed, sample), "{config:?}");
    }
    assert_eq!(monitor.snapshot(), resumed.snapshot(), "{config:?}");
    assert!(Monitor::resume(config, &monitor.snapshot()).is_ok(), "{monitor:?}");
}

fn fleet(config: ChartConfig, seed: u64, half: u64, report: &mut Report) {
    let mut series = Series::new(seed);
    let mut row = [0.0; SERIES];
    let mut fleet = Fleet::new(config, SERIES).expect("valid");
    let mut resumed = None;
    let rows = half.div_ceil(SERIES as u64);
    for tick in 0..2 * rows {
        if tick == rows {
            resumed =
                Some(Fleet::from_bytes(&fleet.to_bytes()).expect("its own state passes its own checks"));
        }
        row.fill_with(|| series.next().unwrap_or(0.0));
        let alarms = fleet.tick(&row).expect("as many values as series");
        report.updates += SERIES as u64;
        report.alarms += alarms.len() as u64;
        if let Some(resumed) = &mut resumed {
            assert_eq!(Ok(alarms), resumed.tick(&row), "{config:?}");
            report.updates += SERIES as u64;
        }
    }
    assert_eq!(Some(fleet.to_bytes()), resumed.map(|resumed| resumed.to_bytes()), "{config:?}");
    assert!(Fleet::from_bytes(&fleet.to_bytes()).is_ok(), "{config:?}");
}

fn whole(count: u64) -> usize {
    usize::try_from(count).expect("fewer updates than addresses")
}
