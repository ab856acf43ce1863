//! The monitor of one series.

use crate::corridor::corridor;

corridor!(
    Monitor,
    |config: &[u8], saved: &[u8]| Some(drift_sre::Monitor::resume(read(config)?, saved)),
    snapshot_mut
);
