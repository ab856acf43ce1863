//! The program `drift-sre`.

use std::process::ExitCode;

fn main() -> ExitCode {
    drift_sre_server::cli::main()
}
