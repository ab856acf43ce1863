//! The repository's own rules, where no other tool knows them.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{Tool, root};

/// Layers from the bottom up: a crate may depend on those named before it in its row.
const LAYERS: [(&str, &[&str]); 7] = [
    ("drift-sre", &[]),
    ("drift-sre-python", &["drift-sre"]),
    ("drift-sre-wasm", &["drift-sre"]),
    ("drift-sre-server", &["drift-sre"]),
    ("benches", &["drift-sre"]),
    ("fuzz", &["drift-sre"]),
    ("xtask", &[]),
];

/// Checks them all; the error names every breach.
pub(crate) fn check() -> Result<()> {
    let files = Tool::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).output()?;
    let mut breaches = layers()?;
    breaches.extend(files.lines().filter_map(untitled));
    breaches.extend(unknown_folders(&files)?);
    if breaches.is_empty() { Ok(()) } else { bail!("not tidy:\n  {}", breaches.join("\n  ")) }
}

/// Dependencies point one way.
fn layers() -> Result<Vec<String>> {
    let metadata =
        Tool::cargo().args(["metadata", "--format-version=1", "--no-deps", "--locked"]).output()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let mut breaches = vec![];
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == name) else {
            breaches.push(format!("crate {name} has no layer in xtask/src/tidy.rs"));
            continue;
        };
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter_map(|dependency| dependency["name"].as_str()) {
            if LAYERS.iter().any(|(layer, _)| *layer == dependency) && !allowed.contains(&dependency) {
                breaches.push(format!("{name} must not depend on {dependency}"));
            }
        }
    }
    Ok(breaches)
}

/// Every source file says in its first line what lives in it.
fn untitled(file: &str) -> Option<String> {
    let title = match Path::new(file).extension()?.to_str()? {
        "rs" => "//! ",
        "py" | "pyi" => "\"\"\"",
        "ts" | "js" => "// ",
        _ => return None,
    };
    // A file that was deleted and not yet committed is listed, but not there.
    let text = fs::read_to_string(root().join(file)).ok()?;
    (!text.starts_with(title))
        .then(|| format!("{file}: the first line must say what lives here ({title}...)"))
}

/// Every top-level folder stands in the README's table.
fn unknown_folders(files: &str) -> Result<Vec<String>> {
    let readme = fs::read_to_string(root().join("README.md")).context("README.md")?;
    let mut folders: Vec<&str> = files.lines().filter_map(|file| Some(file.split_once('/')?.0)).collect();
    folders.dedup();
    let unknown = |folder: &&str| !folder.starts_with('.') && !readme.contains(&format!("`{folder}/`"));
    let breach = |folder| format!("folder {folder}/ is not in the README's table of folders");
    Ok(folders.into_iter().filter(unknown).map(breach).collect())
}
