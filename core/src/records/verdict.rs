//! What a record monitor answers.

use alloc::{string::String, vec::Vec};

use serde::Serialize;

use super::{
    anchor::AnchorVerdict,
    content::RecordMetrics,
    fields::FieldOutlier,
    novelty::{Familiarity, Parts},
    window::WindowTest,
};

/// The answer to one record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordVerdict {
    /// The record's number, from 0.
    pub id: u64,
    /// Whether the monitor is calibrated; until then nothing is judged.
    pub ready: bool,
    /// How odd the record is: 0 where 1 in 100 lies above, in spreads of scores; `None` until calibrated.
    pub score: Option<f64>,
    /// The share of the newest 1,000 records that were at least so odd, itself among them; `None` until calibrated.
    pub p_value: Option<f64>,
    /// Whether the record alarms. In the long run the share that does is `line_level`, whatever the stream.
    pub detected: bool,
    /// What the score is made of, in bits.
    pub parts: Parts,
    /// What was known of records like it.
    pub familiarity: Familiarity,
    /// Numbers far from those of their field; empty unless asked for in the settings.
    pub outliers: Vec<FieldOutlier>,
    /// The content of the window that was compared last, beside the baseline before it; `None` until there are records
    /// enough. Its detail is there where something is detected.
    pub metrics: Option<RecordMetrics>,
    /// The p-value from which windows are detected.
    pub p_value_threshold: f64,
    /// The newest window, where one was judged: every `hop_size` records.
    pub window: Option<WindowVerdict>,
    /// Where the stream stands against its anchor, where there is one and a window was judged.
    pub anchor: Option<AnchorVerdict>,
    /// The record without secrets and masked, where it is detected.
    pub text: Option<String>,
    /// Whether it was longer than what is looked at.
    pub truncated: bool,
}

/// The newest records, as a window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindowVerdict {
    /// Records in it.
    pub records: u32,
    /// One record that stands out.
    pub isolated: WindowTest,
    /// Many records that are odd together.
    pub episode: WindowTest,
    /// Either of the two: twice the smaller p-value.
    pub p_value: f64,
    /// Whether that is at most `p_value_threshold`, or the content is another.
    pub detected: bool,
    /// Whether the content is another: the distance is at least `ncd_threshold`, and so is seldom.
    pub content_detected: bool,
    /// The oddest records, where the window is detected.
    pub culprits: Vec<Culprit>,
}

/// A record that a window owes its oddness to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Culprit {
    /// The record's number.
    pub id: u64,
    /// Its score, in bits.
    pub score: f64,
    /// What it says, without secrets and masked.
    pub text: String,
}

/// How far calibration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RecordCalibration {
    /// Records taken.
    pub events_ingested: u64,
    /// Records that are still wanted before the stream counts as known.
    pub events_needed: u64,
    /// Records by which it does.
    pub min_baseline_size: u64,
    /// 0 to 100, of those.
    pub progress_percent: u8,
    /// Whether records and windows are judged.
    pub detection_ready: bool,
    /// Records that are still wanted before they are.
    pub detection_events_needed: u64,
    /// Records by which they are: baseline and window.
    pub detection_min_events: u64,
}

impl RecordVerdict {
    /// One less the p-value; `None` until calibrated.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        self.p_value.map(|p_value| 1.0 - p_value)
    }
}

impl RecordCalibration {
    pub(crate) fn new(events_ingested: u64, warm_up: u64) -> Self {
        let min_baseline_size = warm_up.min(50);
        Self {
            events_ingested,
            events_needed: min_baseline_size.saturating_sub(events_ingested),
            min_baseline_size,
            progress_percent: (100 * events_ingested.min(min_baseline_size) / min_baseline_size.max(1)) as u8,
            detection_ready: events_ingested >= warm_up,
            detection_events_needed: warm_up.saturating_sub(events_ingested),
            detection_min_events: warm_up,
        }
    }

    /// `calibrating` or `ready`: whether the stream counts as known.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.events_needed > 0 { "calibrating" } else { "ready" }
    }
}
