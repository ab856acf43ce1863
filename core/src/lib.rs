//! Drift detection for metrics: learns what is normal, says what changed, by how much and since when.
//!
//! One straight way, a room for each step:
//!
//! ```text
//! Sample -> baseline -> Residual -> detector -> Score -> decision -> Event -> explanation
//! ```
//!
//! [`Monitor`] is the whole corridor for one series; [`Chart`] is a detector in classical use, without states and
//! events. [`Windows`] sums up what happened in event time, one window after the other. No clock is read, nothing is allocated per sample, nothing panics; the same samples give the same bits on
//! every target.
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
mod decide;
mod error;
mod event;
mod explain;
mod math;
mod sample;
mod series;
mod snapshot;
mod stats;

pub use config::{
    Decision, Exit, Exponential, MonitorConfig, PageHinkley, RunRule, Scale, Sides, Transform, WindowConfig,
};
pub use decide::{Cause, State};
pub use error::Error;
pub use event::{Direction, Event, Evidence, Kind, Severity};
pub use explain::{Subject, explain, quantity};
pub use sample::Sample;
pub use series::{
    chart::{Chart, ChartConfig},
    detect::{Detector, Score},
    monitor::{Monitor, Verdict},
    window::{
        Windows,
        intake::{Admission, Intake, WindowCounts},
        observation::Observation,
        summary::{Quantiles, Window},
    },
};
pub use stats::moments::Moments;
