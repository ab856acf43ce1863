//! The commands of `drift-sre`.
