"""The Discord notifier on real sockets: what it posts, how long it takes, and that its secret stays one."""

from __future__ import annotations

import contextlib
import copy
import http.client
import json
import logging
import pickle
import shutil
import socket
import ssl
import subprocess
import threading
import time
import traceback
import tracemalloc
from typing import Any, Callable

import pytest

from drift_sre.events import DriftEvent
from drift_sre.notify import Discord, Notice, Outbox
from drift_sre.notify.discord import payload
from drift_sre.notify.notice import Disabled, RetryLater, SendError
from drift_sre.notify.post import _Watchdog
from webhook import OK, PATH, PATIENCE, TOKEN, Exchange, Stub, answers, drips, http_reply, listening, never

SNAPSHOT = {
    "taken_at": 1_700_000_000.0,
    "host": "web-1",
    "uptime_seconds": 86_400.0,
    "cpu_count": 4,
    "load_average": [6.25, 3.5, 1.0],
    "memory": {
        "total_bytes": 16_000_000_000,
        "available_bytes": 2_000_000_000,
        "percent": 87.5,
        "swap_percent": 12.0,
    },
    "disks": [{"mount": "/", "percent": 40.0, "free_bytes": 10**10}],
    "interfaces": {"eth0": {"sent_per_second": 1.0, "received_per_second": 2.0}},
    "connections": {"ESTABLISHED": 3},
    "top_cpu": [{"pid": 42, "name": "busy", "cpu_percent": 98.5}],
    "top_memory": [{"pid": 43, "name": "large```\n@everyone", "rss_bytes": 4_200_000_000}],
    "samples": {"cpu": [1.0]},
    "incomplete": [],
}

FIELDS: dict[str, Any] = {
    "kind": "opened",
    "metric": "disk_io",
    "direction": "up",
    "severity": "critical",
    "value": 97.123456,
    "baseline": 12.0,
    "shift": 85.0,
    "score": 3.25,
    "onset": 1_700_000_000.0,
    "detected_at": 1_700_000_060.5,
    "reason": "drift",
    "unit": "%",
    "golden_signal": "saturation",
    "meaning": "processes wait for a disk",
    "explanation": "disk_io rose from 12 % to 97 %",
    "snapshot": SNAPSHOT,
}


def event(**changes: Any) -> DriftEvent:
    return DriftEvent(**{**FIELDS, **changes})


NOTICE = Notice(event(), 0)


@pytest.fixture(autouse=True)
def no_proxy_and_no_thread_left(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    yield
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(PATIENCE)
            assert not thread.is_alive()


# What is posted


def test_the_post_and_its_exact_embed(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "web-1")
    with listening(Stub(answers(OK))) as stub:
        Discord(stub.url + "?thread_id=7").send(Notice(event(), 3))
        request = stub.requests.get(timeout=PATIENCE)
    assert request.line == f"POST {PATH}?thread_id=7 HTTP/1.1"
    assert request.headers["Host"] == f"127.0.0.1:{stub.port}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Connection"] == "close"
    assert json.loads(request.body) == {
        "allowed_mentions": {"parse": []},
        "embeds": [
            {
                "title": "Drift detected: disk_io",
                "description": "disk_io rose from 12 % to 97 %",
                "color": 0xE74C3C,
                "fields": [
                    {"name": "metric", "value": "disk_io", "inline": True},
                    {"name": "value", "value": "97.1 %", "inline": True},
                    {"name": "baseline", "value": "12 %", "inline": True},
                    {"name": "score", "value": "3.25 (alarm at 1)", "inline": True},
                    {"name": "direction", "value": "up", "inline": True},
                    {"name": "golden signal", "value": "saturation", "inline": True},
                    {"name": "held back since the last message", "value": "3", "inline": True},
                    {"name": "meaning", "value": "processes wait for a disk", "inline": False},
                    {
                        "name": "snapshot",
                        "value": "```\n"
                        "load 6.25 3.5 1 on 4 CPUs\n"
                        "memory 87.5 % used, 2 GB of 16 GB available\n"
                        "swap 12 % used\n"
                        "top processes by CPU:\n"
                        "      98.5 %  busy (42)\n"
                        "top processes by memory:\n"
                        "      4.2 GB  large''' @everyone (43)\n"
                        "```",
                        "inline": False,
                    },
                ],
                "footer": {"text": "web-1 · drift-sre"},
                "timestamp": "2023-11-14T22:14:20.500+00:00",
            }
        ],
    }


