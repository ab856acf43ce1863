//! Settings of records: log lines and structured events.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::require;
use crate::{Compressor, Error};

/// Watching the records of one stream.
///
/// ```
/// use drift_sre::{Error, RecordConfig, RecordMonitor, RecordProfile};
///
/// let config = RecordConfig { window_size: 100, ..RecordProfile::Strict.config() };
/// assert!(RecordMonitor::new(config).is_ok());
/// let wrong = RecordConfig { hop_size: 0, ..RecordConfig::default() };
/// assert!(matches!(RecordMonitor::new(wrong), Err(Error::OutOfRange { field: "hop_size", .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordConfig {
    /// Records before the window that it is compared with, 10 to 10,000.
    pub baseline_size: u32,
    /// Records in the window, 1 to 1,000 and no more than in the baseline.
    pub window_size: u32,
    /// A window is judged every so many records, 1 to the window's size.
    pub hop_size: u32,
    /// Share of records that may alarm though nothing is odd, 0.0001 to 0.5.
    pub line_level: f64,
    /// Share of windows that may alarm though nothing is odd, 0.0001 to 0.5.
    #[serde(alias = "pvalue_threshold")]
    pub p_value_threshold: f64,
    /// Size-corrected compression distance from which a window's content is taken for another, 0 to 1: 0 is the usual
    /// distance of windows of this stream, 1 is that of a window which shares nothing with the baseline.
    pub ncd_threshold: f64,
    /// The same distance from which the stream has left its anchor, 0 to 1.
    pub drift_ncd_threshold: f64,
    /// What windows are compared by.
    pub compressor: Comparison,
    /// Templates that are remembered, 16 to 65,536: some 500 bytes each with all that belongs to it. The least used
    /// make room.
    pub templates: u32,
    /// Whether words by which people say that something is wrong (error, fatal, panic...) raise a record's score.
    pub severity_words: bool,
    /// The member of structured events that names their source, each of which has its own context; none if `None`.
    pub source_field: Option<String>,
    /// What is replaced by a placeholder before contents are compared.
    pub mask: MaskConfig,
    /// Names of fields, besides the built-in ones, whose values are secret. Case and `-`, `_`, `.` make no difference.
    pub secret_fields: Vec<String>,
    /// Whether numbers in structured events are compared with those of their field before.
    pub numeric_outliers: bool,
    /// How many standard deviations from its field's mean a number may lie, above 0 and at most 1,000.
    pub numeric_k_sigma: f64,
    /// Whether feedback moves the thresholds.
    pub auto_tune: bool,
}

/// Which variable parts of a record become placeholders.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaskConfig {
    /// Dates and times: `<time>`.
    pub timestamps: bool,
    /// UUIDs: `<uuid>`.
    pub uuids: bool,
    /// Runs of 32 to 128 hexadecimal digits: `<hash>`.
    pub hashes: bool,
    /// JSON web tokens: `<jwt>`.
    pub jwts: bool,
    /// IP and MAC addresses: `<address>`.
    pub addresses: bool,
    /// E-mail addresses: `<email>`.
    pub emails: bool,
    /// URLs: `<url>`.
    pub urls: bool,
    /// Paths of files: `<path>`.
    pub paths: bool,
    /// Base64 of 20 bytes and more: `<base64>`.
    pub base64: bool,
    /// Numbers: `<number>`.
    pub numbers: bool,
}

/// What windows are compared by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Matches against an index of the baseline: no compression is run. A thousandth of the cost, and the same order.
    #[default]
    Direct,
    /// DEFLATE, at most three runs a window.
    #[serde(alias = "gzip", alias = "zlab")]
    Deflate,
    /// LZ4, at most three runs a window.
    #[cfg(feature = "lz4")]
    Lz4,
    /// Zstandard, at most three runs a window.
    #[cfg(feature = "zstd")]
    Zstd,
}

/// Settings by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordProfile {
    /// Small windows, low thresholds: finds more, and more that is nothing.
    Sensitive,
    /// The default.
    #[default]
    Balanced,
    /// Large windows, high thresholds.
    Strict,
}

