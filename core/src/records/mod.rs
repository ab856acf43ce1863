//! Records, which are log lines or structured events: record -> template, code length -> score -> verdict.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "scores are kept in half their bits; lengths and counts are bounded far below 2^32"
)]

pub(crate) mod anchor;
pub(crate) mod compress;
pub(crate) mod content;
pub(crate) mod feedback;
pub(crate) mod fields;
mod json;
mod key;
mod line;
pub(crate) mod lz;
mod mask;
pub(crate) mod monitor;
pub(crate) mod ncd;
pub(crate) mod novelty;
#[cfg(feature = "zstd")]
pub(crate) mod primed;
mod redact;
pub(crate) mod session;
mod table;
mod templates;
pub(crate) mod verdict;
mod why;
pub(crate) mod window;
