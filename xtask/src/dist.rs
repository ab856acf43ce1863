//! What is published: wheels of the package and of the server for Linux of almost any age, and a source distribution,
//! tried on every Python there is.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{Tool, root, step},
    python::{TEST_REQUIREMENTS, Venv},
};

const FOLDER: &str = "target/dist";
const SERVER: &str = "server/Cargo.toml";
/// An interpreter's version, with a `t` if it is free-threaded, and where it lies.
const WHO: &str = "import sys, sysconfig; print('%d.%d' % sys.version_info[:2] + \
                   ('t' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''), sys.executable)";

/// Builds, then installs and tests on each interpreter; of `versions` alone if there are any, as in `3.8 3.13`.
pub(crate) fn dist(versions: &[String]) -> Result<()> {
    let venv = Venv::with_tools()?;
    // The linker of the machine would bind the wheel to its own C library.
    venv.python().args(["-m", "pip", "install", "--quiet", "ziglang"]).run()?;
    if root().join(FOLDER).exists() {
        fs::remove_dir_all(root().join(FOLDER)).context(FOLDER)?;
    }
    let interpreters = interpreters();
    let found: Vec<&str> = interpreters.keys().map(String::as_str).collect();
    if let Some(missing) = versions.iter().find(|version| !interpreters.contains_key(*version)) {
        bail!("there is no Python {missing}; found: {}", found.join(" "));
    }
    step("Source distribution");
    venv.python().args(["-m", "maturin", "sdist", "--out", FOLDER]).run()?;
    step("Wheels");
    let build = ["-m", "maturin", "build", "--release", "--locked", "--out", FOLDER];
    let linux: &[&str] =
        if cfg!(target_os = "linux") { &["--zig", "--compatibility", "manylinux2014"] } else { &[] };
    // Zig was installed for this Python, whatever `python3` there is besides.
    let python = root().join(".venv/bin/python");
    for of in [&[] as &[&str], &["--manifest-path", SERVER]] {
        let wheel = venv.python().args(build).args(linux).args(of);
        wheel.env("CARGO_ZIGBUILD_PYTHON_PATH", &python).run()?;
    }
    step("Wheel from the source distribution");
    // It holds fewer crates than the tree: what is missing there is missed here.
    let wheel = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", "target/dist-from-source"];
    venv.python().args(wheel).args([made("drift_sre-", ".tar.gz")?]).run()?;
    try_server(&venv)?;
    for (version, interpreter) in &interpreters {
        if versions.is_empty() || versions.contains(version) {
            try_on(version, interpreter)?;
        }
    }
    step("Made and tried");
    for file in files()? {
        println!("{}", file.display());
    }
    Ok(())
}

/// Installs the package with its server where nothing else is, as its users do, and asks the program who it is.
fn try_server(venv: &Venv) -> Result<()> {
    step("Server");
    let folder = root().join("target/dist-venv/server");
    venv.python().args(["-m", "venv", "--clear"]).args([&folder]).run()?;
    let bin = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let wheel = format!("{}[server]", made("drift_sre-", ".whl")?.display());
    let install = ["-m", "pip", "install", "--quiet", "--find-links", FOLDER, &wheel];
    Tool::new(bin.join("python")).args(install).run()?;
    let answer = Tool::new(bin.join("drift-sre")).args(["--version"]).output()?;
    let version = env!("CARGO_PKG_VERSION");
    if answer.trim() != format!("drift-sre {version}") {
        bail!("drift-sre --version must answer drift-sre {version}, got {answer}");
    }
    Ok(())
}

/// Installs the wheel where nothing else is, and runs the package's tests against it.
fn try_on(version: &str, interpreter: &Path) -> Result<()> {
    step(&format!("Python {version}"));
    let folder = root().join("target/dist-venv").join(version);
    Tool::new(interpreter).args(["-m", "venv", "--clear"]).args([&folder]).run()?;
    let bin = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let python = || Tool::new(folder.join(bin));
    if version.ends_with('t') {
        // The stable ABI is not theirs yet, so that they build from source.
        python().args(["-m", "pip", "install", "--quiet"]).args([made("drift_sre-", ".tar.gz")?]).run()?;
        return python().args(["-W", "error", "-c", FREE_THREADED]).run();
    }
    python().args(["-m", "pip", "install", "--quiet", "-r", TEST_REQUIREMENTS]).run()?;
    python().args(["-m", "pip", "install", "--quiet"]).args([made("drift_sre-", ".whl")?]).run()?;
    python().args(["-m", "pytest", "-q", "bindings-python/tests"]).run()
}

const FREE_THREADED: &str = "import sys, threading, drift_sre
assert not sys._is_gil_enabled(), 'importing drift_sre brought the GIL back'
monitor = drift_sre.DriftMonitor(metrics=['cpu'], interval=0.001)
monitor.start()
def use():
    for step in range(20_000): monitor.record('x', 0.001); monitor.observe({'cpu': step % 7.0}); monitor.stats()
threads = [threading.Thread(target=use) for _ in range(16)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
monitor.stop()
assert monitor.status()['cpu'].samples >= 16 * 20_000 and not monitor.stats()['internal_errors']";

fn files() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(root().join(FOLDER)).context(FOLDER)?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    Ok(files)
}

fn made(name: &str, ending: &str) -> Result<PathBuf> {
    let is_it = |file: &str| file.starts_with(name) && file.ends_with(ending);
    let found =
        files()?.into_iter().find(|file| file.file_name().is_some_and(|it| is_it(&it.to_string_lossy())));
    found.with_context(|| format!("maturin made no {name}*{ending}"))
}

/// One interpreter of each version from 3.8 on: on the path, and where pyenv and uv keep theirs.
fn interpreters() -> BTreeMap<String, PathBuf> {
    let mut candidates: Vec<PathBuf> = (8..20)
        .flat_map(|minor| [format!("python3.{minor}"), format!("python3.{minor}t")])
        .map(PathBuf::from)
        .collect();
    candidates.push("python3".into());
    let home = PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let pyenv = env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    for folder in [pyenv.join("versions"), home.join(".local/share/uv/python")] {
        let entries = fs::read_dir(folder).into_iter().flatten();
        candidates.extend(entries.filter_map(|entry| Some(entry.ok()?.path().join("bin/python"))));
    }
    let mut found = BTreeMap::new();
    for candidate in candidates {
        // What cannot be run is no candidate; a shim of pyenv may be there and refuse.
        let asked = Tool::new(&candidate).args(["-c", WHO]).answer();
        if let Some((version, path)) = asked.as_deref().and_then(|answer| answer.trim().split_once(' ')) {
            let minor: u32 =
                version.trim_end_matches('t').strip_prefix("3.").map_or(0, |it| it.parse().unwrap_or(0));
            if minor >= 8 {
                found.entry(version.to_owned()).or_insert_with(|| PathBuf::from(path));
            }
        }
    }
    found
}
