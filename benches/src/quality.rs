//! How often the host monitor's defaults cry wolf, and how soon they see a change: simulated metrics at 1 Hz.
//!
//! `cargo run --release -p benches --bin quality [seeds]`

#![expect(clippy::print_stdout, reason = "a report is printed")]

use drift_sre::{
    Baseline, Chart, ChartConfig, Detector, Exponential, Fixed, Kind, Monitor, MonitorConfig, PageHinkley,
    Sample, Scale, Sides, Transform,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, Gamma, LogNormal, Poisson, StandardNormal, StudentT};

const DAY: usize = 86_400;

/// A simulated metric: its law in control, and how a host monitor would be set for it.
struct Family {
    name: &'static str,
    law: Law,
    direction: Sides,
    transform: Transform,
    floor: f64,
}

#[derive(Clone, Copy)]
enum Law {
    /// Mean, standard deviation, lag-1 autocorrelation.
    Normal(f64, f64, f64),
    LogNormal(f64, f64),
    Poisson(f64),
    StudentT3(f64, f64),
    Gamma(f64, f64),
}

/// Draws from a law, one sample after the other.
struct Stream {
    law: Law,
    rng: StdRng,
    previous: f64,
}

impl Stream {
    fn new(law: Law, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let previous = rng.sample(StandardNormal);
        Self { law, rng, previous }
    }

    fn next(&mut self) -> f64 {
        match self.law {
            Law::Normal(mean, sd, phi) => {
                let noise: f64 = self.rng.sample(StandardNormal);
                self.previous = phi * self.previous + (1.0 - phi * phi).sqrt() * noise;
                mean + sd * self.previous
            }
            Law::LogNormal(mu, sigma) => LogNormal::new(mu, sigma).expect("sigma > 0").sample(&mut self.rng),
            Law::Poisson(mean) => Poisson::new(mean).expect("mean > 0").sample(&mut self.rng),
            Law::StudentT3(mean, sd) => {
                let t: f64 = StudentT::new(3.0).expect("3 > 0").sample(&mut self.rng);
                mean + sd * t / 3f64.sqrt()
            }
            Law::Gamma(shape, scale) => Gamma::new(shape, scale).expect("both > 0").sample(&mut self.rng),
        }
    }
}

