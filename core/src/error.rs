//! What can go wrong: settings that make no sense, and snapshots that cannot be read.

use core::fmt;

/// A refused setting or snapshot. `Display` names the field, the value and what was wanted.
///
/// ```
/// use drift_sre::{Baseline, Exponential, Monitor, MonitorConfig};
///
/// let baseline = Baseline::Exponential(Exponential { alpha: 2.0, ..Exponential::default() });
/// let error = Monitor::new(MonitorConfig { baseline, ..MonitorConfig::default() }).unwrap_err();
/// assert_eq!(error.code(), "out_of_range");
/// assert_eq!(error.to_string(), "alpha must be in (0, 1], got 2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A setting lies outside of what it may be.
    OutOfRange {
        /// The setting's name.
        field: &'static str,
        /// What was given.
        value: f64,
        /// What was wanted, in words.
        wanted: &'static str,
    },
    /// The bytes are no snapshot of ours, or were cut or changed on the way.
    SnapshotCorrupt,
    /// The snapshot was written by a version this one cannot read.
    SnapshotVersion {
        /// The version found.
        found: u8,
        /// The version that can be read.
        wanted: u8,
    },
    /// The snapshot is of something else: another detector, or a detector where a monitor was wanted.
    SnapshotMismatch,
    /// More records are wanted before this can be done.
    NotCalibrated {
        /// How many more.
        needed: u64,
    },
    /// No detection of this number is remembered.
    UnknownDetection {
        /// The number.
        id: u64,
    },
}

impl Error {
    /// Every code there is, in the order of the variants.
    pub const CODES: [&'static str; 6] = [
        "out_of_range",
        "snapshot_corrupt",
        "snapshot_version",
        "snapshot_mismatch",
        "not_calibrated",
        "unknown_detection",
    ];

    /// A stable name for programs; the same in every language.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutOfRange { .. } => Self::CODES[0],
            Self::SnapshotCorrupt => Self::CODES[1],
            Self::SnapshotVersion { .. } => Self::CODES[2],
            Self::SnapshotMismatch => Self::CODES[3],
            Self::NotCalibrated { .. } => Self::CODES[4],
            Self::UnknownDetection { .. } => Self::CODES[5],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { field, value, wanted } => write!(f, "{field} must be {wanted}, got {value}"),
            Self::SnapshotCorrupt => {
                f.write_str("snapshot must be whole and unchanged, got bytes that are not")
            }
            Self::SnapshotVersion { found, wanted } => {
                write!(f, "snapshot version must be {wanted}, got {found}")
            }
            Self::SnapshotMismatch => {
                f.write_str("snapshot must be of this kind of detector, got one of another kind")
            }
            Self::NotCalibrated { needed } => {
                write!(f, "the stream must be calibrated first, which takes {needed} more records")
            }
            Self::UnknownDetection { id } => write!(f, "id must be that of a remembered detection, got {id}"),
        }
    }
}

impl core::error::Error for Error {}
