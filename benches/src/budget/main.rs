//! The alarm budget and its price: how often detectors cry wolf, and how soon they see a change, beside the least delay that
//! is possible.
//!
//! `cargo run --release -p benches --bin budget [runs] [samples in control]`

#![expect(clippy::print_stdout, reason = "a report is printed")]

mod families;
mod oracle;

use std::{
    fmt::Write,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use drift_sre::{
    Adaptive, AdaptiveConfig, Baseline, Chart, ChartConfig, Detector, Forgetting, Kind, Monitor,
    MonitorConfig, Preset, Sample,
};
use families::{CHANGES, Change, OTHERS, SIX, Series};

const WARM_UP: u32 = 2_000;
/// A change that is not found by then counts as found then.
const MISSED: u32 = 4_000;
/// In control, a series is cut into so many of its own.
const PARTS: u64 = 2;

/// Takes a value; whether it alarms, and whether the score is beyond the line.
type Watch = Box<dyn FnMut(f64) -> bool>;
type Make = fn() -> Watch;

fn adaptive(config: AdaptiveConfig) -> Watch {
    let mut detector = Adaptive::new(config).expect("valid");
    let mut at = 0.0;
    Box::new(move |value| {
        at += 1.0;
        detector.update(Sample::new(at, value)).event.is_some_and(|event| event.kind != Kind::Closed)
    })
}

fn monitor(config: MonitorConfig) -> Watch {
    let mut monitor = Monitor::new(config).expect("valid");
    let mut at = 0.0;
    Box::new(move |value| {
        at += 1.0;
        monitor.update(Sample::new(at, value)).event.is_some_and(|event| event.kind == Kind::Opened)
    })
}

/// A detector in classical use, on the mean and spread of all so far.
fn chart(name: &'static str) -> Watch {
    let detector = Detector::all().zip(Detector::NAMES).find(|entry| *entry.1 == name);
    let (detector, _) = detector.expect("the name of a detector");
    let baseline = Baseline::Forgetting(Forgetting { half_life: None, ..Forgetting::default() });
    let mut chart = Chart::new(ChartConfig { baseline, detector, ..ChartConfig::default() }).expect("valid");
    Box::new(move |value| chart.update(value))
}

const DETECTORS: [(&str, Make); 8] = [
    ("adaptive", || adaptive(AdaptiveConfig::default())),
    ("adaptive, compact", || adaptive(AdaptiveConfig { compact: true, ..AdaptiveConfig::default() })),
    ("preset drift_sre", || monitor(Preset::DriftSre.config())),
    ("preset driftwatch", || monitor(Preset::Driftwatch.config())),
    ("page_hinkley, learned scale", || monitor(MonitorConfig::default())),
    ("z_score", || chart("z_score")),
    ("cusum", || chart("cusum")),
    ("ewma", || chart("ewma")),
];

/// Published figures of river 0.26 on the same families, for comparison.
const RIVER: &str = "\
river ADWIN (as recorded)       ARL0 > 1,000,000 / 49,000 / 152,000 / 1,002 / 70 / 49; delay / oracle 13.6, 8.3, 11.4, -, -, -
river PageHinkley (as recorded) ARL0 56 / 10 / 16 / 22 / 17 / 22
river KSWIN (as recorded)       ARL0 2,071 / 481 / 465 / 130 / 55 / 32";

/// Runs independent jobs on all cores, answers in order.
fn parallel<J: Sync, R: Send>(jobs: &[J], run: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let (next, answers) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((n, job)) = {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(n).map(|job| (n, job))
                } {
                    let answer = run(job);
                    answers.lock().expect("no job panics").push((n, answer));
                }
            });
        }
    });
    let mut answers = answers.into_inner().expect("no job panics");
    answers.sort_unstable_by_key(|(n, _)| *n);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// False alarms in control, of which how many in the first 20,000 samples of each part.
