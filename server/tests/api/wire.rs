//! What is sent below HTTP libraries: requests that two servers could read in two ways get one answer, a refusal.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::support::Server;

/// All that is answered to these bytes, until the server closes.
fn exchange(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = vec![];
    // It may be closed before everything sent was read, which is a reset.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn statuses(answer: &str) -> Vec<u16> {
    let starts = answer.split("HTTP/1.1 ").skip(1);
    starts.map(|rest| rest.split(' ').next().unwrap().parse().unwrap()).collect()
}

const BODY: &str = r#"{"service_id":"pay","latency_ms":1,"payload_kb":1}"#;
/// Answered like any other if it is taken for a request of its own.
const NEXT: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn a_request_that_can_be_read_in_two_ways_is_refused_once() {
    let server = Server::new(&[]);
    let post = "POST /v1/telemetry HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let chunked = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    let length = BODY.len();
    let get = "GET /health HTTP/1.1\r\nHost: localhost\r\n";
    let table = [
        ("two lengths", format!("{post}Content-Length: {length}\r\nContent-Length: 5\r\n\r\n{BODY}")),
        ("a list of lengths", format!("{post}Content-Length: {length}, 5\r\n\r\n{BODY}")),
        ("a signed length", format!("{post}Content-Length: +{length}\r\n\r\n{BODY}")),
        ("an encoding after chunks", format!("{post}Transfer-Encoding: chunked, gzip\r\n\r\n{chunked}")),
        (
            "chunks twice",
            format!("{post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"),
        ),
        ("an unknown encoding", format!("{post}Transfer-Encoding: xchunked\r\n\r\n{chunked}")),
        ("a folded line", format!("{get}X-Long: one\r\n two\r\n\r\n")),
        (
            "a folded encoding",
            format!("{post}Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n{chunked}"),
        ),
        ("a space before the colon", format!("{post}Content-Length : {length}\r\n\r\n{BODY}")),
        ("two hosts", format!("{get}Host: evil.example\r\n\r\n")),
        ("no host", "GET /v1/services HTTP/1.1\r\n\r\n".to_owned()),
        (
            "a chunk without a size",
            format!("{post}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{BODY}\r\n0\r\n\r\n"),
        ),
        ("a bare line feed in a name", format!("{get}X-A\nB: c\r\n\r\n")),
        ("a null in a value", format!("{get}X-A: b\0c\r\n\r\n")),
    ];
    for (name, request) in table {
        let answer = exchange(&server, &(request + NEXT));
        let statuses = statuses(&answer);
        assert_eq!(statuses.len(), 1, "{name}: {answer}");
        assert!(matches!(statuses[0], 400 | 403), "{name}: {answer}");
    }
    assert_eq!(server.get("/v1/system/status").expect(200)["total_telemetry_records"], 0);
}

/// RFC 9112, section 6.3: the length counts for nothing, and whatever follows is not read.
#[test]
fn beside_chunks_a_length_is_not_believed_and_the_connection_ends() {
    let server = Server::new(&[]);
    let post = "POST /v1/telemetry HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let chunked = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    for headers in [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked", chunked.len() + NEXT.len()),
        "Content-Length: 5\r\nTransfer-Encoding: chunked".to_owned(),
        "Transfer-Encoding: chunked\r\nContent-Length: 5".to_owned(),
    ] {
        let answer = exchange(&server, &format!("{post}{headers}\r\n\r\n{chunked}{NEXT}"));
        assert_eq!(statuses(&answer), [202], "{headers}: {answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
}

#[test]
fn requests_sent_in_one_go_are_answered_in_their_order() {
    let server = Server::new(&[]);
    let post = format!(
        "POST /v1/telemetry HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let answer = exchange(&server, &format!("{post}{post}{NEXT}"));
    assert_eq!(statuses(&answer), [202, 202, 200]);
}

#[test]
fn a_head_has_a_longest_length() {
    let server = Server::new(&[]);
    let long = "x".repeat(20_000);
    for request in [
        format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: {long}\r\n\r\n"),
    ] {
        let statuses = statuses(&exchange(&server, &request));
        assert!(matches!(statuses[..], [400 | 414 | 431]), "{statuses:?}");
    }
}
