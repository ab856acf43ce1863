//! Fuzz target: Saved monitors, resumed under any settings.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::monitor::try_out(input));
