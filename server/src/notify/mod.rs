//! Alerts on their way out: what is worth telling, to whom, and until it is told.
