//! One detector over many series.

use alloc::{boxed::Box, vec::Vec};
use core::ptr;

use crate::{
    exports,
    scratch::Scratch,
    wire::{accepted, out_of_memory, read},
};

/// A chart for each series, and rows of values that JavaScript writes.
#[derive(Debug)]
pub(crate) struct Fleet {
    inner: drift_sre::Fleet,
    rows: Vec<f64>,
    alarms: Vec<u32>,
}

exports! {
    /// The fleet that was saved, or one of these settings and so many series that has seen nothing.
    fn fleet_make(scratch: &mut Scratch, series: usize, is_saved: bool) -> Option<Box<Fleet>> {
        let bytes = scratch.take();
        let made = if is_saved {
            drift_sre::Fleet::from_bytes(&bytes)
        } else {
            drift_sre::Fleet::new(read(&bytes)?, series)
        };
        Some(Box::new(Fleet { inner: accepted(made)?, rows: Vec::new(), alarms: Vec::new() }))
    }

    /// It is not used any more.
    fn fleet_free(fleet: Box<Fleet>) {
        drop(fleet);
    }

    /// Where so many rows may be written; nowhere if they are too many for the memory there is.
    fn fleet_buffer(fleet: &mut Fleet, rows: usize) -> *const f64 {
        let room = rows.saturating_mul(fleet.inner.series());
        let more = room.saturating_sub(fleet.rows.len());
        if fleet.rows.try_reserve_exact(more).is_err() {
            out_of_memory();
            return ptr::null();
        }
        if more > 0 {
            fleet.rows.resize(room, f64::NAN);
        }
        fleet.rows.as_ptr()
    }

    /// Takes the first so many rows that were written, none if there are fewer; tells how many alarms there are.
    fn fleet_take(fleet: &mut Fleet, rows: usize) -> usize {
        let Fleet { inner, rows: written, alarms } = fleet;
        let written = written.get(..rows.saturating_mul(inner.series())).unwrap_or_default();
        let found = accepted(inner.update_many(written)).unwrap_or_default();
        alarms.clear();
        // Neither rows nor series exceed what 32 bits address.
        let narrow = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        alarms.extend(found.into_iter().flat_map(|(row, series)| [narrow(row), narrow(series)]));
        alarms.len() / 2
    }

    /// Where pairs of row and series begin, one an alarm.
    fn fleet_alarms(fleet: &Fleet) -> *const u32 {
        fleet.alarms.as_ptr()
    }

    /// How many series there are.
    fn fleet_series(fleet: &Fleet) -> usize {
        fleet.inner.series()
    }

    /// Forgets everything.
    fn fleet_reset(fleet: &mut Fleet) {
        fleet.inner.reset();
    }

    /// Leaves its settings; tells how many bytes they are.
    fn fleet_config(fleet: &Fleet, scratch: &mut Scratch) -> usize {
        scratch.tell(drift_sre::pack(*fleet.inner.config()))
    }

    /// Leaves settings and states; tells how many bytes they are.
    fn fleet_bytes(fleet: &Fleet, scratch: &mut Scratch) -> usize {
        scratch.tell(fleet.inner.to_bytes())
    }
}
