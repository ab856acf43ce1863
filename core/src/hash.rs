//! A hash that is the same on every target, in every process and in every release.

/// FNV-1a in 64 bits: names to ids, as for [`Observation::id`](crate::Observation::id).
///
/// Two of n different names share a hash with a probability of about n^2 / 2^65, some 1e-10 for 65,536 of them. It is no
/// defence against names chosen to collide.
///
/// Source: G. Fowler, L. C. Noll, K.-P. Vo, *The FNV Non-Cryptographic Hash Algorithm* (draft-eastlake-fnv).
///
/// ```
/// use drift_sre::fnv1a;
///
/// assert_eq!(fnv1a("request 17".bytes()), fnv1a(*b"request 17"));
/// assert_ne!(fnv1a("request 17".bytes()), fnv1a("request 71".bytes()));
/// ```
#[must_use]
pub fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::fnv1a;

    #[test]
    fn published_answers() {
        let table = [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("b", 0xaf63_df4c_8601_f1a5),
            ("foobar", 0x8594_4171_f739_67e8),
        ];
        for (text, wanted) in table {
            assert_eq!(fnv1a(text.bytes()), wanted, "{text}");
        }
    }
}
