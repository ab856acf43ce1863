"""The client: what it sends, how it fares with a server that misbehaves, and that none of that is felt."""

from __future__ import annotations

import copy
import http.client
import json
import logging
import pickle
import queue
import socket
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from drift_sre.client import DriftClient, DriftClientError
from test_outbox import until
from webhook import PATIENCE, Stub, answers, drips, http_reply, listening, never

KEY = "CANARY-s3rv3r-k3y"


def reply(status, answer, *headers):
    return http_reply(status, json.dumps(answer).encode(), "Content-Type: application/json", *headers)


def failure(status, code, *headers):
    return reply(status, {"error": {"code": code, "message": f"it is {code}"}, "detail": "the same"}, *headers)


ACCEPTED = reply(202, {"accepted": 1, "rejected": 0, "errors": []})


class Impatient:
    """Instead of chance: a fiftieth of any pause that is the client's own choice."""

    def uniform(self, low, high):
        return 0.02 if low < 1 else low


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    monkeypatch.setattr("drift_sre.client.backlog._chance", Impatient())


@pytest.fixture
def connect():
    """Makes clients of a stub's, without patience, which are closed in the end."""
    clients = []

    def connected(stub, **options):
        url = f"http://127.0.0.1:{stub.port}"
        clients.append(DriftClient(url, **{"api_key": KEY, "flush_interval": 0.0, "timeout": 0.4, **options}))
        return clients[-1]

    yield connected
    for client in clients:
        client.close(0.0)


def events_of(request):
    return [json.loads(line) for line in request.body.splitlines()]


def taken(stats):
    return stats["sent"] + stats["rejected"] + stats["dropped"] + stats["queued"]


def test_events_go_out_in_one_batch_with_a_key_of_its_own(connect):
    with listening(Stub(answers(ACCEPTED))) as stub:
        client = connect(stub, flush_interval=60.0)
        assert client.send("checkout", 12.5, 3)
        at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
        assert client.send("payment", 7, 0.5, at, "order 17")
        assert client.send("payment", 7, 0.5, 1_767_312_245.25)
        assert client.send("payment", 7, 0.5, "2026-01-02T01:04:05Z")
        assert client.flush(PATIENCE)
        request = stub.requests.get(timeout=PATIENCE)
        assert stub.requests.empty()
    assert request.line == "POST /v1/telemetry/batch HTTP/1.1"
    assert request.headers["Content-Type"] == "application/x-ndjson"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert len(request.headers["Idempotency-Key"]) == 32
    now, *others = events_of(request)
    sent_at = datetime.fromisoformat(now.pop("timestamp"))
    assert abs(sent_at - datetime.now(timezone.utc)) < timedelta(seconds=PATIENCE)
    assert now == {"service_id": "checkout", "latency_ms": 12.5, "payload_kb": 3.0}
    payment = {"service_id": "payment", "latency_ms": 7.0, "payload_kb": 0.5}
    assert others == [
        {**payment, "timestamp": "2026-01-02T01:04:05+00:00", "event_id": "order 17"},
        {**payment, "timestamp": "2026-01-02T00:04:05.250000+00:00"},
        {**payment, "timestamp": "2026-01-02T01:04:05Z"},
    ]
    assert client.stats() == {
        "sent": 4, "rejected": 0, "dropped": 0, "invalid": 0, "failed": 0, "queued": 0, "errors": {}
    }  # fmt: skip


def test_a_path_before_the_api_s_is_kept_and_no_key_sends_no_header(connect):
    with listening(Stub(answers(ACCEPTED))) as stub, DriftClient(f"http://localhost:{stub.port}/drift/") as client:
        client.send("checkout", 1, 1)
        assert client.flush(PATIENCE)
        request = stub.requests.get(timeout=PATIENCE)
    assert request.line.split()[1] == "/drift/v1/telemetry/batch"
    assert request.headers["Authorization"] is None


