//! A server in a process of its own, that ends with the test.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;
use ureq::{Agent, http::Request};

use super::Answer;

/// What a server keeps between two runs.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Its database.
    pub(crate) fn database(&self) -> PathBuf {
        self.path("drift-sre.db")
    }

    /// What a server that must not start says.
    #[track_caller]
    pub(crate) fn refusal(&self, settings: &[(&str, &str)]) -> String {
        let output = self.command(settings).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        String::from_utf8(output.stderr).unwrap()
    }

    /// A command that serves from here, on a free port; nothing of the tester's own environment is in it.
    pub(crate) fn command(&self, settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drift-sre"));
        command.args(SERVE).env_clear().current_dir(self.0.path());
        command.env("API_PORT", "0").env("DATABASE_PATH", self.database()).envs(settings.iter().copied());
        command
    }
}

/// How the server is asked for.
const SERVE: [&str; 1] = ["serve"];
/// Longer than anything takes on a machine that does ten other things.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server at work.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    agent: Agent,
    log: PathBuf,
    home: Option<Home>,
}

impl Server {
    /// A new server with these settings, given as environment variables.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Self {
        Self::owning(Home::new(), settings)
    }

    /// A server whose home ends with it.
    pub(crate) fn owning(home: Home, settings: &[(&str, &str)]) -> Self {
        let mut server = Self::at(&home, settings);
        server.home = Some(home);
        server
    }

    /// A server that goes on where another one of this home stopped.
    pub(crate) fn at(home: &Home, settings: &[(&str, &str)]) -> Self {
        let log = home.path("log");
        let stderr = File::options().create(true).append(true).open(&log).unwrap();
        let mut command = home.command(settings);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (send, first_line) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = send.send(line);
        });
        let line = first_line.recv_timeout(PATIENCE).unwrap_or_default();
        let Some(address) = line.trim().split_once("is ready: http://").and_then(|(_, at)| at.parse().ok())
        else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the server did not start: {line}{}", std::fs::read_to_string(&log).unwrap());
        };
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None);
        let config = config.allow_non_standard_methods(true).timeout_global(Some(PATIENCE)).build();
        Self { child, address, agent: config.into(), log, home: None }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], "")
    }

    /// Posts JSON.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &[("content-type", "application/json")], body.to_string())
    }

    /// Any request.
    pub(crate) fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.into();
        let answer = if body.is_empty() && method != "POST" {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        let (parts, body) = answer.expect("an answer").into_parts();
        let mut bytes = vec![];
        body.into_reader().read_to_end(&mut bytes).expect("a whole body");
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: bytes }
    }

    /// Tells it to stop, and waits until it has; the lines it logged.
    pub(crate) fn stop(mut self) -> Vec<String> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        let status = self.child.wait().unwrap();
        let log = std::fs::read_to_string(&self.log).unwrap();
        assert!(status.success(), "{status}: {log}");
        log.lines().map(ToOwned::to_owned).collect()
    }

    /// Ends it without a word.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
