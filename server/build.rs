//! Finds the dashboard's pages. A program built without them says at `/` what is where, and nothing else is missing.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let pages = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../web-demo/dist");
    println!("cargo::rerun-if-changed={}", pages.display());
    let pages = if pages.join("server.html").exists() {
        pages.canonicalize()?
    } else {
        let none = PathBuf::from(env::var("OUT_DIR")?).join("no-dashboard");
        fs::create_dir_all(&none)?;
        none
    };
    println!("cargo::rustc-env=DRIFT_SRE_DASHBOARD={}", pages.display());
    Ok(())
}
