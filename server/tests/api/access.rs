//! Who is let in: keys, host names, origins, and what a server refuses to start with.

use serde_json::json;

use crate::{
    interface::operations,
    support::{Answer, Home, Server, now_ms, telemetry},
};

const KEY: &str = "0123456789abcdef";
const KEYED: (&str, &str) = ("DRIFT_SRE_API_KEY", KEY);

/// Operations that need no key: they tell nothing of anybody's services.
const OPEN: [&str; 3] = ["/health", "/livez", "/readyz"];
/// Pages that need one: what the interface looks like is nobody else's business.
const CLOSED_PAGES: [&str; 4] = ["/openapi.json", "/docs", "/docs/", "/docs/index.html"];

/// What a key may be told as, and whether that lets its sender in.
const CREDENTIALS: [(&str, &str, bool); 12] = [
    ("", "", false),
    ("", "?key=0123456789abcdef", false),
    ("", "?api_key=0123456789abcdef&token=0123456789abcdef", false),
    ("Bearer", "", false),
    ("Bearer ", "", false),
    ("Bearer 0123456789abcdeF", "", false),
    ("Bearer 0123456789abcdef0", "", false),
    ("Bearer  0123456789abcdef", "", false),
    ("Basic OjAxMjM0NTY3ODlhYmNkZWY=", "", false),
    ("0123456789abcdef", "", false),
    ("bearer 0123456789abcdef", "", true),
    ("Bearer 0123456789abcdef", "", true),
];

fn call(server: &Server, method: &str, path: &str, authorization: &str) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    if !authorization.is_empty() {
        headers.push(("authorization", authorization));
    }
    server.call(method, path, &headers, "")
}

#[test]
fn every_operation_but_the_open_ones_wants_the_key_as_a_header() {
    let server = Server::new(&[KEYED]);
    let pages = CLOSED_PAGES.map(|path| (path.to_owned(), "GET".to_owned()));
    let unrouted = [("/nowhere".to_owned(), "GET".to_owned()), ("/health".to_owned(), "DELETE".to_owned())];
    let mut operations = operations();
    operations.retain(|(path, _)| path != "/v1/live");
    for (path, method) in operations.into_iter().chain(pages).chain(unrouted) {
        let path = path.replace("{service_id}", "pay");
        let open = OPEN.contains(&&*path) && method == "GET";
        for (authorization, query, right) in CREDENTIALS {
            let answer = call(&server, &method, &format!("{path}{query}"), authorization);
            let case = format!("{method} {path}{query} '{authorization}': {}", answer.text());
            if open || right {
                assert_ne!(answer.status, 401, "{case}");
                assert!(answer.status < 500, "{case}");
            } else {
                answer.refused(401, "unauthorized");
                assert_eq!(answer.header("www-authenticate"), "Bearer", "{case}");
            }
        }
    }
    let log = server.stop().join("\n");
    assert!(!log.contains(KEY) && !log.contains("OjAxMjM0"), "no key is logged");
}

#[test]
fn the_document_says_which_operations_are_open() {
    let document = serde_json::to_value(drift_sre_server::http::openapi::document()).unwrap();
    for (path, method) in operations() {
        let operation = &document["paths"][&path][method.to_lowercase()];
        let security = operation.get("security").unwrap_or(&document["security"]);
        let wanted = if OPEN.contains(&&*path) { json!([{}]) } else { json!([{ "key": [] }]) };
        assert_eq!(security, &wanted, "{method} {path}");
    }
}

#[test]
fn a_load_balancer_needs_no_key() {
    let server = Server::new(&[KEYED]);
    for path in OPEN.into_iter().chain(["/"]) {
        for method in ["GET", "HEAD"] {
            assert_eq!(call(&server, method, path, "").status, 200, "{method} {path}");
        }
    }
}

#[test]
fn without_a_key_nothing_is_read_of_a_body_and_nothing_is_taken() {
    let server = Server::new(&[KEYED]);
    let body = telemetry("pay", 1.0, now_ms());
    server.post("/v1/telemetry", &body).refused(401, "unauthorized");
    let large = "x".repeat(1 << 16);
    server.call("POST", "/v1/telemetry/batch", &[], large).refused(401, "unauthorized");
    let status = call(&server, "GET", "/v1/system/status", "Bearer 0123456789abcdef").expect(200);
    assert_eq!(status["total_telemetry_records"], 0);
}

