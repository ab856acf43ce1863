//! Batches in the widest vector instructions that the processor has.
//!
//! A wheel is built for any processor. Core promises the same bits whatever it is compiled for, so where the processor
//! has wider registers the same code runs compiled for them.

#![expect(unsafe_code, reason = "whether the processor has the instructions is only known when it runs")]

use drift_sre::{Chart, Error, Fleet};

/// Defines a function that calls a method compiled for the processor it runs on.
macro_rules! wide {
    ($name:ident, $class:ident, $result:ty) => {
        pub(crate) fn $name(subject: &mut $class, values: &[f64]) -> $result {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2(subject: &mut $class, values: &[f64]) -> $result {
                    subject.update_many(values)
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has the instructions.
                    return unsafe { avx2(subject, values) };
                }
            }
            subject.update_many(values)
        }
    };
}

wide!(chart, Chart, Vec<usize>);
wide!(fleet, Fleet, Result<Vec<(usize, usize)>, Error>);