def test_what_the_server_refuses_is_counted_by_code_and_told_once(connect, caplog):
    refusal = reply(207, {"accepted": 1, "rejected": 2, "errors": [
        {"index": 0, "code": "bad_timestamp", "message": "too old"},
        {"index": 2, "code": f"no-{KEY}", "message": "?"},
    ]})  # fmt: skip
    with listening(Stub(answers(refusal))) as stub:
        client = connect(stub, flush_interval=60.0)
        for _ in range(2):
            for _ in range(3):
                client.send("checkout", 1, 1)
            assert client.flush(PATIENCE)
    stats = client.stats()
    assert (stats["sent"], stats["rejected"]) == (2, 4)
    assert stats["errors"] == {"bad_timestamp": 2, "unknown": 2}
    (record,) = caplog.records
    assert record.getMessage().endswith("refuses 2 events: bad_timestamp, unknown")


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_a_batch_that_is_condemned_is_not_sent_again(connect, status):
    with listening(Stub(answers(failure(status, "malformed"), ACCEPTED))) as stub:
        client = connect(stub)
        client.send("checkout", 1, 1)
        assert client.flush(PATIENCE)
        client.send("checkout", 2, 2)
        assert client.flush(PATIENCE)
        bodies = [events_of(stub.requests.get(timeout=PATIENCE))[0]["latency_ms"] for _ in range(2)]
    assert bodies == [1.0, 2.0]
    stats = client.stats()
    assert (stats["rejected"], stats["sent"], stats["errors"]) == (1, 1, {"malformed": 1})


PASSING = {
    "429": failure(429, "rate_limited", "Retry-After: 0.3"),
    "503": failure(503, "queue_full", "Retry-After: 0.3"),
    "500": http_reply(500),
    "507": failure(507, "disk_full", "Retry-After: 0.3"),
    "408": failure(408, "body_timeout"),
    "no HTTP": b"SSH-2.0-x\r\n",
    "closed": b"",
    "no JSON": http_reply(200, b"<html>welcome to the hotel's network</html>"),
    "cut off": ACCEPTED[:-5],
}


@pytest.mark.parametrize("first", PASSING.values(), ids=PASSING.keys())
def test_what_passes_is_tried_again_with_the_same_key_and_bytes(connect, first, caplog):
    with listening(Stub(answers(first, first, ACCEPTED))) as stub:

        def hang_up(stub, sock, then=stub.reply):
            then(stub, sock)
            sock.shutdown(socket.SHUT_RDWR)

        stub.reply = hang_up
        client = connect(stub)
        client.send("checkout", 1, 1)
        assert client.flush(PATIENCE)
        one, two, three = (stub.requests.get(timeout=PATIENCE) for _ in range(3))
    assert one.headers["Idempotency-Key"] == two.headers["Idempotency-Key"] == three.headers["Idempotency-Key"]
    assert one.body == two.body == three.body
    if b"Retry-After" in first:
        assert two.at - one.at >= 0.3
        assert three.at - two.at >= 0.3
    stats = client.stats()
    assert (stats["sent"], stats["failed"], sum(stats["errors"].values())) == (1, 2, 2)
    assert len(caplog.records) == 1, "told once, and not at every attempt"


def test_a_retry_after_beyond_all_measure_is_not_waited_for_by_anyone(connect):
    with listening(Stub(answers(failure(429, "rate_limited", "Retry-After: 1000000000")))) as stub:
        client = connect(stub)
        client.send("checkout", 1, 1)
        until(lambda: client.stats()["failed"] == 1)
        began = time.monotonic()
        assert not client.flush(0.1)
        client.close(0.1)
        assert time.monotonic() - began < 1.0
        assert stub.requests.qsize() == 1
    stats = client.stats()
    assert (stats["dropped"], stats["queued"]) == (1, 0)


