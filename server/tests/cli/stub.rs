//! A server that answers as a test wishes, and the program beside it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use serde_json::{Value, json};

/// What was asked.
pub(crate) struct Request {
    /// Method and path, without the query.
    pub(crate) route: String,
    pub(crate) query: String,
    /// By names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// `null` where there is none.
    pub(crate) body: Value,
}

/// What is answered: a status, a header and JSON, or nothing but the end of the connection.
pub(crate) enum Answer {
    Json(u16, Option<(&'static str, &'static str)>, Value),
    HangUp,
}

pub(crate) fn ok(body: Value) -> Answer {
    Answer::Json(200, None, body)
}

pub(crate) fn refuse(status: u16, message: &str) -> Answer {
    Answer::Json(status, None, json!({"error": {"code": "refused", "message": message}}))
}

/// The answer to a batch that is taken whole.
pub(crate) fn accepted(samples: &Value) -> Answer {
    let count = samples.as_array().expect("an array of samples").len();
    Answer::Json(202, None, json!({"accepted": count, "rejected": 0, "duplicates": 0, "errors": []}))
}

pub(crate) struct Stub {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl Stub {
    pub(crate) fn new(answer: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let mut answer = answer;
        let serve = move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                converse(&stream.unwrap(), &mut answer);
            }
        };
        Self { address, over, acceptor: Some(thread::spawn(serve)) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        let outcome = self.acceptor.take().unwrap().join();
        assert!(outcome.is_ok() || thread::panicking(), "the stub did not expect what it was asked");
    }
}

fn converse(stream: &TcpStream, answer: &mut impl FnMut(&Request) -> Answer) {
    let Some(request) = read(stream) else { return };
    let Answer::Json(status, header, body) = answer(&request) else { return };
    let body = body.to_string();
    let header = header.map_or_else(String::new, |(name, value)| format!("{name}: {value}\r\n"));
    let head =
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{header}content-length: {}\r\n\r\n", body.len());
    // Who asked may be gone by now.
    let _ = (&mut &*stream).write_all((head + &body).as_bytes());
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Request { route: format!("{method} {path}"), query: query.to_owned(), headers, body })
}

/// The program, with no settings of the machine it runs on.
pub(crate) fn drift_sre(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drift-sre"));
    command.args(args);
    for name in ["DRIFT_SRE_URL", "DRIFT_SRE_API_KEY", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn run(args: &[&str]) -> Output {
    drift_sre(args).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}
