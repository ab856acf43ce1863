//! `POST /v1/telemetry/batch`.

use serde_json::{Value, json};

use crate::support::{Answer, Home, Server, iso, now_ms, telemetry};

const LINES: (&str, &str) = ("content-type", "application/x-ndjson");
const ARRAY: (&str, &str) = ("content-type", "application/json");
const PATH: &str = "/v1/telemetry/batch";

fn lines(items: &[String]) -> String {
    items.join("\n")
}

fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn observations(count: i32) -> Vec<String> {
    let now = now_ms();
    (0..count).map(|i| telemetry("pay", 100.0 + f64::from(i), now - i64::from(i)).to_string()).collect()
}

fn summary(accepted: usize, rejected: usize, duplicates: usize) -> Value {
    json!({ "accepted": accepted, "rejected": rejected, "duplicates": duplicates, "errors": [] })
}

#[test]
fn arrays_and_lines_are_taken_alike() {
    let server = Server::new(&[]);
    let items = observations(3);
    let crlf = items.join("\r\n\r\n") + "\r\n";
    for (headers, body) in [
        ([ARRAY], array(&items)),
        ([ARRAY], "[]".to_owned()),
        ([LINES], lines(&items)),
        ([LINES], crlf),
        ([LINES], String::new()),
        ([("content-type", "application/ndjson; charset=utf-8")], lines(&items)),
    ] {
        let count = body.matches("service_id").count();
        assert_eq!(server.call("POST", PATH, &headers, body).expect(202), summary(count, 0, 0));
    }
    assert_eq!(server.get("/v1/health/pay").expect(200)["sample_count"], 12);
}

#[test]
fn what_is_wrong_is_told_by_its_position_and_the_rest_is_kept() {
    let home = Home::new();
    let server = Server::at(&home, &[]);
    let mut items = observations(10_000);
    items[17] = "{".to_owned();
    items[4_999] = items[4_999].replace("\"pay\"", "\"\"");
    items[9_999] = r#"{"service_id":"pay","latency_ms":-1,"payload_kb":1}"#.to_owned();
    let answer = server.call("POST", PATH, &[LINES], lines(&items)).expect(207);
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(9_997), &json!(3)));
    let errors: Vec<_> = answer["errors"].as_array().unwrap().iter().map(index_and_code).collect();
    let wanted = [(17, "invalid_json"), (4_999, "invalid_observation"), (9_999, "invalid_observation")];
    assert_eq!(errors, wanted.map(|(index, code)| (index, code.to_owned())));
    assert_eq!(answer["errors"][2]["message"], "latency_ms must be 0 to 300000, got -1");
    server.kill();
    let server = Server::at(&home, &[]);
    assert_eq!(server.get("/v1/health/pay").expect(200)["sample_count"], 9_997);
}

fn index_and_code(error: &Value) -> (u64, String) {
    let keys: Vec<_> = error.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "index", "message"]);
    (error["index"].as_u64().unwrap(), error["code"].as_str().unwrap().to_owned())
}

#[test]
fn the_first_thousand_errors_are_told_and_all_are_counted() {
    let server = Server::new(&[]);
    let items = vec!["{}".to_owned(); 1_500];
    let answer = server.call("POST", PATH, &[LINES], lines(&items)).expect(207);
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(0), &json!(1_500)));
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1_000);
    assert_eq!(answer["errors"][999]["index"], 999);
}

#[test]
fn an_array_that_breaks_off_is_refused_and_says_what_was_taken_before() {
    let server = Server::new(&[]);
    let whole = array(&observations(5));
    for body in [&whole[..whole.len() - 1], "{}", "7", "[{}", ""] {
        let answer = server.call("POST", PATH, &[ARRAY], body);
        answer.refused(400, "invalid_json");
        assert!(answer.json()["error"]["details"]["accepted"].is_u64(), "{}", answer.text());
    }
}

#[test]
fn an_item_that_is_too_long_keeps_no_other_out() {
    let server = Server::new(&[]);
    let mut items = observations(3);
    items[1] = format!(r#"{{"service_id":"{}"}}"#, "s".repeat(20_000));
    let answer = server.call("POST", PATH, &[LINES], lines(&items)).expect(207);
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(2), &json!(1)));
    assert_eq!(index_and_code(&answer["errors"][0]), (1, "item_too_large".to_owned()));
}

#[test]
fn sent_ten_times_it_counts_once_also_after_a_restart() {
    let home = Home::new();
    let now = now_ms();
    let named: Vec<_> = (0..50)
        .map(|i| {
            let mut item = telemetry("pay", 150.0, now - i);
            item["event_id"] = json!(format!("e-{i}"));
            item.to_string()
        })
        .collect();
    let unnamed: Vec<_> = (0..50).map(|i| telemetry("shop", 150.0, now - i).to_string()).collect();
    let send = |server: &Server| -> [Answer; 2] {
        let headers = [LINES, ("idempotency-key", "upload-1")];
        let by_key = server.call("POST", PATH, &headers, lines(&unnamed));
        [server.call("POST", PATH, &[ARRAY], array(&named)), by_key]
    };
    let mut server = Server::at(&home, &[]);
    for round in 0..10 {
        let wanted = if round == 0 { summary(50, 0, 0) } else { summary(0, 0, 50) };
        for answer in send(&server) {
            assert_eq!(answer.expect(202), wanted, "round {round}");
        }
        if round == 5 {
            server.kill();
            server = Server::at(&home, &[]);
        }
    }
    for name in ["pay", "shop"] {
        assert_eq!(server.get(&format!("/v1/health/{name}")).expect(200)["sample_count"], 50);
    }
}

#[test]
fn under_a_key_used_before_other_items_are_refused_one_by_one() {
    let server = Server::new(&[]);
    let headers = [LINES, ("idempotency-key", "upload-1")];
    let mut items = observations(3);
    server.call("POST", PATH, &headers, lines(&items)).expect(202);
    items[1] = telemetry("pay", 1.0, now_ms()).to_string();
    let answer = server.call("POST", PATH, &headers, lines(&items)).expect(207);
    assert_eq!((&answer["duplicates"], &answer["rejected"]), (&json!(2), &json!(1)));
    assert_eq!(index_and_code(&answer["errors"][0]), (1, "idempotency_key_reused".to_owned()));
}

#[test]
fn the_same_name_twice_in_one_batch_counts_once() {
    let server = Server::new(&[]);
    let item = json!({ "service_id": "pay", "latency_ms": 1, "payload_kb": 1, "event_id": "e",
        "timestamp": iso(now_ms()) });
    let answer = server.post(PATH, &json!([item, item, item])).expect(202);
    assert_eq!(answer, summary(1, 0, 2));
}

#[test]
fn beyond_the_limit_new_services_are_refused_and_known_ones_are_not() {
    let server = Server::new(&[("DRIFT_SRE_MAX_SERIES", "4")]);
    let now = now_ms();
    let items: Vec<_> = ["a", "b", "c", "a", "d"].map(|name| telemetry(name, 1.0, now)).into();
    let answer = server.post(PATH, &json!(items)).expect(207);
    assert_eq!(answer["accepted"], 3);
    let errors: Vec<_> = answer["errors"].as_array().unwrap().iter().map(index_and_code).collect();
    assert_eq!(errors, [2, 4].map(|index| (index, "stream_limit".to_owned())));
}
