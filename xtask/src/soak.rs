//! `cargo xtask soak`: the server under every fault that `server/reliability` knows, for long.

use anyhow::{Result, bail};

use crate::{
    process::{Tool, step},
    python::Venv,
};

/// The short form, which is part of the tests. Needs a C compiler for what is loaded into the server.
pub(crate) fn short(venv: &Venv) -> Result<()> {
    step("Reliability of the server");
    if !cfg!(target_os = "linux") {
        println!("NOT TESTED: what is loaded into the server needs Linux");
        return Ok(());
    }
    run(venv, &[])
}

/// The long form, on a release build.
pub(crate) fn soak(arguments: &[String]) -> Result<()> {
    let venv = Venv::with_tools()?;
    step("Reliability of the server, the long form");
    let mut all = vec!["--soak".to_owned()];
    all.extend_from_slice(arguments);
    run(&venv, &all)
}

fn run(venv: &Venv, arguments: &[String]) -> Result<()> {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    if !Tool::new(&compiler).args(["--version"]).succeeds() {
        bail!("a C compiler is missing. On Debian: sudo apt-get install -y gcc libc6-dev");
    }
    venv.python().args(["-m", "pytest", "server/reliability"]).args(arguments).run()
}
