//! Zstandard for what is stored in small pieces: making what it works with takes longer than the work, so that a thread
//! keeps it.

use std::{cell::RefCell, io};

use zstd::bulk::{Compressor, Decompressor};

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The bytes with a checksum, shorter the higher the level, which takes the longer.
pub(crate) fn pack(bytes: &[u8], level: i32) -> io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(compressor) => compressor,
            None => kept.insert(Compressor::new(level)?),
        };
        compressor.include_checksum(true)?;
        compressor.set_compression_level(level)?;
        compressor.compress(bytes)
    })
}

/// The bytes that were packed; an error if these are not as they were, or are more than `most`.
pub(crate) fn unpack(bytes: &[u8], most: usize) -> io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            None => kept.insert(Decompressor::new()?),
        };
        decompressor.decompress(bytes, most)
    })
}
