//! A restart is as if there had been none: every answer is, bit for bit, that of a server that never stopped.

use serde_json::{Value, json};

use crate::support::{Home, Server, Signal, now_ms, telemetry};

/// Everything that is told of these services.
fn told(server: &Server, services: &[String]) -> Value {
    let each = services.iter().map(|name| {
        let get = |path: &str| server.get(&format!("{path}/{name}")).json();
        json!([
            get("/v1/health"),
            get("/v1/baseline"),
            server.get(&format!("/v1/timeline/{name}?points=20000")).json(),
            server.get(&format!("/v1/timeline/{name}?points=20000&metric=payload_kb")).json(),
        ])
    });
    json!({ "services": each.collect::<Vec<_>>(), "events": server.get("/v1/events?limit=1000").json() })
}

/// What is sent, batch by batch: every service's signal has a spike, at a time of its own.
fn batches(services: &[String]) -> Vec<Value> {
    let start = now_ms() - 1_800_000;
    let signals: Vec<_> = (0..).zip(services).map(|(seed, _)| Signal::spike().values(seed)).collect();
    let mut batches = vec![];
    for first in (0..600).step_by(40) {
        let mut items = vec![];
        for i in first..first + 40 {
            for (name, signal) in services.iter().zip(&signals) {
                items.push(telemetry(name, signal[i], start + 100 * i64::try_from(i).unwrap()));
            }
        }
        batches.push(json!(items));
    }
    batches
}

fn send(server: &Server, batch: &Value) {
    let answer = server.post("/v1/telemetry/batch", batch).expect(202);
    assert_eq!(answer["accepted"], batch.as_array().unwrap().len());
}

fn uninterrupted(services: &[String], batches: &[Value]) -> Value {
    let server = Server::new(&[("STORAGE_BACKEND", "memory")]);
    for batch in batches {
        send(&server, batch);
    }
    told(&server, services)
}

/// The first place where two answers differ: all of them would fill the screen.
#[track_caller]
fn assert_same(got: &Value, wanted: &Value, place: &str) {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) if got.len() == wanted.len() => {
            got.iter().for_each(|(key, got)| assert_same(got, &wanted[key], &format!("{place}.{key}")));
        }
        (Value::Array(got), Value::Array(wanted)) if got.len() == wanted.len() => {
            let pairs = got.iter().zip(wanted).enumerate();
            pairs.for_each(|(i, (got, wanted))| assert_same(got, wanted, &format!("{place}[{i}]")));
        }
        (Value::Number(got), Value::Number(wanted)) if is_for_charts(place) => {
            let (got, wanted) = (got.as_f64().unwrap(), wanted.as_f64().unwrap());
            assert!((got - wanted).abs() <= 0.005 * wanted.abs(), "{place}: {got} for {wanted}");
        }
        _ => assert_eq!(got, wanted, "{place}"),
    }
}

/// What was expected of each measurement is kept to three digits; the measurement itself is kept as it was.
fn is_for_charts(place: &str) -> bool {
    ["].baseline[", "].lower[", "].upper[", "].scores["].iter().any(|column| place.contains(column))
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("service-{i}")).collect()
}

#[test]
fn stopped_or_killed_at_any_batch_it_goes_on_where_it_was() {
    let services = names(4);
    let batches = batches(&services);
    let wanted = uninterrupted(&services, &batches);
    assert!(wanted["events"]["count"].as_u64().unwrap() >= 12, "{}", wanted["events"]);
    let home = Home::new();
    let mut server = Server::at(&home, &[]);
    for (i, batch) in batches.iter().enumerate() {
        send(&server, batch);
        if i % 2 == 0 {
            server.stop();
        } else {
            server.kill();
        }
        server = Server::at(&home, &[]);
    }
    assert_same(&told(&server, &services), &wanted, "");
}

