//! Detectors in classical use.

use alloc::boxed::Box;

use drift_sre::{Chart, Direction};

use crate::{
    exports,
    scratch::{SIZE, Scratch},
    wire::{accepted, read},
};

exports! {
    /// The chart that was saved, or one of these settings that has seen nothing.
    fn chart_make(scratch: &mut Scratch, is_saved: bool) -> Option<Box<Chart>> {
        let bytes = scratch.take();
        let made = if is_saved { Chart::from_bytes(&bytes) } else { Chart::new(read(&bytes)?) };
        accepted(made).map(Box::new)
    }

    /// It is not used any more.
    fn chart_free(chart: Box<Chart>) {
        drop(chart);
    }

    /// Takes one value and tells whether it alarms.
    fn chart_update(chart: &mut Chart, value: f64) -> bool {
        chart.update(value)
    }

    /// Takes so many values from the scratch and leaves the positions of alarms there; tells how many.
    fn chart_update_many(chart: &mut Chart, scratch: &mut Scratch, count: usize) -> usize {
        let Scratch { columns, alarms, .. } = scratch;
        alarms.clear();
        #[expect(clippy::cast_possible_truncation, reason = "below the number of samples that cross at once")]
        chart.each_alarm(&columns[..count.min(SIZE)], |alarm| alarms.push(alarm as u32));
        alarms.len()
    }

    /// Takes so many values from the scratch and leaves their scores there.
    fn chart_score_many(chart: &mut Chart, scratch: &mut Scratch, count: usize) {
        for position in 0..count.min(SIZE) {
            let (value, _) = scratch.sample(position);
            let score = chart.score_many(&[value]).next().flatten();
            scratch.answer(position, [score, None, None, None]);
        }
    }

    /// One of its numbers, NaN if it has none: the newest score, whether that leans up (1) or down (-1), what is normal.
    fn chart_read(chart: &Chart, what: u32) -> f64 {
        let number = match what {
            0 => chart.score().map(|score| score.value),
            1 => chart.score().map(|score| Direction::sign(score.direction)),
            _ => chart.level(),
        };
        number.unwrap_or(f64::NAN)
    }

    /// Forgets everything.
    fn chart_reset(chart: &mut Chart) {
        chart.reset();
    }

    /// Leaves settings and state; tells how many bytes they are.
    fn chart_bytes(chart: &mut Chart, scratch: &mut Scratch) -> usize {
        scratch.tell(chart.to_bytes_mut())
    }
}