fn families() -> Vec<Family> {
    let host = |name, law, transform, floor| Family { name, law, direction: Sides::Up, transform, floor };
    vec![
        host("cpu, white", Law::Normal(20.0, 5.0, 0.0), Transform::Identity, 1.0),
        host("cpu, AR .9", Law::Normal(20.0, 5.0, 0.9), Transform::Identity, 1.0),
        host("ram, AR .95", Law::Normal(55.0, 0.25, 0.95), Transform::Identity, 0.2),
        host("ram, AR .95, wide", Law::Normal(55.0, 1.0, 0.95), Transform::Identity, 0.2),
        Family {
            direction: Sides::Both,
            ..host("network, lognormal", Law::LogNormal(11.5, 0.8), Transform::Log, 0.25)
        },
        host("load, AR .98", Law::Normal(1.5, 0.3, 0.98), Transform::Identity, 0.1),
        host("socket_errors, Poisson .3", Law::Poisson(0.3), Transform::Log, 0.25),
        host("socket_errors, Poisson .02", Law::Poisson(0.02), Transform::Log, 0.25),
        host("Poisson 5", Law::Poisson(5.0), Transform::Identity, 0.0),
        host("normal, AR .5", Law::Normal(100.0, 10.0, 0.5), Transform::Identity, 0.0),
        host("normal, AR .97", Law::Normal(100.0, 10.0, 0.97), Transform::Identity, 0.0),
        host("Student t3", Law::StudentT3(100.0, 10.0), Transform::Identity, 0.0),
        host("gamma 2", Law::Gamma(2.0, 10.0), Transform::Identity, 0.0),
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

/// Drifts announced in the given number of samples.
fn alarms(family: &Family, seed: u64, samples: usize) -> usize {
    let (mut monitor, mut stream) = (monitor(family), Stream::new(family.law, seed));
    let opened = |t: usize| {
        let verdict = monitor.update(Sample::new(t as f64, stream.next()));
        verdict.event.is_some_and(|event| event.kind == Kind::Opened)
    };
    (0..samples).map(opened).filter(|opened| *opened).count()
}

/// Samples from a change at `onset` to its announcement; `change` maps time since the onset to what is added.
fn delay(
    family: &Family,
    seed: u64,
    onset: usize,
    limit: usize,
    change: impl Fn(f64) -> f64,
) -> Option<usize> {
    let (mut monitor, mut stream) = (monitor(family), Stream::new(family.law, seed));
    for t in 0..onset + limit {
        let shift = if t < onset { 0.0 } else { change((t - onset) as f64) };
        let verdict = monitor.update(Sample::new(t as f64, stream.next() + shift));
        if t >= onset && verdict.event.is_some_and(|event| event.kind == Kind::Opened) {
            return Some(t - onset + 1);
        }
    }
    None
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
    for (detector, name) in Detector::all().zip(Detector::NAMES) {
        let baseline = Baseline::Fixed(Fixed { count: 1e6, mean: 0.0, m2: 1e6, floor: 0.0 });
        let config = ChartConfig { baseline, detector, ..ChartConfig::default() };
        let mean = |shift: f64, limit: usize| {
            let lengths = (0..runs).map(|seed| {
                let mut chart = Chart::new(config).expect("valid");
                let mut stream = Stream::new(Law::Normal(shift, 1.0, 0.0), seed);
                (1..=limit).find(|_| chart.update(stream.next())).unwrap_or(limit)
            });
            lengths.sum::<usize>() as f64 / runs as f64
        };
        let in_control = mean(0.0, LONGEST);
        let arl0 =
            if in_control > 0.9 * LONGEST as f64 { "> 900,000".into() } else { format!("{in_control:.0}") };
        let delays = [0.5, 1.0, 2.0, 4.0].map(|shift| mean(shift, 100_000));
        println!(
            "{name:<34}{arl0:>10}{:>8.1}{:>8.1}{:>8.1}{:>8.1}",
            delays[0], delays[1], delays[2], delays[3]
        );
    }
}

/// Runs without an alarm end here.
const LONGEST: usize = 1_000_000;

fn main() {
    let seeds: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20);
    println!("False alarms in control ({seeds} x 3 days; {} x the first 10 minutes)", seeds * 50);
    println!("{:<34}{:>8}{:>8}{:>12}", "", "a day", "worst", "10 min, %");
    for family in families() {
        let runs: Vec<usize> = (0..seeds).map(|seed| alarms(&family, seed, 3 * DAY)).collect();
        let per_day = runs.iter().sum::<usize>() as f64 / (seeds * 3) as f64;
        let worst = *runs.iter().max().expect("at least one seed") as f64 / 3.0;
        let early = (0..seeds * 50).filter(|seed| alarms(&family, 1_000 + seed, 600) > 0).count();
        let share = 100.0 * early as f64 / (seeds * 50) as f64;
        println!("{:<34}{per_day:>8.3}{worst:>8.2}{share:>12.2}", family.name);
    }

    print_run_lengths(seeds * 10);

    println!("\nDelay in samples ({} runs)", seeds * 5);
    println!("{:<34}{:>8}{:>8}{:>8}{:>8}", "", "median", "95 %", "worst", "missed");
    for phi in [0.0, 0.5, 0.9, 0.95, 0.97] {
        for sigmas in [1.0, 2.0, 3.0, 6.0] {
            for onset in [600, 3600] {
                let family = Family {
                    name: "",
                    law: Law::Normal(100.0, 10.0, phi),
                    direction: Sides::Up,
                    transform: Transform::Identity,
                    floor: 0.0,
                };
                let label = format!("{sigmas} sigma, phi {phi}, after {onset}");
                print_delays(&label, seeds * 5, 3600, |seed| {
                    delay(&family, seed, onset, 3600, |_| sigmas * 10.0)
                });
            }
        }
    }
    for (index, wide) in [(2, ""), (3, ", wide")] {
        for rate in [0.01, 0.002, 0.001] {
            let family = &families()[index];
            let label = format!("ram leak of {rate} %/s{wide}");
            print_delays(&label, seeds * 5, 20_000, |seed| delay(family, seed, 3600, 20_000, |t| rate * t));
        }
    }
}