def embed(suppressed: int = 0, **changes: Any) -> dict[str, Any]:
    return dict(payload(Notice(event(**changes), suppressed))["embeds"][0])


@pytest.mark.parametrize(
    ("changes", "title", "colour"),
    [
        ({"severity": "info"}, "Drift detected: cpu", 0x3498DB),
        ({"severity": "warning"}, "Drift detected: cpu", 0xF1C40F),
        ({"severity": "critical"}, "Drift detected: cpu", 0xE74C3C),
        ({"kind": "closed", "reason": "recovered"}, "Recovered: cpu", 0x2ECC71),
        ({"kind": "closed", "reason": "no_data"}, "Drift closed: cpu", 0x2ECC71),
    ],
)
def test_title_and_colour(changes, title, colour):
    built = embed(metric="cpu", **changes)
    assert (built["title"], built["color"]) == (title, colour)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12_345_678.0, "B/s", "12.3 MB/s"),
        (0.5, "/s", "0.5/s"),
        (3.14159, "", "3.14"),
        (1_234_567.8, "jobs", "1,234,568 jobs"),
    ],
)
def test_values_read_well_in_their_unit(value, unit, text):
    assert embed(value=value, unit=unit)["fields"][1]["value"] == text


@pytest.mark.parametrize("at", [0.0, 12_345.0, float("nan"), float("inf"), -1.0, 1e18])
def test_a_time_that_is_not_since_the_epoch_is_left_out(at):
    assert "timestamp" not in embed(detected_at=at)


@pytest.mark.parametrize("changes", [{"snapshot": None}, {"snapshot": {}}, {"golden_signal": None, "meaning": ""}])
def test_what_is_unknown_has_no_field(changes):
    assert all(field["value"] for field in embed(**changes)["fields"])


@pytest.mark.parametrize("key", SNAPSHOT)
def test_any_part_of_the_snapshot_may_be_missing(key):
    partial = {name: value for name, value in SNAPSHOT.items() if name != key}
    assert embed(snapshot=partial)["fields"][-1]["value"].startswith("```\n")
    assert embed(snapshot={key: SNAPSHOT[key]})["fields"]
    assert embed(snapshot={**SNAPSHOT, key: None})["fields"][-1]["value"].startswith("```\n")


@pytest.mark.parametrize("char", ["x", "*", "`", "@", "\n", "\ud800", "\u202e", "\U0001f600"])
def test_no_text_is_too_long_for_discord(char):
    long = char * 100_000
    processes = [{"pid": 10**9, "name": long, "cpu_percent": 1e9, "rss_bytes": 1e30}] * 50
    built = embed(
        suppressed=10**9,
        metric=long,
        explanation=long,
        meaning=long,
        unit=long,
        direction=long,
        golden_signal=long,
        snapshot={**SNAPSHOT, "top_cpu": processes, "top_memory": processes},
    )
    texts = [built["title"], built["description"], built["footer"]["text"]]
    values = [field["value"] for field in built["fields"]]
    assert len(built["title"]) <= 256
    assert all(0 < len(value) <= 1024 for value in values)
    assert len(values[-1]) <= 1000
    assert sum(map(len, texts + values + [field["name"] for field in built["fields"]])) <= 6000
    json.dumps(built, allow_nan=False).encode("ascii")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("@everyone", "\\@everyone"),
        ("<@&123>", "\\<\\@&123\\>"),
        ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
        ("https://example.com", "https\\://example.com"),
        ("**a** __b__ ~~c~~ ||d|| # e", "\\*\\*a\\*\\* \\_\\_b\\_\\_ \\~\\~c\\~\\~ \\|\\|d\\|\\| \\# e"),
        ("```\ncode\\", "\\`\\`\\` code\\\\"),
        ("a\u200bb\u202ec\x00d\x1b[0m", "abcd\\[0m"),
    ],
)
def test_markdown_and_mentions_are_defused(text, escaped):
    built = payload(Notice(event(metric=text, explanation=text, meaning=text), 0))
    assert built["allowed_mentions"] == {"parse": []}
    fields = {field["name"]: field["value"] for field in built["embeds"][0]["fields"]}
    assert built["embeds"][0]["title"] == f"Drift detected: {escaped}"
    assert (built["embeds"][0]["description"], fields["metric"], fields["meaning"]) == (escaped,) * 3


