//! Drift detection for metrics: learns what is normal, says what changed, by how much and since when.
//!
//! One straight way, a room for each step:
//!
//! ```text
//! Sample -> baseline -> Residual -> detector -> Score -> decision -> Event -> explanation
//! ```
//!
//! [`Monitor`] is the whole corridor for one series; [`Chart`] is a detector in classical use, without states and
//! events, and [`Fleet`] many of them. [`Adaptive`] is one that needs no settings but how often it may cry wolf.
//! [`Windows`] sums up events in event time, [`Correlator`] makes one incident of the signals of several series.
//! [`Scenario`] makes series to try them on. No clock is read, nothing panics, no sample of a warm corridor allocates, but
//! for the rare ones at which a season is looked for, and the same samples give the same bits on every target.
//!
//! ```
//! use drift_sre::{Monitor, MonitorConfig, Sample, Subject, explain};
//!
//! let mut monitor = Monitor::new(MonitorConfig::default())?;
//! for second in 0..400 {
//!     let busy = if second < 300 { 5.0 + f64::from(second % 3) } else { 90.0 };
//!     if let Some(event) = monitor.update(Sample::new(f64::from(second), busy)).event {
//!         assert_eq!(
//!             explain(&event, &Subject { name: "cpu", unit: "%" }),
//!             "cpu rose from 6 % to 90 % (+84 %, 83.7 sigma) over the last 6 s",
//!         );
//!     }
//! }
//! # Ok::<(), drift_sre::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod config;
mod correlate;
mod decide;
mod error;
mod event;
mod explain;
mod hash;
mod math;
mod plain;
#[cfg(feature = "records")]
mod records;
mod sample;
mod scenario;
mod series;
mod snapshot;
mod stats;

pub use config::{
    AdaptiveConfig, CorrelationConfig, Cusum, Decision, Ewma, Exit, Exponential, Fixed, Forgetting, Law,
    Learning, MonitorConfig, Outage, Outliers, PageHinkley, Phase, Preset, Rolling, Rules, RunRule, Scale,
    ScenarioConfig, ScenarioPreset, Season, Seasonality, Sides, Transform, Trend, WindowConfig, WindowShift,
    ZScore,
};
#[cfg(feature = "records")]
pub use config::{Comparison, MaskConfig, RecordConfig, RecordProfile};
pub use correlate::{
    Correlator, GoldenSignal, Incident, Signal,
    trend::{
        DriftScores, SUSTAINED_RUN, error_drift_score, is_sustained_degradation, latency_drift_score,
        traffic_anomaly_score,
    },
};
pub use decide::{Cause, Fired, State};
pub use error::Error;
pub use event::{Aspect, Direction, Event, Evidence, Kind, Severity};
pub use explain::{
    advice::{Insight, Recommendation},
    english::{Narrative, Subject, explain, narrate},
    incident::{Change, Confidence, Context, Explanation, explain_incident},
    quantity::quantity,
};
pub use hash::fnv1a;
#[doc(hidden)]
pub use plain::Pass;
pub use plain::{Plain, pack, unpack};
#[cfg(feature = "zstd")]
pub use records::primed::PrimedZstd;
#[cfg(feature = "records")]
pub use records::{
    anchor::{AnchorDetails, AnchorVerdict},
    compress::{Compress, Compressor},
    content::{RecordDetail, RecordMetrics},
    feedback::{Feedback, FeedbackStats, TuneReason, TuneRecord, Tuned},
    fields::FieldOutlier,
    lz::{Direct, NoveltyIndex},
    monitor::RecordMonitor,
    ncd::{compression_ratio, conditional, entropy, ncd},
    novelty::{Familiarity, Parts},
    session::{SessionMonitor, SessionVerdict},
    verdict::{Culprit, RecordCalibration, RecordVerdict, WindowVerdict},
    window::WindowTest,
};
pub use sample::Sample;
pub use scenario::{
    Scenario,
    truth::{Interval, PhaseKind},
};
pub use series::{
    adaptive::Adaptive,
    baseline::{Baseline, Reference},
    chart::{Chart, ChartConfig},
    detect::{Detector, Score},
    fleet::Fleet,
    monitor::{Monitor, Verdict},
    window::{
        Windows,
        intake::{Admission, Intake, WindowCounts},
        observation::Observation,
        summary::{Quantiles, Window},
    },
};
pub use stats::moments::Moments;
