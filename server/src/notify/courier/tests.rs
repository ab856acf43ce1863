//! One courier against a receiver that does what it is told, at a clock that goes when it is told.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
};

use super::*;
use crate::notify::{
    Destinations, MemoryOutbox, Settings, SystemLookup,
    egress::DEADLINE,
    stub::{Answer, Request, Stub, alert},
};

/// Goes only when it is told to.
#[derive(Default)]
struct Hands {
    wall_ms: AtomicI64,
    steady_ms: AtomicU64,
}

impl Hands {
    fn pass(&self, pause: Duration) {
        self.wall_ms.fetch_add(i64::try_from(pause.as_millis()).unwrap(), Ordering::SeqCst);
        self.steady_ms.fetch_add(millis(pause), Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn wall_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }

    fn steady_ms(&self) -> u64 {
        self.steady_ms.load(Ordering::SeqCst)
    }
}

struct Bench {
    stub: Stub,
    clock: Arc<Hands>,
    outbox: Arc<MemoryOutbox>,
    courier: Courier,
}

impl Bench {
    fn new(stub: Stub) -> Self {
        Self::with_patience(stub, DEADLINE)
    }

    fn with_patience(stub: Stub, deadline: Duration) -> Self {
        let clock = Arc::new(Hands::default());
        clock.pass(Duration::from_secs(1_700_000_000));
        let outbox = Arc::new(MemoryOutbox::default());
        let courier = courier(&stub, outbox.clone(), &clock, deadline);
        Self { stub, clock, outbox, courier }
    }

    fn saying(answers: Vec<Answer>) -> Self {
        Self::new(Stub::saying(answers))
    }

    /// Sends what is due, without letting time pass.
    fn drain(&mut self) {
        while self.courier.turn().is_some_and(|at| at <= self.clock.steady_ms()) {}
    }

    /// Sends all there is, letting time pass as long as the courier wants.
    fn finish(&mut self) {
        while let Some(at) = self.courier.turn() {
            self.clock.pass(Duration::from_millis(at.saturating_sub(self.clock.steady_ms())));
        }
    }

    fn pass(&self, millis: u64) {
        self.clock.pass(Duration::from_millis(millis));
    }

    fn status(&self) -> DestinationStatus {
        self.courier.look(Clone::clone)
    }

