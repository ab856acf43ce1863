//! What looks for undefined behaviour and for input that breaks a promise; both take long, so no test waits for them.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{Tool, root, step};

/// Under Miri every step is interpreted: these take minutes. Those left out read long vectors or watch long series.
const MIRI_TESTS: [&str; 4] = ["fleet", "hostile", "laws", "window"];

/// A big-endian machine, so that the bytes of snapshots are held to the same order; and one for which libm has no
/// assembly, which Miri cannot interpret.
const MIRI_MACHINE: &str = "s390x-unknown-linux-gnu";

/// Every access that the compiler cares about. The fuzzer reads it to tell whether an input led somewhere new.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Interprets the core's tests, in few and short cases.
pub(crate) fn miri() -> Result<()> {
    let nightly = || Tool::new("rustup").args(["run", "nightly", "cargo", "miri"]);
    if !nightly().args(["--version"]).succeeds() {
        bail!("Miri is missing: rustup toolchain install nightly --component miri --component rust-src");
    }
    let tests = MIRI_TESTS.iter().flat_map(|test| ["--test", test]);
    nightly()
        .args([
            "test",
            "--locked",
            "-p",
            "drift-sre",
            "--target",
            MIRI_MACHINE,
            "--target-dir",
            "target/miri",
        ])
        .args(["--lib"])
        .args(tests)
        // proptest asks for the working directory.
        .env("MIRIFLAGS", "-Zmiri-strict-provenance -Zmiri-disable-isolation")
        .env("PROPTEST_CASES", "2")
        .run()
}

/// Runs every fuzz target for some seconds; finds go to `target/fuzz`.
pub(crate) fn fuzz(arguments: &[String]) -> Result<()> {
    let secs: u32 = match arguments {
        [] => 60,
        [secs, ..] => secs.parse().with_context(|| format!("seconds for each target, got {secs}"))?,
    };
    let machine = machine()?;
    step("Fuzz targets");
    Tool::cargo()
        // A named machine keeps the flags from build scripts.
        .args(["build", "--locked", "-p", "fuzz", "--features", "libfuzzer", "--bins", "--target", &machine])
        .args(["--profile", "endurance", "--target-dir", "target/fuzz"])
        .env("RUSTFLAGS", COVERAGE)
        // With it the counters of all crates are merged before the fuzzer's pass has seen them.
        .env("CARGO_PROFILE_ENDURANCE_LTO", "off")
        .run()?;
    let mut targets: Vec<_> = fs::read_dir(root().join("fuzz/corpus"))?
        .map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    targets.sort();
    for target in targets {
        step(&format!("{target}, {secs} s"));
        run(&format!("target/fuzz/{machine}/endurance/{target}"), &target, secs)?;
    }
    Ok(())
}

fn run(program: &str, target: &str, secs: u32) -> Result<()> {
    let (learned, log) = (format!("target/fuzz/corpus/{target}"), format!("target/fuzz/{target}.log"));
    fs::create_dir_all(root().join(&learned))?;
    let outcome = Tool::new(root().join(program))
        .args([format!("-max_total_time={secs}"), format!("-artifact_prefix=target/fuzz/{target}-")])
        .args(["-max_len=4096", "-timeout=10", "-print_final_stats=1"])
        .args([learned, format!("fuzz/corpus/{target}")])
        .log_to(&log);
    let said = fs::read_to_string(root().join(&log))?;
    if let Err(error) = outcome {
        let end: Vec<_> = said.lines().rev().take(20).collect();
        let end: Vec<_> = end.into_iter().rev().collect();
        bail!(
            "{}\n\n{error:#}\n{log} says more. Keep the input as fuzz/corpus/{target}/broke-...",
            end.join("\n")
        );
    }
    for line in
        said.lines().filter(|line| line.contains(" DONE ") || line.contains("number_of_executed_units"))
    {
        println!("{}", line.trim());
    }
    Ok(())
}

/// The machine that is compiled for unless told otherwise.
fn machine() -> Result<String> {
    let version = Tool::new("rustc").args(["-vV"]).output()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}
