//! The native side of `bench/fleet.js`: the same rows through the same fleet, in nanoseconds a sample, one line a round.
//!
//! Built for the plain processor that the compiler assumes if nothing is said: without AVX, as WebAssembly is.

#![expect(clippy::print_stdout, reason = "the measurement is printed")]

use std::{hint::black_box, time::Instant};

use drift_sre::{Baseline, ChartConfig, Exponential, Fleet, Scale};

const SERIES: usize = 1024;
const ROWS: usize = 256;
const PASSES: usize = 20;

fn rows() -> Vec<f64> {
    let mut state = 1u32;
    let mut uniform = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 4_294_967_296.0
    };
    (0..SERIES * ROWS).map(|_| 20.0 + uniform() + uniform() - uniform() - uniform()).collect()
}

fn main() {
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let baseline = Baseline::Exponential(Exponential { scale: Scale::Fixed(1.0), ..Exponential::default() });
    let mut fleet = Fleet::new(ChartConfig { baseline, ..ChartConfig::default() }, SERIES).expect("valid");
    let rows = rows();
    for round in 0..=rounds {
        let begin = Instant::now();
        for _ in 0..PASSES {
            black_box(fleet.update_many(black_box(&rows)).expect("whole rows"));
        }
        if round > 0 {
            println!("{}", begin.elapsed().as_secs_f64() * 1e9 / (PASSES * rows.len()) as f64);
        }
    }
}
