//! Settings, checked once: what the parts of the server are made from.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use drift_sre::{
    Baseline, Decision, Detector, Exit, Monitor, MonitorConfig, PageHinkley, Preset, Rolling, Rules, RunRule,
    Scale, Sides, Transform, ZScore,
};

use crate::{access::Access, settings::Settings};

/// Everything the server needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens.
    pub address: SocketAddr,
    /// Who may call.
    pub access: Access,
    /// Where it keeps what it was told.
    pub storage: Storage,
    /// What judges latency and payload.
    pub telemetry: MonitorConfig,
    /// What it takes.
    pub limits: Limits,
    /// How long it keeps what it was told.
    pub retention: Retention,
    /// After an alert the same series is not told again for so long.
    pub cool_down: Duration,
}

/// Where observations and states are kept.
#[derive(Clone, Debug)]
pub enum Storage {
    /// Nowhere: a restart begins anew.
    Memory,
    /// In an `SQLite` database.
    Sqlite {
        /// Its file.
        path: PathBuf,
        /// Whether a yes waits for the disk.
        durable: bool,
    },
}

/// What is taken, and how much of it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Characters of a service's or metric's name.
    pub name_length: usize,
    /// Milliseconds that a timestamp may be off.
    pub tolerance_ms: i64,
    /// Series there may be.
    pub series: usize,
    /// Bytes of series in memory.
    pub resident_bytes: usize,
    /// Bytes that may wait to be stored.
    pub queue_bytes: usize,
    /// Connections at a time.
    pub connections: usize,
    /// For a request's head.
    pub header_timeout: Duration,
    /// For a request's body.
    pub body_timeout: Duration,
}

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Observations, in milliseconds.
    pub telemetry_ms: i64,
    /// Events, in milliseconds.
    pub events_ms: i64,
}

impl Config {
    /// Checks settings.
    ///
    /// # Errors
    /// Names the setting, its value and what was wanted.
    pub fn new(settings: &Settings, api_key: Option<&str>) -> Result<Self> {
        let ip: IpAddr = match settings.api_host.as_str() {
            "localhost" => [127, 0, 0, 1].into(),
            host => host.parse().with_context(|| format!("api_host must be an IP address, got '{host}'"))?,
        };
        let address = SocketAddr::new(ip, settings.api_port);
        let access = Access::new(settings, api_key)?;
        ensure!(
            ip.is_loopback() || access.wants_key(),
            "api_host must be a loopback address unless there is an API key, got {ip}; set DRIFT_SRE_API_KEY or \
             DRIFT_SRE_API_KEY_FILE to serve other machines"
        );
        Ok(Self {
            address,
            access,
            storage: storage(settings)?,
            telemetry: telemetry(settings)?,
            limits: limits(settings)?,
            retention: Retention {
                telemetry_ms: millis(
                    "telemetry_retention_days",
                    settings.telemetry_retention_days,
                    86_400.0,
                )?,
                events_ms: millis(
                    "drift_events_retention_days",
                    settings.drift_events_retention_days,
                    86_400.0,
                )?,
            },
            cool_down: seconds("alert_cool_down_secs", settings.alert_cool_down_secs)?,
        })
    }
}

fn storage(settings: &Settings) -> Result<Storage> {
    let durable = match settings.durability.as_str() {
        "strict" => true,
        "unsafe" => false,
        other => bail!("durability must be strict or unsafe, got '{other}'"),
    };
    match settings.store.as_str() {
        "sqlite" => Ok(Storage::Sqlite { path: settings.database_path.clone(), durable }),
        "memory" => Ok(Storage::Memory),
        other => bail!("store must be sqlite or memory, got '{other}'"),
    }
}

fn limits(settings: &Settings) -> Result<Limits> {
    let Settings {
        max_service_id_length: name_length,
        max_series,
        resident_mib,
        queue_mib,
        max_connections,
        ..
    } = *settings;
    within("max_service_id_length", name_length, 1, 256)?;
    within("max_series", max_series, 2, 10_000_000)?;
    within("resident_mib", resident_mib, 1, 1 << 20)?;
    within("queue_mib", queue_mib, 1, 1 << 14)?;
    within("max_connections", max_connections, 1, 1 << 20)?;
    Ok(Limits {
        name_length,
        tolerance_ms: millis("timestamp_tolerance_hours", settings.timestamp_tolerance_hours, 3600.0)?,
        series: max_series,
        resident_bytes: resident_mib << 20,
        queue_bytes: queue_mib << 20,
        connections: max_connections,
        header_timeout: seconds("header_timeout_secs", settings.header_timeout_secs)?,
        body_timeout: seconds("body_timeout_secs", settings.body_timeout_secs)?,
    })
}

