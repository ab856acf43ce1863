//! The wish to stop, which ends every wait at once.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Shared by those who may wish to stop and those who wait.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// A wish that SIGINT and SIGTERM make. The second time the program is ended on the spot.
    pub(crate) fn on_signals() -> anyhow::Result<Self> {
        const INTERRUPTED: i32 = 130;
        let stop = Self::default();
        let handler = stop.clone();
        ctrlc::set_handler(move || {
            if handler.is_wished() {
                std::process::exit(INTERRUPTED);
            }
            handler.wish();
        })?;
        Ok(stop)
    }

    pub(crate) fn wish(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    pub(crate) fn is_wished(&self) -> bool {
        self.wait(Duration::ZERO)
    }

    /// Waits that long, or until the wish is made; answers whether it is.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let (wished, changed) = &*self.0;
        let wished = wished.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(wished, time, |wished| !*wished);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
