//! Fuzz target: Saved fleets.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::fleet::try_out(input));
