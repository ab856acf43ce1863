//! How bytes are read: settings in postcard form where there are any, then choices of samples, then the payload of a
//! snapshot.

use crc::{CRC_32_ISO_HDLC, Crc};
use serde::{Serialize, de::DeserializeOwned};

/// Bytes of a snapshot before its payload, and after it.
const HEADER: usize = 4;
const CHECK: usize = 4;

/// Settings at the front, and what follows them.
pub(crate) fn settings<T: DeserializeOwned>(input: &[u8]) -> Option<(T, &[u8])> {
    postcard::take_from_bytes(input).ok()
}

/// Choices, after a byte that says how many there are, and what follows them.
pub(crate) fn choices(input: &[u8]) -> (&[u8], &[u8]) {
    let Some((count, rest)) = input.split_first() else { return (input, input) };
    rest.split_at(rest.len().min(usize::from(*count)))
}

/// A snapshot like a given one with another payload. Its checksum holds, so that only what it says can give it away.
pub(crate) fn with_payload(snapshot: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = [&snapshot[..HEADER], payload].concat();
    let check = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes);
    bytes.extend_from_slice(&check.to_le_bytes());
    bytes
}

/// The input that is read as these settings, these choices and the payload of this snapshot.
pub(crate) fn compose(settings: Option<&impl Serialize>, choices: &[u8], snapshot: &[u8]) -> Vec<u8> {
    let settings = settings.map(|settings| postcard::to_allocvec(settings).expect("settings are plain data"));
    let count = u8::try_from(choices.len()).expect("fewer than 256 choices");
    let payload = &snapshot[HEADER..snapshot.len() - CHECK];
    [&settings.unwrap_or_default(), &[count][..], choices, payload].concat()
}