@pytest.mark.parametrize("status", [307, 401, 403, 404])
def test_what_only_people_can_mend_is_asked_for_rarely(connect, status):
    with listening(Stub(answers(failure(status, "no")))) as stub:
        client = connect(stub)
        client.send("checkout", 1, 1)
        until(lambda: client.stats()["failed"] == 1)
        assert not client.flush(0.5), "a fiftieth of a minute has not passed"
        assert stub.requests.qsize() == 1
        assert client.stats()["queued"] == 1


def test_redirects_are_not_followed(connect):
    with listening(Stub(answers(ACCEPTED))) as other:
        moved = http_reply(307, b"{}", f"Location: http://127.0.0.1:{other.port}/")
        with listening(Stub(answers(moved))) as stub:
            client = connect(stub)
            client.send("checkout", 1, 1)
            until(lambda: client.stats()["failed"] == 1)
            with pytest.raises(DriftClientError) as raised:
                client.health("checkout")
        assert other.requests.empty()
    assert (raised.value.code, raised.value.status) == ("http_307", 307)


def test_neither_sending_nor_asking_waits_for_a_server_that_hangs(connect):
    with listening(Stub(never)) as stub:
        client = connect(stub, timeout=0.5)
        client.send("checkout", 1, 1)
        stub.requests.get(timeout=PATIENCE)
        began = time.monotonic()
        for _ in range(5_000):
            assert client.send("checkout", 1, 1)
        assert client.stats()["sent"] == 0, "nothing was answered all the while"
        assert time.monotonic() - began < PATIENCE
        began = time.monotonic()
        client.close(0.2)
        assert time.monotonic() - began < 1.0
    assert taken(client.stats()) == 5_001


SLOW = {
    "nothing": never,
    "a dripping header": drips(b"HTTP/1.1 202 Accepted\r\nX-Drip: "),
    "a dripping body": drips(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n"),
}


@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW.keys())
def test_a_slow_reply_is_a_failed_attempt_within_the_timeout(connect, slow):
    with listening(Stub(slow)) as stub:
        client = connect(stub, timeout=0.3)
        client.send("checkout", 1, 1)
        until(lambda: client.stats()["failed"] >= 1)
        assert set(client.stats()["errors"]) == {"timeout"}
        began = time.monotonic()
        with pytest.raises(DriftClientError) as raised:
            client.health("checkout")
        assert time.monotonic() - began < 1.0
    assert raised.value.code == "timeout"


def test_of_too_many_events_the_oldest_give_way(connect):
    with listening(Stub(never)) as stub:
        client = connect(stub, max_queue=3, timeout=PATIENCE)
        client.send("checkout", 0, 0)
        stub.requests.get(timeout=PATIENCE)  # so that the first is on its way
        for latency in range(1, 7):
            client.send("checkout", latency, 0)
        stats = client.stats()
        assert (stats["queued"], stats["dropped"]) == (3, 4)
        stub.reply = answers(ACCEPTED)
        stub.ended.set()
        assert client.flush(PATIENCE)
        waiting = events_of(stub.requests.get(timeout=PATIENCE))
        retried = events_of(stub.requests.get(timeout=PATIENCE))
    assert [event["latency_ms"] for event in waiting] == [0.0]
    assert [event["latency_ms"] for event in retried] == [5.0, 6.0]


def test_of_too_many_bytes_the_oldest_give_way(connect):
    with listening(Stub(never)) as stub:
        client = connect(stub, max_queue_bytes=20_000, flush_interval=60.0)
        for number in range(40):
            client.send("checkout", number, 0, event_id="x" * 900)
        stats = client.stats()
    assert 15 <= stats["queued"] <= 20
    assert taken(stats) == 40