/// So many services do not fit in one mebibyte: each is put away and brought back all the time.
#[test]
fn services_that_are_put_away_and_brought_back_are_as_they_were() {
    let services = names(128);
    let batches = batches(&services);
    let wanted = uninterrupted(&services, &batches);
    let home = Home::new();
    let small = [("DRIFT_SRE_RESIDENT_MIB", "1")];
    let mut server = Server::at(&home, &small);
    for (i, batch) in batches.iter().enumerate() {
        send(&server, batch);
        match i % 5 {
            2 => server.kill(),
            4 => drop(server.stop()),
            _ => continue,
        }
        server = Server::at(&home, &small);
    }
    let resident = server.get("/v1/services").expect(200)["count"].as_u64().unwrap();
    assert!(resident < 128, "{resident} of 128 are in memory: none was put away");
    assert_same(&told(&server, &services), &wanted, "");
    server.stop();
    assert_same(&told(&Server::at(&home, &small), &services), &wanted, "");
}

#[test]
fn what_is_accepted_while_it_is_told_to_stop_is_there_afterwards() {
    let home = Home::new();
    let server = Server::at(&home, &[]);
    let address = server.address();
    let (mut accepted, now) = (0, now_ms());
    let agent = ureq::Agent::new_with_defaults();
    std::thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let url = format!("http://{address}/v1/telemetry");
            (0..100_000)
                .take_while(|_| agent.post(&url).send_json(telemetry("pay", 1.0, now)).is_ok())
                .count()
        });
        let taken = || server.get("/v1/system/status").json()["total_telemetry_records"].as_u64().unwrap();
        assert!((0..100_000).any(|_| taken() > 50), "it takes what it is told");
        server.stop();
        accepted = sender.join().unwrap();
    });
    let server = Server::at(&home, &[]);
    let kept = server.get("/v1/health/pay").expect(200)["sample_count"].as_u64().unwrap();
    // One more may have been stored whose answer was lost.
    let accepted = accepted as u64;
    assert!(accepted > 50 && (accepted..=accepted + 1).contains(&kept), "{accepted} accepted, {kept} kept");
}

#[test]
fn a_damaged_database_is_put_aside_and_does_not_keep_the_server_from_starting() {
    let whole = Home::new();
    let server = Server::at(&whole, &[]);
    let names = names(3);
    batches(&names).iter().take(3).for_each(|batch| send(&server, batch));
    server.stop();
    let bytes = std::fs::read(whole.database()).unwrap();
    let cases: [(&str, std::ops::Range<usize>); 3] =
        [("the first byte", 0..1), ("the schema", 100..4096), ("all but the first page", 4096..bytes.len())];
    for (what, range) in cases {
        let home = Home::new();
        let mut damaged = bytes.clone();
        damaged[range].iter_mut().for_each(|byte| *byte ^= 0xa5);
        std::fs::write(home.database(), &damaged).unwrap();
        let server = Server::at(&home, &[]);
        assert_eq!(server.get("/readyz").expect(200)["status"], "ready", "{what}");
        assert_eq!(server.get("/v1/system/status").json()["total_telemetry_records"], 0, "{what}");
        server.post("/v1/telemetry", &telemetry("pay", 1.0, now_ms())).expect(202);
        let log = server.stop();
        assert!(
            log.iter().any(|line| line.contains("put aside") && line.contains("ERROR")),
            "{what}: {log:?}"
        );
        let folder = std::fs::read_dir(home.path("")).unwrap().map(|entry| entry.unwrap().path());
        let is_kept = |path: &String| path.contains("db.damaged-") && path.ends_with('Z');
        let kept: Vec<_> = folder.map(|path| path.to_string_lossy().into_owned()).filter(is_kept).collect();
        assert_eq!(kept.len(), 1, "{what}: {kept:?}");
        assert!(std::fs::read(&kept[0]).unwrap() == damaged, "{what}: it is kept as it was");
        let server = Server::at(&home, &[]);
        assert_eq!(
            server.get("/v1/health/pay").expect(200)["service_id"],
            "pay",
            "{what}: what came since is stored"
        );
    }
}
