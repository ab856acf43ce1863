//! Fuzz target: Settings in JSON or postcard, and what they make.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::settings::try_out(input));
