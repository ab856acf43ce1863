//! The adaptive detector, which saves its settings with what it learned.

use crate::corridor::corridor;

corridor!(Adaptive, |_: &[u8], saved: &[u8]| Some(drift_sre::Adaptive::from_bytes(saved)), to_bytes);

exports! {
    /// The period of the season.
    fn adaptive_period(corridor: &Corridor) -> f64 {
        corridor.inner.period().unwrap_or(f64::NAN)
    }

    /// Leaves the last alarm where events of calls are.
    fn adaptive_alarm(corridor: &mut Corridor) {
        let alarm = corridor.inner.alarm();
        corridor.tell(alarm);
    }

    /// Leaves its settings; tells how many bytes they are.
    fn adaptive_config(corridor: &Corridor, scratch: &mut Scratch) -> usize {
        scratch.tell(drift_sre::pack(*corridor.inner.config()))
    }
}
