//! What only the system's own packages bring.

use anyhow::{Result, bail};

use crate::process::{Tool, step};

/// Installs system packages when it is root on Debian; otherwise stops and says how.
pub(crate) fn install(what: &str, packages: &[&str]) -> Result<()> {
    let command = format!("apt-get install -y {}", packages.join(" "));
    let is_root = Tool::new("id").args(["-u"]).output().is_ok_and(|id| id.trim() == "0");
    if !is_root || !Tool::new("apt-get").args(["--version"]).succeeds() {
        bail!("{what} is missing. On Debian: sudo {command}");
    }
    step(&command);
    Tool::new("apt-get").args(["update", "-q"]).run()?;
    let noninteractive = Tool::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
    noninteractive.args(["install", "-qy"]).args(packages).run()
}
