//! Every code of a refusal, each reached by a request.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use drift_sre_server::http::error::CODES;
use rusqlite::Connection;
use serde_json::json;

use crate::support::{Answer, Home, Server, now_ms, telemetry};

const JSON: (&str, &str) = ("content-type", "application/json");
const KEY: (&str, &str) = ("DRIFT_SRE_API_KEY", "0123456789abcdef");

/// The status and code of an answer, or of the first item that it refuses.
fn told(answer: &Answer) -> (String, u16) {
    let body = answer.json();
    let code = body["error"]["code"].as_str().or(body["errors"][0]["code"].as_str());
    (code.unwrap_or_else(|| panic!("{body}")).to_owned(), answer.status)
}

#[test]
fn each_code_is_reached_by_a_request() {
    let mut seen = BTreeMap::new();
    let mut see = |answer: &Answer| {
        let (code, status) = told(answer);
        if matches!(status, 503 | 507) {
            assert_eq!(answer.header("retry-after"), "1", "{code}");
        }
        seen.insert(code, status);
    };
    requests(&mut see);
    storage(&mut see);
    let keyed = Server::new(&[KEY]);
    let answer = keyed.get("/v1/services");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    see(&answer);

    // Those that items of a batch are refused by come with 207 there.
    let alone: BTreeMap<_, _> = CODES.into_iter().map(|(code, status)| (code.to_owned(), status)).collect();
    assert_eq!(seen.keys().collect::<Vec<_>>(), alone.keys().collect::<Vec<_>>());
    for (code, status) in seen {
        assert!(status == alone[&code] || (status == 207 && code == "item_too_large"), "{code}: {status}");
    }
}

fn requests(see: &mut impl FnMut(&Answer)) {
    let server = Server::new(&[("DRIFT_SRE_MAX_SERIES", "2"), ("DRIFT_SRE_BODY_TIMEOUT_SECS", "0.2")]);
    let (path, now) = ("/v1/telemetry", now_ms());
    let post = |headers: &[(&str, &str)], body: &str| server.call("POST", path, headers, body);
    see(&post(&[JSON], "{"));
    see(&post(&[JSON, ("content-encoding", "gzip")], "{}"));
    see(&post(&[JSON, ("content-encoding", "br")], "{}"));
    see(&post(&[], "{}"));
    see(&post(&[JSON], "{}"));
    see(&post(&[JSON], &" ".repeat(65 << 10)));
    see(&server.post(path, &telemetry("pay", 1.0, 0)));
    server.post(path, &telemetry("pay", 1.0, now)).expect(202);
    see(&server.post(path, &telemetry("shop", 1.0, now)));
    let named = |latency: f64| json!({ "service_id": "pay", "latency_ms": latency, "payload_kb": 1, "event_id": "e" });
    server.post(path, &named(1.0)).expect(202);
    see(&server.post(path, &named(2.0)));
    let long = json!([{ "service_id": "s".repeat(20_000) }]);
    see(&server.post("/v1/telemetry/batch", &long));
    see(&server.call("GET", "/health", &[("host", "evil.example")], ""));
    see(&server.call("POST", "/v1/services/pay/reset", &[("origin", "http://evil.example")], ""));
    see(&server.get("/nowhere"));
    see(&server.get("/v1/timeline/nobody"));
    see(&server.get("/v1/baseline/nobody"));
    see(&server.call("DELETE", "/health", &[], ""));
    see(&raw(&server, "Content-Length: 9\r\n\r\n{"));
    see(&raw(&server, "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"));

    let listeners: Vec<_> = (0..64).map(|_| listen(&server)).collect();
    see(&server.get("/v1/live"));
    drop(listeners);
}

fn listen(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(b"GET /v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut status = String::new();
    BufReader::new(&stream).read_line(&mut status).unwrap();
    assert_eq!(status, "HTTP/1.1 200 OK\r\n");
    stream
}

/// What a post is answered that no client library sends: here with a body that never comes, or encoded twice.
fn raw(server: &Server, rest: &str) -> Answer {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = "POST /v1/telemetry HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    stream.write_all(format!("{head}{rest}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let headers = [("content-type".parse().unwrap(), "application/json".parse().unwrap())];
    Answer { status, headers: headers.into_iter().collect(), body: body.into() }
}

/// What the store's troubles are told as: tables are taken away from under it.
fn storage(see: &mut impl FnMut(&Answer)) {
    let (server, database) = with_database();
    database.execute_batch("ALTER TABLE event RENAME TO gone").unwrap();
    see(&server.get("/v1/events"));
    database.execute_batch("ALTER TABLE journal RENAME TO lost").unwrap();
    see(&server.post("/v1/telemetry", &telemetry("pay", 1.0, now_ms())));
    assert_eq!(server.get("/readyz").expect(503), json!({ "status": "degraded", "trouble": "store_failed" }));
    assert_eq!(server.get("/v1/system/status").expect(200)["status"], "degraded");
    server.get("/health").expect(200);

    let (server, database) = with_database();
    fill(&database);
    see(&server.post("/v1/telemetry", &telemetry("pay", 1.0, now_ms())));
}

fn with_database() -> (Server, Connection) {
    let home = Home::new();
    let database = home.database();
    let server = Server::owning(home, &[]);
    server.post("/v1/telemetry", &telemetry("pay", 1.0, now_ms())).expect(202);
    (server, Connection::open(database).unwrap())
}

/// From here on every entry of the journal fails as if the disk were full: `SQLite` says the same of a table whose numbers
/// are used up.
fn fill(database: &Connection) {
    let sql = "CREATE TABLE room (place INTEGER PRIMARY KEY AUTOINCREMENT);
               INSERT INTO room VALUES (9223372036854775807);
               CREATE TRIGGER no_room BEFORE INSERT ON journal BEGIN INSERT INTO room VALUES (NULL); END;";
    database.execute_batch(sql).unwrap();
}

#[test]
fn once_there_is_room_again_what_is_told_is_stored_again() {
    let (server, database) = with_database();
    fill(&database);
    for _ in 0..3 {
        server.post("/v1/telemetry", &telemetry("pay", 1.0, now_ms())).refused(507, "disk_full");
    }
    let batch = json!([telemetry("pay", 1.0, now_ms()), telemetry("shop", 1.0, now_ms())]);
    let answer = server.post("/v1/telemetry/batch", &batch);
    answer.refused(507, "disk_full");
    let counts = json!({ "accepted": 0, "rejected": 2, "duplicates": 0 });
    assert_eq!(answer.json()["error"]["details"], counts);
    assert_eq!(server.get("/readyz").expect(503)["trouble"], "disk_full");
    assert_eq!(server.get("/v1/health/pay").expect(200)["sample_count"], 1);
    database.execute_batch("DROP TRIGGER no_room").unwrap();
    assert_eq!(server.post("/v1/telemetry/batch", &batch).expect(202)["accepted"], 2);
    assert_eq!(server.get("/readyz").expect(200)["status"], "ready");
    assert_eq!(server.get("/v1/health/pay").expect(200)["sample_count"], 2);
}
