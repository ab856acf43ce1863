//! What the record monitor finds in generated logs, and how often it cries wolf; in real ones where a folder is named.
//!
//! `cargo run --release -p benches --bin records [seeds] [folder of *.log, one record a line]`

#![expect(clippy::print_stdout, reason = "a report is printed")]

use std::{fs, path::Path, time::Instant};

use benches::logs::{self, Log, Truth};
use drift_sre::{
    Compress, Compressor, NoveltyIndex, RecordConfig, RecordMonitor, SessionMonitor, conditional,
};

/// Lines before anything counts, and after.
const WARM_UP: usize = 500;
const TESTED: usize = 1_500;
const FROM_WINDOWS: usize = 1_000;

/// A real log must have so many lines behind the warm-up.
const BEHIND: usize = 200;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seeds: u64 = arguments.next().and_then(|seeds| seeds.parse().ok()).unwrap_or(5);
    let folder = arguments.next();
    let corpora = corpora(seeds, folder.as_deref());
    println!("{} corpora, {} runs each\n", corpora.len(), seeds);
    let odd_of = |truth| ranked(&corpora, seeds, truth);
    println!(
        "{:<34}{:>10}{:>10}{:>12}{:>12}",
        "injected, 12 of 1,000 lines", "AUC", "AP", "goal AUC", "goal AP"
    );
    for (name, truth, goal) in
        [("rare lines", Truth::Rare, (0.96, 0.50)), ("foreign lines", Truth::Foreign, (0.97, 0.65))]
    {
        let (auc, precision) = odd_of(truth);
        println!("{name:<34}{auc:>10.3}{precision:>10.3}{:>12.2}{:>12.2}", goal.0, goal.1);
    }
    rates(&corpora);
    windows(&corpora, seeds);
    sessions(seeds);
    agreement();
    cost(&corpora);
}

/// Usual lines of each corpus, and where one is generated its shape.
fn corpora(seeds: u64, folder: Option<&str>) -> Vec<(usize, Vec<Log>)> {
    let Some(folder) = folder else {
        let lines = WARM_UP + TESTED;
        return (0..logs::names().count())
            .map(|shape| {
                (shape, (0..seeds).map(|seed| logs::usual(shape, lines, 100 * seed + shape as u64)).collect())
            })
            .collect();
    };
    let files =
        fs::read_dir(folder).expect("a folder that can be read").map(|file| file.expect("readable").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "log")).collect();
    files.sort();
    assert!(!files.is_empty(), "no *.log in {folder}");
    let read = |path: &Path| {
        let bytes = fs::read(path).expect("readable");
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map(|line| (line.to_owned(), Truth::Usual)).collect();
        Log { name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), lines }
    };
    // What is shorter says nothing behind the warm-up.
    let is_enough = |log: &Log| log.lines.len() > WARM_UP + BEHIND;
    let logs: Vec<Log> = files.iter().map(|path| read(path)).filter(is_enough).collect();
    assert!(!logs.is_empty(), "no *.log of more than {} lines in {folder}", WARM_UP + BEHIND);
    logs.into_iter().enumerate().map(|(number, log)| (number, vec![log])).collect()
}

/// Real logs come once, generated ones for each seed.
fn nth(logs: &[Log], seed: u64) -> &Log {
    let position = usize::try_from(seed).unwrap_or(0) % logs.len();
    &logs[position]
}

fn copy(log: &Log) -> Log {
    Log { name: log.name.clone(), lines: log.lines.clone() }
}

fn monitor() -> RecordMonitor {
    RecordMonitor::new(RecordConfig::default()).expect("the defaults are valid")
}

/// How well scores rank odd lines: the mean over corpora of the area under the curve, and of average precision.
fn ranked(corpora: &[(usize, Vec<Log>)], seeds: u64, truth: Truth) -> (f64, f64) {
    let mut sums = (0.0, 0.0, 0.0);
    for (shape, logs) in corpora {
        for seed in 0..seeds {
            let mut log = copy(nth(logs, seed));
            logs::inject(&mut log, *shape % logs::names().count(), truth, WARM_UP, 12, seed);
            let mut monitor = monitor();
            let verdicts = log.lines.iter().map(|(line, truth)| (monitor.update(line).score, *truth));
            let scored: Vec<_> = verdicts
                .skip(WARM_UP)
                .filter_map(|(score, truth)| Some((score?, truth != Truth::Usual)))
                .collect();
            let (auc, precision) = area_and_precision(scored);
            sums = (sums.0 + auc, sums.1 + precision, sums.2 + 1.0);
        }
    }
    (sums.0 / sums.2, sums.1 / sums.2)
}