#[test]
fn each_key_of_a_file_lets_in() {
    let home = Home::new();
    let file = home.path("keys");
    std::fs::write(&file, "first-key-of-all-of-them\n\n  second-key-of-all-of-them  \n").unwrap();
    let file = file.to_str().unwrap().to_owned();
    let server = Server::owning(home, &[("DRIFT_SRE_API_KEY_FILE", &file)]);
    for key in ["first-key-of-all-of-them", "second-key-of-all-of-them"] {
        call(&server, "GET", "/v1/services", &format!("Bearer {key}")).expect(200);
    }
    call(&server, "GET", "/v1/services", "Bearer third-key-of-all-of-them").refused(401, "unauthorized");
}

#[test]
fn it_is_only_served_to_other_machines_with_a_key() {
    let home = Home::new();
    for host in ["0.0.0.0", "::", "192.0.2.1"] {
        let said = home.refusal(&[("API_HOST", host)]);
        assert!(said.contains("api_host must be a loopback address unless there is an API key"), "{said}");
    }
    let server = Server::at(&home, &[("API_HOST", "0.0.0.0"), KEYED]);
    assert!(server.address().ip().is_unspecified());
    server.stop();
    assert!(Server::at(&home, &[]).address().ip().is_loopback());
}

#[test]
fn what_it_cannot_start_with_is_told_by_its_name() {
    let home = Home::new();
    for (settings, wanted) in [
        ([("API_HOST", "everywhere")], "api_host must be an IP address, got 'everywhere'"),
        ([("DRIFT_SRE_API_KEY", "short")], "an API key must be 16 or more printable ASCII characters"),
        ([("DRIFT_SRE_API_KEY_FILE", "nowhere")], "could not read the API keys in nowhere"),
        ([("STORAGE_BACKEND", "redis")], "store must be sqlite or memory, got 'redis'"),
        ([("DRIFT_SRE_DURABILITY", "maybe")], "durability must be strict or unsafe, got 'maybe'"),
        ([("DRIFT_SRE_PRESET", "none")], "preset must be one of"),
        ([("MAX_SERVICE_ID_LENGTH", "0")], "max_service_id_length must be 1 to 256, got 0"),
        ([("TIMESTAMP_TOLERANCE_HOURS", "NaN")], "timestamp_tolerance_hours must be"),
        ([("TELEMETRY_RETENTION_DAYS", "-1")], "telemetry_retention_days must be"),
        (
            [("DISCORD_WEBHOOK_URL", "http://127.0.0.1/")],
            "DISCORD_WEBHOOK_URL must be at a host that is allowed",
        ),
        ([("API_PORT", "eighty")], "--api-port"),
    ] {
        let said = home.refusal(&settings);
        assert!(said.contains(wanted), "{settings:?}: {said}");
    }
    assert!(!home.database().exists(), "nothing is made before everything is known to be right");
}

#[test]
fn a_database_has_one_server() {
    let home = Home::new();
    let _server = Server::at(&home, &[]);
    assert!(home.refusal(&[]).contains("is in use by another drift-sre"));
}

#[test]
fn a_page_that_points_its_name_at_this_machine_reads_nothing() {
    let server = Server::new(&[("DRIFT_SRE_ALLOWED_HOSTS", "drift.example.com")]);
    let get = |host: &str| server.call("GET", "/v1/services", &[("host", host)], "");
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]", "drift.example.com:443"] {
        get(host).expect(200);
    }
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "drift.example.com.evil"]
    {
        get(host).refused(403, "unknown_host");
    }
}

/// A form of another page can be sent here without being asked for, and without JSON.
#[test]
fn a_page_from_elsewhere_changes_nothing() {
    let server = Server::new(&[("DRIFT_SRE_ALLOWED_HOSTS", "drift.example.com")]);
    server.post("/v1/telemetry", &telemetry("pay", 1.0, now_ms())).expect(202);
    let host = server.address().to_string();
    let reset = |headers: &[(&str, &str)]| server.call("POST", "/v1/services/pay/reset", headers, "");
    for origin in ["http://evil.example", "http://127.0.0.1:1", "http://203.0.113.7", "null"] {
        reset(&[("origin", origin)]).refused(403, "foreign_origin");
    }
    reset(&[("sec-fetch-site", "cross-site")]).refused(403, "foreign_origin");
    assert_eq!(server.get("/v1/health/pay").expect(200)["sample_count"], 1);
    for origin in [format!("http://{host}"), "https://drift.example.com".to_owned()] {
        reset(&[("origin", &origin), ("sec-fetch-site", "same-origin")]).expect(200);
    }
}
