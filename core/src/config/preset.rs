//! Whole configurations by name: what existing systems do, and what mends them.

use serde::{Deserialize, Serialize};

use super::{
    Baseline, Decision, Detector, Exit, Exponential, Forgetting, Learning, MonitorConfig, PageHinkley,
    Rolling, Rules, RunRule, Scale, Sides, Trend, WindowShift, ZScore,
};

/// A configuration with a name.
///
/// ```
/// use drift_sre::{Monitor, Preset};
///
/// for preset in Preset::ALL {
///     assert!(Monitor::new(preset.config()).is_ok(), "{}", preset.name());
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// The host monitor: Page-Hinkley in units of a learned scale, calibrated on simulated host metrics
    /// (docs/algorithms.md).
    DriftSre,
    /// The same with its published numbers taken literally: delta .05, lambda 50, EMA weight .1 in the metric's own
    /// unit, first sample and every alarm seeding the reference. Added: a warm-up of 30 samples.
    DriftSreLiteral,
    /// The latency service: z-scores against the last 1,000 samples of a day, 5 of 5 beyond 3 or 10 of 20 beyond 2.5.
    /// Mended: the reference stands still while something is wrong or creeps, so that neither a lasting regression nor a slow one
    /// is absorbed; a constant series can alarm, as 1 % of its level counts as spread; 45 of 50 suffice to recover, as even a series in
    /// control has 50 of 50 within 2 sigma one time in ten.
    Driftwatch,
    /// The same as it was: drifted samples enter the reference, no age limit, recovery after 50 of 50 within 2. Not
    /// reproduced: that a constant series never alarmed, and that the reference was computed for every sample once
    /// 1,050 had been seen, against its own documentation.
    DriftwatchLiteral,
    /// The request-log service: means of windows of a minute against all that was normal before. For one value a window,
    /// such as the average or p95 of [`Windows`](crate::Windows).
    /// Mended: a rise only, not an improvement; three windows in a row beyond 2 sigma, as single ones are so one time in
    /// twenty; mean and deviation by Welford's recursion, whose deviation does not grow without end; nothing is learned from
    /// what is suspicious.
    Degradation,
    /// The same as it was: single windows 1.5 sigma or more to either side of an exponentially weighted mean, with its
    /// weighted deviation, everything being learned. Not reproduced: its second rule, 2 sigma from the mean of all history,
    /// as the deviation it used grows with the logarithm of time and so, with time, never fires.
    DegradationLiteral,
    /// The stream pipeline: a window of 30 s judged every 5 s, three violations in a row to enter and to leave.
    /// Mended: 30 samples suffice, as its own rates never bring the 100; a shift counts from half a sigma on if it is
    /// significant for the number of samples and their autocorrelation, not from three sigma on; a spread may also shrink; one spike is
    /// no spread; leaving takes three quarters of the level of entering; drifted samples are not learned, and old ones forgotten; a source that
    /// falls silent, or too rare to judge, goes stale and its drift is closed.
    Pipeline,
    /// The same as it was: the first window of 100 samples is the reference for good, 3 of its deviations or twice its
    /// spread a violation. Not reproduced: that a source with too few samples forgot its drift without an end.
    PipelineLiteral,
    /// A second check for what leaks: a line through twelve blocks of 600 samples against a reference that stands still. Finds 3.6
    /// points an hour in a share that scatters by one point, which no reference that follows ever sees.
    Leak,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 9] = [
        Self::DriftSre,
        Self::DriftSreLiteral,
        Self::Driftwatch,
        Self::DriftwatchLiteral,
        Self::Degradation,
        Self::DegradationLiteral,
        Self::Pipeline,
        Self::PipelineLiteral,
        Self::Leak,
    ];

    /// The preset's name in `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DriftSre => "drift_sre",
            Self::DriftSreLiteral => "drift_sre_literal",
            Self::Driftwatch => "driftwatch",
            Self::DriftwatchLiteral => "driftwatch_literal",
            Self::Degradation => "degradation",
            Self::DegradationLiteral => "degradation_literal",
            Self::Pipeline => "pipeline",
            Self::PipelineLiteral => "pipeline_literal",
            Self::Leak => "leak",
        }
    }

    /// The preset of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// What it stands for.
    #[must_use]
    pub fn config(self) -> MonitorConfig {
        match self {
            Self::DriftSre => MonitorConfig::default(),
            Self::DriftSreLiteral => drift_sre_literal(),
            Self::Driftwatch => driftwatch(),
            Self::DriftwatchLiteral => driftwatch_literal(),
            Self::Degradation => degradation(),
            Self::DegradationLiteral => degradation_literal(),
            Self::Pipeline => pipeline(),
            Self::PipelineLiteral => pipeline_literal(),
            Self::Leak => leak(),
        }
    }
}

