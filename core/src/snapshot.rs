//! The versioned envelope of everything that is saved. Nothing else knows a version number.
//!
//! `D` `S`, version, kind, postcard payload, CRC-32 of all before it. Floats are stored as their bits.

use alloc::vec::Vec;

use crc::{CRC_32_ISO_HDLC, Crc};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error,
    plain::{self, Plain},
};

const MAGIC: [u8; 2] = *b"DS";
const VERSION: u8 = 1;
const HEADER: usize = 4;
const CHECK: usize = 4;
const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// What an envelope holds.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A chart: its configuration and its state.
    Chart = 1,
    /// What a monitor has learned, without its configuration.
    Monitor = 2,
    /// A fleet: the charts' configuration and their states.
    Fleet = 3,
    /// The observations that windows still need, without their configuration.
    Windows = 4,
    /// An adaptive detector: its configuration and what it has learned.
    Adaptive = 5,
    /// What a record monitor has learned, without its configuration.
    #[cfg(feature = "records")]
    RecordMonitor = 6,
    /// What a session monitor has learned, without its configuration.
    #[cfg(feature = "records")]
    SessionMonitor = 7,
}

/// Packs a value by its derived layout.
pub(crate) fn seal(kind: Kind, value: &impl Serialize) -> Vec<u8> {
    let bytes = postcard::to_extend(value, header(kind));
    close(bytes.expect("writing plain data to memory fails only where memory does"))
}

/// Unpacks a value. Hostile bytes give an error; what they decode to is for the caller to validate.
pub(crate) fn open<T: DeserializeOwned>(kind: Kind, bytes: &[u8]) -> Result<T, Error> {
    match postcard::take_from_bytes(payload(kind, bytes)?) {
        Ok((value, [])) => Ok(value),
        _ => Err(Error::SnapshotCorrupt),
    }
}

/// As [`seal`], by the walk over its fields.
pub(crate) fn pack(kind: Kind, value: &mut impl Plain) -> Vec<u8> {
    close(plain::append(header(kind), value))
}

/// As [`open`], by the walk over its fields.
pub(crate) fn unpack<T: Plain>(kind: Kind, bytes: &[u8]) -> Result<T, Error> {
    plain::unpack(payload(kind, bytes)?).ok_or(Error::SnapshotCorrupt)
}

fn header(kind: Kind) -> Vec<u8> {
    Vec::from([MAGIC[0], MAGIC[1], VERSION, kind as u8])
}

fn close(mut bytes: Vec<u8>) -> Vec<u8> {
    let check = CRC.checksum(&bytes);
    bytes.extend_from_slice(&check.to_le_bytes());
    bytes
}

/// What lies in the envelope, if it is whole and of this kind.
fn payload(kind: Kind, bytes: &[u8]) -> Result<&[u8], Error> {
    if bytes.len() < HEADER + CHECK || bytes[..2] != MAGIC {
        return Err(Error::SnapshotCorrupt);
    }
    if bytes[2] != VERSION {
        return Err(Error::SnapshotVersion { found: bytes[2], wanted: VERSION });
    }
    let (body, check) = bytes.split_at(bytes.len() - CHECK);
    if CRC.checksum(body).to_le_bytes() != check {
        return Err(Error::SnapshotCorrupt);
    }
    if body[3] != kind as u8 {
        return Err(Error::SnapshotMismatch);
    }
    Ok(&body[HEADER..])
}
