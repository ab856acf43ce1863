//! How often the host monitor's defaults cry wolf, and how soon they see a change: simulated metrics at 1 Hz.
//!
//! `cargo run --release -p benches --bin quality [seeds]`

#![expect(clippy::print_stdout, reason = "a report is printed")]

use drift_sre::{
    Adaptive, AdaptiveConfig, Baseline, Chart, ChartConfig, Detector, Event, Exponential, Fixed, Kind, Law,
    Monitor, MonitorConfig, PageHinkley, Phase, Preset, Scale, Scenario, ScenarioConfig, Sides, Transform,
    Trend, WindowShift,
};

const DAY: u32 = 86_400;

/// A simulated metric: its law in control, and how a host monitor would be set for it.
struct Family {
    name: &'static str,
    law: Law,
    direction: Sides,
    transform: Transform,
    floor: f64,
}

fn normal(mean: f64, sd: f64, phi: f64) -> Law {
    Law::Normal { mean, sd, phi }
}

fn families() -> Vec<Family> {
    let host = |name, law, transform, floor| Family { name, law, direction: Sides::Up, transform, floor };
    vec![
        host("cpu, white", normal(20.0, 5.0, 0.0), Transform::Identity, 1.0),
        host("cpu, AR .9", normal(20.0, 5.0, 0.9), Transform::Identity, 1.0),
        host("ram, AR .95", normal(55.0, 0.25, 0.95), Transform::Identity, 0.2),
        host("ram, AR .95, wide", normal(55.0, 1.0, 0.95), Transform::Identity, 0.2),
        Family {
            direction: Sides::Both,
            ..host(
                "network, lognormal",
                Law::LogNormal { median: 98_716.0, sigma: 0.8 },
                Transform::Log,
                0.25,
            )
        },
        host("load, AR .98", normal(1.5, 0.3, 0.98), Transform::Identity, 0.1),
        host("socket_errors, Poisson .3", Law::Poisson { mean: 0.3 }, Transform::Log, 0.25),
        host("socket_errors, Poisson .02", Law::Poisson { mean: 0.02 }, Transform::Log, 0.25),
        host("Poisson 5", Law::Poisson { mean: 5.0 }, Transform::Identity, 0.0),
        host("normal, AR .5", normal(100.0, 10.0, 0.5), Transform::Identity, 0.0),
        host("normal, AR .97", normal(100.0, 10.0, 0.97), Transform::Identity, 0.0),
        host("Student t3", Law::StudentT { mean: 100.0, sd: 10.0, freedom: 3.0 }, Transform::Identity, 0.0),
        host("gamma 2", Law::Gamma { shape: 2.0, scale: 10.0 }, Transform::Identity, 0.0),
    ]
}

fn monitor(family: &Family) -> Monitor {
    let mut config = MonitorConfig::default();
    let scale = Scale::Auto { floor: family.floor };
    config.baseline = Baseline::Exponential(Exponential { scale, ..Exponential::default() });
    config.transform = family.transform;
    config.detector =
        Detector::PageHinkley(PageHinkley { direction: family.direction, ..PageHinkley::default() });
    config.decision.adopt_secs = Some(3600.0);
    Monitor::new(config).expect("the defaults are valid")
}

/// The check for leaks that runs beside it on metrics that should stay where they are.
fn leak_monitor(family: &Family) -> Monitor {
    let mut config = Preset::Leak.config();
    config.transform = family.transform;
    config.detector = Detector::Trend(Trend { direction: family.direction, ..Trend::default() });
    Monitor::new(config).expect("the preset is valid")
}

/// Alarms of the adaptive detector in the given number of samples, with the budget that a host monitor gives it.
fn adaptive_alarms(family: &Family, seed: u64, samples: u32) -> usize {
    let config = AdaptiveConfig { arl0: 1e6, direction: family.direction, ..AdaptiveConfig::default() };
    let mut adaptive = Adaptive::new(config).expect("valid");
    let told = |sample| adaptive.update(sample).event.is_some_and(|event| event.kind != Kind::Closed);
    signal(family.law, seed, samples, None).map(told).filter(|told| *told).count()
}

/// Drifts announced in the given number of samples.
fn alarms(mut monitor: Monitor, family: &Family, seed: u64, samples: u32) -> usize {
    let signal = signal(family.law, seed, samples, None);
    signal.filter(|sample| is_opened(monitor.update(*sample).event)).count()
}

/// Samples from a change of the law at `onset` to its announcement; `to` is where it goes in `limit` samples.
fn delay(
    mut monitor: Monitor,
    family: &Family,
    seed: u64,
    (onset, limit): (u32, u32),
    law: Law,
    to: Option<Law>,
) -> Option<usize> {
    let (start_secs, end_secs) = (f64::from(onset), f64::from(onset + limit));
    let phase = Phase { start_secs, end_secs, law, to };
    signal(family.law, seed, onset + limit, Some(phase))
        .map(|sample| is_opened(monitor.update(sample).event))
        .skip(onset as usize)
        .position(|opened| opened)
        .map(|samples_before| samples_before + 1)
}

fn signal(law: Law, seed: u64, samples: u32, phase: Option<Phase>) -> Scenario {
    let phases = phase.into_iter().collect();
    Scenario::new(ScenarioConfig { samples, law, phases, ..ScenarioConfig::default() }, seed).expect("valid")
}

fn is_opened(event: Option<Event>) -> bool {
    event.is_some_and(|event| event.kind == Kind::Opened)
}

