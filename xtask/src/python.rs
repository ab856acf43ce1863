//! The virtual environment: made, filled and kept up to date here, so that nobody has to.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{
    process::{Tool, root, step},
    system::install,
};

const REQUIREMENTS: &str = "bindings-python/requirements-dev.txt";
/// Named in the other, and by itself what a built wheel is tested with.
pub(crate) const TEST_REQUIREMENTS: &str = "bindings-python/requirements-test.txt";

/// `.venv` with the tools of `requirements-dev.txt`.
pub(crate) struct Venv(PathBuf);

impl Venv {
    /// Makes it if it is not there, fills it if what is wanted has changed.
    pub(crate) fn with_tools() -> Result<Self> {
        let folder = root().join(".venv");
        let bin = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
        let venv = Self(folder.join(bin));
        if !venv.python().args(["-m", "pip", "--version"]).succeeds() {
            step("Virtual environment");
            make(&folder)?;
        }
        let mut wanted = String::new();
        for file in [REQUIREMENTS, TEST_REQUIREMENTS] {
            wanted += &fs::read_to_string(root().join(file)).context(file)?;
        }
        let stamp = folder.join("requirements-installed.txt");
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
            step("Python tools");
            venv.python().args(["-m", "pip", "install", "--quiet", "--upgrade", "-r", REQUIREMENTS]).run()?;
            fs::write(&stamp, wanted).context("could not note what is installed")?;
        }
        Ok(venv)
    }

    /// The same, with the package built from this tree.
    pub(crate) fn with_package() -> Result<Self> {
        let venv = Self::with_tools()?;
        step("Python package");
        let develop = ["-m", "maturin", "develop", "--release", "--locked", "--quiet"];
        // maturin takes the environment from this variable, or from a shell's activation, which there is none of.
        venv.python().args(develop).env("VIRTUAL_ENV", root().join(".venv")).run()?;
        Ok(venv)
    }

    /// The environment's interpreter.
    pub(crate) fn python(&self) -> Tool {
        Tool::new(&self.0)
    }

    /// Compares the stubs with what the built package really has.
    pub(crate) fn stubtest(&self) -> Result<()> {
        self.python().args(["-m", "mypy.stubtest", "drift_sre"]).run()
    }
}

fn make(folder: &PathBuf) -> Result<()> {
    let interpreter = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let version = "import sys; sys.exit(sys.version_info < (3, 8))";
    if !Tool::new(&interpreter).args(["-c", version]).succeeds() {
        install("Python 3.8 or newer", &["python3", "python3-venv"])?;
    }
    if !Tool::new(&interpreter).args(["-c", "import venv, ensurepip"]).succeeds() {
        install("Python's venv module", &["python3-venv"])?;
    }
    Tool::new(&interpreter).args(["-m", "venv", "--clear"]).args([folder]).run()
}