def test_many_events_make_several_batches(connect):
    accepted = reply(202, {"accepted": 500, "rejected": 0, "errors": []})
    with listening(Stub(answers(accepted))) as stub:
        client = connect(stub, flush_interval=60.0, timeout=PATIENCE)
        for number in range(1_200):
            client.send("checkout", number, 0)
        assert client.flush(PATIENCE)
        requests = [stub.requests.get(timeout=PATIENCE) for _ in range(stub.requests.qsize())]
    assert [event["latency_ms"] for request in requests for event in events_of(request)] == list(range(1_200))
    assert max(len(events_of(request)) for request in requests) == 500
    assert len({request.headers["Idempotency-Key"] for request in requests}) == len(requests)


class Hostile:
    def __repr__(self):
        raise RuntimeError

    __float__ = __repr__


INVALID = {
    "latency_ms must be a finite number, got nan": ("checkout", float("nan"), 1),
    "payload_kb must be a finite number, got '1'": ("checkout", 1, "1"),
    "latency_ms must be a finite number, got 1000": ("checkout", 10**400, 1),
    "service_id must be a non-empty string of valid Unicode, got ''": ("", 1, 1),
    "service_id must be a non-empty string of valid Unicode, got None": (None, 1, 1),
    r"service_id must be a non-empty string of valid Unicode, got '\ud800'": ("\ud800", 1, 1),
    "timestamp must be a datetime, ISO 8601, or seconds since the epoch, got inf": ("checkout", 1, 1, float("inf")),
    "timestamp must be a datetime, ISO 8601, or seconds since the epoch, got []": ("checkout", 1, 1, []),
    "event_id must be a non-empty string of valid Unicode, got 7": ("checkout", 1, 1, None, 7),
    "an event must be at most 16,384 bytes, got 20,": ("x" * 20_000, 1, 1),
    "RuntimeError": (Hostile(), 1, 1),
}


@pytest.mark.parametrize(("told", "event"), INVALID.items(), ids=INVALID.keys())
def test_an_invalid_event_is_counted_and_told_once_and_raises_nothing(connect, told, event, caplog):
    with listening(Stub(answers(ACCEPTED))) as stub:
        client = connect(stub)
        assert client.send(*event) is False
        assert client.send(*event) is False
        assert stub.requests.empty()
    assert client.stats()["invalid"] == 2
    (record,) = caplog.records
    assert record.getMessage().startswith(f"telemetry that cannot be sent is left out: {told}")


def test_once_closed_it_takes_nothing_and_says_so(connect):
    with listening(Stub(answers(ACCEPTED))) as stub:
        client = connect(stub, flush_interval=60.0)
        client.send("checkout", 1, 1)
        client.close(PATIENCE)
        assert stub.requests.qsize() == 1, "what waited was sent"
        assert client.send("checkout", 1, 1) is False
    assert (client.stats()["sent"], client.stats()["dropped"]) == (1, 1)


def test_a_client_that_is_forgotten_leaves_no_thread(connect):
    def clients():
        return [thread for thread in threading.enumerate() if thread.name == "drift-sre-client"]

    before = len(clients())
    with listening(Stub(answers(ACCEPTED))) as stub:
        client = DriftClient(f"http://127.0.0.1:{stub.port}", flush_interval=60.0)
        client.send("checkout", 1, 1)
        assert len(clients()) == before + 1
        del client
        stub.requests.get(timeout=PATIENCE)
        until(lambda: len(clients()) == before)


HEALTH = {
    "service_id": "a/b c",
    "state": "STABLE",
    "transition_timestamp": "2026-01-02T03:04:05Z",
    "sample_count": 120,
    "baseline": {"mean_latency": 12.0},
    "metadata": {"consecutive_count": 0},
}
UNKNOWN = {
    **HEALTH,
    "state": "INSUFFICIENT_DATA",
    "sample_count": 0,
    "transition_timestamp": None,
    "baseline": None,
    "metadata": {"reason": "not_tracked"},
}


def test_health_is_read_as_a_type(connect):
    with listening(Stub(answers(reply(200, HEALTH)))) as stub:
        health = connect(stub).health("a/b c")
        request = stub.requests.get(timeout=PATIENCE)
    assert request.line == "GET /v1/health/a%2Fb%20c HTTP/1.1"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert vars(health) == HEALTH


