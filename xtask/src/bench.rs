//! `cargo xtask bench [PART...] [SEEDS]`: speed, instructions, endurance and detection quality, in one report.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    demo,
    node::node,
    process::{Tool, root, step},
    python::Venv,
    system::install,
    wasm, wasm_tests,
};

/// The parts in their order, and what each is about.
const PARTS: [(&str, &str, Part); 11] = [
    ("native", "Speed, native", native),
    ("python", "Speed from Python, beside peers and goals", python),
    ("instructions", "Instructions a sample", instructions),
    ("endurance", "Endurance", endurance),
    ("quality", "Detection quality", quality),
    ("budget", "The alarm budget and its price", budget),
    ("delays", "Delays at autocorrelation", delays),
    ("page", "The demo in a browser", page),
    ("wasm", "WebAssembly, beside plain JavaScript and native code", web_assembly),
    ("server", "The server beside FastAPI, and goals", server),
    ("records", "Records: what is found, and distances beside peers", records),
];

/// The first so many are together `speed`.
const SPEED: usize = 3;

/// Measures and tells, given how many seeds simulations are to have.
type Part = fn(seeds: Option<&str>) -> Result<String>;

const REPORT: &str = "target/bench/report.md";

/// Measures the parts that are named, or all; prints each and writes the report.
pub(crate) fn bench(arguments: &[String]) -> Result<()> {
    let (numbers, names): (Vec<_>, Vec<_>) =
        arguments.iter().map(String::as_str).partition(|argument| argument.parse::<u32>().is_ok());
    let known: Vec<_> = PARTS.iter().map(|(part, ..)| *part).chain(["speed"]).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        bail!("parts are {}; got {name}", known.join(", "));
    }
    let seeds = numbers.first().copied();
    let wanted = |position: usize, part: &str| {
        names.is_empty() || names.contains(&part) || (names.contains(&"speed") && position < SPEED)
    };
    fs::create_dir_all(root().join("target/bench"))?;
    let mut report = format!("# What was measured\n\n```text\n{}```\n", machine()?);
    for (position, (part, title, measure)) in PARTS.into_iter().enumerate() {
        if wanted(position, part) {
            step(title);
            let told = measure(seeds)?;
            println!("{told}");
            write!(report, "\n## {title}\n\n```text\n{}\n```\n", told.trim_end())?;
            // Written after each part, so that a later one that fails takes nothing away.
            fs::write(root().join(REPORT), &report)?;
        }
    }
    println!("\n{REPORT} holds all of it");
    Ok(())
}

fn machine() -> Result<String> {
    let said = |program: &str, arguments: &[&str]| {
        Tool::new(program).args(arguments).output().map_or("unknown".into(), |text| text.trim().to_owned())
    };
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
    let processors = std::thread::available_parallelism().context("processors cannot be counted")?;
    let mut text = String::new();
    writeln!(text, "machine   {processors} processors, {}", cpu.trim_start_matches(['\t', ' ', ':']))?;
    writeln!(text, "load      {}", read("/proc/loadavg").trim())?;
    writeln!(text, "system    {}", said("uname", &["-srm"]))?;
    writeln!(text, "compiler  {}", said("rustc", &["--version"]))?;
    writeln!(text, "commit    {}", said("git", &["describe", "--always", "--dirty", "--abbrev=12"]))?;
    Ok(text)
}

/// Medians of criterion.
fn native(_seeds: Option<&str>) -> Result<String> {
    let folder = root().join("target/bench/criterion");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    Tool::cargo()
        .args(["bench", "--locked", "-p", "benches", "--bench", "speed", "--", "--noplot"])
        .env("CRITERION_HOME", &folder)
        .log_to("target/bench/criterion.log")?;
    let mut medians = vec![];
    for path in estimates(&folder)? {
        let json = |name: &str| -> Result<Value> {
            Ok(serde_json::from_str(&fs::read_to_string(path.join(name))?)?)
        };
        let (about, estimates) = (json("benchmark.json")?, json("estimates.json")?);
        let median =
            |of: &Value| of["median"]["point_estimate"].as_f64().context("criterion tells no median");
        let samples = about["throughput"]["Elements"].as_f64().context("criterion tells no samples")?;
        let name = about["function_id"].as_str().unwrap_or_default().to_owned();
        medians.push((median(&estimates)? / samples, name));
    }
    medians.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut table = format!("{:<44}{:>12}\n", "", "ns a sample");
    for (median, name) in medians {
        writeln!(table, "{name:<44}{median:>12.2}")?;
    }
    Ok(table)
}

/// Folders of newest results: group, function, `new`.
fn estimates(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![];
    for group in fs::read_dir(folder)? {
        let group = group?.path();
        for function in fs::read_dir(&group).into_iter().flatten() {
            let newest = function?.path().join("new");
            if newest.join("estimates.json").exists() {
                found.push(newest);
            }
        }
    }
    Ok(found)
}

