//! The npm package: WebAssembly modules, and the classes in TypeScript that they are used by.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    node::{Node, node as node_program},
    process::{Tool, root, step},
    wasm_toolchain::{FAST, TARGET, Toolchain},
};

const SOURCES: &str = "bindings-wasm";
/// What the schema becomes before TypeScript takes it.
const GENERATED: &str = "bindings-wasm/js/generated";
pub(crate) const PACKAGE: &str = "target/npm/drift-sre";

/// A module of the package, called as the feature of the crate that it is made of.
struct Module {
    feature: &'static str,
    /// Whether core is to take little room rather than little time.
    small: bool,
    /// How it is optimised: by `z` for size alone, by `s` for size where that does not cost half of the speed.
    level: &'static str,
}

impl Module {
    fn is_fast(&self) -> bool {
        self.level == FAST
    }
}

const MODULES: [Module; 6] = [
    Module { feature: "series", small: true, level: "s" },
    Module { feature: "explain", small: true, level: "z" },
    Module { feature: "adaptive", small: false, level: "s" },
    Module { feature: "scenario", small: true, level: "z" },
    Module { feature: "fleet", small: false, level: FAST },
    Module { feature: "records", small: false, level: "s" },
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
            let compiled = compile(&toolchain, module, flags)?;
            shrink(&node, module, &compiled, &package.join(format!("{file}.wasm")))
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
    for (from, to) in [("bindings-wasm/README.md", "README.md"), ("LICENSE", "LICENSE")] {
        fs::copy(root().join(from), package.join(to)).with_context(|| from.to_owned())?;
    }
    let manifest = fs::read_to_string(root().join("bindings-wasm/js/package.json"))?;
    fs::write(package.join("package.json"), manifest.replace("0.0.0", env!("CARGO_PKG_VERSION")))?;
    node_program().args(["bindings-wasm/sizes.js"]).args([&package]).run()?;
    Ok(node)
}

/// The module as the compiler leaves it.
fn compile(toolchain: &Toolchain, module: &Module, flags: &str) -> Result<PathBuf> {
    let crate_ =
        ["-p", "drift-sre-wasm", "--lib", "--profile", "wasm", "--no-default-features", "--features"];
    let features = [
        module.feature,
        if module.small { "small" } else { "" },
        if toolchain.builds_library() { "intrinsics" } else { "" },
    ];
    // Little is inlined but what is shorter then.
    let threshold = if module.small { "-Cllvm-args=--inline-threshold=5" } else { "" };
    let flags = format!("{flags} {threshold}");
    toolchain.build(module.level, &flags).args(["--quiet"]).args(crate_).args([features.join(",")]).run()?;
    Ok(root().join(format!("target/wasm/{TARGET}/wasm/drift_sre_wasm.wasm")))
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

fn shrink(node: &Node, module: &Module, compiled: &Path, to: &Path) -> Result<()> {
    let level = if module.is_fast() { "-O4" } else { "-Oz" };
    let strip = ["--strip-debug", "--strip-producers", "--strip-target-features", "--enable-simd"];
    node.tool("wasm-opt")
        // Low memory is the far end of the stack.
        .args([level, "--converge", "--low-memory-unused"])
        .args(FEATURES)
        .args(strip)
        .args([compiled])
        .args(["-o"])
        .args([to])
        .run()
}
