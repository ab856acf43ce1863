//! Node and npm, and the packages that lock files name: fetched here, so that nobody has to.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::{
    process::{Tool, root, step},
    system::install,
};

/// The oldest Node that all tools run on.
const OLDEST: u32 = 20;

/// A folder with a `package-lock.json`, and what it names in `node_modules`.
pub(crate) struct Node(PathBuf);

impl Node {
    /// Fetches what the lock file of a folder names, if that has changed.
    pub(crate) fn with_packages(folder: &str) -> Result<Self> {
        require_node()?;
        let folder = root().join(folder);
        let lock = folder.join("package-lock.json");
        let wanted = fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
        let stamp = folder.join("node_modules/lock-installed.json");
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
            step("Node packages");
            Tool::new("npm")
                .args(["ci", "--silent", "--ignore-scripts", "--prefix"])
                .args([&folder])
                .run()?;
            fs::write(&stamp, wanted).context("could not note what is installed")?;
        }
        Ok(Self(folder))
    }

    /// A program that one of the packages brings.
    pub(crate) fn tool(&self, name: &str) -> Tool {
        Tool::new(self.0.join("node_modules/.bin").join(name))
    }
}

/// Node itself.
pub(crate) fn node() -> Tool {
    Tool::new("node")
}

fn version() -> Option<u32> {
    let said = node().args(["--version"]).answer()?;
    said.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

fn require_node() -> Result<()> {
    if version().is_none() || !Tool::new("npm").args(["--version"]).succeeds() {
        install("Node 20 or newer with npm", &["nodejs", "npm"])?;
    }
    match version() {
        Some(found) if found >= OLDEST => Ok(()),
        found => {
            bail!("Node must be {OLDEST} or newer, got {}; https://nodejs.org has it", found.unwrap_or(0))
        }
    }
}
