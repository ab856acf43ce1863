//! Runs other programs from the repository's root, and says which one failed.

use std::{
    ffi::OsStr,
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// A program to be run.
pub(crate) struct Tool(Command);

impl Tool {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(root());
        Self(command)
    }

    /// The cargo that runs this.
    pub(crate) fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.0.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it in the foreground; an error if it cannot be run or fails.
    pub(crate) fn run(mut self) -> Result<()> {
        let status = self.0.status().with_context(|| format!("could not start {:?}", self.0))?;
        if status.success() { Ok(()) } else { bail!("failed ({status}): {:?}", self.0) }
    }

    /// Whether it runs and succeeds; its output is not shown.
    pub(crate) fn succeeds(mut self) -> bool {
        self.0.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// What it prints, if it can be run and succeeds; what it complains of is not shown.
    pub(crate) fn answer(mut self) -> Option<String> {
        let output = self.0.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    }

    /// Runs it with all that it says going to a file below the root.
    pub(crate) fn log_to(mut self, path: &str) -> Result<()> {
        let file = File::create(root().join(path)).with_context(|| format!("could not write {path}"))?;
        self.0.stdout(file.try_clone()?).stderr(file);
        self.run()
    }

    /// What it prints.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self
            .0
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("could not start {:?}", self.0))?;
        if !output.status.success() {
            bail!("failed ({}): {:?}", output.status, self.0);
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs it with its output going to a file below the root.
    pub(crate) fn write_to(mut self, path: &str) -> Result<()> {
        let file = File::create(root().join(path)).with_context(|| format!("could not write {path}"))?;
        self.0.stdout(file);
        self.run()
    }
}

/// Says what comes next.
pub(crate) fn step(title: &str) {
    println!("\n== {title}");
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}
