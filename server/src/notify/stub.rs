//! For tests: a receiver that does what it is told, at the level of bytes, and remembers what came.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use drift_sre::{Direction, Kind, Severity};

use super::alert::{Alert, Facts};

/// What to do with a request once it has been read.
pub(crate) enum Answer {
    /// Write this, and close.
    Say(String),
    /// Say nothing, and keep the connection.
    Hold,
    /// Write this, and then a byte now and then, for ever.
    Drip(String),
    /// Write this, and then as much as anyone takes.
    Flood(String),
}

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self::with(status, "", "")
    }

    /// `headers` end with a line end, each.
    pub(crate) fn with(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Say(format!("HTTP/1.1 {status} Said\r\n{headers}Content-Length: {length}\r\n\r\n{body}"))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Script = Box<dyn FnMut(&Request) -> Answer + Send>;

struct Shared {
    requests: Mutex<Vec<Request>>,
    came: Condvar,
    script: Mutex<Script>,
    over: AtomicBool,
    held: Mutex<Vec<TcpStream>>,
}

pub(crate) struct Stub {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

impl Stub {
    pub(crate) fn new(script: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            requests: Mutex::default(),
            came: Condvar::new(),
            script: Mutex::new(Box::new(script)),
            over: AtomicBool::new(false),
            held: Mutex::default(),
        });
        let inside = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if inside.over.load(Ordering::Acquire) {
                    break;
                }
                let inside = inside.clone();
                thread::spawn(move || inside.serve(stream));
            }
        });
        Self { address, shared }
    }

    /// Gives these answers in turn, and then 204.
    pub(crate) fn saying(answers: Vec<Answer>) -> Self {
        let mut answers = answers.into_iter();
        Self::new(move |_| answers.next().unwrap_or_else(|| Answer::status(204)))
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Waits until so many requests have come.
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Request> {
        let requests = self.shared.requests.lock().unwrap();
        let patience = Duration::from_mins(1);
        let few = |requests: &mut Vec<Request>| requests.len() < count;
        let (requests, late) = self.shared.came.wait_timeout_while(requests, patience, few).unwrap();
        assert!(!late.timed_out(), "{} of {count} requests came", requests.len());
        requests.clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
        self.shared.held.lock().unwrap().clear();
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let Some(request) = read(&stream) else { return };
        let answer = (self.script.lock().unwrap())(&request);
        // A client that was refused may send its next request before this thread runs again.
        self.requests.lock().unwrap().push(request);
        self.came.notify_all();
        match answer {
            Answer::Say(text) => drop(stream.write_all(text.as_bytes())),
            Answer::Hold => self.held.lock().unwrap().push(stream),
            Answer::Drip(text) => self.pour(&mut stream, &text, b"x", Duration::from_millis(20)),
            Answer::Flood(text) => self.pour(&mut stream, &text, &vec![b'x'; 65_536], Duration::ZERO),
        }
    }

    fn pour(&self, stream: &mut TcpStream, text: &str, more: &[u8], pace: Duration) {
        let mut wrote = stream.write_all(text.as_bytes());
        while wrote.is_ok() && !self.over.load(Ordering::Acquire) {
            thread::sleep(pace);
            wrote = stream.write_all(more);
        }
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut request = Request { head, body: Vec::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body.resize(length, 0);
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}

/// An event of a drift in `metric` of the service `shop`, the `number`th of all.
pub(crate) fn facts(kind: Kind, severity: Severity, metric: &str, number: u32) -> Facts {
    Facts {
        event_id: format!("event-{number}"),
        service_id: "shop".into(),
        metric: metric.into(),
        unit: "ms".into(),
        kind,
        severity,
        direction: Direction::Up,
        reason: if kind == Kind::Closed { "recovered" } else { "drift" }.into(),
        explanation: format!("{metric} rose from 20 ms to 80 ms (+60 ms, 9 sigma) over the last 2 min"),
        onset: 1_700_000_000.5,
        detected_at: 1_700_000_120.25 + f64::from(number),
        value: 81.5,
        baseline: 20.0,
        sigmas: 9.0,
    }
}

/// The alert of a drift in `metric`, the `number`th of all, for the webhook.
pub(crate) fn alert(metric: &str, number: u32) -> Alert {
    Alert::new(&facts(Kind::Opened, Severity::Warning, metric, number), 0, "webhook")
}

/// An alert of which every text tries to break out of wherever it is put.
pub(crate) fn hostile() -> Alert {
    let text = "@everyone <@&123> <!channel> [x](javascript:1) https://evil.example ``` \u{1b}[31m\r\n\u{200b}\u{202e}\
                \u{2028}&lt; **_|~ ";
    let mut facts = facts(Kind::Opened, Severity::Critical, &text.repeat(100), 1);
    facts.service_id = text.repeat(100);
    facts.unit = text.repeat(100);
    facts.explanation = text.repeat(100);
    Alert::new(&facts, u32::MAX, "webhook")
}
