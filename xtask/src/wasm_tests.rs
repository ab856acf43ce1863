//! Tests of the npm package as it is published: packed, installed elsewhere, then run in Node and in a browser.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    node::node,
    process::{Tool, root, step},
    system::install,
    wasm,
    wasm_toolchain::Toolchain,
};

/// Where the package is installed for the tests.
const CONSUMER: &str = "target/npm/consumer";

/// Builds, packs, installs and tests.
pub(crate) fn test() -> Result<()> {
    let tools = wasm::build()?;
    let browser = chromium()?;
    step("WebAssembly: the packed package");
    let consumer = root().join(CONSUMER);
    install_package(&consumer)?;
    tools.tool("tsc").args(["--project"]).args([consumer.join("tests")]).run()?;
    let mut files: Vec<PathBuf> = fs::read_dir(consumer.join("tests"))?
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|file| file.to_string_lossy().ends_with(".test.js"))
        .collect();
    files.sort();
    let library = if Toolchain::find()?.builds_library() { "small" } else { "as it comes" };
    let tests = node().args(["--test"]).args(files);
    tests
        .env("DRIFT_SRE_ROOT", root())
        .env("DRIFT_SRE_CHROMIUM", browser)
        .env("DRIFT_SRE_LIBRARY", library)
        .run()
}

/// Packs what was built, and installs it with the tests beside it.
pub(crate) fn install_package(consumer: &Path) -> Result<()> {
    if consumer.exists() {
        fs::remove_dir_all(consumer)?;
    }
    fs::create_dir_all(consumer.join("tests"))?;
    fs::write(consumer.join("package.json"), r#"{"private": true, "type": "module"}"#)?;
    let package = root().join(wasm::PACKAGE);
    Tool::new("npm").args(["pack", "--silent", "--pack-destination"]).args([consumer, &package]).run()?;
    let packed = consumer.join(concat!("drift-sre-", env!("CARGO_PKG_VERSION"), ".tgz"));
    Tool::new("npm")
        .args(["install", "--silent", "--offline", "--prefix"])
        .args([consumer, &packed])
        .run()?;
    for file in fs::read_dir(root().join("bindings-wasm/tests"))? {
        let file = file?.path();
        fs::copy(&file, consumer.join("tests").join(file.file_name().context("a file has a name")?))?;
    }
    Ok(())
}

/// A browser that playwright can drive.
pub(crate) fn chromium() -> Result<PathBuf> {
    let known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let named = env::var_os("DRIFT_SRE_CHROMIUM").map(PathBuf::from);
    let found = || known.iter().map(PathBuf::from).find(|path| path.exists());
    if let Some(path) = named.or_else(found) {
        return Ok(path);
    }
    install("Chromium, or its path in DRIFT_SRE_CHROMIUM,", &["chromium"])?;
    found().context("Chromium was installed, but not where it is expected")
}
