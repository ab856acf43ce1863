//! Alerts go where the operator said, and nowhere inside: a table of addresses that look harmless, and names that turn
//! out to be this machine. A canary listens here; nobody may ever knock.

#![expect(clippy::unwrap_used, reason = "what a test needs is there, or it fails")]

use std::{
    io,
    net::{IpAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use drift_sre::{Direction, Kind, Severity};
use drift_sre_server::notify::{
    AlertId, Destinations, Error, Facts, Lookup, MemoryOutbox, Notifier, Outbox, Policy, Queued, Settings,
    Settled,
};

/// Counts connections to a port of 127.0.0.1.
struct Canary {
    port: u16,
    hits: Arc<AtomicUsize>,
}

impl Canary {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let hits = Arc::new(AtomicUsize::new(0));
        let counted = hits.clone();
        thread::spawn(move || {
            for _connection in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, hits }
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

struct Answers(Mutex<Vec<Vec<IpAddr>>>);

impl Lookup for Answers {
    fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let mut answers = self.0.lock().unwrap();
        if answers.len() > 1 { Ok(answers.remove(0)) } else { Ok(answers[0].clone()) }
    }
}

fn lookup(answers: &[&[&str]]) -> Arc<dyn Lookup> {
    let answers = answers.iter().map(|one| one.iter().map(|ip| ip.parse().unwrap()).collect());
    Arc::new(Answers(Mutex::new(answers.collect())))
}

/// Says when something was settled.
struct Watched(MemoryOutbox, Mutex<mpsc::Sender<Settled>>);

impl Outbox for Watched {
    fn oldest(&self, destination: &str, limit: usize) -> anyhow::Result<Vec<Queued>> {
        self.0.oldest(destination, limit)
    }

    fn settle(&self, settled: &[(AlertId, Settled)]) -> anyhow::Result<()> {
        self.0.settle(settled)?;
        for (_, outcome) in settled {
            self.1.lock().unwrap().send(outcome.clone())?;
        }
        Ok(())
    }

    fn pending(&self, destination: &str) -> anyhow::Result<u64> {
        self.0.pending(destination)
    }
}

/// What becomes of one alert that is sent once.
fn send(settings: &Settings, lookup: &Arc<dyn Lookup>) -> Settled {
    let facts = Facts {
        event_id: "1".into(),
        service_id: "shop".into(),
        metric: "latency_ms".into(),
        unit: "ms".into(),
        kind: Kind::Opened,
        severity: Severity::Warning,
        direction: Direction::Up,
        reason: "drift".into(),
        explanation: "latency_ms rose".into(),
        onset: 0.0,
        detected_at: 0.0,
        value: 2.0,
        baseline: 1.0,
        sigmas: 9.0,
    };
    let (settled, outcomes) = mpsc::channel();
    let outbox = Arc::new(Watched(MemoryOutbox::default(), Mutex::new(settled)));
    let destinations = Destinations::reached_by(settings, Duration::from_secs(10), lookup).unwrap();
    let notifier = Notifier::start(destinations, &(outbox.clone() as Arc<dyn Outbox>)).unwrap();
    outbox.0.put(notifier.alerts_for(&facts, 0));
    notifier.wake();
    outcomes.recv_timeout(Duration::from_mins(1)).unwrap()
}

fn webhook(url: &str, allow: &[&str]) -> Settings {
    let webhook_allow = allow.iter().copied().map(String::from).collect();
    Settings { webhook_url: Some(url.into()), webhook_allow, ..Settings::default() }
}

/// `P` is the canary's port. Each of these reaches it, or something else inside, in one HTTP client or another.
const INSIDE: [&str; 74] = [
    "http://127.0.0.1:P/SECRET",
    "https://127.0.0.1:P/SECRET",
    "https://127.1:P/SECRET",
    "https://127.0.1:P/SECRET",
    "https://127.0.0.1.:P/SECRET",
    "https://127.000.000.001:P/SECRET",
    "https://0177.0.0.1:P/SECRET",
    "https://0177.0.0.01:P/SECRET",
    "https://017700000001:P/SECRET",
    "https://0x7f.1:P/SECRET",
    "https://0x7f.0x0.0x0.0x1:P/SECRET",
    "https://0X7F000001:P/SECRET",
    "https://0x7f000001:P/SECRET",
    "https://2130706433:P/SECRET",
    "https://127.255.255.254:P/SECRET",
    "https://0:P/SECRET",
    "https://0.0.0.0:P/SECRET",
    "https://0x0:P/SECRET",
    "https://localhost:P/SECRET",
    "https://LOCALHOST:P/SECRET",
    "https://localhost.:P/SECRET",
    "https://localhost.localdomain:P/SECRET",
    "https://localtest.me:P/SECRET",
    "https://127.0.0.1.nip.io:P/SECRET",
    "https://[::1]:P/SECRET",
    "https://[::]:P/SECRET",
    "https://[0:0:0:0:0:0:0:1]:P/SECRET",
    "https://[::127.0.0.1]:P/SECRET",
    "https://[::ffff:127.0.0.1]:P/SECRET",
    "https://[::ffff:7f00:1]:P/SECRET",
    "https://[0:0:0:0:0:ffff:127.0.0.1]:P/SECRET",
    "https://[64:ff9b::127.0.0.1]:P/SECRET",
    "https://[2002:7f00:1::]:P/SECRET",
    "https://[fe80::1%25lo]:P/SECRET",
    "https://[fe80::1]:P/SECRET",
    "https://[fd00::1]:P/SECRET",
    "https://[ff02::1]:P/SECRET",
    "https://169.254.169.254/latest/meta-data/SECRET",
    "http://169.254.169.254/latest/meta-data/SECRET",
    "https://[::ffff:169.254.169.254]/SECRET",
    "https://[fd00:ec2::254]/SECRET",
    "https://metadata.google.internal/SECRET",
    "https://10.0.0.1/SECRET",
    "https://172.16.0.1/SECRET",
    "https://192.168.0.1/SECRET",
    "https://100.64.0.1/SECRET",
    "https://192.0.0.170/SECRET",
    "https://198.18.0.1/SECRET",
    "https://224.0.0.1/SECRET",
    "https://255.255.255.255/SECRET",
    "https://discord.com@127.0.0.1:P/SECRET",
    "https://discord.com:443@127.0.0.1:P/SECRET",
    "https://user:password@discord.com/SECRET",
    "https://127.0.0.1:P@discord.com/SECRET",
    "https://user@discord.com/SECRET",
    "https://@discord.com/SECRET",
    "https://discord.com:P/SECRET",
    "https://discord.com:0/SECRET",
    "https://discord.com:99999/SECRET",
    "https://discord.com.:P/SECRET",
    "https://discord.com.evil.example/SECRET",
    "https://evildiscord.com/SECRET",
    "https://discord.com\\@127.0.0.1:P/SECRET",
    "https://127.0.0.1:P\\@discord.com/SECRET",
    "https://discord.com#@127.0.0.1:P/SECRET%0d%0a",
    "https://127。0。0。1:P/SECRET",
    "https://①②⑦.⓪.⓪.①:P/SECRET",
    "https://discord.com\r\nHost: 127.0.0.1/SECRET",
    "https://discord.com /SECRET",
    "file:///etc/SECRET",
    "gopher://127.0.0.1:P/_SECRET",
    "unix:///run/docker.sock/SECRET",
    "//127.0.0.1:P/SECRET",
    "SECRET",
];

#[test]
fn no_address_of_the_table_is_taken_and_no_error_repeats_it() {
    let canary = Canary::new();
    for pattern in INSIDE {
        let url = pattern.replace(":P", &format!(":{}", canary.port));
        let field = |settings: Settings| Destinations::new(&settings).err().map(|error| error.to_string());
        for settings in [
            webhook(&url, &[]),
            Settings { discord_url: Some(url.clone()), ..Settings::default() },
            Settings { slack_url: Some(url.clone()), ..Settings::default() },
        ] {
            assert!(!format!("{settings:?}").contains("SECRET"));
            // A fragment is no part of what is asked for, so this one is Discord's own address without a webhook.
            match field(settings) {
                Some(error) => {
                    assert!(error.contains("_URL must be") && !error.contains("SECRET"), "{url}: {error}");
                }
                None => assert!(pattern.contains('#'), "{url}"),
            }
        }
    }
    assert_eq!(canary.hits(), 0);
}

#[test]
fn only_what_is_a_host_can_be_allowed() {
    for entry in [
        "",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0",
        "a b",
        "host/path",
        "user@host",
        "https://host",
        "host:",
        "host:0",
        "host:65536",
        "[::1",
        "::1]",
        "*.example.com",
        "169.254.169.254",
        "0.0.0.0",
        "[fe80::1]",
        "224.0.0.1",
        "例.jp",
    ] {
        let refused = Policy::new(&[String::from(entry)], false).err();
        assert_eq!(refused, Some(Error::Allow { entry: entry.into() }), "{entry}");
    }
    for (entry, url) in [
        ("hooks.example", "https://hooks.example/x"),
        ("HOOKS.example.", "https://hooks.EXAMPLE./x"),
        ("hooks.example:8443", "https://hooks.example:8443/x"),
        ("10.1.2.3:80", "http://10.1.2.3/x"),
        ("127.0.0.1:9000", "http://127.0.0.1:9000/x"),
        ("::1", "http://[::1]/x"),
        ("[fd00::1]:9000", "https://[fd00::1]:9000/x"),
        ("8.8.8.8", "https://8.8.8.8/x"),
    ] {
        let policy = Policy::new(&[String::from(entry)], false).unwrap();
        assert!(policy.target("WEBHOOK_URL", url).is_ok(), "{entry} {url}");
    }
    for (entry, url) in [
        ("hooks.example", "https://hooks.example:8443/x"),
        ("hooks.example:8443", "https://hooks.example/x"),
        ("hooks.example", "http://hooks.example/x"),
        ("hooks.example", "https://sub.hooks.example/x"),
        ("8.8.8.8", "http://8.8.8.8/x"),
        ("127.0.0.1", "https://127.0.0.2/x"),
    ] {
        let policy = Policy::new(&[String::from(entry)], false).unwrap();
        assert!(policy.target("WEBHOOK_URL", url).is_err(), "{entry} {url}");
    }
}

#[test]
fn a_name_that_stands_for_this_machine_is_not_called() {
    let canary = Canary::new();
    let url = format!("https://hooks.example:{}/SECRET", canary.port);
    let allow = format!("hooks.example:{}", canary.port);
    let answers: [&[&str]; 8] = [
        &["127.0.0.1"],
        &["127.9.9.9"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["::1"],
        &["0.0.0.0"],
        &["162.159.128.233", "127.0.0.1"],
        &["127.0.0.1", "162.159.128.233"],
    ];
    for answer in answers {
        let settled = send(&webhook(&url, &[&allow]), &lookup(&[answer]));
        let Settled::Again { why, .. } = settled else { panic!("{answer:?}: {settled:?}") };
        assert_eq!(why, "https://hooks.example/…: the host has an address that messages must not go to");
    }
    assert_eq!(canary.hits(), 0);

    // It does hear who knocks.
    let settings = Settings { webhook_allow_private: true, ..webhook(&url, &[&allow]) };
    assert!(matches!(send(&settings, &lookup(&[&["127.0.0.1"]])), Settled::Again { .. }));
    assert_ne!(canary.hits(), 0);
}
