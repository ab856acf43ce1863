//! A program without an operating system that watches a series: proof that core and all it needs do without std.

#![no_std]

use core::alloc::{GlobalAlloc, Layout};

use drift_sre::{Monitor, MonitorConfig, Sample};

struct NoMemory;

// SAFETY: it never hands out memory; a null answer is always allowed.
unsafe impl GlobalAlloc for NoMemory {
    unsafe fn alloc(&self, _layout: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }

    unsafe fn dealloc(&self, _pointer: *mut u8, _layout: Layout) {}
}

#[global_allocator]
static MEMORY: NoMemory = NoMemory;

#[panic_handler]
fn on_panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// The score of one sample, so that nothing is left out as unused.
#[unsafe(no_mangle)]
pub extern "C" fn drift_sre_score(at: f64, value: f64) -> f64 {
    let Ok(mut monitor) = Monitor::new(MonitorConfig::default()) else { return f64::NAN };
    let score = monitor.update(Sample::new(at, value)).score.map_or(0.0, |score| score.value);
    match Monitor::resume(MonitorConfig::default(), &monitor.snapshot()) {
        Ok(_) => score,
        Err(_) => f64::NAN,
    }
}
