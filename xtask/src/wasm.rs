//! The npm package: two WebAssembly modules, the glue between them and JavaScript, and the classes in TypeScript.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    node::Node,
    process::{Tool, root, step},
    wasm_toolchain::{TARGET, Toolchain},
};

const SOURCES: &str = "bindings-wasm";
/// What the glue and the schema become before TypeScript takes them.
const GENERATED: &str = "bindings-wasm/js/generated";
pub(crate) const PACKAGE: &str = "target/npm/drift-sre";

/// A module of the package: the crate's feature, the file's name, compiler flags.
const MODULES: [(&str, &str, &str); 2] =
    [("series", "series", ""), ("series", "series-simd", "-C target-feature=+simd128")];

/// Builds the package; where it lies.
pub(crate) fn build() -> Result<PathBuf> {
    let node = Node::with_packages(SOURCES)?;
    let toolchain = Toolchain::find()?;
    let package = root().join(PACKAGE);
    for folder in [&package, &root().join(GENERATED)] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    for (feature, name, flags) in MODULES {
        step(&format!("WebAssembly: {name}"));
        let compiled = compile(&toolchain, feature, flags)?;
        let bound = bind(&compiled, feature)?;
        shrink(&node, &bound, &package.join(format!("{name}.wasm")))?;
    }
    step("Types and classes");
    let schema = ["run", "--quiet", "--locked", "-p", "drift-sre-wasm", "--example", "schema"];
    Tool::cargo().args(schema).write_to(&format!("{GENERATED}/schema.ts"))?;
    node.tool("tsc").args(["--project", SOURCES]).run()?;
    for file in fs::read_dir(root().join(GENERATED))? {
        let file = file?.path();
        // What TypeScript does not write itself.
        if file.extension().is_some_and(|extension| extension == "js") {
            fs::copy(&file, package.join("generated").join(file.file_name().context("a file has a name")?))?;
        }
    }
    for (from, to) in [("bindings-wasm/README.md", "README.md"), ("LICENSE", "LICENSE")] {
        fs::copy(root().join(from), package.join(to)).with_context(|| from.to_owned())?;
    }
    let manifest = fs::read_to_string(root().join("bindings-wasm/js/package.json"))?;
    fs::write(package.join("package.json"), manifest.replace("0.0.0", env!("CARGO_PKG_VERSION")))?;
    Tool::new("node").args(["bindings-wasm/sizes.js"]).args([&package]).run()?;
    Ok(package)
}

fn compile(toolchain: &Toolchain, feature: &str, flags: &str) -> Result<PathBuf> {
    let crate_ = [
        "-p",
        "drift-sre-wasm",
        "--lib",
        "--profile",
        "wasm",
        "--no-default-features",
        "--features",
        feature,
    ];
    toolchain.build(flags).args(["--quiet"]).args(crate_).run()?;
    let built = root().join(format!("target/wasm/{TARGET}/wasm/drift_sre_wasm.wasm"));
    // The glue names the module it belongs to.
    let named = built.with_file_name(format!("{feature}.wasm"));
    fs::copy(built, &named)?;
    Ok(named)
}

/// Writes the glue of a module, and the module that goes with it.
fn bind(compiled: &Path, feature: &str) -> Result<PathBuf> {
    let folder = root().join("target/wasm/bound");
    Bindgen::new().input_path(compiled).bundler(true)?.typescript(true).generate(&folder)?;
    let glue = format!("{feature}_bg.js");
    let generated = root().join(GENERATED);
    let text = fs::read_to_string(folder.join(&glue))?;
    let written = generated.join(&glue);
    if written.exists() {
        let same = fs::read_to_string(&written)? == text;
        ensure!(same, "{glue} differs between the module with vector instructions and the one without");
    }
    fs::write(written, text)?;
    fs::copy(folder.join(format!("{feature}.d.ts")), generated.join(format!("{feature}_bg.d.ts")))?;
    Ok(folder.join(format!("{feature}_bg.wasm")))
}

/// What every engine has had for years; vector instructions are only in the module that is chosen where there are any.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

fn shrink(node: &Node, bound: &Path, to: &Path) -> Result<()> {
    let strip = ["--strip-debug", "--strip-producers", "--strip-target-features", "--enable-simd"];
    node.tool("wasm-opt").args(["-O3"]).args(FEATURES).args(strip).args([bound]).args(["-o"]).args([to]).run()
}
