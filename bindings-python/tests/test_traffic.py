"""Requests, tasks and calls that become series: what is counted, and that it stays bounded."""

from __future__ import annotations

import asyncio
import threading

import pytest

from drift_sre import DriftMonitor
from drift_sre.traffic import LIMIT, OTHER, Traffic
from test_outbox import until


def samples(traffic, elapsed=2.0):
    return {metric.name: value for metric, value in traffic.drain(elapsed)}


def test_each_name_has_latency_errors_and_traffic():
    traffic = Traffic()
    for seconds, failed in ((0.1, False), (0.3, True), (0.2, False), (0.2, False)):
        traffic.record("GET /", seconds, failed)
    assert samples(traffic) == {
        "GET / latency": pytest.approx(200),
        "GET / errors": 25.0,
        "GET / traffic": 2.0,
    }
    assert samples(traffic) == {"GET / traffic": 0.0}, "no request has no latency, but is no traffic"


def test_their_golden_signals_and_units():
    traffic = Traffic()
    traffic.record("x", 1, True)
    assert [(metric.golden_signal, metric.unit, metric.direction) for metric, _ in traffic.drain(1)] == [
        ("latency", "ms", "up"),
        ("errors", "%", "up"),
        ("traffic", "/s", "both"),
    ]


def test_names_beyond_the_limit_are_one():
    traffic = Traffic()
    for n in range(10 * LIMIT):
        traffic.record(f"GET /{n}", 0.1, False)
    drained = samples(traffic, 1.0)
    assert traffic.names == LIMIT + 1
    assert drained[f"{OTHER} traffic"] == traffic.overflowed == 9 * LIMIT
    assert len(drained) == 3 * (LIMIT + 1)


@pytest.mark.parametrize("name", ["\ud800", "x" * 10_000])
def test_a_name_that_cannot_be_shown_is_cut_down(name):
    traffic = Traffic()
    traffic.record(name, 0.1, False)
    traffic.record(name, 0.1, False)
    (shown, *_) = samples(traffic)
    assert len(shown) <= 210
    shown.encode()
    assert traffic.names == 1


def test_counts_of_many_threads_add_up():
    traffic, drained, done = Traffic(), [], threading.Event()

    def drain():
        while not done.is_set():
            drained.append(samples(traffic, 1.0).get("x traffic", 0))

    threads = [
        threading.Thread(target=lambda: [traffic.record("x", 0.1, False) for _ in range(5000)]) for _ in range(4)
    ]
    drainer = threading.Thread(target=drain)
    for thread in [*threads, drainer]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    drainer.join()
    assert sum(drained) + samples(traffic, 1.0)["x traffic"] == 20_000


def test_record_makes_series_that_drift(monkeypatch):
    monitor = DriftMonitor(metrics=[], interval=0.01)
    slow = threading.Event()
    done = threading.Event()

    def load():
        while not done.wait(0.001):
            monitor.record("checkout", 0.5 if slow.is_set() else 0.01)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        with monitor:
            until(lambda: monitor.status().get("checkout latency", None) is not None)
            until(lambda: monitor.status()["checkout latency"].state == "in_control")
            slow.set()
            until(lambda: any(event.metric == "checkout latency" for event in monitor.events()))
    finally:
        done.set()
        thread.join()
    (event, *_) = [event for event in monitor.events() if event.metric == "checkout latency"]
    assert (event.kind, event.direction, event.golden_signal, event.unit) == ("opened", "up", "latency", "ms")


def test_record_never_raises():
    monitor = DriftMonitor(metrics=[])
    monitor.record(None, 1.0)  # type: ignore[arg-type]
    monitor.record("x", "long")  # type: ignore[arg-type]
    assert monitor.stats()["internal_errors"] == 2


class Recorded:
    """A monitor's `record`, kept."""

    def __init__(self, monkeypatch):
        self.calls = []
        monkeypatch.setattr(DriftMonitor, "record", lambda _, name, seconds, failed: self.calls.append((name, failed)))


def test_watch_decorates_functions(monkeypatch):
    recorded, monitor = Recorded(monkeypatch), DriftMonitor(metrics=[])

    @monitor.watch
    def double(x):
        """Twice."""
        return 2 * x

    @monitor.watch("named")
    def fail():
        raise KeyError("x")

    assert (double(2), double.__name__, double.__doc__) == (4, "double", "Twice.")
    with pytest.raises(KeyError):
        fail()
    assert recorded.calls == [("test_watch_decorates_functions.<locals>.double", False), ("named", True)]


def test_watch_decorates_coroutine_functions(monkeypatch):
    recorded, monitor = Recorded(monkeypatch), DriftMonitor(metrics=[])

    @monitor.watch("task")
    async def task(what):
        await asyncio.sleep(0)
        if isinstance(what, Exception):
            raise what
        if what == "hang":
            await asyncio.sleep(60)
        return what

    async def main():
        assert await task(5) == 5
        with pytest.raises(ValueError, match="mine"):
            await task(ValueError("mine"))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(task("hang"), 0.01)

    asyncio.run(main())
    assert recorded.calls == [("task", False), ("task", True), ("task", False)], "to be cancelled is no failure"


def test_watch_is_a_context_manager(monkeypatch):
    recorded, monitor = Recorded(monkeypatch), DriftMonitor(metrics=[])
    block = monitor.watch("block")
    with block, block:
        pass
    with pytest.raises(ZeroDivisionError), block:
        raise ZeroDivisionError
    with pytest.raises(KeyboardInterrupt), block:
        raise KeyboardInterrupt
    assert recorded.calls == [("block", False), ("block", False), ("block", True), ("block", False)]


def test_watch_refuses_what_is_neither():
    with pytest.raises(ValueError, match="target must be a function or a name, got 5"):
        DriftMonitor().watch(5)
