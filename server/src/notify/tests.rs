//! All couriers at work, on threads and by the system's clocks.

use std::net::IpAddr;

use drift_sre::{Aspect, Cause, Direction, Event, Evidence, Kind, Severity, Subject};

use super::{
    stub::{Answer, Stub, facts},
    *,
};

fn destinations(discord: &Stub, webhook: &Stub) -> Destinations {
    let settings = Settings {
        discord_url: Some(format!("http://{}/discord/SECRET", discord.address)),
        webhook_url: Some(format!("http://{}/hook/SECRET", webhook.address)),
        webhook_secret: Some("shared".into()),
        webhook_allow: vec![discord.address.to_string(), webhook.address.to_string()],
        ..Settings::default()
    };
    Destinations::new(&settings).unwrap()
}

#[test]
fn an_event_reaches_every_destination_when_somebody_wakes_the_couriers() {
    let (discord, webhook) = (Stub::saying(vec![]), Stub::saying(vec![]));
    let outbox = Arc::new(MemoryOutbox::default());
    let notifier =
        Notifier::start(destinations(&discord, &webhook), &(outbox.clone() as Arc<dyn Outbox>)).unwrap();
    for number in 0..3 {
        let facts = facts(Kind::Opened, Severity::Critical, "latency_ms", number);
        outbox.put(notifier.alerts_for(&facts, 0));
        notifier.wake();
        let count = number as usize + 1;
        let (one, other) = (discord.wait_for(count), webhook.wait_for(count));
        assert!(one[count - 1].head.starts_with("POST /discord/SECRET HTTP/1.1\r\n"));
        assert!(other[count - 1].header("X-Drift-Signature").is_some_and(|header| header.contains(",v1=")));
    }
    // The last replies may still be on their way.
    let until = Instant::now() + Duration::from_mins(1);
    while notifier.statuses().iter().any(|one| one.pending > Some(0)) && Instant::now() < until {
        thread::yield_now();
    }
    assert!(notifier.stop());
    let statuses = notifier.statuses();
    let shown: Vec<_> = statuses.iter().map(|one| (one.kind, one.delivered, one.pending)).collect();
    assert_eq!(shown, [("discord", 3, Some(0)), ("webhook", 3, Some(0))]);
    assert!(!format!("{statuses:?}").contains("SECRET"));
}

#[test]
fn one_destination_that_hangs_holds_up_no_other_and_no_stop() {
    let (discord, webhook) = (Stub::new(|_| Answer::Hold), Stub::saying(vec![]));
    let outbox = Arc::new(MemoryOutbox::default());
    let notifier =
        Notifier::start(destinations(&discord, &webhook), &(outbox.clone() as Arc<dyn Outbox>)).unwrap();
    outbox.put(notifier.alerts_for(&facts(Kind::Opened, Severity::Critical, "latency_ms", 1), 0));
    notifier.wake();
    webhook.wait_for(1);
    discord.wait_for(1);
    let start = Instant::now();
    assert!(notifier.stop(), "the request is broken off, long before its deadline");
    assert!(start.elapsed() < STOP_WITHIN);
    assert_eq!(outbox.pending("discord").unwrap(), 1, "it is sent at the next start");
}

#[test]
fn a_look_up_that_hangs_is_left_behind() {
    struct Hanging(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>);
    impl Lookup for Hanging {
        fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            self.0.send(()).unwrap();
            let _ = self.1.lock().unwrap().recv();
            Err(io::ErrorKind::NotFound.into())
        }
    }
    let ((asked, was_asked), (end, hangs)) = (mpsc::channel(), mpsc::channel());
    let lookup = Arc::new(Hanging(asked, Mutex::new(hangs))) as Arc<dyn Lookup>;
    let settings = Settings {
        slack_url: Some("https://hooks.slack.com/services/T0/B0/SECRET".into()),
        ..Settings::default()
    };
    let destinations = Destinations::reached_by(&settings, Duration::from_mins(10), &lookup).unwrap();
    let outbox = Arc::new(MemoryOutbox::default());
    let notifier = Notifier::start(destinations, &(outbox.clone() as Arc<dyn Outbox>)).unwrap();
    outbox.put(notifier.alerts_for(&facts(Kind::Opened, Severity::Critical, "latency_ms", 1), 0));
    notifier.wake();
    was_asked.recv().unwrap();
    assert!(!notifier.stop());
    drop(end);
}

#[test]
fn the_same_event_has_the_same_id_and_another_for_each_destination() {
    let names = ["discord".to_owned(), "webhook".to_owned()];
    let facts = facts(Kind::Opened, Severity::Warning, "latency_ms", 1);
    let alerts = alerts_for(&names, &facts, 2);
    assert_eq!(alerts, alerts_for(&names, &facts, 2));
    assert_ne!(alerts[0].id, alerts[1].id);
    assert!(alerts.iter().all(|alert| alert.suppressed == 2 && alert.id.0.len() == 32));
    let kept = serde_json::to_string(&alerts).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Alert>>(&kept).unwrap(), alerts);
}

#[test]
fn the_facts_are_those_of_core_with_its_sentence() {
    let evidence =
        Evidence { value: 81.5, baseline: 20.0, level: 80.0, sigmas: 9.0, samples: 120, score: 1.2 };
    let event = Event {
        kind: Kind::Opened,
        cause: Cause::Drift,
        aspect: Aspect::Level,
        direction: Direction::Up,
        severity: Severity::Warning,
        onset: 1_700_000_000.5,
        at: 1_700_000_121.25,
        fired: None,
        evidence,
    };
    let subject = Subject { name: "latency_ms", unit: "ms" };
    let mut wanted = facts(Kind::Opened, Severity::Warning, "latency_ms", 1);
    wanted.explanation = drift_sre::explain(&event, &subject);
    assert_eq!(Facts::of(&event, "event-1", "shop", &subject), wanted);
}