@pytest.mark.parametrize(
    ("answer", "code", "status"),
    [
        (failure(401, "unauthorized"), "unauthorized", 401),
        (failure(429, "rate_limited", "Retry-After: 7"), "rate_limited", 429),
        (http_reply(500), "http_500", 500),
        (reply(500, {"error": {"code": "no code\n", "message": 7}}), "http_500", 500),
        (reply(500, {"error": "?"}), "http_500", 500),
        (http_reply(200, b"<html>"), "bad_reply", None),
        (http_reply(200, b"[" * 100_000), "bad_reply", None),
        (reply(200, [HEALTH]), "bad_reply", None),
        (reply(200, {**HEALTH, "sample_count": "many"}), "bad_reply", None),
        (reply(200, {"status": "ok"}), "bad_reply", None),
        (b"", "unreachable", None),
    ],
)
def test_what_goes_wrong_with_a_question_has_a_code(connect, answer, code, status):
    with listening(Stub(answers(answer))) as stub, pytest.raises(DriftClientError) as raised:
        connect(stub).health("checkout")
    assert (raised.value.code, raised.value.status) == (code, status)
    assert raised.value.__cause__ is raised.value.__context__ is None


def test_a_refused_connection_is_unreachable(connect):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = DriftClient(f"http://127.0.0.1:{unused.getsockname()[1]}", flush_interval=0.0)
        client.send("checkout", 1, 1)
        until(lambda: set(client.stats()["errors"]) == {"unreachable"})
        with pytest.raises(DriftClientError, match="no connection: ConnectionRefusedError") as raised:
            client.health("checkout")
        client.close(0.0)
    assert raised.value.code == "unreachable"


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (HEALTH, "pass", "stable"),
        ({**HEALTH, "state": "DRIFT_DETECTED"}, "drift", "drift_detected"),
        (UNKNOWN, "inconclusive", "not_tracked"),
        ({**UNKNOWN, "metadata": {}}, "inconclusive", "insufficient_data"),
        ({**UNKNOWN, "state": "SOMETHING_NEW", "metadata": None}, "inconclusive", "something_new"),
    ],
)
def test_the_gate_opens_for_what_is_known_to_be_stable_alone(connect, answer, outcome, reason):
    with listening(Stub(answers(reply(200, answer)))) as stub:
        gate = connect(stub).gate("checkout")
        assert stub.requests.qsize() == 1
    assert (gate.outcome.value, gate.reason) == (outcome, reason)
    assert gate.passed is bool(gate) is (outcome == "pass")
    assert gate.health.state == answer["state"]


def test_the_gate_waits_for_an_answer_through_what_passes(connect):
    with listening(Stub(answers(reply(200, UNKNOWN), http_reply(503), reply(200, HEALTH)))) as stub:
        assert connect(stub).gate("checkout", wait=PATIENCE).passed
        assert stub.requests.qsize() == 3


def test_the_gate_waits_no_longer_than_told(connect):
    with listening(Stub(answers(reply(200, UNKNOWN)))) as stub:
        began = time.monotonic()
        gate = connect(stub).gate("checkout", wait=0.3)
        assert 0.3 <= time.monotonic() - began < 2.0
    assert gate.reason == "not_tracked"
    assert stub.requests.qsize() == 2


@pytest.mark.parametrize(
    ("answer", "wait", "asked"),
    [(failure(401, "unauthorized"), 60.0, 1), (http_reply(503), 0.0, 1), (http_reply(503), 0.2, 2)],
)
def test_the_gate_raises_what_it_cannot_wait_out(connect, answer, wait, asked):
    with listening(Stub(answers(answer))) as stub:
        with pytest.raises(DriftClientError):
            connect(stub).gate("checkout", wait)
        assert stub.requests.qsize() == asked


