//! Fuzz target: Saved charts.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::chart::try_out(input));
