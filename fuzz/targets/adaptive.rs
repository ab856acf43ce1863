//! Fuzz target: Saved adaptive, resumed under any settings.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::adaptive::try_out(input));
