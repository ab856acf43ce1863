//! A compiler for WebAssembly: rustup's where its target can be had, else Debian's, which builds core and alloc from source.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    process::{Tool, root},
    system::install,
};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The level of what is made for speed.
pub(crate) const FAST: &str = "3";

/// Debian's programs by their paths: in a search for programs rustup's come first, as they shall.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust/library";

/// Which compiler there is.
pub(crate) enum Toolchain {
    /// That of this workspace.
    Own,
    /// Debian's, with the linker that lies here.
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// Takes what there is, or fetches it.
    pub(crate) fn find() -> Result<Self> {
        if has_target() {
            return Ok(Self::Own);
        }
        let add = Tool::new("rustup").args(["target", "add", TARGET]);
        if !Path::new(DEBIAN_CARGO).exists() && add.succeeds() && has_target() {
            return Ok(Self::Own);
        }
        let is_there =
            [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_SOURCES].iter().all(|path| Path::new(path).exists());
        if !is_there {
            let what = format!("the target {TARGET}, which `rustup target add {TARGET}` could not fetch,");
            install(&what, &["rustc-web", "cargo-web", "rust-web-src"])?;
        }
        Ok(Self::Debian { linker: linker()? })
    }

    /// Whether it compiles the standard library as well, for size.
    pub(crate) fn builds_library(&self) -> bool {
        matches!(self, Self::Debian { .. })
    }

    /// A cargo that builds into a folder of its own for this target, optimised as told.
    pub(crate) fn build(&self, level: &str, flags: &str) -> Tool {
        let folder = root().join("target/wasm");
        let flags_name = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
        let build = |cargo: Tool| {
            let cargo = cargo.args(["build", "--locked", "--target", TARGET, "--target-dir"]).args([&folder]);
            cargo.env("CARGO_PROFILE_WASM_OPT_LEVEL", level)
        };
        match self {
            Self::Own => build(Tool::cargo()).env(flags_name, flags),
            Self::Debian { linker } => {
                let path = format!("/usr/bin:{}", env::var("PATH").unwrap_or_default());
                // Without it a cargo behind this one would ask rustup which toolchain is meant.
                let cargo = Tool::new(DEBIAN_CARGO).env("PATH", path).env("RUSTC", DEBIAN_RUSTC);
                // What the library is built with here is what rustup's comes without: places and words of panics are
                // left out, and shorter ways are taken where there are two.
                let size = if level == FAST { "" } else { "optimize_for_size" };
                build(cargo)
                    .args(["-Z", "build-std=core,alloc", "-Z", "panic-immediate-abort"])
                    .args([format!("-Zbuild-std-features={size}")])
                    .env(flags_name, format!("{flags} -Zlocation-detail=none"))
                    .env("CARGO_PROFILE_WASM_PANIC", "immediate-abort")
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
            }
        }
    }
}

fn rustc() -> Tool {
    Tool::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

fn has_target() -> bool {
    let folder = rustc().args(["--print", "target-libdir", "--target", TARGET]).answer();
    let mut files = folder.and_then(|folder| fs::read_dir(folder.trim()).ok()).into_iter().flatten();
    files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
}

/// Every toolchain of rustup has it; Debian's compiler has none.
fn linker() -> Result<PathBuf> {
    let sysroot = rustc().args(["--print", "sysroot"]).output()?;
    let version = rustc().args(["-vV"]).output()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let linker = Path::new(sysroot.trim()).join(format!("lib/rustlib/{host}/bin/rust-lld"));
    if linker.exists() {
        return Ok(linker);
    }
    install("a linker for WebAssembly", &["lld"])?;
    Ok("/usr/bin/wasm-ld".into())
}
