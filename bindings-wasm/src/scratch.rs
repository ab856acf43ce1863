//! Memory that both sides see: values go in, what batches answer comes out.

use alloc::{vec, vec::Vec};

use wasm_bindgen::prelude::*;

/// Columns of as many samples as cross at once. JavaScript writes `values` and `times`, and reads the others.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Scratch {
    pub(crate) columns: Vec<f64>,
    pub(crate) states: Vec<u8>,
    pub(crate) alarms: Vec<u32>,
}

/// The columns' names, in order.
pub(crate) const VALUES: usize = 0;
pub(crate) const TIMES: usize = 1;
const SCORES: usize = 2;
const COLUMNS: usize = 6;

#[wasm_bindgen]
impl Scratch {
    /// So many samples cross at once: columns of 64 KB stay in a processor's nearest caches.
    #[wasm_bindgen(js_name = size)]
    #[must_use]
    pub fn size() -> usize {
        8192
    }

    /// Memory for all columns.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        let size = Self::size();
        Self { columns: vec![0.0; COLUMNS * size], states: vec![0; size], alarms: Vec::with_capacity(size) }
    }

    /// Where the columns `values`, `times`, `scores`, `baseline`, `lower` and `upper` begin, one behind the other.
    #[must_use]
    pub fn columns(&self) -> *const f64 {
        self.columns.as_ptr()
    }

    /// Where the states begin.
    #[must_use]
    pub fn states(&self) -> *const u8 {
        self.states.as_ptr()
    }

    /// Where the positions of alarms begin.
    #[must_use]
    pub fn alarms(&self) -> *const u32 {
        self.alarms.as_ptr()
    }
}

impl Scratch {
    /// The values that were written.
    pub(crate) fn values(&self, count: usize) -> &[f64] {
        &self.columns[VALUES * Self::size()..][..count.min(Self::size())]
    }

    /// A value that was written and its time.
    pub(crate) fn sample(&self, position: usize) -> (f64, f64) {
        (self.columns[VALUES * Self::size() + position], self.columns[TIMES * Self::size() + position])
    }

    /// Notes score, baseline and bounds of a sample; what there is none of is NaN.
    pub(crate) fn answer(&mut self, position: usize, answers: [Option<f64>; COLUMNS - SCORES]) {
        for (column, answer) in answers.into_iter().enumerate() {
            self.columns[(SCORES + column) * Self::size() + position] = answer.unwrap_or(f64::NAN);
        }
    }
}
