//! The program `drift-sre`.

use clap::Parser;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    serve: drift_sre_server::cli::serve::Serve,
}

fn main() -> anyhow::Result<()> {
    drift_sre_server::cli::serve::run(Cli::parse().serve)
}
