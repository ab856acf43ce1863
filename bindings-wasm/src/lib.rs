//! Opens the core to JavaScript, a batch at a time: a call into WebAssembly costs more than a sample does.

use drift_sre::{Chart, ChartConfig};
use wasm_bindgen::prelude::*;

/// A Page-Hinkley chart with an automatic scale and default parameters.
#[wasm_bindgen]
#[derive(Debug)]
pub struct PageHinkley(Chart);

#[wasm_bindgen]
impl PageHinkley {
    /// A chart that has seen nothing.
    ///
    /// # Errors
    /// The core's message where it refuses the settings.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Self, String> {
        Chart::new(ChartConfig::default()).map(Self).map_err(|error| error.to_string())
    }

    /// Takes many values; the answer is the positions of those that alarm.
    #[wasm_bindgen(js_name = updateMany)]
    pub fn update_many(&mut self, values: &[f64]) -> Vec<usize> {
        self.0.update_many(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lasting_step_alarms_once_and_becomes_the_new_level() {
        let mut chart = PageHinkley::new().unwrap();
        let values: Vec<f64> = (0..300).map(|t| f64::from(t % 5 + if t < 150 { 0 } else { 20 })).collect();
        let alarms = chart.update_many(&values);
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        assert!((150..165).contains(&alarms[0]), "{alarms:?}");
    }
}
