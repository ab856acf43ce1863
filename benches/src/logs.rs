//! Generated logs of several shapes, in an order as programs leave it: sessions that interleave, bursts, quiet and busy
//! times, templates that come up for the first time long after the start.

use std::fmt::Write as _;

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

/// One log's form: what stands before a message, the messages of everyday, and words to make rare ones of.
#[derive(Clone, Copy)]
struct Shape {
    name: &'static str,
    header: &'static str,
    /// How many of a thousand messages are new, long after the start.
    novelty: f64,
    /// Messages that follow upon each other, with `{..}` where something varies.
    flows: &'static [&'static [&'static str]],
    subjects: &'static [&'static str],
    verbs: &'static [&'static str],
    objects: &'static [&'static str],
}

const SHAPES: [Shape; 8] = [
    Shape {
        name: "auth",
        header: "{month} {day} {clock} combo sshd[{pid}]: ",
        novelty: 2.0,
        flows: &[
            &[
                "Accepted password for {user} from {ip} port {n} ssh2",
                "pam_unix(sshd:session): session opened for user {user} by (uid=0)",
                "pam_unix(sshd:session): session closed for user {user}",
            ],
            &[
                "Invalid user {user} from {ip}",
                "input_userauth_request: invalid user {user} [preauth]",
                "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={ip}",
                "Failed password for invalid user {user} from {ip} port {n} ssh2",
                "Received disconnect from {ip}: 11: Bye Bye [preauth]",
            ],
            &["Connection closed by {ip} [preauth]"],
            &["reverse mapping checking getaddrinfo for {host} [{ip}] failed - POSSIBLE BREAK-IN ATTEMPT!"],
            &["Did not receive identification string from {ip}"],
        ],
        subjects: &[
            "subsystem request",
            "public key",
            "channel",
            "keyboard-interactive",
            "host key",
            "agent forwarding",
        ],
        verbs: &["refused for", "rotated by", "expired on", "mismatch at", "denied to", "timed out for"],
        objects: &[
            "sftp client",
            "bastion",
            "maxstartups limit",
            "ed25519 fingerprint",
            "x11 display",
            "login grace period",
        ],
    },
    Shape {
        name: "hdfs",
        header: "{compact} {compactclock} {n} INFO dfs.{component}: ",
        novelty: 0.3,
        flows: &[
            &[
                "Receiving block blk_{id} src: /{ip}:{n} dest: /{ip}:50010",
                "BLOCK* NameSystem.allocateBlock: /user/data/rand/_temporary/_task_{n}_m_{n}_0/part-{n}. blk_{id}",
                "PacketResponder {d} for block blk_{id} terminating",
                "Received block blk_{id} of size {n} from /{ip}",
                "BLOCK* NameSystem.addStoredBlock: blockMap updated: {ip}:50010 is added to blk_{id} size {n}",
            ],
            &["Verification succeeded for blk_{id}"],
            &[
                "BLOCK* NameSystem.delete: blk_{id} is added to invalidSet of {ip}:50010",
                "Deleting block blk_{id} file /mnt/hadoop/dfs/data/current/blk_{id}",
            ],
            &["{ip}:50010 Served block blk_{id} to /{ip}"],
        ],
        subjects: &["lease recovery", "pipeline", "replica", "checkpoint", "balancer", "decommission"],
        verbs: &[
            "aborted for",
            "restarted by",
            "skipped at",
            "truncated in",
            "queued behind",
            "superseded by",
        ],
        objects: &[
            "volume map",
            "rack gateway",
            "secondary namenode",
            "quota directory",
            "edits stream",
            "safe mode monitor",
        ],
    },
    Shape {
        name: "web",
        header: "{ip} - - [{day}/{month}/2026:{clock} +0000] ",
        novelty: 4.0,
        flows: &[
            &[
                "\"GET / HTTP/1.1\" 200 {n} \"-\" \"Mozilla/5.0\"",
                "\"GET /static/app.js HTTP/1.1\" 200 {n} \"-\" \"Mozilla/5.0\"",
                "\"GET /static/site.css HTTP/1.1\" 304 0 \"-\" \"Mozilla/5.0\"",
            ],
            &[
                "\"GET /items/{n} HTTP/1.1\" 200 {n} \"-\" \"Mozilla/5.0\"",
                "\"POST /cart HTTP/1.1\" 302 {d} \"-\" \"Mozilla/5.0\"",
                "\"GET /checkout HTTP/1.1\" 200 {n} \"-\" \"Mozilla/5.0\"",
            ],
            &["\"GET /health HTTP/1.1\" 200 2 \"-\" \"kube-probe\""],
            &["\"GET /robots.txt HTTP/1.1\" 404 {d} \"-\" \"bot\""],
        ],
        subjects: &[
            "\"PUT /backup",
            "\"DELETE /session",
            "\"OPTIONS /graphql",
            "\"PROPFIND /dav",
            "\"GET /wp-admin",
            "\"POST /xmlrpc",
        ],
        verbs: &[
            "archive HTTP\" status",
            "login HTTP\" status",
            "export HTTP\" status",
            "upload HTTP\" status",
            "setup HTTP\" status",
            "shell HTTP\" status",
        ],
        objects: &["curl", "scanner", "legacy client", "python requests", "wget mirror", "okhttp"],
    },
    Shape {
        name: "json",
        header: "",
        novelty: 1.0,
        flows: &[
            &[
                "{\"level\":\"info\",\"logger\":\"api.orders\",\"msg\":\"order {n} created\",\"user\":\"{user}\",\"ms\":{d}}",
                "{\"level\":\"info\",\"logger\":\"api.payments\",\"msg\":\"payment authorised\",\"order\":{n},\"amount\":{d}.50,\"currency\":\"EUR\"}",
                "{\"level\":\"info\",\"logger\":\"api.orders\",\"msg\":\"order {n} shipped\",\"carrier\":\"dhl\",\"ms\":{d}}",
            ],
            &[
                "{\"level\":\"debug\",\"logger\":\"cache\",\"msg\":\"hit\",\"key\":\"item:{n}\"}",
                "{\"level\":\"debug\",\"logger\":\"cache\",\"msg\":\"miss\",\"key\":\"item:{n}\"}",
            ],
            &[
                "{\"level\":\"warn\",\"logger\":\"http\",\"msg\":\"slow response\",\"path\":\"/items/{n}\",\"ms\":{n}}",
            ],
            &[
                "{\"level\":\"info\",\"logger\":\"auth\",\"msg\":\"User logged in\",\"user\":\"{user}\",\"ip\":\"{ip}\"}",
            ],
        ],
        subjects: &[
            "{\"level\":\"warn\",\"logger\":\"ledger\",\"msg\":\"balance",
            "{\"level\":\"info\",\"logger\":\"scheduler\",\"msg\":\"lease",
            "{\"level\":\"warn\",\"logger\":\"pool\",\"msg\":\"connection",
            "{\"level\":\"info\",\"logger\":\"flags\",\"msg\":\"rollout",
            "{\"level\":\"warn\",\"logger\":\"queue\",\"msg\":\"consumer",
            "{\"level\":\"info\",\"logger\":\"webhook\",\"msg\":\"delivery",
        ],
        verbs: &["reversed", "stolen", "exhausted", "paused", "rebalanced", "postponed"],
        objects: &[
            "twice\"}",
            "by peer\"}",
            "on replica\"}",
            "for tenant\"}",
            "after deadline\"}",
            "without owner\"}",
        ],
    },
    Shape {
        name: "kernel",
        header: "{month} {day} {clock} node{d} kernel: [{n}.{n}] ",
        novelty: 8.0,
        flows: &[
            &[
                "usb 1-{d}: new high-speed USB device number {d} using xhci_hcd",
                "usb 1-{d}: New USB device found, idVendor={hex}, idProduct={hex}",
                "usb 1-{d}: USB disconnect, device number {d}",
            ],
            &[
                "IN=eth0 OUT= MAC={mac} SRC={ip} DST={ip} LEN={d} TTL={d} ID={n} PROTO=TCP SPT={n} DPT={d} WINDOW={n} SYN",
            ],
            &[
                "device veth{hex} entered promiscuous mode",
                "IPv6: ADDRCONF(NETDEV_CHANGE): veth{hex}: link becomes ready",
                "docker0: port {d}(veth{hex}) entered blocking state",
                "docker0: port {d}(veth{hex}) entered forwarding state",
                "docker0: port {d}(veth{hex}) entered disabled state",
            ],
            &["perf: interrupt took too long ({n} > {n}), lowering kernel.perf_event_max_sample_rate to {n}"],
        ],
        subjects: &[
            "thermal zone",
            "nvme controller",
            "memory cgroup",
            "rcu stall",
            "ext4 journal",
            "irq affinity",
        ],
        verbs: &[
            "throttled by",
            "reset after",
            "reclaimed from",
            "detected on",
            "replayed over",
            "lost with",
        ],
        objects: &[
            "firmware quirk",
            "swap device",
            "numa balancing",
            "machine check",
            "block layer",
            "power domain",
        ],
    },
    Shape {
        name: "windows",
        header: "2026-09-{day} {clock}, Info                  CBS    ",
        novelty: 0.6,
        flows: &[
            &[
                "Session: {n}_{n} initialized by client WindowsUpdateAgent.",
                "Read out cached package applicability for package: Package_for_KB{n}~31bf3856ad364e35~amd64~~6.1.1.2, ApplicableState: {d}, CurrentState:{d}",
                "Session: {n}_{n} finalized. Reboot required: no [HRESULT = 0x{hex} - S_OK]",
            ],
            &[
                "Loaded Servicing Stack v6.1.7601.{n} with Core: C:\\Windows\\winsxs\\amd64_{hex}\\cbscore.dll",
            ],
            &[
                "SQM: Initializing online with Windows opt-in: False",
                "SQM: Cleaning up report files older than {d} days.",
                "SQM: Requesting upload of all unsent reports.",
            ],
            &["Warning: Unrecognized packageExtended attribute."],
        ],
        subjects: &[
            "Manifest",
            "Startup phase",
            "Pending transaction",
            "Offline image",
            "Trusted installer",
            "Component store",
        ],
        verbs: &[
            "hashed against",
            "rolled back by",
            "deferred until",
            "unmounted from",
            "promoted to",
            "scavenged after",
        ],
        objects: &[
            "shutdown processing",
            "registry hive",
            "side by side cache",
            "recovery partition",
            "driver operation",
            "language pack",
        ],
    },
    Shape {
        name: "supercomputer",
        header: "- {n} 2026.11.{day} R{d}-M{d}-N{d}-C:J{d}-U{d} 2026-11-{day}-{clock} RAS KERNEL INFO ",
        novelty: 3.0,
        flows: &[
            &["instruction cache parity error corrected"],
            &["generating core.{n}", "generating core.{n}", "generating core.{n}"],
            &[
                "CE sym {d}, at 0x{hex}, mask 0x{hex}",
                "{n} floating point alignment exceptions",
                "{d} double-hummer alignment exceptions",
            ],
            &[
                "{d} ddr errors(s) detected and corrected on rank 0, symbol {d}, bit {d}",
                "total of {d} ddr error(s) detected and corrected",
            ],
        ],
        subjects: &[
            "tree receiver",
            "torus sender",
            "rts assertion",
            "mailbox monitor",
            "node card",
            "service action",
        ],
        verbs: &[
            "suspended in",
            "retried after",
            "drained at",
            "asserted from",
            "powered by",
            "quiesced under",
        ],
        objects: &[
            "link training",
            "barrier network",
            "job control",
            "voltage rail",
            "packet arbiter",
            "clock module",
        ],
    },
    Shape {
        name: "microservice",
        header: "{clock}.{d} [worker-{d}] INFO  c.a.{component} - ",
        novelty: 15.0,
        flows: &[
            &[
                "Fetching user {n} from cache",
                "Cache miss for user {n}, going to database",
                "Query took {d} ms",
                "Returning 1 result",
            ],
            &[
                "Started job {n} of type export",
                "Job {n}: {d} rows written",
                "Job {n}: {d} rows written",
                "Finished job {n} in {n} ms",
            ],
            &["Heartbeat from {host} ok"],
            &["Consumed message at offset {n} partition {d}", "Committed offset {n} partition {d}"],
        ],
        subjects: &[
            "Circuit breaker",
            "Leader election",
            "Schema registry",
            "Retry budget",
            "Shard map",
            "Feature toggle",
        ],
        verbs: &[
            "half-opened for",
            "contested by",
            "rejected",
            "drained during",
            "reassigned to",
            "overridden by",
        ],
        objects: &[
            "inventory client",
            "canary region",
            "avro subject",
            "warm standby",
            "bulk importer",
            "operator console",
        ],
    },
];

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// Of everyday.
    Usual,
    /// Of the log's own wording, and never there before.
    Rare,
    /// Of another log.
    Foreign,
}