fn in_control(make: impl Fn() -> Watch, family: &'static str, samples: u64) -> (u64, u64) {
    let (mut alarms, mut early) = (0, 0);
    for part in 0..PARTS {
        let (mut watch, mut series) = (make(), Series::new(family, 1_000 + part));
        for n in 0..samples / PARTS {
            if watch(series.next()) {
                alarms += 1;
                early += u64::from(n < 20_000);
            }
        }
    }
    (alarms, early)
}

/// Samples from a change to the first alarm after it, and from a second change 2,000 samples later.
fn delays(make: impl Fn() -> Watch, family: &'static str, change: Change, seed: u64) -> (u32, u32) {
    let (mut watch, mut series) = (make(), Series::new(family, 5_000 + seed));
    let until = |watch: &mut Watch, series: &mut Series, most: u32| {
        (1..=most).find(|_| watch(series.next())).unwrap_or(most)
    };
    for _ in 0..WARM_UP {
        watch(series.next());
    }
    series.change(change);
    let first = until(&mut watch, &mut series, MISSED);
    for _ in 0..WARM_UP {
        watch(series.next());
    }
    // The same step again, as a share of what the first one left.
    let skewed = matches!(family, "lognormal" | "gamma");
    let unit = if family == "gamma" { 0.5_f64.sqrt() } else { (0.25_f64.exp() - 1.0).sqrt() };
    series.change(match change {
        Change::Mean(size) if skewed => Change::Mean(size * (2.0 + size * unit)),
        Change::Mean(size) => Change::Mean(2.0 * size),
        Change::Variance(factor) => Change::Variance(factor * factor),
        other => other,
    });
    (first, until(&mut watch, &mut series, MISSED))
}

/// The mean number of samples between alarms, and the bounds it lies between with 95 % confidence.
fn arl0(alarms: u64, samples: u64) -> String {
    if alarms == 0 {
        return format!("> {}", samples / 3);
    }
    let (alarms, samples) = (alarms as f64, samples as f64);
    // Wilson and Hilferty's bounds of a Poisson mean.
    let bound =
        |alarms: f64, z: f64| alarms * (1.0 - 1.0 / (9.0 * alarms) + z / (3.0 * alarms.sqrt())).powi(3);
    let (least, most) = (samples / bound(alarms + 1.0, 1.96), samples / bound(alarms, -1.96));
    format!("{:.0} [{least:.0}, {most:.0}]", samples / alarms)
}

