//! A crash at any step of a fold, with more being told between the steps, loses nothing and counts nothing twice.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use tokio::sync::broadcast;

use super::super::{Announcer, Intake, Worker};
use crate::{
    config::Config,
    notify::{self, Destinations, Notifier, Outbox},
    observation::{Observation, What},
    series::Point,
    settings::Layer,
    store::{Reader, Store, sqlite::Sqlite},
};

/// So many that it takes several transactions to fold them.
const MANY: usize = 200;

fn worker(path: &Path) -> (Worker, Arc<dyn Reader>) {
    let config = Config::new(&Layer::default().over(Layer::default()), None).unwrap();
    let store = Sqlite::open(path.to_owned(), true).unwrap();
    let reader = store.reader();
    let outbox: Arc<dyn Outbox> = Arc::clone(&reader) as _;
    let nobody = Destinations::new(&notify::Settings::default()).unwrap();
    let notifier = Arc::new(Notifier::start(nobody, &outbox).unwrap());
    let announcer = Announcer { notifier, cool_down: Duration::ZERO, live: broadcast::channel(1).0 };
    let mut worker = Worker::new(config, Box::new(store), Arc::default(), Arc::default(), announcer);
    worker.recover().unwrap();
    (worker, reader)
}

/// Every service is told one thing more.
fn tell(worker: &mut Worker, round: i64) {
    let (intake, commands) = Intake::new(1 << 20);
    let observations = (0..MANY).map(|service| {
        let latency_ms = if round > 45 { 900.0 } else { 100.0 + (round % 7) as f64 };
        let what = What::Telemetry { latency_ms, payload_kb: service as f64 };
        Observation { service: format!("service-{service}").into(), at_ms: 1000 * round, what, once: None }
    });
    let answer = intake.submit(observations.collect()).unwrap();
    assert!(worker.serve(commands.recv().unwrap(), &commands));
    assert!(
        answer.blocking_recv().unwrap().iter().all(|outcome| *outcome == super::super::Outcome::Accepted)
    );
}

/// Every state, and every value that was seen, wherever it is by now.
fn all(worker: &Worker, reader: &Arc<dyn Reader>) -> BTreeMap<String, (Vec<u8>, Vec<Vec<f64>>)> {
    let mut all = BTreeMap::new();
    worker.registry.each(|name, service| {
        let seen = service.series.iter().zip(0..).map(|(series, position)| {
            let (_, stored) = reader.points(service.id, position, usize::MAX >> 1).unwrap();
            let value = |point: &Point| point.value;
            stored.iter().map(value).chain(series.pending.iter().map(value)).collect()
        });
        all.insert(name.to_string(), (service.store().unwrap(), seen.collect()));
    });
    all
}

#[test]
fn a_crash_at_any_step_of_a_fold_loses_nothing_and_counts_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (mut whole, whole_reader) = worker(&folder.path().join("whole.db"));
    for round in 0..50 {
        tell(&mut whole, round);
    }
    let expected = all(&whole, &whole_reader);
    assert_eq!(whole.total, 50 * MANY as u64);
    for steps in 0..6 {
        let path = folder.path().join(format!("{steps}.db"));
        let (mut crashing, _) = worker(&path);
        for round in 0..44 {
            tell(&mut crashing, round);
        }
        crashing.begin_fold();
        for round in 44..44 + steps {
            // After which it folds a little.
            tell(&mut crashing, round);
        }
        assert_eq!(crashing.folding.is_none(), steps > 3, "three transactions fold them, a fourth ends it");
        drop(crashing);
        let (mut revived, reader) = worker(&path);
        assert_eq!(revived.total, (44 + steps.cast_unsigned()) * MANY as u64, "{steps} steps");
        for round in 44 + steps..50 {
            tell(&mut revived, round);
        }
        assert!(all(&revived, &reader) == expected, "{steps} steps");
        revived.fold_all();
        assert!(all(&revived, &reader) == expected, "{steps} steps, and all folded");
        assert!(revived.store.journal().unwrap().is_empty());
    }
}
