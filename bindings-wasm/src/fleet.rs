//! One detector over many series.

use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use crate::wire::{self, refused};

/// A chart for each series, and rows of values that JavaScript writes.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Fleet {
    inner: drift_sre::Fleet,
    rows: Vec<f64>,
    alarms: Vec<u32>,
}

#[wasm_bindgen]
impl Fleet {
    /// A fleet that has seen nothing.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8], series: usize) -> Result<Self, JsValue> {
        drift_sre::Fleet::new(wire::read(config)?, series).map(Self::of).map_err(refused)
    }

    /// The fleet that was saved.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JsValue> {
        drift_sre::Fleet::from_bytes(bytes).map(Self::of).map_err(refused)
    }

    /// Where so many rows may be written.
    ///
    /// # Errors
    /// Too many for the memory there is.
    pub fn buffer(&mut self, rows: usize) -> Result<*const f64, JsValue> {
        let room = rows.checked_mul(self.inner.series()).ok_or_else(wire::out_of_memory)?;
        let more = room.saturating_sub(self.rows.len());
        self.rows.try_reserve_exact(more).map_err(|_| wire::out_of_memory())?;
        if more > 0 {
            self.rows.resize(room, f64::NAN);
        }
        Ok(self.rows.as_ptr())
    }

    /// Takes the first so many rows that were written, none if there are fewer; tells how many alarms there are.
    ///
    /// # Errors
    /// Those of the core.
    pub fn take(&mut self, rows: usize) -> Result<usize, JsValue> {
        let Self { inner, rows: written, alarms } = self;
        let written = written.get(..rows.saturating_mul(inner.series())).unwrap_or_default();
        let found = inner.update_many(written).map_err(refused)?;
        alarms.clear();
        // Neither rows nor series exceed what 32 bits address.
        let narrow = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        alarms.extend(found.into_iter().flat_map(|(row, series)| [narrow(row), narrow(series)]));
        Ok(alarms.len() / 2)
    }

    /// Where pairs of row and series begin, one an alarm.
    #[must_use]
    pub fn alarms(&self) -> *const u32 {
        self.alarms.as_ptr()
    }

    /// How many series there are.
    #[must_use]
    pub fn series(&self) -> usize {
        self.inner.series()
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> Vec<u8> {
        wire::write(self.inner.config())
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// Settings and states.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.inner.to_bytes()
    }
}

impl Fleet {
    fn of(inner: drift_sre::Fleet) -> Self {
        Self { inner, rows: Vec::new(), alarms: Vec::new() }
    }
}