/// A log, and what each line is.
pub struct Log {
    /// Its shape.
    pub name: String,
    /// Lines in their order.
    pub lines: Vec<(String, Truth)>,
}

/// Names of all shapes.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|shape| shape.name)
}

/// A log of so many usual lines of a shape, by its position in [`names`].
///
/// # Panics
/// If there is no such shape.
#[must_use]
pub fn usual(shape: usize, lines: usize, seed: u64) -> Log {
    let mut writer = Writer::new(SHAPES[shape], seed);
    let lines = (0..lines).map(|_| (writer.next(), Truth::Usual)).collect();
    Log { name: SHAPES[shape].name.to_owned(), lines }
}

/// A line of a shape's own wording that was never there before.
#[must_use]
pub fn rare(shape: usize, seed: u64) -> String {
    let mut writer = Writer::new(SHAPES[shape], seed);
    let message = writer.made_up();
    writer.write(&message)
}

/// Puts odd lines into a log from a line on, so many of a thousand.
pub fn inject(log: &mut Log, shape: usize, truth: Truth, from: usize, per_mille: u32, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut lines = Vec::with_capacity(log.lines.len() + 64);
    for (number, line) in log.lines.drain(..).enumerate() {
        lines.push(line);
        if number >= from && rng.random_ratio(per_mille, 1_000) {
            let seed = rng.random();
            let odd = if truth == Truth::Rare {
                rare(shape, seed)
            } else {
                let other = (shape + rng.random_range(1..SHAPES.len())) % SHAPES.len();
                Writer::new(SHAPES[other], seed).next()
            };
            lines.push((odd, truth));
        }
    }
    log.lines = lines;
}

