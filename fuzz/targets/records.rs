//! Fuzz target: Saved record monitors, resumed under any settings, and any records.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::records::try_out(input));