fn python(_seeds: Option<&str>) -> Result<String> {
    let venv = Venv::with_package()?;
    // A peer that cannot be had is named in the table.
    for (file, alone) in [("requirements", false), ("requirements-alone", true)] {
        let file = format!("benches/{file}.txt");
        let dependencies: &[&str] = if alone { &["--no-deps"] } else { &[] };
        let install = venv.python().args(["-m", "pip", "install", "--quiet", "-r", &file]).args(dependencies);
        if let Err(error) = install.run() {
            println!("NOT INSTALLED: {file}: {error:#}");
        }
    }
    venv.python().args(["benches/compare.py"]).output()
}

/// Counted by callgrind, which no other process disturbs, over two lengths.
fn instructions(_seeds: Option<&str>) -> Result<String> {
    const SAMPLES: f64 = 4_096.0;
    if !Tool::new("valgrind").args(["--version"]).succeeds() {
        return Ok("NOT MEASURED: valgrind is not installed; on Debian: sudo apt-get install valgrind".into());
    }
    Tool::cargo()
        .args(["build", "--release", "--locked", "-p", "benches", "--target-dir", "target"])
        .run()?;
    let program = root().join("target/release/instructions");
    let counted = |name: &str, passes: &str| -> Result<f64> {
        let log = "target/bench/callgrind.log";
        Tool::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .args([program.as_os_str()])
            .args([name, passes])
            .log_to(log)?;
        let said = fs::read_to_string(root().join(log))?;
        let count = said.lines().find_map(|line| line.split_once("Collected : "));
        Ok(count.context("callgrind tells no count")?.1.trim().parse()?)
    };
    let mut table = format!("{:<44}{:>14}\n", "", "instructions");
    for name in Tool::new(&program).output()?.lines() {
        let a_sample = (counted(name, "10")? - counted(name, "2")?) / (8.0 * SAMPLES);
        writeln!(table, "{name:<44}{a_sample:>14.1}")?;
    }
    Ok(table)
}

fn endurance(_seeds: Option<&str>) -> Result<String> {
    let run =
        ["run", "--quiet", "--locked", "--profile", "endurance", "-p", "fuzz", "--example", "endurance"];
    Tool::cargo().args(run).output()
}

/// Each in turn in the same run, once with vector instructions and once without.
fn web_assembly(_seeds: Option<&str>) -> Result<String> {
    wasm::build()?;
    let consumer = root().join("target/npm/consumer");
    wasm_tests::install_package(&consumer)?;
    let build = ["build", "--quiet", "--locked", "--release", "-p", "drift-sre-wasm", "--example", "native"];
    Tool::cargo().args(build).args(["--target-dir", "target"]).run()?;
    let script = consumer.join("fleet.js");
    fs::copy(root().join("bindings-wasm/bench/fleet.js"), &script)?;
    let measure = |module: &str| {
        node().args([&script, &root().join("target/release/examples/native")]).args([module]).output()
    };
    Ok(format!("with vector instructions\n{}\nwithout\n{}", measure("simd")?, measure("plain")?))
}

fn quality(seeds: Option<&str>) -> Result<String> {
    let run = ["run", "--quiet", "--locked", "--release", "-p", "benches", "--bin", "quality", "--"];
    Tool::cargo().args(run).args(seeds).output()
}

fn budget(runs: Option<&str>) -> Result<String> {
    let run = ["run", "--quiet", "--locked", "--release", "-p", "benches", "--bin", "budget", "--"];
    Tool::cargo().args(run).args(runs).output()
}

fn delays(_seeds: Option<&str>) -> Result<String> {
    Venv::with_package()?.python().args(["benches/delays.py"]).output()
}

fn page(_seeds: Option<&str>) -> Result<String> {
    demo::bench()
}

/// Over HTTP from wrk, and what a batch and a record take.
fn server(_seeds: Option<&str>) -> Result<String> {
    // wrk has no way of being asked anything that it calls a success.
    if !Tool::new("sh").args(["-c", "command -v wrk"]).succeeds() {
        install("wrk", &["wrk"])?;
    }
    Tool::cargo()
        .args(["build", "--release", "--locked", "-p", "drift-sre-server", "--target-dir", "target"])
        .run()?;
    let venv = Venv::with_tools()?;
    venv.python().args(["-m", "pip", "install", "--quiet", "-r", "server/bench/requirements.txt"]).run()?;
    let program = root().join("target/release/drift-sre");
    venv.python().args(["server/bench/compare.py"]).args([program]).output()
}

fn records(seeds: Option<&str>) -> Result<String> {
    let run = ["run", "--quiet", "--locked", "--release", "-p", "benches", "--bin", "records", "--"];
    let found = Tool::cargo().args(run).args(seeds).output()?;
    let venv = Venv::with_package()?;
    let install = ["-m", "pip", "install", "--quiet", "-r", "benches/requirements.txt"];
    if let Err(error) = venv.python().args(install).run() {
        println!("NOT INSTALLED: {error:#}");
    }
    Ok(found + "\n" + &venv.python().args(["benches/records.py"]).output()?)
}