impl Default for RecordConfig {
    fn default() -> Self {
        Self {
            baseline_size: 400,
            window_size: 50,
            hop_size: 10,
            line_level: 0.01,
            p_value_threshold: 0.05,
            ncd_threshold: 0.3,
            drift_ncd_threshold: 0.35,
            compressor: Comparison::default(),
            templates: 4_096,
            severity_words: true,
            source_field: None,
            mask: MaskConfig::default(),
            secret_fields: Vec::new(),
            numeric_outliers: false,
            numeric_k_sigma: 3.0,
            auto_tune: false,
        }
    }
}

impl Default for MaskConfig {
    fn default() -> Self {
        Self {
            timestamps: true,
            uuids: true,
            hashes: true,
            jwts: true,
            addresses: true,
            emails: true,
            urls: true,
            paths: true,
            base64: true,
            numbers: true,
        }
    }
}

impl Comparison {
    /// The compressor that is run; `None` if none is.
    #[must_use]
    pub fn compressor(self) -> Option<Compressor> {
        match self {
            Self::Direct => None,
            Self::Deflate => Some(Compressor::Deflate),
            #[cfg(feature = "lz4")]
            Self::Lz4 => Some(Compressor::Lz4),
            #[cfg(feature = "zstd")]
            Self::Zstd => Some(Compressor::Zstd),
        }
    }
}

impl RecordProfile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Sensitive, Self::Balanced, Self::Strict];

    /// Its name, the same in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sensitive => "sensitive",
            Self::Balanced => "balanced",
            Self::Strict => "strict",
        }
    }

    /// Its settings: thresholds and sizes as Driftlock's profiles of these names have them. The share of lines that may
    /// alarm is a fifth of that of windows, so that a window of 50 is not announced by its lines alone.
    #[must_use]
    pub fn config(self) -> RecordConfig {
        let ((ncd_threshold, p_value_threshold), line_level, (baseline_size, window_size, hop_size)) =
            match self {
                Self::Sensitive => ((0.2, 0.1), 0.02, (200, 30, 10)),
                Self::Balanced => ((0.3, 0.05), 0.01, (400, 50, 10)),
                Self::Strict => ((0.45, 0.01), 0.002, (800, 100, 20)),
            };
        RecordConfig {
            baseline_size,
            window_size,
            hop_size,
            line_level,
            p_value_threshold,
            ncd_threshold,
            ..RecordConfig::default()
        }
    }
}

impl RecordConfig {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let size = f64::from;
        let (baseline, window, hop) = (size(self.baseline_size), size(self.window_size), size(self.hop_size));
        require("baseline_size", baseline, (10.0..=10_000.0).contains(&baseline), "10 to 10,000")?;
        require("window_size", window, (1.0..=1_000.0).contains(&window), "1 to 1,000")?;
        require("window_size", window, window <= baseline, "no more than baseline_size")?;
        require("hop_size", hop, (1.0..=window).contains(&hop), "1 to window_size")?;
        for (field, level) in [("line_level", self.line_level), ("p_value_threshold", self.p_value_threshold)]
        {
            require(field, level, (1e-4..=0.5).contains(&level), "0.0001 to 0.5")?;
        }
        for (field, share) in
            [("ncd_threshold", self.ncd_threshold), ("drift_ncd_threshold", self.drift_ncd_threshold)]
        {
            require(field, share, (0.0..=1.0).contains(&share), "0 to 1")?;
        }
        let templates = size(self.templates);
        require("templates", templates, (16.0..=65_536.0).contains(&templates), "16 to 65,536")?;
        let secrets = self.secret_fields.len() as f64;
        require("secret_fields", secrets, secrets <= 256.0, "at most 256 names")?;
        let k_sigma = self.numeric_k_sigma;
        require("numeric_k_sigma", k_sigma, k_sigma > 0.0 && k_sigma <= 1e3, "above 0 and at most 1,000")
    }

    /// Records before anything is judged.
    pub(crate) fn warm_up(&self) -> usize {
        self.baseline_size as usize + self.window_size as usize
    }
}