fn mean(values: impl Iterator<Item = u32> + Clone) -> (f64, f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().map(f64::from).sum::<f64>() / count;
    let variance =
        values.map(|value| (f64::from(value) - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    (mean, (variance / count).sqrt())
}

fn print_families(runs: u64, samples: u64) {
    let jobs: Vec<_> = SIX.iter().flat_map(|family| CHANGES.map(|change| (*family, change))).collect();
    let oracles = parallel(&jobs, |(family, change)| oracle::delay(family, *change));
    println!("The least possible delay, of a CUSUM that knows both laws, at ARL0 = 10,000");
    for (family, delays) in SIX.iter().zip(oracles.chunks(CHANGES.len())) {
        let delays: Vec<String> = delays.iter().map(|delay| format!("{delay:8.1}")).collect();
        println!("{family:<12}{}", delays.join(""));
    }
    println!(
        "\nMean +.25 +.5 +1 +2 +4 sd, variance x1.5 x2 x4; warm-up {WARM_UP}; {runs} runs; {samples} samples in control"
    );
    for (name, make) in DETECTORS {
        println!("\n{name}");
        println!(
            "{:<12}{:>24}{:>9}  delay / oracle, +- 2 errors; by change, ! missed",
            "", "ARL0", "per 10k"
        );
        let controls = parallel(&SIX, |family| in_control(make, family, samples));
        for ((family, (alarms, _)), oracles) in SIX.iter().zip(controls).zip(oracles.chunks(CHANGES.len())) {
            let per_10k = alarms as f64 * 1e4 / samples as f64;
            print!("{family:<12}{:>24}{per_10k:>9.2}  ", arl0(alarms, samples));
            if per_10k > 3.4 {
                println!("-");
                continue;
            }
            let jobs: Vec<_> =
                CHANGES.iter().flat_map(|change| (0..runs).map(move |seed| (*change, seed))).collect();
            let delays = parallel(&jobs, |(change, seed)| delays(make, family, *change, *seed).0);
            let (mut ratio, mut square, mut text) = (0.0, 0.0, String::new());
            for (delays, oracle) in delays.chunks(usize::try_from(runs).expect("few")).zip(oracles) {
                let (delay, error) = mean(delays.iter().copied());
                ratio += delay / oracle / CHANGES.len() as f64;
                square += (error / oracle / CHANGES.len() as f64).powi(2);
                let missed = delays.iter().filter(|delay| **delay >= MISSED).count();
                let missed = if missed > 0 { format!("!{missed}") } else { String::new() };
                write!(text, " {:.2}{missed}", delay / oracle).expect("memory takes it");
            }
            println!("{ratio:.2} +- {:.2}; {text}", 2.0 * square.sqrt());
        }
    }
    println!("\n{RIVER}");
}

fn print_others(runs: u64, samples: u64) {
    println!(
        "\nOther families, adaptive: false alarms; median and worst delay of +2 sd, of -2 sd, of a ramp to +2 sd in 500"
    );
    println!(
        "{:<18}{:>24}{:>9}{:>18}{:>12}{:>12}{:>12}",
        "", "ARL0", "per 10k", "first 2 x 20k", "+2 sd", "-2 sd", "ramp"
    );
    let make = || adaptive(AdaptiveConfig::default());
    let rows = parallel(&OTHERS, |(family, _)| {
        let changes = [Change::Mean(2.0), Change::Mean(-2.0), Change::Ramp(2.0, 500.0)];
        let found = changes.map(|change| {
            let mut delays: Vec<u32> =
                (0..runs.min(20)).map(|seed| delays(make, family, change, seed).0).collect();
            delays.sort_unstable();
            format!("{} {}", delays[delays.len() / 2], delays[delays.len() - 1])
        });
        (in_control(make, family, samples), found)
    });
    for ((family, hard), ((alarms, early), [up, down, ramp])) in OTHERS.iter().zip(rows) {
        let per_10k = alarms as f64 * 1e4 / samples as f64;
        println!(
            "{family:<18}{:>24}{per_10k:>9.2}{early:>18}{up:>12}{down:>12}{ramp:>12}  {hard}",
            arl0(alarms, samples)
        );
    }
}

fn print_budgets(samples: u64) {
    println!("\nOther budgets, adaptive: ARL0 by family");
    for budget in [1_000.0, 10_000.0, 100_000.0] {
        println!("arl0 = {budget}");
        let config = AdaptiveConfig { arl0: budget, ..AdaptiveConfig::default() };
        let least = if budget > 50_000.0 { 5 * samples } else { samples };
        for (family, (alarms, _)) in
            SIX.iter().zip(parallel(&SIX, |family| in_control(|| adaptive(config), family, least)))
        {
            println!("  {family:<12}{:>26}", arl0(alarms, least));
        }
    }
}

fn print_second_incidents(runs: u64) {
    println!(
        "\nThe same change again 2,000 samples after the first alarm, adaptive: its delay in delays of the first; {runs} runs"
    );
    for family in SIX {
        let make = || adaptive(AdaptiveConfig::default());
        let jobs: Vec<_> =
            CHANGES.iter().flat_map(|change| (0..runs).map(move |seed| (*change, seed))).collect();
        let delays = parallel(&jobs, |(change, seed)| delays(make, family, *change, *seed));
        print!("{family:<12}");
        for delays in delays.chunks(usize::try_from(runs).expect("few")) {
            let (first, _) = mean(delays.iter().map(|delays| delays.0));
            let (second, _) = mean(delays.iter().map(|delays| delays.1));
            print!("{:>8.2}", second / first);
        }
        println!();
    }
}

fn main() {
    let argument = |n| std::env::args().nth(n).and_then(|text| text.parse().ok());
    let (runs, samples) = (argument(1).unwrap_or(60), argument(2).unwrap_or(800_000));
    print_families(runs, samples);
    print_others(runs, samples);
    print_budgets(samples);
    print_second_incidents(runs);
}
