//! Log lines and structured events. What crosses here is text already, and crosses as JSON.

use alloc::{boxed::Box, string::ToString as _, vec::Vec};

use drift_sre::{Compressor, Feedback, RecordConfig, RecordMonitor, RecordProfile};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    exports,
    scratch::Scratch,
    wire::{accepted, refused},
};

exports! {
    /// A monitor of settings, which are so many of the bytes, that has seen nothing, or that goes on from a snapshot, which are
    /// the others.
    fn record_make(scratch: &mut Scratch, config: usize, resumes: bool) -> Option<Box<RecordMonitor>> {
        let bytes = scratch.take();
        let (config, snapshot) = bytes.split_at_checked(config)?;
        let config = settings(config)?;
        let made = if resumes { RecordMonitor::resume(config, snapshot) } else { RecordMonitor::new(config) };
        accepted(made).map(Box::new)
    }

    /// It is not used any more.
    fn record_free(monitor: Box<RecordMonitor>) {
        drop(monitor);
    }

    /// Takes one record, which comes behind the name of its source, if it has one; leaves the verdict and why.
    fn record_update(monitor: &mut RecordMonitor, scratch: &mut Scratch, source: usize, is_named: bool) -> usize {
        let bytes = scratch.take();
        let (source, record) = bytes.split_at(source);
        let verdict = match str::from_utf8(source) {
            Ok(source) if is_named => monitor.update_from(source, record),
            _ => monitor.update(record),
        };
        scratch.tell(json(&(&verdict, verdict.confidence(), verdict.why())))
    }

    /// Leaves one of its sides: the content of the newest window beside the baseline before it (0), how far calibration has
    /// come (1), the anchor (2), the settings (3), how many templates are remembered (4).
    fn record_read(monitor: &mut RecordMonitor, scratch: &mut Scratch, what: u32) -> usize {
        scratch.tell(match what {
            0 => json(&monitor.metrics()),
            1 => json(&monitor.calibration()),
            2 => json(&monitor.anchor()),
            3 => json(monitor.config()),
            _ => json(&monitor.templates()),
        })
    }

    /// Makes the newest records the anchor, and leaves it.
    fn record_set_anchor(monitor: &mut RecordMonitor, scratch: &mut Scratch) -> usize {
        let anchor = accepted(monitor.set_anchor());
        scratch.tell(json(&anchor))
    }

    /// Forgets the anchor; tells whether there was one.
    fn record_drop_anchor(monitor: &mut RecordMonitor) -> bool {
        monitor.drop_anchor()
    }

    /// Says of a detection what it was.
    fn record_feedback(monitor: &mut RecordMonitor, scratch: &Scratch, id: u64, at: f64) {
        if let Some(kind) = parse::<Feedback>("kind", &scratch.bytes) {
            accepted(monitor.feedback(id, kind, at));
        }
    }

    /// Leaves what was learned.
    fn record_snapshot(monitor: &RecordMonitor, scratch: &mut Scratch) -> usize {
        scratch.tell(monitor.snapshot())
    }

    /// A number of texts, of which the first has so many bytes; NaN if there is none: the normalised compression distance of
    /// both (0), what the first adds to the second (1), bits a byte of both (2), how short both become (3).
    fn record_compare(scratch: &mut Scratch, what: u32, first: usize) -> f64 {
        let bytes = scratch.take();
        let (x, y) = bytes.split_at(first);
        let number = match what {
            0 => drift_sre::ncd(x, y, &mut Compressor::Deflate),
            1 => drift_sre::conditional(x, y, &mut Compressor::Deflate),
            2 => Some(drift_sre::entropy(&bytes)),
            _ => drift_sre::compression_ratio(&bytes, &mut Compressor::Deflate),
        };
        number.unwrap_or(f64::NAN)
    }
}

/// The name of a profile, or all that differs from the defaults.
fn settings(text: &[u8]) -> Option<RecordConfig> {
    if text.starts_with(b"\"") {
        return Some(parse::<RecordProfile>("config", text)?.config());
    }
    parse("config", text)
}

fn parse<T: DeserializeOwned>(what: &str, text: &[u8]) -> Option<T> {
    match serde_json::from_slice(text) {
        Ok(value) => Some(value),
        Err(error) => {
            refused("bad_config", what, &error.to_string(), 0.0, 0.0);
            None
        }
    }
}

/// Plain data as text.
fn json(value: &impl Serialize) -> Vec<u8> {
    // Writing plain data to memory fails only where memory does.
    serde_json::to_vec(value).unwrap_or_default()
}
