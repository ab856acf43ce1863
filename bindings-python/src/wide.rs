//! The fleet's batches in the widest vector instructions that the processor has.
//!
//! A wheel is built for any processor. Core promises the same bits whatever it is compiled for, so where the processor
//! has wider registers the same code runs compiled for them.

#![expect(unsafe_code, reason = "whether the processor has the instructions is only known when it runs")]

use drift_sre::{Error, Fleet};

type Alarms = Result<Vec<(usize, usize)>, Error>;

/// As [`Fleet::update_many`].
pub(crate) fn update_many(fleet: &mut Fleet, rows: &[f64]) -> Alarms {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn avx2(fleet: &mut Fleet, rows: &[f64]) -> Alarms {
            fleet.update_many(rows)
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the instructions.
            return unsafe { avx2(fleet, rows) };
        }
    }
    fleet.update_many(rows)
}
