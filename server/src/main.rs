//! The program `drift-sre`.

fn main() {}
