//! Fuzz target: Saved windows, resumed under any settings.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::windows::try_out(input));
