//! Signals whose truth is known.

use alloc::{boxed::Box, vec::Vec};

use drift_sre::Scenario;

use crate::{
    exports,
    scratch::{SIZE, Scratch, TIMES, VALUES},
    wire::{accepted, read},
};

exports! {
    /// A signal before its first sample.
    fn scenario_make(scratch: &Scratch, seed: u64) -> Option<Box<Scenario>> {
        accepted(Scenario::new(read(&scratch.bytes)?, seed)).map(Box::new)
    }

    /// It is not used any more.
    fn scenario_free(scenario: Box<Scenario>) {
        drop(scenario);
    }

    /// Leaves up to so many samples in the scratch, as values and times, and whether the signal is out of control in the
    /// states; tells how many.
    fn scenario_take(scenario: &mut Scenario, scratch: &mut Scratch, count: usize) -> usize {
        let mut taken = 0;
        while taken < count.min(SIZE)
            && let Some(sample) = scenario.next()
        {
            scratch.columns[VALUES * SIZE + taken] = sample.value.unwrap_or(f64::NAN);
            scratch.columns[TIMES * SIZE + taken] = sample.at;
            scratch.states[taken] = u8::from(scenario.drifting(sample.at));
            taken += 1;
        }
        taken
    }

    /// How many samples are left.
    fn scenario_left(scenario: &Scenario) -> usize {
        scenario.len()
    }

    /// Leaves when it is out of control; tells how many bytes that is.
    fn scenario_truth(scenario: &Scenario, scratch: &mut Scratch) -> usize {
        let truth: Vec<_> = scenario.truth().collect();
        scratch.tell(drift_sre::pack(truth))
    }
}