/// Sessions of a log of blocks: lines, and whether one is missing, doubled or foreign to it.
#[must_use]
pub fn sessions(count: usize, seed: u64) -> Vec<(Vec<String>, bool)> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut writer = Writer::new(SHAPES[1], seed);
    let flow = SHAPES[1].flows[0];
    let session = |_| {
        let replicas = 3;
        let mut messages = vec![flow[1].to_owned()];
        for message in [flow[0], flow[2], flow[3], flow[4]] {
            messages.extend(std::iter::repeat_n(message.to_owned(), replicas));
        }
        if rng.random_ratio(1, 3) {
            messages.extend(SHAPES[1].flows[2].iter().map(|message| (*message).to_owned()));
        }
        let served = rng.random_range(0..6);
        messages.extend(std::iter::repeat_n(SHAPES[1].flows[3][0].to_owned(), served));
        let odd = rng.random_ratio(3, 100);
        if odd {
            match rng.random_range(0..3) {
                0 => drop(messages.remove(rng.random_range(0..5))),
                1 => messages.push(flow[rng.random_range(0..3)].to_owned()),
                _ => messages.push(writer.made_up()),
            }
        }
        (messages.iter().map(|message| writer.write(message)).collect(), odd)
    };
    (0..count).map(session).collect()
}

