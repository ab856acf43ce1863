//! Memory that both sides see: what goes in, and what comes out.

use alloc::{boxed::Box, vec, vec::Vec};
use core::mem;

use crate::exports;

/// Bytes of any length, and columns of as many samples as cross at once. JavaScript writes `values` and `times`, and reads the
/// others.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) columns: Vec<f64>,
    pub(crate) states: Vec<u8>,
    pub(crate) alarms: Vec<u32>,
}

/// So many samples cross at once: columns of 64 KB stay in a processor's nearest caches.
pub const SIZE: usize = 8192;

/// The columns' names, in order.
pub(crate) const VALUES: usize = 0;
pub(crate) const TIMES: usize = 1;
const SCORES: usize = 2;
const COLUMNS: usize = 6;

exports! {
    /// Nothing yet.
    #[expect(clippy::unnecessary_box_returns, reason = "it crosses as its address")]
    fn scratch_new() -> Box<Scratch> {
        Box::new(Scratch { bytes: Vec::new(), columns: Vec::new(), states: Vec::new(), alarms: Vec::new() })
    }

    /// Room for so many bytes, and where it begins.
    fn scratch_room(scratch: &mut Scratch, length: usize) -> *mut u8 {
        scratch.bytes = vec![0; length];
        scratch.bytes.as_mut_ptr()
    }

    /// Where something begins: the bytes (0), the columns `values`, `times`, `scores`, `baseline`, `lower` and `upper`, one
    /// behind the other (1), the states (2), the positions of alarms (3).
    fn scratch_place(scratch: &mut Scratch, what: u32) -> *const u8 {
        if what > 0 && scratch.columns.is_empty() {
            scratch.columns = vec![0.0; COLUMNS * SIZE];
            scratch.states = vec![0; SIZE];
            scratch.alarms = Vec::with_capacity(SIZE);
        }
        match what {
            0 => scratch.bytes.as_ptr(),
            1 => scratch.columns.as_ptr().cast(),
            2 => scratch.states.as_ptr(),
            _ => scratch.alarms.as_ptr().cast(),
        }
    }
}

impl Scratch {
    /// The bytes that were written, which are not kept.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.bytes)
    }

    /// Leaves bytes to be read; tells how many.
    pub(crate) fn tell(&mut self, bytes: Vec<u8>) -> usize {
        self.bytes = bytes;
        self.bytes.len()
    }

    /// A value that was written and its time.
    pub(crate) fn sample(&self, position: usize) -> (f64, f64) {
        (self.columns[VALUES * SIZE + position], self.columns[TIMES * SIZE + position])
    }

    /// Notes score, baseline and bounds of a sample; what there is none of is NaN.
    pub(crate) fn answer(&mut self, position: usize, answers: [Option<f64>; COLUMNS - SCORES]) {
        for (column, answer) in answers.into_iter().enumerate() {
            self.columns[(SCORES + column) * SIZE + position] = answer.unwrap_or(f64::NAN);
        }
    }
}
