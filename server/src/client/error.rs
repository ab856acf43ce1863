//! Why a server gave no answer, and whether to ask again.

use std::{fmt, time::Duration};

/// Why there is no answer.
#[derive(Debug)]
pub enum ClientError {
    /// The server does not answer.
    Unreachable {
        /// What was asked for.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// The server says no.
    Refused {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
        /// Why, in the server's words.
        message: String,
        /// When to try again, if the server told.
        retry_after: Option<Duration>,
    },
    /// What answers is no drift-sre server.
    Unreadable {
        /// What was asked for.
        url: String,
        /// What is wrong with the answer.
        why: String,
    },
}

impl ClientError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, retry_after, .. } => {
                matches!(status, 408 | 500 | 502..=504 | 507) || (*status == 429 && retry_after.is_some())
            }
            Self::Unreadable { .. } => false,
        }
    }

    /// The HTTP status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// How long to wait before the next try, if the server told.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { url, why } => write!(f, "could not reach {url}: {why}"),
            Self::Refused { url, status, message, .. } => write!(f, "{url} answered {status}: {message}"),
            Self::Unreadable { url, why } => {
                write!(f, "{url} must be answered by a drift-sre server, got an answer that is not: {why}")
            }
        }
    }
}

impl std::error::Error for ClientError {}
