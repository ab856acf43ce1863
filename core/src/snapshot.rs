//! The versioned envelope of everything that is saved. Nothing else knows a version number.
//!
//! `D` `S`, version, kind, postcard payload, CRC-32 of all before it. Floats are stored as their bits.

use alloc::vec::Vec;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error,
    plain::{self, Plain},
};

const MAGIC: [u8; 2] = *b"DS";
const VERSION: u8 = 1;
const HEADER: usize = 4;
const CHECK: usize = 4;

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
    let check = checksum(&bytes);
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
    if checksum(body).to_le_bytes() != check {
        return Err(Error::SnapshotCorrupt);
    }
    if body[3] != kind as u8 {
        return Err(Error::SnapshotMismatch);
    }
    Ok(&body[HEADER..])
}

#[cfg(not(feature = "small"))]
fn checksum(bytes: &[u8]) -> u32 {
    const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    CRC.checksum(bytes)
}

/// The same by half bytes: a table for whole ones is a kilobyte that does not compress.
#[cfg(feature = "small")]
fn checksum(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut at = 0;
        while at < 64 {
            let crc = if at < 16 { at } else { table[at as usize % 16] };
            table[at as usize % 16] = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
            at += 1;
        }
        table
    };
    let half = |crc: u32| crc >> 4 ^ TABLE[crc as usize % 16];
    !bytes.iter().fold(u32::MAX, |crc, byte| half(half(crc ^ u32::from(*byte))))
}
