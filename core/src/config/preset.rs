//! Whole configurations by name: what existing systems do, and what mends them.

use serde::{Deserialize, Serialize};

use super::{
    Baseline, Decision, Detector, Exit, Exponential, Learning, MonitorConfig, PageHinkley, Rolling, RunRule,
    Scale, ZScore,
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
    /// Mended: the reference stands still while something is wrong, so that a lasting regression is not absorbed; a
    /// constant series can alarm, as 1 % of its level counts as spread; 45 of 50 suffice to recover, as even a series in
    /// control has 50 of 50 within 2 sigma one time in ten.
    Driftwatch,
    /// The same as it was: drifted samples enter the reference, no age limit, recovery after 50 of 50 within 2. Not
    /// reproduced: that a constant series never alarmed, and that the reference was computed for every sample once
    /// 1,050 had been seen, against its own documentation.
    DriftwatchLiteral,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 4] =
        [Self::DriftSre, Self::DriftSreLiteral, Self::Driftwatch, Self::DriftwatchLiteral];

    /// The preset's name in `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DriftSre => "drift_sre",
            Self::DriftSreLiteral => "drift_sre_literal",
            Self::Driftwatch => "driftwatch",
            Self::DriftwatchLiteral => "driftwatch_literal",
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
