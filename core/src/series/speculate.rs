//! A long run of one series, cut into pieces that are taken side by side.
//!
//! What a sample does depends on the one before it, so that one series is bound by the latency of a few operations. But a
//! moving level forgets where it came from, to the last bit, and sums forget whenever they are zero. So each piece starts
//! from a guess, some way ahead of where it begins, and is right if it arrives there with the very bits that the piece
//! before ends with. Where it is not, all from there on is taken one by one. The result is that of taking everything one by one,
//! whether or not a guess was right.

use alloc::vec::Vec;
use core::array::from_fn;

use super::{
    detect::Score,
    kernel::{Kernel, Lane, Lanes, shaped},
};
use crate::Sample;

/// So many pieces.
const PIECES: usize = 16;
/// A guess is made this many memories of the level ahead of its piece: exp(-40) is less than the last bit, and the rest
/// is for that bit to settle.
const MEMORIES: f64 = 45.0;
/// And so many samples for the sums to be zero.
const SUMS: usize = 512;
/// Samples that are taken between two looks at where they end.
const BLOCK: usize = 8;
/// Pieces shorter than so many times what is ahead of them are not worth their guesses.
const WORTH: usize = 4;

/// As [`Kernel::run`], to the bit.
#[inline(always)]
#[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
pub(super) fn run(
    kernel: &Kernel,
    lane: &mut Lane,
    values: &[f64],
    alarm: impl FnMut(usize),
) -> (u64, Option<Score>) {
    shaped!(kernel, self::run_shaped(kernel, lane, values, alarm))
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
fn run_shaped<const UNIT: bool, const CAP: bool>(
    kernel: &Kernel,
    lane: &mut Lane,
    values: &[f64],
    mut alarm: impl FnMut(usize),
) -> (u64, Option<Score>) {
    // At least one value is left for the end, whose score is that of the run.
    let length = values.len().saturating_sub(1) / PIECES / BLOCK * BLOCK;
    let ahead = kernel.memory(MEMORIES).saturating_add(SUMS) / BLOCK * BLOCK;
    if length / WORTH < ahead {
        return kernel.run(lane, values, alarm);
    }
    let begin: [usize; PIECES] = from_fn(|piece| piece * length);
    let guess = begin.map(|begin| begin.saturating_sub(ahead));
    let mut lanes = Lanes::<PIECES>::at(guess.map(|at| {
        let level = Sample::new(0.0, values[at]).usable().unwrap_or(lane.level);
        Lane { level, up: 0.0, down: 0.0 }
    }));
    advance::<UNIT, CAP>(kernel, &mut lanes, values, guess, ahead, |_, _, _| {});
    lanes.set(0, *lane);
    let arrived: [Lane; PIECES] = from_fn(|piece| lanes.get(piece));
    let (mut alarms, mut unlearned) = (Vec::new(), [0; PIECES]);
    advance::<UNIT, CAP>(kernel, &mut lanes, values, begin, length, |piece, offset, alarmed| {
        unlearned[piece] += 1;
        if alarmed {
            alarms.push(begin[piece] + offset);
        }
    });
    let right = (1..PIECES).take_while(|piece| lanes.get(piece - 1).is_same(arrived[*piece])).count() + 1;
    let rest = right * length;
    alarms.retain(|position| *position < rest);
    alarms.sort_unstable();
    let mut end = lanes.get(right - 1);
    let (learned, score) = kernel.run(&mut end, &values[rest..], |after| alarms.push(rest + after));
    if score.is_none() {
        // Nothing usable at the end: the score to remember lies further back.
        return kernel.run(lane, values, alarm);
    }
    alarms.into_iter().for_each(&mut alarm);
    *lane = end;
    (learned + rest as u64 - unlearned[..right].iter().sum::<u64>(), score)
}

/// Takes so many samples of each piece from where it begins; `unlearned` is told piece, offset, and whether it alarms, of
/// each that is not learned.
#[expect(clippy::needless_range_loop, reason = "it goes through the columns of what lies in rows")]
#[inline(always)]
#[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
fn advance<const UNIT: bool, const CAP: bool>(
    kernel: &Kernel,
    lanes: &mut Lanes<PIECES>,
    values: &[f64],
    begin: [usize; PIECES],
    samples: usize,
    mut unlearned: impl FnMut(usize, usize, bool),
) {
    for block in (0..samples).step_by(BLOCK) {
        let blocks: [[f64; BLOCK]; PIECES] = from_fn(|piece| {
            values[begin[piece] + block..].first_chunk().copied().unwrap_or([f64::NAN; BLOCK])
        });
        for offset in 0..BLOCK {
            let next = from_fn(|piece| blocks[piece][offset]);
            if lanes.take::<UNIT, CAP>(kernel, &next) {
                continue;
            }
            for (piece, value) in next.iter().enumerate() {
                let (mut lane, mut alarmed) = (lanes.get(piece), false);
                let (learned, _) = kernel.run(&mut lane, core::slice::from_ref(value), |_| alarmed = true);
                lanes.set(piece, lane);
                if learned == 0 {
                    unlearned(piece, block + offset, alarmed);
                }
            }
        }
    }
}
