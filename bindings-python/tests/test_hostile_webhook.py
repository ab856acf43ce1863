"""A whole monitor whose webhook misbehaves: starting, sampling and stopping stay prompt, and nothing raises."""

import logging
import threading
import time

import pytest

from drift_sre import DriftMonitor
from sampled import Sampled
from webhook import OK, PATIENCE, TOKEN, Stub, answers, drips, http_reply, listening, never

HOSTILE = {
    "429": answers(http_reply(429, b'{"retry_after": 30}')),
    "500": answers(http_reply(500)),
    "nothing at all": never,
    "a dripping header": drips(b"HTTP/1.1 204 No Content\r\nX-Drip: "),
    "a dripping body": drips(b"HTTP/1.1 429 Slow\r\nContent-Length: 100000\r\n\r\n"),
    "a redirect": answers(http_reply(307, b"", "Location: http://127.0.0.1:9/")),
}


def watched(stub, told, high):
    """A monitor of one metric, which jumps while `high` is set."""
    metric = Sampled(lambda calls: 10.0 + calls % 2 + 50.0 * high.is_set())
    monitor = DriftMonitor(stub.url, metrics=[], interval=0.005, on_drift=lambda _: told.set())
    monitor.add_metric("depth", metric)
    return monitor, metric


@pytest.mark.parametrize("reply", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_webhook_harms_nothing(reply, caplog):
    told, high = threading.Event(), threading.Event()
    with listening(Stub(reply)) as stub, caplog.at_level(logging.DEBUG):
        monitor, metric = watched(stub, told, high)
        began = time.monotonic()
        monitor.start()
        assert time.monotonic() - began < 0.25
        metric.wait_for(60)
        high.set()
        assert told.wait(PATIENCE)
        stub.requests.get(timeout=PATIENCE)
        calls, began = metric.calls, time.monotonic()
        metric.wait_for(calls + 50)
        assert time.monotonic() - began < 2.0, "sampling goes on at its interval"
        began = time.monotonic()
        monitor.stop()
        assert time.monotonic() - began < 2.5
    assert not monitor.is_running
    assert [event.kind for event in monitor.events()][:1] == ["opened"]
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(monitor)


def test_a_kind_webhook_gets_the_drift_and_at_the_end_its_close():
    told, high = threading.Event(), threading.Event()
    with listening(Stub(answers(OK))) as stub:
        monitor, metric = watched(stub, told, high)
        with monitor:
            metric.wait_for(60)
            high.set()
            first = stub.requests.get(timeout=PATIENCE)
            told.clear()
            high.clear()
            assert told.wait(PATIENCE)
        second = stub.requests.get(timeout=PATIENCE)
    assert b"Drift detected: depth" in first.body
    assert b"depth rose from 10" in first.body
    assert b"Recovered: depth" in second.body, "held back by the cool-down, and sent by the end of the monitor"
