"""Slack, webhooks, logs and Apprise: what they send, one message for many metrics, and no secret in sight."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import sys
import threading
import time
from email.utils import formatdate
from typing import Any

import pytest

from drift_sre import Apprise, Console, Discord, DriftMonitor, Log, Slack, Webhook
from drift_sre.notify import Notice, Outbox, RetryLater, verify
from drift_sre.notify.discord import payload
from drift_sre.notify.slack import message
from scripts import clean, run
from test_discord import event
from test_outbox import PATIENCE, until
from webhook import OK, TOKEN, Stub, answers, http_reply, listening

MANY = Notice(
    event(metric="cpu", severity="info"),
    2,
    (
        event(metric="load", severity="critical", explanation="load rose <!channel> & @everyone"),
        event(metric="ram", severity="warning", explanation="ram rose *much*"),
        event(metric="network", kind="closed", reason="recovered", explanation="network is back"),
    ),
)
ONE = Notice(event(), 0)
CLOSED = Notice(event(kind="closed", severity="info", reason="recovered", explanation="disk_io is back"), 0)


def sent(notifier, stub, notice=ONE):
    notifier.send(notice)
    request = stub.requests.get(timeout=PATIENCE)
    return request, json.loads(request.body)


# Slack


def test_slack_gets_the_headline_the_sentence_and_the_figures():
    with listening(Stub(answers(OK))) as stub:
        _, body = sent(Slack(stub.url), stub)
    assert body["text"] == "Drift detected: disk_io"
    (attachment,) = body["attachments"]
    said, figures, footer = attachment["blocks"]
    assert attachment["color"] == "#E74C3C"
    assert said["text"] == {"type": "plain_text", "text": "disk_io rose from 12 % to 97 %", "emoji": False}
    assert [field["text"] for field in figures["fields"]] == [
        "value: 97.1 %",
        "normal: 12 %",
        "golden signal: saturation",
        "usually: processes wait for a disk",
    ]
    assert footer["elements"][0]["text"].endswith(" · drift-sre")


def test_slack_tells_that_it_is_over_in_green():
    body = message(CLOSED)
    assert (body["text"], body["attachments"][0]["color"]) == ("Recovered: disk_io", "#2ECC71")


def test_nothing_in_a_metric_mentions_or_links_in_slack():
    body = message(Notice(event(metric="<!channel> & <http://x|y>", explanation="<!here> *b*"), 0))
    assert body["text"] == "Drift detected: &lt;!channel&gt; &amp; &lt;http://x|y&gt;"
    assert body["mrkdwn"] is False
    assert {block["text"]["type"] for block in body["attachments"][0]["blocks"][:1]} == {"plain_text"}


@pytest.mark.parametrize("char", ["x", "&", "\u202e", "😀"])
def test_no_text_is_too_long_for_slack(char):
    long = char * 100_000
    body = message(Notice(event(metric=long, unit=long, explanation=long, meaning=long), 10**9))
    blocks = body["attachments"][0]["blocks"]
    assert len(blocks[0]["text"]["text"]) <= 3000
    assert all(len(field["text"]) <= 2000 for field in blocks[1]["fields"])
    assert len(json.dumps(body, ensure_ascii=False)) < 10_000


# Webhooks


def test_a_webhook_gets_the_events_as_they_are():
    with listening(Stub(answers(OK))) as stub:
        request, body = sent(Webhook(stub.url), stub, MANY)
        again, _ = sent(Webhook(stub.url), stub, MANY)
    assert body["events"] == [each.as_dict() for each in MANY.events]
    assert body["suppressed"] == 2
    assert request.headers["Idempotency-Key"] == body["id"] == again.headers["Idempotency-Key"]
    assert request.headers["X-Drift-Signature"] is None


def test_a_webhook_s_signature_is_of_the_very_bytes_and_of_now():
    with listening(Stub(answers(OK))) as stub:
        request, _ = sent(Webhook(stub.url, secret="hush"), stub)
    signature = request.headers["X-Drift-Signature"]
    assert verify("hush", signature, request.body)
    assert verify(b"hush", signature, request.body)
    assert not verify("other", signature, request.body)
    assert not verify("hush", signature, request.body + b" ")
    assert not verify("hush", signature, request.body, tolerance=-1)
    for forged in ("", "t=1", "v1=aa", f"t={int(time.time())}", "t=x,v1=é", "t=²,v1=a", signature.replace("v1", "v0")):
        assert not verify("hush", forged, request.body)


def test_the_signature_is_what_openssl_makes_of_it():
    # printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac hush
    from drift_sre.notify.webhook import sign

    digest = "7cfd1df542c33ab7251748ffdc6e7fed278c63b83d4ece95a4534b0ad465571b"
    assert sign(b"hush", b'{"a":1}', 1_700_000_000) == f"t=1700000000,v1={digest}"


@pytest.mark.parametrize("secret", ["", b"", 5])
def test_a_webhook_s_secret_must_be_one(secret):
    with pytest.raises(ValueError, match="secret must be a non-empty str or bytes"):
        Webhook("https://example.com", secret=secret)


# Rate limits and refusals, the same for all that post


@pytest.mark.parametrize("kind", [Slack, Webhook, Discord])
@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        (("X-RateLimit-Remaining: 0", "X-RateLimit-Reset-After: 1.5"), 1.5),
        (("RateLimit-Remaining: 0", "RateLimit-Reset: 7"), 7),
        (("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: IN A MINUTE"), 60),
        (("X-RateLimit-Remaining: 4", "X-RateLimit-Reset-After: 1.5"), 0),
        (("X-RateLimit-Remaining: 0", "X-RateLimit-Reset-After: rubbish"), 0),
        (("X-RateLimit-Remaining: 0", "X-RateLimit-Reset-After: 1e9"), 900),
        ((), 0),
    ],
)
def test_a_receiver_that_will_take_no_more_for_now_says_so_in_its_headers(kind, headers, pause):
    headers = [header.replace("IN A MINUTE", str(time.time() + 60)) for header in headers]
    with listening(Stub(answers(http_reply(200, b"", *headers)))) as stub:
        assert kind(stub.url).send(ONE) == pytest.approx(pause, abs=30 if pause == 60 else 0.01)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(429, ["Retry-After: 3"], 3), (429, ["Retry-After: A DATE"], 600), (503, ["Retry-After: 4"], 4), (429, [], 5)],
)
def test_retry_after_is_seconds_or_a_date(status, headers, seconds):
    date = formatdate(time.time() + 600, usegmt=True)
    reply = http_reply(status, b"", *(header.replace("A DATE", date) for header in headers))
    with listening(Stub(answers(reply))) as stub, pytest.raises(RetryLater) as raised:
        Slack(stub.url).send(ONE)
    assert raised.value.seconds == pytest.approx(seconds, abs=120 if seconds == 600 else 0.01)


def test_the_outbox_waits_as_long_as_the_headers_say():
    full = http_reply(200, b"", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset-After: 0.4")
    with listening(Stub(answers(full, OK))) as stub:
        outbox = Outbox(Webhook(stub.url), 0)
        outbox.put(event(metric="cpu"))
        first = stub.requests.get(timeout=PATIENCE)
        outbox.put(event(metric="ram"))
        assert stub.requests.get(timeout=PATIENCE).at - first.at >= 0.39
        outbox.close(PATIENCE)
    assert outbox.stats()["failed"] == 0


@pytest.mark.parametrize("kind", [Slack, Webhook])
@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_receiver_that_is_gone_disables_after_one_attempt_and_one_line(kind, status, caplog):
    with listening(Stub(answers(http_reply(status)))) as stub, caplog.at_level(logging.DEBUG):
        outbox = Outbox(kind(stub.url), 0)
        outbox.put_many([event(metric="cpu"), event(metric="ram")])
        until(lambda: outbox.stats()["disabled"])
        outbox.put(event(metric="load"))
        outbox.close(PATIENCE)
        assert stub.requests.qsize() == 1
    assert [record.getMessage() for record in caplog.records] == [
        f"notifier {kind.__name__} is turned off: Disabled: the webhook answered HTTP {status}"
    ]


@pytest.mark.parametrize("kind", [Slack, Webhook])
def test_addresses_and_secrets_show_nowhere(kind):
    extra = {"secret": TOKEN} if kind is Webhook else {}
    notifier = kind(f"https://hooks.example.com/services/{TOKEN}", **extra)
    assert repr(notifier) == f"{kind.__name__}(https://hooks.example.com/…)"
    for copier in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="holds a secret"):
            copier(notifier)
    with pytest.raises(ValueError, match=r"^url must begin with https://") as raised:
        kind(f"http://example.com/{TOKEN}")
    assert TOKEN not in str(raised.value)


# Logs


def test_a_log_has_a_record_for_each_event_with_its_data(caplog):
    with caplog.at_level(logging.DEBUG, logger="mine"):
        Log("mine").send(Notice(event(metric="50%s"), 0))
        Log(logging.getLogger("mine")).send(CLOSED)
        Log("mine").send(MANY)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "disk_io rose from 12 % to 97 %"),
        ("INFO", "disk_io is back"),
        ("ERROR", "Changes: 4 metrics at once"),
        ("INFO", "disk_io rose from 12 % to 97 %"),
        ("ERROR", "load rose <!channel> & @everyone"),
        ("WARNING", "ram rose *much*"),
        ("INFO", "network is back"),
    ]
    assert caplog.records[0].drift["metric"] == "50%s"


# Apprise, in a process of its own: it leaves a thread behind, and warns of what its Python has deprecated


def test_apprise_sends_to_what_it_knows():
    pytest.importorskip("apprise", exc_type=ImportError)
    clean(
        run(f"""
        import apprise
        from drift_sre import Apprise
        from drift_sre.notify import SendError
        from test_notifiers import CLOSED, MANY, ONE
        received = []

        @apprise.decorators.notify(on="drifttest")
        def take(body, title, notify_type, *args, **kwargs):
            received.append((str(getattr(notify_type, "value", notify_type)), title, body.splitlines()))
            return title != "Recovered: disk_io"

        notifier = Apprise("drifttest://")
        assert repr(notifier) == "Apprise(1 addresses)"
        notifier.send(MANY)
        notifier.send(ONE)
        try:
            notifier.send(CLOSED)
        except SendError as error:
            assert "did not take" in str(error)
        many, one, closed = received
        assert many[:2] == ("failure", "Changes: 4 metrics at once"), many
        assert many[2][0] == "load rose <!channel> & @everyone"
        assert many[2][-1] == "held back since the last message: 2"
        assert one[1:] == ("Drift detected: disk_io", ["disk_io rose from 12 % to 97 %"])
        assert closed[0] == "success"

        logging.disable()
        for urls, wanted in ((("json://localhost", "nonsense://{TOKEN}"), "number 2 is not"), ((), "got none")):
            try:
                Apprise(*urls)
            except ValueError as error:
                assert wanted in str(error) and "{TOKEN}" not in str(error)
            else:
                raise AssertionError(urls)
        """)
    )


def test_without_apprise_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ImportError, match=r"pip install drift-sre\[apprise\]"):
        Apprise("json://localhost")


# Many at once


def test_discord_tells_of_many_in_one_embed():
    (embed,) = payload(MANY)["embeds"]
    assert embed["title"] == "Changes: 4 metrics at once"
    assert embed["description"].splitlines() == [
        "• load rose \\<!channel\\> & \\@everyone",
        "• ram rose \\*much\\*",
        "• disk_io rose from 12 % to 97 %",
        "• network is back",
    ]
    assert embed["color"] == 0xE74C3C
    assert [field["name"] for field in embed["fields"]] == ["held back since the last message", "snapshot"]


def test_a_hundred_long_sentences_fit_with_the_count_of_the_rest():
    notice = Notice(event(), 0, tuple(event(explanation="*" * 300) for _ in range(99)))
    (embed,) = payload(notice)["embeds"]
    assert len(embed["description"]) <= 2000
    assert embed["description"].splitlines()[-1].startswith("• and 9")
    assert embed["title"] == "Drift detected: 100 metrics at once"


class Grouping:
    """Fails as often as it is told to, and remembers what it was sent."""

    groups = True

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.notices: list[Notice] = []

    def send(self, notice: Notice) -> None:
        self.notices.append(notice)
        if self.failures:
            raise self.failures.pop(0)


def put(outbox: Outbox, count: int, **changes: Any) -> None:
    outbox.put_many([event(metric=f"metric {n}", **changes) for n in range(count)])


@pytest.mark.parametrize(("count", "messages"), [(3, 3), (4, 1), (100, 1)])
def test_more_than_three_metrics_at_once_are_one_message(count, messages):
    notifier = Grouping()
    outbox = Outbox(notifier, 60)
    put(outbox, count)
    outbox.close(PATIENCE)
    assert len(notifier.notices) == messages
    assert sorted(each.metric for notice in notifier.notices for each in notice.events) == sorted(
        f"metric {n}" for n in range(count)
    )
    assert outbox.stats()["sent"] == count


def test_a_group_that_fails_is_tried_again_and_counts_one_attempt():
    notifier = Grouping(RetryLater(0.05))
    outbox = Outbox(notifier, 60)
    put(outbox, 10)
    until(lambda: outbox.stats()["sent"] == 10)
    assert outbox.stats() == {
        "sent": 10,
        "suppressed": 0,
        "dropped": 0,
        "failed": 1,
        "queued": 0,
        "disabled": False,
    }
    outbox.close(PATIENCE)
    assert [len(notice.events) for notice in notifier.notices] == [10, 10]


def test_each_metric_of_a_group_has_its_cool_down():
    notifier = Grouping()
    outbox = Outbox(notifier, 60)
    put(outbox, 5)
    until(lambda: outbox.stats()["sent"] == 5)
    put(outbox, 6)
    put(outbox, 5)
    until(lambda: outbox.stats()["sent"] == 6)
    outbox.close(PATIENCE)
    assert [len(notice.events) for notice in notifier.notices] == [5, 1, 5]
    assert notifier.notices[-1].suppressed == 5
    stats = outbox.stats()
    assert stats["sent"] + stats["suppressed"] == 16


def test_who_does_not_group_gets_them_one_by_one():
    notifier = Grouping()
    notifier.groups = False
    outbox = Outbox(notifier, 60)
    put(outbox, 10)
    outbox.close(PATIENCE)
    assert [len(notice.events) for notice in notifier.notices] == [1] * 10


def test_a_monitor_tells_many_metrics_that_jump_at_once_in_one_message(capfd):
    notifier = Grouping()
    names = ["cpu", "ram", "load", "disk_io"]
    monitor = DriftMonitor(metrics=names, notifiers=[notifier, Console()], scale=None, min_samples=1, threshold=1)
    monitor.observe(dict.fromkeys(names, 0.0), at=0)
    monitor.observe(dict.fromkeys(names, 100.0), at=1)
    monitor.stop()
    assert [len(notice.events) for notice in notifier.notices] == [4]
    assert capfd.readouterr().err.count("drift-sre: critical") == 4


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(PATIENCE)
            assert not thread.is_alive()
