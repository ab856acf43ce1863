//! `/openapi.json` and `/docs`, and that what they say is what there is.

use std::collections::BTreeSet;

use drift_sre_server::http::openapi;
use serde_json::{Value, json};

use crate::support::Server;

/// Each operation: path and method.
pub(crate) fn operations() -> Vec<(String, String)> {
    let document = serde_json::to_value(openapi::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let methods = |item: &Value| item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    paths
        .iter()
        .flat_map(|(path, item)| {
            methods(item).into_iter().map(|method| (path.clone(), method.to_uppercase()))
        })
        .collect()
}

/// Paths that are for people, or for finding the others.
const PAGES: [&str; 5] = ["/", "/openapi.json", "/docs", "/docs/", "/docs/{*path}"];

#[test]
fn the_document_lists_every_route_and_no_other() {
    let source = include_str!("../../src/http/router.rs");
    let routed: BTreeSet<_> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix(".route(\"")?.split_once("\", "))
        .map(|(path, handler)| (path.to_owned(), handler.split('(').next().unwrap().to_uppercase()))
        .filter(|(path, _)| !PAGES.contains(&&**path))
        .collect();
    assert_eq!(routed, operations().into_iter().collect());
    assert!(routed.len() >= 16, "{routed:?}");
}

#[test]
fn the_document_is_served_as_it_is() {
    let key = "0123456789abcdef";
    let server = Server::new(&[("DRIFT_SRE_API_KEY", key)]);
    let headers = [("authorization", "Bearer 0123456789abcdef")];
    let document = server.call("GET", "/openapi.json", &headers, "").expect(200);
    assert_eq!(document, serde_json::to_value(openapi::document()).unwrap());
    assert_eq!(document["security"], json!([{ "key": [] }]));
    let open = Server::new(&[]).get("/openapi.json").expect(200);
    assert_eq!(open["security"], Value::Null, "a server without keys asks for none");
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_documentation_is_a_page_that_reads_the_document() {
    let server = Server::new(&[]);
    let answer = server.get("/docs");
    assert_eq!((answer.status, answer.header("location")), (308, "/docs/"));
    let page = server.get("/docs/");
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let script = server.get("/docs/swagger-initializer.js");
    assert!(script.text().contains("/openapi.json"));
    server.get("/docs/none.js").refused(404, "not_found");
    server.get("/docs/../../etc/passwd").refused(404, "not_found");
}

#[test]
fn another_method_is_refused_and_told_which_ones_are_taken() {
    let server = Server::new(&[]);
    for (path, method) in operations() {
        let path = path.replace("{service_id}", "pay");
        for other in ["PUT", "DELETE", "PATCH", if method == "GET" { "POST" } else { "GET" }] {
            let answer = server.call(other, &path, &[], "");
            answer.refused(405, "method_not_allowed");
            let allowed: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
            assert!(allowed.contains(&&*method), "{other} {path}: {allowed:?}");
        }
    }
}

#[test]
fn a_head_is_an_answer_without_its_body() {
    let server = Server::new(&[]);
    for path in ["/health", "/readyz", "/v1/services", "/v1/health/pay", "/openapi.json", "/metrics"] {
        let (head, get) = (server.call("HEAD", path, &[], ""), server.get(path));
        assert_eq!(head.status, 200, "{path}");
        assert!(head.body.is_empty());
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
    assert_eq!(server.call("HEAD", "/v1/baseline/nobody", &[], "").status, 404);
}

#[test]
fn every_answer_forbids_what_no_page_of_ours_does() {
    let server = Server::new(&[]);
    for path in ["/", "/health", "/nowhere", "/docs/", "/v1/baseline/nobody"] {
        let answer = server.get(path);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}