    fn pending(&self) -> u64 {
        self.outbox.pending("webhook").unwrap()
    }
}

fn courier(stub: &Stub, outbox: Arc<dyn Outbox>, clock: &Arc<Hands>, deadline: Duration) -> Courier {
    let settings = Settings {
        webhook_url: Some(format!("http://{}/hook/SECRET", stub.address)),
        webhook_allow: vec![stub.address.to_string()],
        ..Settings::default()
    };
    let lookup = Arc::new(SystemLookup) as Arc<dyn crate::notify::Lookup>;
    let mut destinations = Destinations::reached_by(&settings, deadline, &lookup).unwrap();
    let (name, channel) = destinations.channels.remove(0);
    Courier::new(&name, "host", Arc::new(channel), outbox, clock.clone(), Box::new(|| 1.0))
}

fn told(request: &Request) -> Vec<String> {
    let message = request.json();
    let events = message["events"].as_array().unwrap();
    events.iter().map(|event| event["event_id"].as_str().unwrap().to_owned()).collect()
}

fn key(request: &Request) -> String {
    request.header("Idempotency-Key").unwrap().to_owned()
}

#[test]
fn what_is_taken_is_settled() {
    for status in [200, 202, 204] {
        let mut bench = Bench::saying(vec![Answer::status(status)]);
        bench.outbox.put([alert("latency_ms", 1)]);
        bench.drain();
        assert_eq!(bench.stub.requests().len(), 1);
        assert_eq!(bench.pending(), 0);
        let status = bench.status();
        assert_eq!((status.delivered, status.failed, status.last_error), (1, 0, None));
    }
}

#[test]
fn nothing_is_sent_before_the_receiver_wants_it() {
    let global = "Retry-After: 64\r\nX-RateLimit-Global: true\r\n";
    let mut bench = Bench::saying(vec![
        Answer::with(429, "", r#"{"message": "slow down", "retry_after": 2.5}"#),
        Answer::with(429, global, r#"{"retry_after": 64.57, "global": true}"#),
        Answer::with(503, "Retry-After: 120\r\n", ""),
        Answer::with(429, "Retry-After: 86400\r\n", ""),
    ]);
    bench.outbox.put([alert("latency_ms", 1)]);
    for (count, pause) in [(1, 2_500), (2, 64_570), (3, 120_000), (4, 3_600_000)] {
        bench.drain();
        assert_eq!(bench.stub.requests().len(), count);
        bench.outbox.put([alert(&format!("other_{count}"), 10 + u32::try_from(count).unwrap())]);
        bench.pass(pause - 1);
        bench.drain();
        assert_eq!(bench.stub.requests().len(), count, "too early, and for no other alert either");
        bench.pass(1);
    }
    bench.finish();
    let requests = bench.stub.requests();
    assert!(requests[..5].iter().all(|request| key(request) == key(&requests[0])));
    assert_eq!(bench.pending(), 0);
}

#[test]
fn a_pause_that_a_taken_message_asks_for_is_kept() {
    let limited = "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset-After: 2\r\n";
    let mut bench = Bench::saying(vec![Answer::with(204, limited, "")]);
    bench.outbox.put([alert("a", 1), alert("b", 2)]);
    bench.drain();
    bench.pass(1_999);
    bench.drain();
    assert_eq!(bench.stub.requests().len(), 1);
    bench.pass(1);
    bench.drain();
    assert_eq!(bench.stub.requests().len(), 2);
}

#[test]
fn the_pauses_double_up_to_five_minutes() {
    let mut bench = Bench::new(Stub::new(|_| Answer::status(500)));
    bench.outbox.put([alert("latency_ms", 1)]);
    for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
        let at = bench.courier.turn().unwrap();
        assert_eq!(at - bench.clock.steady_ms(), pause * 1000);
        bench.pass(pause * 1000);
    }
    assert_eq!(bench.status().failed, 11);
    assert_eq!(bench.outbox.oldest("webhook", 1).unwrap()[0].attempts, 11);
}

#[test]
fn a_receiver_that_says_at_once_again_and_again_is_backed_off_from() {
    let mut bench = Bench::new(Stub::new(|_| Answer::with(429, "Retry-After: 0\r\n", "")));
    bench.outbox.put([alert("latency_ms", 1)]);
    for pause in [1, 2, 4] {
        assert_eq!(bench.courier.turn().unwrap() - bench.clock.steady_ms(), pause * 1000);
        bench.pass(pause * 1000);
    }
}

#[test]
fn a_message_is_doubled_only_where_nobody_knows_whether_it_came_and_under_the_same_id() {
    let stub = Stub::saying(vec![
        Answer::Hold,
        Answer::Drip("HTTP/1.1 204 Here\r\nX-Slow: ".into()),
        Answer::Say(String::new()),
    ]);
    let mut bench = Bench::with_patience(stub, Duration::from_secs(1));
    bench.outbox.put([alert("latency_ms", 1), alert("latency_ms", 2)]);
    bench.finish();
    let requests = bench.stub.requests();
    let events: Vec<_> = requests.iter().flat_map(told).collect();
    assert_eq!(events, ["event-1", "event-1", "event-1", "event-1", "event-2"]);
    assert!(requests[..4].iter().all(|request| key(request) == key(&requests[0])));
    assert_ne!(key(&requests[3]), key(&requests[4]));
}

/// Check 13 of a hostile receiver, without the kills.
#[test]
fn nothing_is_lost_and_no_order_is_changed_by_a_hostile_receiver() {
    let mut seed = 7u64;
    let stub = Stub::new(move |_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        match (seed >> 33) % 20 {
            0..=3 => Answer::status(500),
            4 | 5 => Answer::with(429, "", r#"{"retry_after": 0.3}"#),
            6 | 7 => Answer::Hold,
            _ => Answer::status(204),
        }
    });
    let mut bench = Bench::with_patience(stub, Duration::from_millis(300));
    let total = 60;
    for number in 0..total {
        bench.outbox.put([alert(["a", "b", "c"][number as usize % 3], number)]);
        // Now and then several wait.
        if number % 2 == 0 {
            bench.finish();
        }
    }
    bench.finish();
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.status().delivered, u64::from(total));
    let mut keys = BTreeMap::new();
    let mut order = Vec::new();
    for request in bench.stub.requests() {
        for event in told(&request) {
            if keys.insert(event.clone(), key(&request)).is_none_or(|before| {
                assert_eq!(before, key(&request));
                false
            }) {
                order.push(event);
            }
        }
    }
    let wanted: Vec<_> = (0..total).map(|number| format!("event-{number}")).collect();
    assert_eq!(order, wanted);
}

#[test]
fn a_storm_is_one_message_with_the_exact_count() {
    let mut bench = Bench::saying(vec![Answer::status(500)]);
    bench.outbox.put((0..1_000).map(|number| alert(&format!("metric_{number}"), number)));
    bench.drain();
    // What comes meanwhile does not change a message that has an id.
    bench.outbox.put((1_000..1_250).map(|number| alert(&format!("metric_{number}"), number)));
    bench.pass(1_000);
    bench.drain();
    bench.pass(59_999);
    bench.drain();
    assert_eq!(bench.stub.requests().len(), 2, "one message in a cool-down");
    bench.pass(1);
    bench.drain();

    let requests = bench.stub.requests();
    let counts: Vec<_> = requests.iter().map(|request| request.json()["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [1_000, 1_000, 250]);
    assert_eq!(key(&requests[0]), key(&requests[1]));
    assert_eq!(told(&requests[0]).len(), 100);
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.status().delivered, 1_250);
}

#[test]
fn a_receiver_that_knows_no_such_webhook_is_asked_once() {
    for status in [401, 403, 404, 410] {
        let mut bench = Bench::saying(vec![Answer::status(status)]);
        bench.outbox.put([alert("a", 1), alert("b", 2)]);
        bench.finish();
        bench.pass(86_400_000);
        bench.finish();
        assert_eq!(bench.stub.requests().len(), 1);
        assert_eq!(bench.pending(), 2, "they wait for the next start");
        let because = bench.status().disabled_because;
        assert_eq!(because.as_deref(), Some(&*format!("the receiver answered HTTP {status}")));
        let mut next = courier(&bench.stub, bench.outbox.clone(), &bench.clock, DEADLINE);
        while next.turn().is_some() {}
        assert_eq!(bench.pending(), 0);
    }
}

#[test]
fn what_the_receiver_does_not_want_is_given_up_and_the_next_is_sent() {
    for status in [307, 400, 413] {
        let canary = Stub::saying(vec![]);
        let location = format!("Location: http://{}/\r\n", canary.address);
        let refusals = (0..5).map(|_| Answer::with(status, &location, "no")).collect();
        let mut bench = Bench::saying(refusals);
        bench.outbox.put([alert("a", 1), alert("b", 2)]);
        bench.finish();
        let events: Vec<_> = bench.stub.requests().iter().flat_map(told).collect();
        assert_eq!(events, ["event-1", "event-1", "event-1", "event-1", "event-1", "event-2"]);
        assert_eq!((bench.pending(), bench.status().delivered), (0, 1));
        assert_eq!(canary.requests().len(), 0);
    }
}

#[test]
fn a_pause_outlasts_a_restart_but_no_clock_makes_it_longer_than_an_hour() {
    let mut bench = Bench::saying(vec![Answer::with(429, "Retry-After: 600\r\n", "")]);
    bench.outbox.put([alert("a", 1)]);
    bench.drain();
    bench.pass(599_999);
    let mut next = courier(&bench.stub, bench.outbox.clone(), &bench.clock, DEADLINE);
    let gate = next.turn().unwrap();
    assert_eq!(gate - bench.clock.steady_ms(), 1);
    assert_eq!(next.turn(), Some(gate));
    assert_eq!(bench.stub.requests().len(), 1);

    bench.clock.wall_ms.fetch_sub(86_400_000, Ordering::SeqCst);
    assert_eq!(next.turn(), Some(gate), "a clock that jumps while it runs is of no matter");
    let mut third = courier(&bench.stub, bench.outbox.clone(), &bench.clock, DEADLINE);
    assert_eq!(third.turn().unwrap() - bench.clock.steady_ms(), 3_600_000);
    bench.pass(1);
    while next.turn().is_some() {}
    assert_eq!(bench.pending(), 0);
}

#[test]
fn what_could_not_be_settled_is_settled_before_anything_else_is_sent() {
    #[derive(Default)]
    struct Full {
        rows: MemoryOutbox,
        full: std::sync::atomic::AtomicBool,
    }
    impl Outbox for Full {
        fn oldest(&self, destination: &str, limit: usize) -> anyhow::Result<Vec<Queued>> {
            self.rows.oldest(destination, limit)
        }
        fn settle(&self, settled: &[(AlertId, Settled)]) -> anyhow::Result<()> {
            anyhow::ensure!(!self.full.load(Ordering::SeqCst), "the disk is full");
            self.rows.settle(settled)
        }
        fn pending(&self, destination: &str) -> anyhow::Result<u64> {
            self.rows.pending(destination)
        }
    }
    let bench = Bench::saying(vec![]);
    let outbox = Arc::new(Full::default());
    let mut courier = courier(&bench.stub, outbox.clone(), &bench.clock, DEADLINE);
    outbox.rows.put([alert("a", 1), alert("b", 2)]);
    outbox.full.store(true, Ordering::SeqCst);
    for _ in 0..10 {
        let at = courier.turn().unwrap();
        bench.pass(at - bench.clock.steady_ms());
    }
    assert_eq!(bench.stub.requests().len(), 1);
    let error = courier.look(|status| status.last_error.clone());
    assert_eq!(error.as_deref(), Some("the store fails: the disk is full"));
    outbox.full.store(false, Ordering::SeqCst);
    while courier.turn().is_some() {}
    let events: Vec<_> = bench.stub.requests().iter().flat_map(told).collect();
    assert_eq!(events, ["event-1", "event-2"]);
}

#[test]
fn no_status_shows_more_of_an_address_than_its_host() {
    let answers = [
        Answer::Hold,
        Answer::Say("nonsense".into()),
        Answer::Say(String::new()),
        Answer::status(500),
        Answer::status(400),
        Answer::status(404),
    ];
    for answer in answers {
        let mut bench = Bench::with_patience(Stub::saying(vec![answer]), Duration::from_secs(1));
        bench.outbox.put([alert("a", 1)]);
        bench.drain();
        let shown = format!("{:?} {:?} {:?}", bench.status(), bench.courier.channel, bench.outbox);
        assert!(bench.status().last_error.is_some());
        assert!(!shown.contains("SECRET"), "{shown}");
    }
}
