//! What the fuzzer does without end, for a while: every seed as it is, and some thousand mutations of them.

use std::{fs, path::Path};

use fuzz::{TARGETS, chart, endurance, fleet, monitor, records, windows};
use rand::{Rng, SeedableRng, rngs::StdRng};

const MUTATIONS: u32 = 4_000;

/// Name and content of every file in a target's folder: the seeds, and whatever once broke a promise.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let files =
        fs::read_dir(folder).expect("a folder for each target").map(|file| file.expect("readable").path());
    let mut corpus: Vec<_> =
        files.map(|path| (path.display().to_string(), fs::read(path).expect("readable"))).collect();
    corpus.sort();
    corpus
}

/// A few of the changes that a fuzzer makes.
fn mutate(input: &mut Vec<u8>, others: &[(String, Vec<u8>)], rng: &mut StdRng) {
    let extremes = [f64::NAN, f64::INFINITY, f64::MAX, -f64::MAX, 1e150, 1e-140, 5e-324, -0.0, -1.0, 1e300];
    for _ in 0..rng.random_range(1..6) {
        let at = rng.random_range(0..=input.len());
        let end = rng.random_range(at..=input.len());
        match rng.random_range(0..7) {
            0 if at < input.len() => input[at] = rng.random(),
            1 if at < input.len() => input[at] ^= 1 << rng.random_range(0..8),
            2 | 3 if at + 8 <= input.len() => {
                let extreme = extremes[rng.random_range(0..extremes.len())];
                input[at..at + 8].copy_from_slice(&extreme.to_le_bytes());
            }
            4 => input.insert(at, rng.random()),
            5 => drop(input.drain(at..end)),
            _ => {
                let other = &others[rng.random_range(0..others.len())].1;
                let from = rng.random_range(0..=other.len());
                input.splice(at..end, other[from..].iter().copied());
            }
        }
    }
}

#[test]
fn no_seed_breaks_a_promise_nor_do_its_mutations() {
    for (target, try_out) in TARGETS {
        let corpus = corpus(target);
        assert!(!corpus.is_empty(), "{target}");
        let mut rng = StdRng::seed_from_u64(1);
        for (_, seed) in &corpus {
            try_out(seed);
        }
        for _ in 0..MUTATIONS {
            let mut input = corpus[rng.random_range(0..corpus.len())].1.clone();
            mutate(&mut input, &corpus, &mut rng);
            try_out(&input);
        }
    }
}

/// One that is not would leave the fuzzer before a closed door.
#[test]
fn every_seed_of_a_snapshot_is_accepted() {
    let resumes = [
        ("chart", (|seed| chart::resumed(seed).is_some()) as fn(&[u8]) -> bool),
        ("fleet", |seed| fleet::resumed(seed).is_some()),
        ("monitor", |seed| monitor::resumed(seed).is_some()),
        ("windows", |seed| windows::resumed(seed).is_some()),
        ("records", |seed| records::resumed(seed).is_some()),
    ];
    for (target, resumes) in resumes {
        for (name, seed) in corpus(target) {
            let is_seed = !name.contains("broke-");
            assert!(!is_seed || resumes(&seed), "{name}: run `cargo xtask vectors` to write the seeds again");
        }
    }
}

#[test]
fn a_million_hostile_samples_leave_every_number_finite() {
    let report = endurance::endure(1_000_000, 2);
    assert!(report.updates >= 1_000_000 && report.alarms > 1_000 && report.events > 1_000, "{report:?}");
}