fn drift_sre_literal() -> MonitorConfig {
    let baseline = Exponential { alpha: 0.1, scale: Scale::Fixed(1.0), ..Exponential::default() };
    let detector = PageHinkley { delta: 0.05, threshold: 50.0, cap: None, ..PageHinkley::default() };
    MonitorConfig {
        baseline: Baseline::Exponential(baseline),
        detector: Detector::PageHinkley(detector),
        decision: Decision { exit: Some(Exit::Adopt), ..Decision::default() },
        ..MonitorConfig::default()
    }
}

fn driftwatch() -> MonitorConfig {
    MonitorConfig {
        baseline: Baseline::Rolling(Rolling::default()),
        detector: Detector::ZScore(ZScore::default()),
        decision: Decision { learning: Learning::Steady, ..Decision::default() },
        ..MonitorConfig::default()
    }
}

fn driftwatch_literal() -> MonitorConfig {
    let rolling = Rolling { max_age_secs: None, floor: 0.0, relative_floor: 0.0, ..Rolling::default() };
    let recovered = RunRule { hits: 50, window: 50, level: 2.0 / 3.0 };
    let exit = Some(Exit::Within(recovered));
    MonitorConfig {
        baseline: Baseline::Rolling(rolling),
        decision: Decision { exit, learning: Learning::Always, ..Decision::default() },
        ..driftwatch()
    }
}

fn degradation() -> MonitorConfig {
    let three = |level| RunRule { hits: 3, window: 3, level };
    let reference = Forgetting { half_life: None, min_samples: 10, floor: 1e-9 };
    MonitorConfig {
        baseline: Baseline::Forgetting(reference),
        detector: Detector::ZScore(ZScore { threshold: 2.0, direction: Sides::Up }),
        decision: Decision {
            enter: Some(Rules::one(three(1.0))),
            exit: Some(Exit::Within(three(0.75))),
            learning: Learning::Steady,
            ..Decision::default()
        },
        ..MonitorConfig::default()
    }
}

fn degradation_literal() -> MonitorConfig {
    let single = RunRule { hits: 1, window: 1, level: 1.0 };
    let reference = Exponential { alpha: 0.1, min_samples: 10, scale: Scale::Weighted { floor: 0.0 } };
    MonitorConfig {
        baseline: Baseline::Exponential(reference),
        detector: Detector::ZScore(ZScore { threshold: 1.5, direction: Sides::Both }),
        decision: Decision {
            enter: Some(Rules::one(single)),
            exit: Some(Exit::Within(single)),
            learning: Learning::Always,
            ..Decision::default()
        },
        ..MonitorConfig::default()
    }
}

fn pipeline() -> MonitorConfig {
    let three = |level| RunRule { hits: 3, window: 3, level };
    let reference = Forgetting { half_life: Some(100_000.0), min_samples: 50, floor: 1e-3 };
    MonitorConfig {
        baseline: Baseline::Forgetting(reference),
        detector: Detector::WindowShift(WindowShift {
            window_secs: Some(30.0),
            size: 4096,
            ..WindowShift::default()
        }),
        decision: Decision {
            enter: Some(Rules::one(three(1.0))),
            exit: Some(Exit::Within(three(0.75))),
            every_secs: Some(5.0),
            idle_secs: Some(30.0),
            ..Decision::default()
        },
        ..MonitorConfig::default()
    }
}

fn pipeline_literal() -> MonitorConfig {
    let three = RunRule { hits: 3, window: 3, level: 1.0 };
    let (window_secs, size, min_samples) = (Some(30.0), 4096, 100);
    let reference = Rolling {
        size,
        max_age_secs: window_secs,
        min_samples,
        floor: 1e-3,
        relative_floor: 0.0,
        ..Rolling::default()
    };
    MonitorConfig {
        baseline: Baseline::Rolling(reference),
        detector: Detector::WindowShift(WindowShift {
            window_secs,
            size,
            min_samples,
            effect: Some(3.0),
            significance: None,
            spread_above: Some(2.0),
            spread_below: None,
            cap: None,
            direction: Sides::Both,
        }),
        decision: Decision {
            enter: Some(Rules::one(three)),
            exit: Some(Exit::Within(three)),
            every_secs: Some(5.0),
            learning: Learning::WarmUp,
            ..pipeline().decision
        },
        ..MonitorConfig::default()
    }
}

fn leak() -> MonitorConfig {
    MonitorConfig {
        baseline: Baseline::Forgetting(Forgetting { half_life: None, min_samples: 1800, floor: 1e-9 }),
        detector: Detector::Trend(Trend::default()),
        decision: Decision { learning: Learning::WarmUp, ..Decision::default() },
        ..MonitorConfig::default()
    }
}
