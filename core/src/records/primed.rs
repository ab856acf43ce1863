//! Exact conditional compression at a fraction of its cost: Zstandard that has read the baseline once.

use alloc::{vec, vec::Vec};

use zstd_safe::{CCtx, CDict, compress_bound};

use crate::Error;

/// Zstandard sees so much of a baseline; of a longer one the end is taken.
const SEEN: usize = 2 << 20;

const LEVEL: i32 = 3;

/// A baseline that Zstandard has read: how much of a text is new where it is known, without reading it again.
///
/// ```
/// use drift_sre::PrimedZstd;
///
/// let mut baseline = PrimedZstd::new("session opened for user root by (uid=0)\n".repeat(1_000).as_bytes())?;
/// assert!(baseline.conditional(b"session opened for user root by (uid=0)") < Some(0.5));
/// assert!(baseline.conditional(b"kernel BUG at mm/slub.c, tainted: G W") > Some(0.8));
/// # Ok::<(), drift_sre::Error>(())
/// ```
pub struct PrimedZstd {
    context: CCtx<'static>,
    dictionary: CDict<'static>,
    out: Vec<u8>,
}

impl PrimedZstd {
    /// Reads a baseline.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for an empty one.
    pub fn new(baseline: &[u8]) -> Result<Self, Error> {
        let wanted = Error::OutOfRange { field: "baseline", value: 0.0, wanted: "at least one byte" };
        let seen = &baseline[baseline.len().saturating_sub(SEEN)..];
        let dictionary = CDict::try_create(seen, LEVEL).filter(|_| !seen.is_empty()).ok_or(wanted)?;
        Ok(Self { context: CCtx::create(), dictionary, out: vec![] })
    }

    /// Bytes that a text takes where the baseline is known.
    pub fn added(&mut self, text: &[u8]) -> usize {
        self.out.resize(compress_bound(text.len()), 0);
        let length = self.context.compress_using_cdict(self.out.as_mut_slice(), text, &self.dictionary);
        // There is room for the worst case, so only memory can be wanting: nothing is saved then.
        length.unwrap_or(text.len())
    }

    /// How much of a text is new, as a share of what it takes alone, 0 to about 1; `None` of nothing.
    pub fn conditional(&mut self, text: &[u8]) -> Option<f64> {
        let added = self.added(text);
        let alone = self.context.compress(self.out.as_mut_slice(), text, LEVEL);
        (!text.is_empty()).then(|| added as f64 / alone.unwrap_or(text.len()).max(1) as f64)
    }
}
