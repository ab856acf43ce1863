//! The two clocks of delivery: one that agrees with other machines, and one that never goes back.

use std::time::{Instant, SystemTime};

/// What time it is.
pub trait Clock: Send + Sync {
    /// Milliseconds since the epoch. May jump.
    fn wall_ms(&self) -> i64;

    /// Milliseconds since some moment. Never goes back.
    fn steady_ms(&self) -> u64;
}

/// The system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn wall_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn steady_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