fn area_and_precision(mut scored: Vec<(f64, bool)>) -> (f64, f64) {
    // Ties: usual lines first.
    scored.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let odd = scored.iter().filter(|(_, odd)| *odd).count() as f64;
    let usual = scored.len() as f64 - odd;
    let (mut above, mut found, mut area, mut precision) = (0.0, 0.0, 0.0, 0.0);
    for (_, odd) in &scored {
        if *odd {
            found += 1.0;
            area += usual - above;
            precision += found / (found + above);
        } else {
            above += 1.0;
        }
    }
    (area / (odd * usual).max(1.0), precision / f64::max(odd, 1.0))
}

/// What is told of false positives: of lines, and of windows.
const COLUMNS: usize = 8;

/// False positives in the natural order, and how many windows hold a template that was never there before.
fn rates(corpora: &[(usize, Vec<Log>)]) {
    println!(
        "\n{:<24}{:>12}{:>12}{:>14}{:>14}{:>14}{:>14}{:>14}{:>14}",
        "false positives",
        "line, 1 %",
        "p <= .01",
        "isolated 5 %",
        "from 1,000",
        "episode 5 %",
        "window 5 %",
        "its p <= .05",
        "holds news"
    );
    let mut totals = vec![];
    for (_, logs) in corpora {
        let mut counts = [(0.0, 0.0); COLUMNS];
        for log in logs {
            let (mut monitor, mut newest) = (monitor(), None);
            for (number, (line, _)) in log.lines.iter().enumerate() {
                let verdict = monitor.update(line);
                if verdict.familiarity.times == 0 {
                    newest = Some(number);
                }
                if number < WARM_UP {
                    continue;
                }
                let mut count = |which: usize, hit: bool| {
                    counts[which].0 += f64::from(u8::from(hit));
                    counts[which].1 += 1.0;
                };
                count(0, verdict.detected);
                count(1, verdict.p_value.is_some_and(|p| p <= 0.01));
                let Some(window) = verdict.window else { continue };
                count(2, window.isolated.detected);
                if number >= FROM_WINDOWS {
                    count(3, window.isolated.detected);
                    // The rank as it is, without the level that follows alarms.
                    count(6, window.isolated.p_value <= 0.05);
                    count(7, newest.is_some_and(|newest| newest + window.records as usize > number));
                }
                count(4, window.episode.detected);
                count(5, window.detected);
            }
        }
        let shares = counts.map(|(hits, all)| hits / f64::max(all, 1.0));
        print_rates(&logs[0].name, &shares);
        totals.push(shares);
    }
    for (name, fold) in [("mean", true), ("worst", false)] {
        let told = std::array::from_fn(|which| {
            let column = totals.iter().map(|shares: &[f64; COLUMNS]| shares[which]);
            if fold { column.sum::<f64>() / totals.len() as f64 } else { column.fold(0.0, f64::max) }
        });
        print_rates(name, &told);
    }
}

fn print_rates(name: &str, [line, p, windows @ ..]: &[f64; COLUMNS]) {
    print!("{name:<24}{line:>12.4}{p:>12.4}");
    for share in windows {
        print!("{share:>14.3}");
    }
    println!();
}

/// One odd line in a window of 50: how often the window says so.
fn windows(corpora: &[(usize, Vec<Log>)], seeds: u64) {
    println!(
        "\n{:<34}{:>14}{:>14}{:>14}",
        "one odd line in a window of 50", "found, 5 %", "any test", "named first"
    );
    for (name, truth, start) in [
        ("rare, after 1,000 lines", Truth::Rare, FROM_WINDOWS),
        ("foreign, after 1,000 lines", Truth::Foreign, FROM_WINDOWS),
        ("rare, after 500 lines", Truth::Rare, WARM_UP),
    ] {
        let (mut found, mut any, mut named, mut all) = (0.0, 0.0, 0.0, 0.0);
        for (shape, logs) in corpora {
            let shape = *shape % logs::names().count();
            for seed in 0..seeds {
                let log = nth(logs, seed);
                for replay in 0..5usize {
                    let mut monitor = monitor();
                    let at = start + 97 * replay + 25;
                    let mut one = Log { name: String::new(), lines: vec![(String::new(), Truth::Usual)] };
                    logs::inject(&mut one, shape, truth, 0, 1_000, 10 * seed + replay as u64);
                    let odd = &one.lines[1].0;
                    let (mut seen, mut flagged, mut first) = (false, false, false);
                    for (number, (line, _)) in log.lines.iter().enumerate().take(at + 30) {
                        if number == at {
                            monitor.update(odd);
                        }
                        let verdict = monitor.update(line);
                        // The first window that is judged with the line well inside.
                        if let Some(window) = verdict.window.filter(|_| number >= at + 15 && !seen) {
                            seen = true;
                            flagged = window.isolated.detected;
                            any += f64::from(u8::from(window.detected));
                            first = window.culprits.first().is_some_and(|culprit| culprit.id == at as u64);
                        }
                    }
                    found += f64::from(u8::from(flagged));
                    named += f64::from(u8::from(first));
                    all += 1.0;
                }
            }
        }
        println!("{name:<34}{:>14.3}{:>14.3}{:>14.3}", found / all, any / all, named / all);
    }
}