fn within(field: &str, value: usize, least: usize, most: usize) -> Result<()> {
    ensure!((least..=most).contains(&value), "{field} must be {least} to {most}, got {value}");
    Ok(())
}

fn seconds(field: &str, value: f64) -> Result<Duration> {
    ensure!((0.001..=1e7).contains(&value), "{field} must be 0.001 to 10,000,000 seconds, got {value}");
    Ok(Duration::from_secs_f64(value))
}

fn millis(field: &str, value: f64, unit_secs: f64) -> Result<i64> {
    ensure!((1e-4..=36_500.0).contains(&value), "{field} must be 0.0001 to 36,500, got {value}");
    #[expect(clippy::cast_possible_truncation, reason = "a few thousand years at most")]
    Ok((value * unit_secs * 1000.0) as i64)
}

/// The monitor of latency and payload: the preset's, with the numbers that the settings give.
fn telemetry(settings: &Settings) -> Result<MonitorConfig> {
    let name = settings.preset.as_str();
    let names = Preset::ALL.map(Preset::name).join(", ");
    let preset =
        Preset::named(name).with_context(|| format!("preset must be one of {names}, got '{name}'"))?;
    let mut config = preset.config();
    let literal = preset == Preset::DriftwatchLiteral;
    if literal || preset == Preset::Driftwatch {
        let Baseline::Rolling(rolling) = config.baseline else {
            bail!("preset {name} has no rolling baseline")
        };
        config.baseline = Baseline::Rolling(Rolling {
            size: settings.baseline_window_size,
            max_age_secs: rolling.max_age_secs.map(|_| settings.baseline_max_age_hours * 3600.0),
            refresh_every: settings.baseline_recalc_interval,
            min_samples: settings.min_samples_for_baseline,
            ..rolling
        });
        let severe = settings.drift_zscore_threshold;
        config.detector = Detector::ZScore(ZScore { threshold: severe, ..ZScore::default() });
        config.decision = rules(settings, config.decision, literal).context("drift rules")?;
    }
    Monitor::new(config).with_context(|| format!("settings of preset {name}"))?;
    Ok(config)
}

fn rules(settings: &Settings, decision: Decision, literal: bool) -> Result<Decision> {
    let severe = settings.drift_zscore_threshold;
    let row = settings.drift_consecutive_threshold;
    let moderate = settings.drift_moderate_zscore_threshold;
    let enter = [
        RunRule { hits: row, window: row, level: 1.0 },
        RunRule {
            hits: settings.drift_moderate_count,
            window: settings.drift_moderate_window,
            level: moderate / severe,
        },
    ];
    let window = settings.recovery_consecutive_normal;
    // Even a series in control has 50 of 50 within two deviations one time in ten only.
    let hits = if literal { window } else { window - window / 10 };
    let exit = Exit::Within(RunRule { hits, window, level: 2.0 / severe });
    Ok(Decision { enter: Some(Rules::new(&enter)?), exit: Some(exit), ..decision })
}

/// The monitor of a metric that a client describes.
#[must_use]
pub fn gauge(direction: Sides, transform: Transform, floor: f64) -> MonitorConfig {
    let mut config = Preset::DriftSre.config();
    config.transform = transform;
    if let Baseline::Exponential(baseline) = &mut config.baseline {
        baseline.scale = Scale::Auto { floor };
    }
    config.detector = Detector::PageHinkley(PageHinkley {
        direction,
        ..match config.detector {
            Detector::PageHinkley(detector) => detector,
            _ => PageHinkley::default(),
        }
    });
    // A host that falls silent cannot be judged, and a day of something new is normal.
    config.decision.idle_secs = Some(60.0);
    config.decision.adopt_secs = Some(86_400.0);
    config
}