fn print_delays(label: &str, seeds: u64, limit: usize, run: impl Fn(u64) -> Option<usize>) {
    let mut delays: Vec<usize> = (0..seeds).map(|seed| run(seed).unwrap_or(limit)).collect();
    delays.sort_unstable();
    let missed = delays.iter().filter(|delay| **delay == limit).count();
    let last = delays.len() - 1;
    let (median, late, worst) = (delays[last / 2], delays[last * 95 / 100], delays[last]);
    println!("{label:<34}{median:>8}{late:>8}{worst:>8}{missed:>8}");
}

/// Every detector at its defaults on a known reference: mean samples between false alarms and to an alarm.
fn print_run_lengths(runs: u64) {
    println!("\nRun lengths in samples, independent normal values of known mean and spread ({runs} runs)");
    println!("{:<34}{:>10}{:>8}{:>8}{:>8}{:>8}", "", "ARL0", "0.5 sd", "1 sd", "2 sd", "4 sd");
    for (mut detector, name) in Detector::all().zip(Detector::NAMES) {
        if let Detector::WindowShift(_) = detector {
            // In a chart, samples have no times.
            detector = Detector::WindowShift(WindowShift { size: 60, ..WindowShift::default() });
        }
        let baseline = Baseline::Fixed(Fixed { count: 1e6, mean: 0.0, m2: 1e6, floor: 0.0 });
        let config = ChartConfig { baseline, detector, ..ChartConfig::default() };
        let mean = |shift: f64, limit: u32| {
            let lengths = (0..runs).map(|seed| {
                let mut chart = Chart::new(config).expect("valid");
                let mut values =
                    signal(normal(shift, 1.0, 0.0), seed, limit, None).map(|sample| sample.value);
                let alarm = values.position(|value| value.is_some_and(|value| chart.update(value)));
                alarm.map_or(limit as usize, |samples_before| samples_before + 1)
            });
            lengths.sum::<usize>() as f64 / runs as f64
        };
        let in_control = mean(0.0, LONGEST);
        let arl0 = if in_control > 0.9 * f64::from(LONGEST) {
            "> 900,000".into()
        } else {
            format!("{in_control:.0}")
        };
        if let Detector::Trend(_) = detector {
            println!("{name:<34}{arl0:>10}  a shift is no trend");
            continue;
        }
        let delays = [0.5, 1.0, 2.0, 4.0].map(|shift| mean(shift, 100_000));
        println!(
            "{name:<34}{arl0:>10}{:>8.1}{:>8.1}{:>8.1}{:>8.1}",
            delays[0], delays[1], delays[2], delays[3]
        );
    }
}

/// Runs without an alarm end here.
const LONGEST: u32 = 1_000_000;

fn main() {
    let seeds: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20);
    println!("False alarms in control ({seeds} x 3 days; {} x the first 10 minutes)", seeds * 50);
    println!("{:<34}{:>8}{:>8}{:>12}{:>18}", "", "a day", "worst", "10 min, %", "adaptive, a day");
    for family in families() {
        let runs: Vec<usize> =
            (0..seeds).map(|seed| alarms(monitor(&family), &family, seed, 3 * DAY)).collect();
        let per_day = runs.iter().sum::<usize>() as f64 / (seeds * 3) as f64;
        let worst = *runs.iter().max().expect("at least one seed") as f64 / 3.0;
        let early =
            (0..seeds * 50).filter(|seed| alarms(monitor(&family), &family, 1_000 + seed, 600) > 0).count();
        let share = 100.0 * early as f64 / (seeds * 50) as f64;
        let adaptive: usize = (0..seeds).map(|seed| adaptive_alarms(&family, seed, 3 * DAY)).sum();
        let adaptive = adaptive as f64 / (seeds * 3) as f64;
        println!("{:<34}{per_day:>8.3}{worst:>8.2}{share:>12.2}{adaptive:>18.3}", family.name);
    }

    print_run_lengths(seeds * 10);

    println!("\nDelay in samples ({} runs)", seeds * 5);
    println!("{:<34}{:>8}{:>8}{:>8}{:>8}", "", "median", "95 %", "worst", "missed");
    for phi in [0.0, 0.5, 0.9, 0.95, 0.97] {
        for sigmas in [1.0, 2.0, 3.0, 6.0] {
            for onset in [600, 3600] {
                let family = Family {
                    name: "",
                    law: normal(100.0, 10.0, phi),
                    direction: Sides::Up,
                    transform: Transform::Identity,
                    floor: 0.0,
                };
                let risen = normal(100.0 + sigmas * 10.0, 10.0, phi);
                let label = format!("{sigmas} sigma, phi {phi}, after {onset}");
                print_delays(&label, seeds * 5, 3600, |seed| {
                    delay(monitor(&family), &family, seed, (onset, 3600), risen, None)
                });
            }
        }
    }
    print_leaks(seeds);
}

/// Leaks of memory, as the usual monitor and as the check for leaks see them, and what the latter costs in false alarms.
fn print_leaks(seeds: u64) {
    for (index, wide) in [(2, ""), (3, ", wide")] {
        for rate in [0.01, 0.002, 0.001, 0.0005] {
            let family = &families()[index];
            let full = normal(55.0 + rate * 21_600.0, family.law.sd(), 0.95);
            let ramp = (3600, 21_600);
            let seen = |make: fn(&Family) -> Monitor| {
                move |seed| delay(make(family), family, seed, ramp, family.law, Some(full))
            };
            print_delays(&format!("ram leak of {rate} %/s{wide}"), seeds * 5, 21_600, seen(monitor));
            print_delays("  the same, check for leaks", seeds * 5, 21_600, seen(leak_monitor));
        }
    }
    println!("\nFalse alarms of the check for leaks ({seeds} x 3 days)");
    for family in families() {
        let told: usize = (0..seeds).map(|seed| alarms(leak_monitor(&family), &family, seed, 3 * DAY)).sum();
        println!("{:<34}{:>8.3}", family.name, told as f64 / (seeds * 3) as f64);
    }
}
