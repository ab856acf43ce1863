//! The npm package: WebAssembly modules, the glue between them and JavaScript, and the classes in TypeScript.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    node::{Node, node as node_program},
    process::{Tool, root, step},
    wasm_toolchain::{FAST, TARGET, Toolchain},
};

const SOURCES: &str = "bindings-wasm";
/// What the glue and the schema become before TypeScript takes them.
const GENERATED: &str = "bindings-wasm/js/generated";
pub(crate) const PACKAGE: &str = "target/npm/drift-sre";

/// A module of the package, called as the feature of the crate that it is made of.
struct Module {
    feature: &'static str,
    /// How it is optimised: by `z` for size alone, by `s` for size where that does not cost half of the speed.
    level: &'static str,
}

impl Module {
    fn is_fast(&self) -> bool {
        self.level == FAST
    }
}

const MODULES: [Module; 6] = [
    Module { feature: "series", level: "s" },
    Module { feature: "explain", level: "z" },
    Module { feature: "adaptive", level: "s" },
    Module { feature: "scenario", level: "z" },
    Module { feature: "fleet", level: FAST },
    Module { feature: "records", level: "s" },
];

/// Builds the package and prints its sizes; answers with the tools that it took.
pub(crate) fn build() -> Result<Node> {
    let node = Node::with_packages(SOURCES)?;
    let toolchain = Toolchain::find()?;
    let package = root().join(PACKAGE);
    for folder in [&package, &root().join(GENERATED)] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    for module in &MODULES {
        let name = module.feature;
        step(&format!("WebAssembly: {name}"));
        let build = |file: &str, flags| {
            let bound = bind(&compile(&toolchain, module, flags)?, name)?;
            shrink(&node, module, &bound, &package.join(format!("{file}.wasm")))
        };
        build(name, "")?;
        if module.is_fast() {
            build(&format!("{name}-simd"), "-C target-feature=+simd128")?;
        }
    }
    step("Types and classes");
    let schema = ["run", "--quiet", "--locked", "-p", "drift-sre-wasm", "--example", "schema"];
    Tool::cargo().args(schema).write_to(&format!("{GENERATED}/schema.ts"))?;
    node.tool("tsc").args(["--project", SOURCES]).run()?;
    // What TypeScript did not write, but refers to.
    for Module { feature, .. } in &MODULES {
        for glue in [format!("{feature}_bg.js"), format!("{feature}_bg.d.ts")] {
            fs::copy(root().join(GENERATED).join(&glue), package.join("generated").join(&glue))?;
        }
    }
    for (from, to) in [("bindings-wasm/README.md", "README.md"), ("LICENSE", "LICENSE")] {
        fs::copy(root().join(from), package.join(to)).with_context(|| from.to_owned())?;
    }
    let manifest = fs::read_to_string(root().join("bindings-wasm/js/package.json"))?;
    fs::write(package.join("package.json"), manifest.replace("0.0.0", env!("CARGO_PKG_VERSION")))?;
    node_program().args(["bindings-wasm/sizes.js"]).args([&package]).run()?;
    Ok(node)
}

/// The module, by the name that its glue is to have.
fn compile(toolchain: &Toolchain, module: &Module, flags: &str) -> Result<PathBuf> {
    let crate_ =
        ["-p", "drift-sre-wasm", "--lib", "--profile", "wasm", "--no-default-features", "--features"];
    toolchain.build(module.level, flags).args(["--quiet"]).args(crate_).args([module.feature]).run()?;
    let built = root().join(format!("target/wasm/{TARGET}/wasm/drift_sre_wasm.wasm"));
    let named = built.with_file_name(format!("{}.wasm", module.feature));
    fs::copy(built, &named)?;
    Ok(named)
}

/// Writes the glue of a module, and the module that goes with it.
fn bind(compiled: &Path, name: &str) -> Result<PathBuf> {
    let folder = root().join("target/wasm/bound");
    Bindgen::new().input_path(compiled).bundler(true)?.typescript(true).generate(&folder)?;
    let glue = format!("{name}_bg.js");
    let generated = root().join(GENERATED);
    let text = fs::read_to_string(folder.join(&glue))?;
    let written = generated.join(&glue);
    if written.exists() {
        let same = fs::read_to_string(&written)? == text;
        ensure!(same, "{glue} differs between the module with vector instructions and the one without");
    }
    fs::write(written, text)?;
    fs::copy(folder.join(format!("{name}.d.ts")), generated.join(format!("{name}_bg.d.ts")))?;
    Ok(folder.join(format!("{name}_bg.wasm")))
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

fn shrink(node: &Node, module: &Module, bound: &Path, to: &Path) -> Result<()> {
    let level = if module.is_fast() { "-O4" } else { "-Oz" };
    let strip = ["--strip-debug", "--strip-producers", "--strip-target-features", "--enable-simd"];
    node.tool("wasm-opt").args([level]).args(FEATURES).args(strip).args([bound]).args(["-o"]).args([to]).run()
}