fn sessions(seeds: u64) {
    let mut scored = vec![];
    for seed in 0..seeds {
        let mut monitor = SessionMonitor::new(RecordConfig::default()).expect("the defaults are valid");
        for (number, (lines, odd)) in logs::sessions(3_000, seed).into_iter().enumerate() {
            let verdict = monitor.update(&lines);
            if number >= WARM_UP {
                scored.push((verdict.score, odd));
            }
        }
    }
    let (auc, precision) = area_and_precision(scored);
    println!("\nsessions of blocks, 3 % odd: AUC {auc:.3}, AP {precision:.3}");
}

/// Direct matching beside exact conditional compression, and what each costs.
fn agreement() {
    println!(
        "\n{:<22}{:>14}{:>14}{:>14}{:>14}{:>14}",
        "Spearman, 1,000 lines", "deflate", "lz4", "zstd", "ns a byte", "zstd ns/byte"
    );
    for shape in 0..logs::names().count() {
        let mut log = logs::usual(shape, 1_400, 7);
        logs::inject(&mut log, shape, Truth::Foreign, 1_000, 150, 3);
        logs::inject(&mut log, shape, Truth::Rare, 1_000, 150, 4);
        let (baseline, events) = log.lines.split_at(1_000);
        let mut index = NoveltyIndex::new(1_000, 1 << 20);
        for (line, _) in baseline {
            index.learn(line.as_bytes());
        }
        let text: String = baseline.iter().flat_map(|(line, _)| [line.as_str(), "\n"]).collect();
        let bits: Vec<f64> = events.iter().map(|(line, _)| index.bits(line.as_bytes()) as f64).collect();
        let mut told = vec![];
        for compressor in Compressor::ALL {
            let exact = events.iter().map(|(line, _)| added(line, &text, *compressor)).collect::<Vec<_>>();
            told.push(spearman(&bits, &exact));
        }
        let bytes: usize = events.iter().map(|(line, _)| line.len()).sum();
        let direct = timed(|| events.iter().map(|(line, _)| index.bits(line.as_bytes())).sum::<u64>());
        let some = &events[..20];
        let few: usize = some.iter().map(|(line, _)| line.len()).sum();
        let exact = timed(|| {
            let exact = |(line, _): &(String, Truth)| {
                conditional(line.as_bytes(), text.as_bytes(), &mut Compressor::Zstd)
            };
            some.iter().filter_map(exact).map(f64::to_bits).fold(0, u64::wrapping_add)
        });
        println!(
            "{:<22}{:>14.3}{:>14.3}{:>14.3}{:>14.2}{:>14.0}",
            log.name,
            told[0],
            told[1],
            told[2],
            1e9 * direct / bytes as f64,
            1e9 * exact / few as f64
        );
    }
}

/// Bytes that a line adds to as much of the baseline as the compressor sees.
fn added(line: &str, baseline: &str, mut compressor: Compressor) -> f64 {
    let room = compressor.window() - line.len();
    let baseline = &baseline.as_bytes()[baseline.len().saturating_sub(room)..];
    let both = [baseline, line.as_bytes()].concat();
    compressor.compressed_len(&both) as f64 - compressor.compressed_len(baseline) as f64
}

fn spearman(one: &[f64], other: &[f64]) -> f64 {
    let (one, other) = (ranks(one), ranks(other));
    let mean = 0.5 * (one.len() as f64 + 1.0);
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    product(&one, &other) / (product(&one, &one) * product(&other, &other)).sqrt()
}

/// Ranks, equals sharing the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let below = |value: f64| values.iter().filter(|other| **other < value).count() as f64;
    let equal = |value: f64| values.iter().filter(|other| **other == value).count() as f64;
    values.iter().map(|value| below(*value) + 0.5 * (equal(*value) + 1.0)).collect()
}

/// Seconds of the quickest of nine.
fn timed(mut work: impl FnMut() -> u64) -> f64 {
    let run = |_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed().as_secs_f64()
    };
    (0..9).map(run).fold(f64::INFINITY, f64::min)
}

fn cost(corpora: &[(usize, Vec<Log>)]) {
    println!("\n{:<24}{:>16}{:>16}", "cost, one core", "us a line", "bytes a line");
    let (mut sum, mut count) = (0.0, 0.0);
    for (_, logs) in corpora {
        let lines = &logs[0].lines;
        let secs = timed(|| {
            let mut monitor = monitor();
            lines.iter().map(|(line, _)| u64::from(monitor.update(line).detected)).sum()
        });
        let bytes: usize = lines.iter().map(|(line, _)| line.len()).sum();
        let each = 1e6 * secs / lines.len() as f64;
        println!("{:<24}{each:>16.2}{:>16.0}", logs[0].name, bytes as f64 / lines.len() as f64);
        (sum, count) = (sum + each, count + 1.0);
    }
    println!("{:<24}{:>16.2}", "mean", sum / count);
}