/// Writes one log.
struct Writer {
    shape: Shape,
    rng: StdRng,
    secs: u64,
    written: u32,
    /// Flows under way: which, and how far.
    open: Vec<(usize, usize)>,
    /// How often each flow is begun.
    weights: Vec<f64>,
    /// Messages that came up later.
    late: Vec<String>,
    /// A message that is repeated so many times more.
    burst: Option<(String, u32)>,
    users: Vec<String>,
}

impl Writer {
    fn new(shape: Shape, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        // Few of many flows make most of a log.
        let weights = (0..shape.flows.len()).map(|_| rng.random_range(0.02f64..1.0).powi(2)).collect();
        let names = ["root", "admin", "ada", "bob", "cleo", "oracle", "test", "guest", "nagios", "deploy"];
        let users = names.iter().map(|name| (*name).to_owned()).collect();
        Self { shape, rng, secs: 0, written: 0, open: vec![], weights, late: vec![], burst: None, users }
    }

    fn next(&mut self) -> String {
        self.written += 1;
        let message = self.message();
        self.write(&message)
    }

    fn message(&mut self) -> String {
        if let Some((message, left)) = self.burst.take() {
            if left > 0 {
                self.burst = Some((message.clone(), left - 1));
            }
            return message;
        }
        // New messages thin out as the log grows, and come in clusters after a change.
        let chance = 0.3 / f64::from(self.written) + self.shape.novelty / 1_000.0;
        if self.rng.random_bool(chance.min(1.0)) {
            let message = self.made_up();
            self.late.push(message.clone());
            return message;
        }
        if self.rng.random_bool(0.001) {
            // A release, or another time of day.
            for weight in &mut self.weights {
                *weight = (*weight * self.rng.random_range(0.2..3.0)).clamp(0.005, 3.0);
            }
        }
        if !self.late.is_empty() && self.rng.random_bool(0.01) {
            return self.late.choose(&mut self.rng).cloned().unwrap_or_default();
        }
        if self.open.is_empty() || (self.open.len() < 6 && self.rng.random_bool(0.3)) {
            let total: f64 = self.weights.iter().sum();
            let mut dice = self.rng.random_range(0.0..total);
            let flow = self.weights.iter().position(|weight| {
                dice -= weight;
                dice < 0.0
            });
            self.open.push((flow.unwrap_or(0), 0));
        }
        let which = self.rng.random_range(0..self.open.len());
        let (flow, step) = self.open[which];
        let messages = self.shape.flows[flow];
        self.open[which].1 += 1;
        // Not every session comes to its end.
        if step + 1 >= messages.len() || self.rng.random_bool(0.03) {
            self.open.swap_remove(which);
        }
        let message = messages[step].to_owned();
        if self.rng.random_bool(0.002) {
            self.burst = Some((message.clone(), self.rng.random_range(5..60)));
        }
        message
    }

