//! The native half of `drift_sre`: opens the core to Python, one file a class.

use pyo3::prelude::*;

mod adaptive;
mod call;
mod change;
mod chart;
mod column;
mod config;
mod correlator;
mod cusum;
mod drift_scores;
mod error;
mod event;
mod ewma;
mod explanation;
mod fleet;
mod incident;
mod intake;
mod monitor;
mod ncd;
mod novelty_index;
mod observation;
mod page_hinkley;
mod preset;
mod primed_zstd;
mod record;
mod record_monitor;
mod scenario;
mod session_monitor;
mod signal;
mod trend;
mod wide;
mod window;
mod window_shift;
mod windows;
mod z_score;

/// Detectors and monitors in Rust; what users import is in the package above.
#[pymodule]
mod _drift_sre {
    #[pymodule_export]
    use crate::{
        adaptive::Adaptive,
        change::Change,
        correlator::Correlator,
        cusum::Cusum,
        drift_scores::{
            DriftScores, error_drift_score, is_sustained_degradation, latency_drift_score,
            traffic_anomaly_score,
        },
        event::{Event, Verdict, quantity},
        ewma::Ewma,
        explanation::Explanation,
        fleet::Fleet,
        incident::{Incident, explain_incident},
        intake::Intake,
        monitor::Monitor,
        ncd::{compression_ratio, conditional, entropy, ncd},
        novelty_index::NoveltyIndex,
        page_hinkley::PageHinkley,
        primed_zstd::PrimedZstd,
        record::{
            AnchorVerdict, RecordCalibration, RecordMetrics, RecordVerdict, RecordWindow, SessionVerdict,
        },
        record_monitor::RecordMonitor,
        scenario::Scenario,
        session_monitor::SessionMonitor,
        signal::Signal,
        trend::Trend,
        window::Window,
        window_shift::WindowShift,
        windows::Windows,
        z_score::ZScore,
    };
    use pyo3::{prelude::*, types::PyModule};

    use crate::call::add_update;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        add_update::<PageHinkley>(py)?;
        add_update::<ZScore>(py)?;
        add_update::<Cusum>(py)?;
        add_update::<Ewma>(py)?;
        add_update::<WindowShift>(py)?;
        add_update::<Trend>(py)
    }
}
