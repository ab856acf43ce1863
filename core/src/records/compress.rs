//! Compressors, which are asked only how short something becomes.

use alloc::boxed::Box;

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};
use serde::{Deserialize, Serialize};

/// What a distance by compression needs to know.
pub trait Compress {
    /// How far back it finds what was there before, in bytes. It is never asked about more at once.
    fn window(&self) -> usize;

    /// Bytes that this becomes.
    fn compressed_len(&mut self, bytes: &[u8]) -> usize;
}

/// The compressors there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compressor {
    /// DEFLATE at level 6; sees 32 KiB.
    #[default]
    #[serde(alias = "gzip", alias = "zlab")]
    Deflate,
    /// LZ4 block with its size before it; sees 64 KiB.
    #[cfg(feature = "lz4")]
    Lz4,
    /// Zstandard at level 3; sees 2 MiB.
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Compressor {
    /// Every compressor that this was built with.
    pub const ALL: &'static [Self] = &[
        Self::Deflate,
        #[cfg(feature = "lz4")]
        Self::Lz4,
        #[cfg(feature = "zstd")]
        Self::Zstd,
    ];

    /// Its name, the same in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deflate => "deflate",
            #[cfg(feature = "lz4")]
            Self::Lz4 => "lz4",
            #[cfg(feature = "zstd")]
            Self::Zstd => "zstd",
        }
    }
}

impl Compress for Compressor {
    fn window(&self) -> usize {
        match self {
            Self::Deflate => 32 << 10,
            #[cfg(feature = "lz4")]
            Self::Lz4 => 64 << 10,
            #[cfg(feature = "zstd")]
            Self::Zstd => 2 << 20,
        }
    }

    fn compressed_len(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Deflate => deflated(bytes),
            #[cfg(feature = "lz4")]
            Self::Lz4 => lz4_flex::block::compress_prepend_size(bytes).len(),
            #[cfg(feature = "zstd")]
            Self::Zstd => zstandard(bytes),
        }
    }
}

fn deflated(bytes: &[u8]) -> usize {
    let raw_at_level_6 = create_comp_flags_from_zip_params(6, 0, 0);
    let mut compressor = Box::new(CompressorOxide::new(raw_at_level_6));
    let mut length = 0;
    let (status, _) = compress_to_output(&mut compressor, bytes, TDEFLFlush::Finish, |out| {
        length += out.len();
        true
    });
    debug_assert_eq!(status, TDEFLStatus::Done, "the sink takes everything");
    length
}

#[cfg(feature = "zstd")]
fn zstandard(bytes: &[u8]) -> usize {
    let mut out = alloc::vec![0u8; zstd_safe::compress_bound(bytes.len())];
    // There is room for the worst case, so only memory can be wanting.
    zstd_safe::compress(out.as_mut_slice(), bytes, 3).expect("room for the worst case is enough")
}