    fn made_up(&mut self) -> String {
        let Shape { subjects, verbs, objects, .. } = self.shape;
        let mut pick = |words: &[&'static str]| *words.choose(&mut self.rng).unwrap_or(&"");
        let (subject, verb, object) = (pick(subjects), pick(verbs), pick(objects));
        format!("{subject} {verb} {object}")
    }

    /// The header, the message, and something in every place that varies.
    fn write(&mut self, message: &str) -> String {
        self.secs += u64::from(self.rng.random_range(0..4u32));
        let mut line = String::new();
        for text in [self.shape.header, message] {
            let mut rest = text;
            while let Some((before, after)) = rest.split_once('{') {
                line.push_str(before);
                match after
                    .split_once('}')
                    .filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_lowercase()))
                {
                    Some((name, behind)) if !name.is_empty() => {
                        self.vary(name, &mut line);
                        rest = behind;
                    }
                    _ => {
                        line.push('{');
                        rest = after;
                    }
                }
            }
            line.push_str(rest);
        }
        line
    }

    fn vary(&mut self, name: &str, line: &mut String) {
        let Self { rng, secs, .. } = self;
        let (hours, minutes, seconds) = (*secs / 3_600 % 24, *secs / 60 % 60, *secs % 60);
        let told = match name {
            "clock" => write!(line, "{hours:02}:{minutes:02}:{seconds:02}"),
            "compactclock" => write!(line, "{hours:02}{minutes:02}{seconds:02}"),
            "compact" => write!(line, "2611{:02}", 1 + *secs / 86_400),
            "day" => write!(line, "{:02}", 1 + *secs / 86_400 % 28),
            "month" => write!(line, "Nov"),
            "pid" => write!(line, "{}", rng.random_range(1_000..32_000)),
            "n" => write!(line, "{}", rng.random_range(100..60_000)),
            "d" => write!(line, "{}", rng.random_range(1..90)),
            "id" => write!(line, "{}", rng.random::<i64>()),
            "hex" => write!(line, "{:07x}", rng.random_range(0..0x0fff_ffffu32)),
            "ip" => write!(
                line,
                "10.{}.{}.{}",
                rng.random_range(0..9),
                rng.random_range(0..250),
                rng.random_range(1..250)
            ),
            "mac" => write!(line, "00:1b:44:11:3a:{:02x}", rng.random::<u8>()),
            "host" => write!(line, "host-{}.example.net", rng.random_range(1..400)),
            "component" => {
                write!(line, "{}", ["DataNode", "FSNamesystem", "BlockScanner"][rng.random_range(0..3)])
            }
            "user" => {
                // Now and then someone new.
                if rng.random_bool(0.05) {
                    let letters = (0..6).map(|_| char::from(rng.random_range(b'a'..=b'z')));
                    let user: String = letters.collect();
                    self.users.push(user);
                }
                write!(line, "{}", self.users.choose(&mut self.rng).map_or("", String::as_str))
            }
            other => write!(line, "{{{other}}}"),
        };
        told.expect("a string takes everything");
    }
}
