//! The pages of `web-demo/`: built, served, tested, checked and measured.

use anyhow::Result;

use crate::{
    node::Node,
    process::{Tool, step},
    wasm,
    wasm_tests::chromium,
};

const FOLDER: &str = "web-demo";

/// Builds the pages and serves them to this machine until it is interrupted.
pub(crate) fn demo(arguments: &[String]) -> Result<()> {
    let node = build()?;
    step("The address of the demo");
    node.tool("vite").args(["preview", FOLDER, "--host", "127.0.0.1"]).args(arguments).run()
}

/// Opens the pages in a browser and uses them. They are made of the package that was built last: its tests come first.
pub(crate) fn test() -> Result<()> {
    let node = pages()?;
    step("Pages in a browser");
    play(&node, "pages")?.run()
}

/// Opens the dashboard that the server brings, over data of its own. The server is built by then.
pub(crate) fn test_served() -> Result<()> {
    step("The server's dashboard in a browser");
    play(&Node::with_packages(FOLDER)?, "server")?.run()
}

/// Types and format. The types are in part the package's own, so that is built first.
pub(crate) fn check() -> Result<()> {
    wasm::build()?;
    let node = Node::with_packages(FOLDER)?;
    node.tool("tsc").args(["--noEmit", "--project", FOLDER]).run()?;
    prettier(&node, "--check")
}

pub(crate) fn fix() -> Result<()> {
    prettier(&Node::with_packages(FOLDER)?, "--write")
}

/// How soon the demo can be used, and what a frame of it costs.
pub(crate) fn bench() -> Result<String> {
    play(&build()?, "bench")?.output()
}

/// Builds the package and the pages made of it, which the server holds too.
pub(crate) fn build() -> Result<Node> {
    wasm::build()?;
    pages()
}

fn pages() -> Result<Node> {
    let node = Node::with_packages(FOLDER)?;
    step("Pages");
    node.tool("vite").args(["build", FOLDER, "--logLevel", "warn"]).run()?;
    Ok(node)
}

fn play(node: &Node, project: &str) -> Result<Tool> {
    let config = format!("{FOLDER}/playwright.config.ts");
    let tests = node.tool("playwright").env("DRIFT_SRE_CHROMIUM", chromium()?);
    Ok(tests.args(["test", "--config", &config, &format!("--project={project}")]))
}

fn prettier(node: &Node, what: &str) -> Result<()> {
    let ignored = format!("{FOLDER}/.prettierignore");
    node.tool("prettier").args([what, "--log-level", "warn", "--ignore-path", &ignored, FOLDER]).run()
}