def test_a_process_name_cannot_end_the_code_block():
    block = embed(snapshot={"top_cpu": [{"pid": 1, "name": "a```b", "cpu_percent": 1.0}]})["fields"][-1]["value"]
    assert block.count("```") == 2
    assert block.startswith("```\n")
    assert block.endswith("\n```")


# What the receiver answers


def sent_with(reply: Callable[[Stub, socket.socket], None], deadline: float = 5.0) -> None:
    with listening(Stub(reply)) as stub:
        Discord(stub.url, deadline=deadline).send(NOTICE)


@pytest.mark.parametrize(
    ("body", "header", "seconds"),
    [
        (b'{"retry_after": 1.25, "global": false}', "Retry-After: 9", 1.25),
        (b"garbage", "Retry-After: 9", 9.0),
        (b"garbage", "X-Nothing: 1", 5.0),
        (b"", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT", 5.0),
        (b'{"retry_after": -1}', "Retry-After: -3", 5.0),
        (b'{"retry_after": NaN}', "Retry-After: nan", 5.0),
        (b'{"retry_after": 1e9}', "X-Nothing: 1", 900.0),
        (b'{"retry_after": Infinity}', "X-Nothing: 1", 900.0),
        (b'{"retry_after": 1' + b"0" * 400 + b"}", "Retry-After: 2", 2.0),
        (b'{"retry_after": null}', "Retry-After: 1e99", 900.0),
        (b'["retry_after"]', "X-Nothing: 1", 5.0),
        (b"[" * 60_000, "X-Nothing: 1", 5.0),
        (b"\xff" * 10_000_000, "X-Nothing: 1", 5.0),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(body, header, seconds):
    with pytest.raises(RetryLater) as raised:
        sent_with(answers(http_reply(429, body, header)))
    assert raised.value.seconds == seconds


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_webhook_that_is_gone_disables_after_one_attempt(status):
    with listening(Stub(answers(http_reply(status)))) as stub:
        outbox = Outbox(Discord(stub.url), 0)
        for _ in range(3):
            outbox.put(event())
        outbox.close(PATIENCE)
        stats = outbox.stats()
        assert stub.requests.qsize() == 1
    assert (stats["disabled"], stats["failed"], stats["dropped"]) == (True, 1, 3)


@pytest.mark.parametrize("reply", [http_reply(500), http_reply(400), http_reply(301), b"SSH-2.0-x\r\n", b""])
def test_any_other_answer_is_a_failed_send(reply):
    with pytest.raises(SendError) as raised:
        sent_with(answers(reply))
    assert not isinstance(raised.value, (RetryLater, Disabled))


def test_a_redirect_is_not_followed():
    with listening(Stub(answers(OK))) as other:
        moved = http_reply(307, b"", f"Location: {other.url}")
        with pytest.raises(SendError, match="HTTP 307"):
            sent_with(answers(moved))
        assert other.requests.empty()


def test_a_refused_connection_and_an_unknown_host_are_failed_sends():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(SendError, match="ConnectionRefusedError"):
            Discord(f"http://127.0.0.1:{unused.getsockname()[1]}{PATH}").send(NOTICE)


def test_a_large_reply_is_not_read_into_memory():
    for status in (200, 429):
        reply = answers(http_reply(status, b"x" * 10_000_000))
        tracemalloc.start()
        try:
            with contextlib.suppress(RetryLater):
                sent_with(reply)
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()


def test_the_outbox_keeps_to_retry_after():
    limited = http_reply(429, b'{"retry_after": 0.4}')
    with listening(Stub(answers(limited, OK))) as stub:
        outbox = Outbox(Discord(stub.url), 0)
        outbox.put(event())
        first = stub.requests.get(timeout=PATIENCE)
        second = stub.requests.get(timeout=PATIENCE)
        outbox.close(PATIENCE)
    assert 0.4 <= second.at - first.at < 1.0
    assert first.body == second.body
    assert outbox.stats()["sent"] == 1


def test_the_outbox_tries_again_after_a_server_error():
    with listening(Stub(answers(http_reply(500), OK))) as stub:
        outbox = Outbox(Discord(stub.url), 0)
        outbox.put(event())
        first = stub.requests.get(timeout=PATIENCE)
        second = stub.requests.get(timeout=PATIENCE)
        outbox.close(PATIENCE)
    assert 1.0 <= second.at - first.at < 2.0
    assert (outbox.stats()["sent"], outbox.stats()["failed"]) == (1, 1)


# How long it may take

SLOW = {
    "black hole": never,
    "drip of the status line": drips(b""),
    "drip of the headers": drips(b"HTTP/1.1 500 Oops\r\nX-Slow: "),
    "drip of the body": drips(b"HTTP/1.1 429 Slow\r\nContent-Length: 1000\r\n\r\n"),
    "endless 100 Continue": drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 3),
}


@pytest.mark.parametrize("reply", SLOW.values(), ids=SLOW.keys())
def test_the_deadline_counts_for_all_of_a_send(reply):
    began = time.monotonic()
    with pytest.raises(SendError):
        sent_with(reply, deadline=0.4)
    assert 0.35 < time.monotonic() - began < 0.9


class Unread(Exchange):
    """Replies without a look at the request, which it could not read as it is encrypted."""

    def handle(self) -> None:
        self.server.reply(self.server, self.request)


@pytest.mark.parametrize("reply", [never, drips(b"\x16\x03\x03\x40\x00")], ids=["black hole", "drip"])
def test_the_deadline_counts_for_the_tls_handshake(reply):
    with listening(Stub(reply, Unread)) as stub:
        began = time.monotonic()
        with pytest.raises(SendError, match=r"no reply within 0\.4 s|[tT]imeout"):
            Discord(f"https://127.0.0.1:{stub.port}{PATH}", deadline=0.4).send(NOTICE)
        assert time.monotonic() - began < 0.9


def test_a_server_without_tls_is_a_failed_send():
    with listening(Stub(answers(OK), Unread)) as stub, pytest.raises(SendError, match=r"SSL|Connection"):
        Discord(f"https://127.0.0.1:{stub.port}{PATH}", deadline=2.0).send(NOTICE)


CLOSED_IN_TIME = {
    **SLOW,
    "429": answers(http_reply(429, b'{"retry_after": 60}')),
    "500": answers(http_reply(500)),
    "404": answers(http_reply(404)),
    "307": answers(http_reply(307, b"", "Location: http://127.0.0.1:9/")),
    "10 MB": answers(http_reply(200, b"x" * 10_000_000)),
}


@pytest.mark.parametrize("reply", CLOSED_IN_TIME.values(), ids=CLOSED_IN_TIME.keys())
def test_close_returns_in_time(reply):
    with listening(Stub(reply)) as stub:
        outbox = Outbox(Discord(stub.url, deadline=1.0), 0)
        outbox.put(event())
        outbox.put(event(metric="ram"))
        stub.requests.get(timeout=PATIENCE)
        began = time.monotonic()
        outbox.close(0.3)
        assert time.monotonic() - began < 0.5
        assert outbox.stats()["queued"] <= 1


# Through TLS and a proxy


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    subject = ["-subj", "/CN=hooks.test", "-addext", "subjectAltName=DNS:hooks.test,IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([openssl, "req", *kind, *subject, "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


def secure(certificate: tuple[str, ssl.SSLContext]) -> Stub:
    stub = Stub(answers(OK))
    stub.tls = certificate[1]
    return stub


def test_tls_is_verified(certificate, monkeypatch):
    with listening(secure(certificate)) as stub:
        notifier = Discord(f"https://127.0.0.1:{stub.port}{PATH}")
        with pytest.raises(SendError, match="SSLCertVerificationError"):
            notifier.send(NOTICE)
        monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
        notifier.send(NOTICE)
        assert stub.requests.get(timeout=PATIENCE).line == f"POST {PATH} HTTP/1.1"


def test_the_deadline_counts_for_a_reply_over_tls(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    stub = secure(certificate)
    stub.reply = drips(b"HTTP/1.1 500 Oops\r\nX-Slow: ")
    with listening(stub):
        began = time.monotonic()
        with pytest.raises(SendError):
            Discord(f"https://127.0.0.1:{stub.port}{PATH}", deadline=0.4).send(NOTICE)
        assert time.monotonic() - began < 0.9


def test_a_slow_proxy_leaves_the_handshake_the_rest_of_the_deadline(monkeypatch):
    def slow(stub: Stub, sock: socket.socket) -> None:
        stub.ended.wait(0.6)
        sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        never(stub, sock)

    with listening(Stub(slow)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        began = time.monotonic()
        with pytest.raises(SendError):
            Discord(f"https://hooks.test{PATH}", deadline=0.8).send(NOTICE)
        assert time.monotonic() - began < 1.3


def test_a_socket_that_comes_after_the_deadline_is_cut_off_at_once():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        watchdog = _Watchdog(0.01)
        with watchdog:
            watchdog._timer.join(PATIENCE)
            watchdog.guard(ours)
        theirs.settimeout(PATIENCE)
        assert theirs.recv(1) == b""


def tunnel_to(port: int) -> Callable[[Stub, socket.socket], None]:
    def forward(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for data in iter(lambda: source.recv(65536), b""):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def reply(stub: Stub, sock: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as target:
            sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=forward, args=(target, sock))
            back.start()
            forward(sock, target)
            back.join(PATIENCE)

    return reply


def test_the_proxy_of_the_environment_sees_the_host_only(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    with listening(secure(certificate)) as stub, listening(Stub(tunnel_to(stub.port))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:p%40ss@127.0.0.1:{proxy.port}")
        Discord(f"https://hooks.test{PATH}").send(NOTICE)
        through = proxy.requests.get(timeout=PATIENCE)
        request = stub.requests.get(timeout=PATIENCE)
    assert through.line.startswith("CONNECT hooks.test:443 ")
    assert through.headers["Proxy-Authorization"] == "Basic bWU6cEBzcw=="
    assert TOKEN not in str(through)
    assert (request.line, request.headers["Host"]) == (f"POST {PATH} HTTP/1.1", "hooks.test")
    assert request.headers["Proxy-Authorization"] is None


def test_no_proxy_is_honoured(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    with listening(secure(certificate)) as stub, listening(Stub(never)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        Discord(f"https://127.0.0.1:{stub.port}{PATH}").send(NOTICE)
        assert proxy.requests.empty()


@pytest.mark.parametrize("reply", [answers(http_reply(407)), never, drips(b""), drips(b"HTTP/1.1 200 OK\r\nX: ")])
def test_a_bad_proxy_is_a_failed_send_within_the_deadline(reply, monkeypatch):
    with listening(Stub(reply)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        began = time.monotonic()
        with pytest.raises(SendError):
            Discord(f"https://hooks.test{PATH}", deadline=0.4).send(NOTICE)
        assert time.monotonic() - began < 0.9


def test_a_proxy_of_another_kind_is_refused(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(SendError, match="HTTPS_PROXY"):
        Discord(f"https://hooks.test{PATH}").send(NOTICE)


# The address: what is allowed, and that it shows nowhere


@pytest.mark.parametrize(
    "url",
    [
        f"https://discord.com{PATH}",
        f"https://discordapp.com/api/v9/webhooks/1/{TOKEN}/",
        f"https://canary.discord.com{PATH}?thread_id=1",
        f"https://proxy.example/any/{TOKEN}",
        f"http://localhost:8080/{TOKEN}",
        f"http://127.1.2.3/{TOKEN}",
        f"http://[::1]:80/{TOKEN}",
    ],
)
def test_a_good_address_is_taken_and_shows_its_host_only(url):
    notifier = Discord(url)
    origin = "/".join(url.split("/")[:3])
    assert repr(notifier) == str(notifier) == f"{notifier}" == f"Discord({origin}/…)"


@pytest.mark.parametrize("version", ["", "/v6", "/v9"])
def test_a_discord_address_is_pinned_to_the_version_that_counts_in_seconds(version):
    notifier = Discord(f"https://discord.com/api{version}/webhooks/1/{TOKEN}?thread_id=2")
    assert notifier._endpoint._target == f"/api/v10/webhooks/1/{TOKEN}?thread_id=2"


@pytest.mark.parametrize(
    "url",
    [
        "",
        TOKEN,
        PATH,
        f"discord.com{PATH}",
        f"ftp://discord.com{PATH}",
        f"http://discord.com{PATH}",
        f"http://10.0.0.1/{TOKEN}",
        f"http://localhost.example/{TOKEN}",
        f"https://{PATH}",
        f"https://discord.com/{TOKEN}",
        f"https://discord.com/api/webhooks/{TOKEN}",
        f"https://discord.com{PATH}/slack",
        f"https://DISCORD.com./{TOKEN}",
        f"https://discord.com:{TOKEN}/",
        f"https://[{TOKEN}]/",
        f"https://[{TOKEN}/",
        f"https://me:{TOKEN}@example.com/",
        f" https://discord.com{PATH}",
        f"https://discord.com{PATH}\n",
        f"https://exämple.com/{TOKEN}",
        f"{TOKEN}://x",
        None,
        b"https://discord.com/",
    ],
)
def test_a_bad_address_is_refused_without_an_echo(url):
    with pytest.raises(ValueError, match=r"^discord_url must ") as raised:
        Discord(url)
    assert TOKEN not in repr(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


@pytest.mark.parametrize("deadline", [0.0, -1.0, float("nan"), float("inf")])
def test_a_bad_deadline_is_refused(deadline):
    with pytest.raises(ValueError, match="deadline"):
        Discord(f"https://discord.com{PATH}", deadline=deadline)


@pytest.mark.parametrize("copier", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_cannot_be_pickled(copier):
    with pytest.raises(TypeError, match="holds a secret") as raised:
        copier(Discord(f"https://discord.com{PATH}"))
    assert TOKEN not in str(raised.value)


FAILURES = {**CLOSED_IN_TIME, "garbage": answers(b"\x00\x01"), "nothing": answers(b"")}


@pytest.mark.parametrize("reply", FAILURES.values(), ids=FAILURES.keys())
def test_the_token_is_in_no_log_output_or_traceback(reply, caplog, capfd, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with listening(Stub(reply)) as stub:
        notifier = Discord(stub.url, deadline=0.2)
        try:
            notifier.send(NOTICE)
        except SendError as error:
            shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            assert TOKEN not in shown
            assert error.__cause__ is None
            assert error.__context__ is None
            assert TOKEN not in repr(error.args)
        outbox = Outbox(notifier, 0)
        outbox.put(event())
        outbox.close(1.0)
    shown = caplog.text + repr([vars(record) for record in caplog.records]) + "".join(capfd.readouterr())
    assert TOKEN not in shown
    assert TOKEN not in repr(outbox) + repr(vars(outbox)) + repr(outbox.stats())