REFUSED = [
    ({"url": "ftp://x"}, "url must begin with http:// or https://"),
    ({"url": "http://"}, "url must be a URL"),
    ({"url": f"http://user:{KEY}@x"}, "url must not hold a user name or a password"),
    ({"url": f"http://x/?key={KEY}"}, "url must not hold a query or a fragment"),
    ({"url": f"http://{KEY} x"}, "url must be a str of printable"),
    ({"url": None}, "url must be a str"),
    ({"api_key": ""}, "api_key must be"),
    ({"api_key": f"{KEY}\r\nX: y"}, "api_key must be"),
    ({"api_key": 7}, "api_key must be"),
    ({"timeout": 0}, "timeout must be a finite number of seconds > 0, got 0"),
    ({"timeout": float("inf")}, "timeout must be"),
    ({"flush_interval": -1}, "flush_interval must be a finite number of seconds >= 0, got -1"),
    ({"max_queue": 0}, "max_queue must be a whole number >= 1, got 0"),
    ({"max_queue": True}, "max_queue must be"),
    ({"max_queue_bytes": 10}, "max_queue_bytes must be a whole number >= 16,384, got 10"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_a_setting_that_cannot_be_is_refused_by_name_without_a_secret(options, message):
    with pytest.raises(ValueError, match=message) as raised:
        DriftClient(**options)
    assert KEY not in str(raised.value)
    assert raised.value.__cause__ is raised.value.__context__ is None


def test_questions_that_cannot_be_are_refused_by_name():
    client = DriftClient()
    for call, field in (
        (lambda: client.health(""), "service_id"),
        (lambda: client.health("checkout", timeout=0), "timeout"),
        (lambda: client.gate("checkout", wait=-1), "wait"),
        (lambda: client.flush(float("nan")), "timeout"),
    ):
        with pytest.raises(ValueError, match=f"^{field} must be"):
            call()


def test_any_host_may_be_told_over_plain_http_by_choice_of_its_owner():
    assert repr(DriftClient("http://drift.internal:8000", KEY)) == "DriftClient(http://drift.internal:8000/…)"


@pytest.mark.parametrize("copier", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_cannot_be_pickled(copier):
    with pytest.raises(TypeError, match="holds a secret"):
        copier(DriftClient(api_key=KEY))


ECHOES = {
    **SLOW,
    "the key": answers(failure(400, KEY), reply(401, {"error": {"code": KEY, "message": f"{KEY} is no key"}})),
    "a redirect": answers(http_reply(307, b"{}", f"Location: /{KEY}")),
    "garbage": answers(b"\x00\x01"),
}


@pytest.mark.parametrize("answer", ECHOES.values(), ids=ECHOES.keys())
def test_the_key_is_nowhere(connect, answer, caplog, capfd, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with listening(Stub(answer)) as stub:
        client = connect(stub, timeout=0.2)
        client.send("checkout", 1, 1)
        until(lambda: client.stats()["failed"] >= 1)
        with pytest.raises(DriftClientError) as raised:
            client.health("checkout")
    shown = caplog.text + repr([vars(record) for record in caplog.records]) + "".join(capfd.readouterr())
    shown += repr(client) + repr(vars(client)) + repr(client.stats()) + repr(vars(raised.value)) + str(raised.value)
    assert caplog.records
    assert KEY not in shown


def test_a_handler_that_raises_does_not_end_the_thread(connect, monkeypatch):
    broken = queue.Queue()

    class Broken(logging.Handler):
        def emit(self, record):
            broken.put(record)
            raise RuntimeError

    handler = Broken()
    logging.getLogger("drift_sre").addHandler(handler)
    try:
        with listening(Stub(answers(http_reply(500), ACCEPTED))) as stub:
            client = connect(stub)
            client.send("checkout", 1, 1)
            assert client.flush(PATIENCE)
    finally:
        logging.getLogger("drift_sre").removeHandler(handler)
    assert broken.qsize() == 1
    assert client.stats()["sent"] == 1
