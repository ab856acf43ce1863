//! `cargo xtask`: builds, tests, checks and runs this repository on a machine that has Rust, Python and Node.

#![expect(clippy::print_stdout, reason = "a command says what it does")]

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    process::{Tool, step},
    python::Venv,
};

mod bench;
mod demo;
mod dist;
mod hostile;
mod node;
mod process;
mod python;
mod soak;
mod system;
mod tidy;
mod wasm;
mod wasm_tests;
mod wasm_toolchain;

const HELP: &str = "\
cargo xtask <command>

  run [ARGS]   build the server with its dashboard and watch this machine; ARGS go to `drift-sre serve`
  test         every test: Rust, documentation, WebAssembly, Python, the README's own examples, the pages in a browser
  check        format, lints, documentation, no_std, stubs, types, licences, tidiness
  fix          format and mend what tools can mend
  bench [PART] speed, instructions, endurance and detection quality, beside peers; into target/bench/report.md
  demo         the dashboard in the browser, built and served to this machine
  wasm [test]  the npm package, into target/npm/drift-sre, and the sizes of what it loads; its tests
  dist [PY..]  the wheels and the source distribution, tested on every Python that is found, or on those named: 3.8 3.13
  fuzz [SECS]  every fuzz target for so many seconds, 60 if not told
  miri         the core's tests, in few cases, watched for undefined behaviour
  soak [ARGS]  the server under power cuts, kills, floods, full disks and bad receivers, for long; ARGS go to pytest
  vectors      write the shared test vectors and the fuzzer's seeds again
  tidy         the repository's own rules: layers, first lines, folders";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let outcome = match command.as_str() {
        "run" => run(&rest),
        "test" => test(),
        "check" => check(),
        "fix" => fix(),
        "bench" => bench::bench(&rest),
        "demo" => demo::demo(&rest),
        "wasm" => match rest.first().map(String::as_str) {
            Some("test") => wasm_tests::test(),
            _ => wasm::build().map(drop),
        },
        "dist" => dist::dist(&rest),
        "fuzz" => hostile::fuzz(&rest),
        "miri" => hostile::miri(),
        "soak" => soak::soak(&rest),
        "vectors" => vectors(),
        "tidy" => tidy::check(),
        _ => {
            println!("{HELP}");
            return if matches!(command.as_str(), "" | "help" | "--help" | "-h") {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            };
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    demo::build()?;
    step("The server, watching this machine");
    let serve = ["run", "--release", "--locked", "-p", "drift-sre-server", "--", "serve", "--watch-host"];
    // A line for each request of the dashboard is not what one wants to see first.
    Tool::cargo().args(serve).args(arguments).env("DRIFT_SRE_LOG", "warn").run()
}

fn test() -> Result<()> {
    // The pages are made of the package, and the server holds the pages.
    wasm_tests::test()?;
    demo::test()?;
    step("Rust");
    Tool::cargo().args(["test", "--workspace", "--locked"]).run()?;
    demo::test_served()?;
    step("Python");
    let venv = Venv::with_package()?;
    venv.python().args(["-m", "pytest"]).run()?;
    soak::short(&venv)?;
    step("Stubs");
    venv.stubtest()?;
    step("The server beside its OpenAPI document");
    venv.python().args(["-m", "pytest", "server/contract"]).run()
}

fn check() -> Result<()> {
    step("Format");
    Tool::cargo().args(["fmt", "--all", "--check"]).run()?;
    step("Tidiness");
    tidy::check()?;
    step("Clippy");
    Tool::cargo()
        .args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
        .run()?;
    step("Documentation");
    Tool::cargo()
        .args(["doc", "--workspace", "--no-deps", "--locked"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    step("Core without std");
    let manifest = ["--manifest-path", "core/no_std/Cargo.toml", "--target-dir", "target/no_std"];
    Tool::cargo().args(["build", "--release"]).args(manifest).run()?;
    step("Python: lints, types, stubs");
    let venv = Venv::with_package()?;
    venv.python().args(["-m", "ruff", "check"]).run()?;
    venv.python().args(["-m", "ruff", "format", "--check"]).run()?;
    venv.python().args(["-m", "mypy"]).run()?;
    venv.stubtest()?;
    step("Pages: types, format");
    demo::check()?;
    step("Licences and sources");
    if Tool::cargo().args(["deny", "--version"]).succeeds() {
        Tool::cargo().args(["deny", "--offline", "check", "bans", "licenses", "sources"]).run()
    } else {
        println!(
            "NOT CHECKED: cargo-deny is not installed; `cargo install --locked cargo-deny` makes this step run"
        );
        Ok(())
    }
}

fn fix() -> Result<()> {
    Tool::cargo().args(["fmt", "--all"]).run()?;
    Tool::cargo()
        .args(["clippy", "--workspace", "--all-targets", "--fix", "--allow-dirty", "--allow-staged"])
        .run()?;
    let venv = Venv::with_tools()?;
    venv.python().args(["-m", "ruff", "check", "--fix"]).run()?;
    venv.python().args(["-m", "ruff", "format"]).run()?;
    demo::fix()
}

fn vectors() -> Result<()> {
    let venv = Venv::with_tools()?;
    for oracle in ["page_hinkley", "driftwatch", "degradation", "pipeline", "windows"] {
        let path = format!("vectors/reference/{oracle}");
        venv.python().args([format!("{path}.py")]).write_to(&format!("{path}.json"))?;
    }
    for (example, vectors) in [
        ("pin", "series"),
        ("pin_scenario", "scenario"),
        ("pin_adaptive", "adaptive"),
        ("pin_records", "records"),
    ] {
        let pin = ["run", "--quiet", "-p", "drift-sre", "--example", example];
        Tool::cargo().args(pin).write_to(&format!("vectors/pinned/{vectors}.json"))?;
    }
    Tool::cargo().args(["run", "--quiet", "-p", "fuzz", "--example", "seeds"]).run()?;
    Tool::new("git").args(["diff", "--stat", "--", "vectors", "fuzz/corpus"]).run()
}
