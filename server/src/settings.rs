//! Every setting of the server, in one list: its flag, its environment variable, its key in a file, its default.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// Makes the layer of settings out of one list. A flag wins over the environment, the environment over the file, the file
/// over the default. Names are those of existing deployments where there are any.
macro_rules! settings {
    ($($(#[$attr:meta])* $field:ident: $kind:ty $([$($arg:tt)*])? = $default:expr, $env:literal;)+) => {
        /// Settings as they were given: flags and environment, or a file. What is not given is `None`.
        #[derive(Clone, Debug, Default, clap::Args, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Layer {
            $(
                $(#[$attr])*
                #[arg(long, env = $env, hide_env_values = true $(, $($arg)*)?)]
                #[serde(alias = $env)]
                pub $field: Option<$kind>,
            )+
        }

        /// Every setting, with a value.
        #[derive(Clone, Debug)]
        pub struct Settings {
            $($(#[$attr])* pub $field: $kind,)+
        }

        impl Layer {
            /// What this layer gives, else what the other does, else the defaults.
            #[must_use]
            pub fn over(self, under: Self) -> Settings {
                Settings { $($field: self.$field.or(under.$field).unwrap_or_else(|| $default),)+ }
            }
        }
    };
}

settings! {
    /// Address to listen on; any but a loopback one needs an API key
    api_host: String = "127.0.0.1".into(), "API_HOST";
    /// Port to listen on; 0 takes a free one
    api_port: u16 = 8000, "API_PORT";
    /// Where observations and states are kept: sqlite or memory
    store: String = "sqlite".into(), "STORAGE_BACKEND";
    /// The database's file
    database_path: PathBuf = "drift-sre.db".into(), "DATABASE_PATH";
    /// `strict` says yes after the disk did; `unsafe` before, and loses what it accepted when power fails
    durability: String = "strict".into(), "DRIFT_SRE_DURABILITY";
    /// File with the keys that clients must send as `Authorization: Bearer KEY`, one a line
    api_key_file: Option<PathBuf> = None, "DRIFT_SRE_API_KEY_FILE";
    /// Host names under which the server may be called besides its own address, separated by commas
    allowed_hosts: String = String::new(), "DRIFT_SRE_ALLOWED_HOSTS";

    /// What judges latency and payload: `driftwatch`, `driftwatch_literal` or another preset
    preset: String = "driftwatch".into(), "DRIFT_SRE_PRESET";
    /// Samples before a service is judged
    min_samples_for_baseline: u32 = 100, "MIN_SAMPLES_FOR_BASELINE";
    /// Samples that make the baseline
    baseline_window_size: u32 = 1000, "BASELINE_WINDOW_SIZE";
    /// Hours after which a sample does not count for the baseline any more
    baseline_max_age_hours: f64 = 24.0, "BASELINE_MAX_AGE_HOURS";
    /// Samples after which the baseline is computed anew
    baseline_recalc_interval: u32 = 50, "BASELINE_RECALC_INTERVAL";
    /// Distance in standard deviations that makes a sample severe
    drift_zscore_threshold: f64 = 3.0, "DRIFT_ZSCORE_THRESHOLD";
    /// Severe samples in a row that make a drift
    drift_consecutive_threshold: u8 = 5, "DRIFT_CONSECUTIVE_THRESHOLD";
    /// Distance in standard deviations that makes a sample moderate
    drift_moderate_zscore_threshold: f64 = 2.5, "DRIFT_MODERATE_ZSCORE_THRESHOLD";
    /// Moderate samples within the window that make a drift
    drift_moderate_count: u8 = 10, "DRIFT_MODERATE_COUNT";
    /// The window for moderate samples
    drift_moderate_window: u8 = 20, "DRIFT_MODERATE_WINDOW";
    /// Samples that recovery is judged by: all of them normal with the literal preset, nine in ten else
    recovery_consecutive_normal: u8 = 50, "RECOVERY_CONSECUTIVE_NORMAL";

    /// Days that observations are kept
    telemetry_retention_days: f64 = 7.0, "TELEMETRY_RETENTION_DAYS";
    /// Days that events are kept
    drift_events_retention_days: f64 = 30.0, "DRIFT_EVENTS_RETENTION_DAYS";
    /// Longest name of a service, in characters
    max_service_id_length: usize = 64, "MAX_SERVICE_ID_LENGTH";
    /// How far a timestamp may be from the server's time
    timestamp_tolerance_hours: f64 = 1.0, "TIMESTAMP_TOLERANCE_HOURS";

    /// Most series there may be; a new one beyond is refused
    max_series: usize = 20_000, "DRIFT_SRE_MAX_SERIES";
    /// Memory for series in use; idle ones are put on disk beyond it
    resident_mib: usize = 64, "DRIFT_SRE_RESIDENT_MIB";
    /// Bytes of observations that may wait to be stored; more are refused with 503
    queue_mib: usize = 16, "DRIFT_SRE_QUEUE_MIB";
    /// Most connections at a time
    max_connections: usize = 8192, "DRIFT_SRE_MAX_CONNECTIONS";
    /// Seconds in which a request's head must have come
    header_timeout_secs: f64 = 5.0, "DRIFT_SRE_HEADER_TIMEOUT_SECS";
    /// Seconds in which a request's body must have come, unless a stream flows
    body_timeout_secs: f64 = 8.0, "DRIFT_SRE_BODY_TIMEOUT_SECS";

    /// Discord webhook that is told of drifts
    discord_webhook_url: Option<String> = None, "DISCORD_WEBHOOK_URL";
    /// Slack webhook that is told of drifts
    slack_webhook_url: Option<String> = None, "SLACK_WEBHOOK_URL";
    /// Webhook of your own that is told of drifts
    webhook_url: Option<String> = None, "WEBHOOK_URL";
    /// Secret that its messages are signed with
    webhook_secret: Option<String> = None, "WEBHOOK_SECRET";
    /// HOST or HOST:PORT that a webhook of your own may be at, separated by commas
    webhook_allow: String = String::new(), "WEBHOOK_ALLOW";
    /// Whether what is named there may be a private or loopback address
    webhook_allow_private: bool [num_args = 0..=1, require_equals = true, default_missing_value = "true"] = false, "WEBHOOK_ALLOW_PRIVATE";
    /// Whether drifts are told on the console
    alert_console: bool [num_args = 0..=1, require_equals = true, default_missing_value = "true"] = false, "ALERT_CONSOLE";
    /// Seconds after an alert in which the same series is not told again
    alert_cool_down_secs: f64 = 60.0, "ALERT_COOL_DOWN_SECS";

    /// Whether this machine is watched too
    watch_host: bool [num_args = 0..=1, require_equals = true, default_missing_value = "true"] = false, "DRIFT_SRE_WATCH_HOST";
}

impl Layer {
    /// The settings in a TOML file.
    ///
    /// # Errors
    /// Says what is wrong with the file, and where.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("could not read the settings in {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("settings in {}", path.display()))
    }
}
