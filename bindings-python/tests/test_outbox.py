"""The outbox: what is sent when, what is held back, and that nothing the notifier does reaches the caller."""

from __future__ import annotations

import logging
import os
import queue
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable

import pytest

import drift_sre
from drift_sre.events import DriftEvent
from drift_sre.notify import Notice, Outbox
from drift_sre.notify.notice import Disabled, RetryLater, SendError

PATIENCE = 10.0


def event(metric: str = "cpu", value: float = 1.0, kind: str = "opened") -> DriftEvent:
    return DriftEvent(
        kind=kind,
        metric=metric,
        direction="up",
        severity="warning",
        value=value,
        baseline=0.5,
        shift=0.5,
        score=1.5,
        onset=1.0,
        detected_at=2.0,
        reason="drift",
        unit="%",
        golden_signal="saturation",
        meaning="work piles up",
        explanation=f"{metric} went up",
    )


def until(condition: Callable[[], bool]) -> None:
    end, pause = time.monotonic() + PATIENCE, threading.Event()
    while not condition():
        assert time.monotonic() < end
        pause.wait(0.001)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Recorder:
    """Takes each notice and does what the script says for it: an exception to raise, or None."""

    def __init__(self, *script: BaseException | None) -> None:
        self.script = list(script)
        self.notices: queue.Queue[Notice] = queue.Queue()

    def send(self, notice: Notice) -> None:
        self.notices.put(notice)
        outcome = self.script.pop(0) if self.script and not notice.event.metric.startswith("barrier") else None
        if outcome is not None:
            raise outcome

    def next(self) -> tuple[str, float, int]:
        notice = self.notices.get(timeout=PATIENCE)
        return notice.event.metric, notice.event.value, notice.suppressed


class Hanging:
    """Never answers until released, and then raises the given error the first time."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.notices: list[Notice] = []
        self.called = threading.Event()
        self.release = threading.Event()

    def send(self, notice: Notice) -> None:
        self.notices.append(notice)
        self.called.set()
        self.release.wait(PATIENCE)
        error, self.error = self.error, None
        if error is not None:
            raise error


class Bench:
    """An outbox on a fake clock, with a way to know that the thread has nothing to do now."""

    def __init__(self, *script: BaseException | None, cool_down: float = 60.0) -> None:
        self.clock = Clock()
        self.notifier = Recorder(*script)
        self.outbox = Outbox(self.notifier, cool_down, clock=self.clock)
        self.barriers = 0

    def put(self, *values: float, metric: str = "cpu") -> None:
        for value in values:
            self.outbox.put(event(metric, value))

    def advance(self, seconds: float) -> None:
        self.clock.now += seconds
        self.outbox.cool_down = self.outbox.cool_down  # wakes the thread, which sleeps in real time

    def received(self) -> list[tuple[float, int]]:
        """What was sent until all that is due now has been."""
        sent = []
        # Twice, as metrics take turns: a second notice of one comes after the first barrier.
        for _ in range(2):
            self.barriers += 1
            barrier = f"barrier {self.barriers}"
            self.outbox.put(event(barrier))
            while True:
                metric, value, suppressed = self.notifier.next()
                if metric == barrier:
                    break
                sent.append((value, suppressed))
        return sent


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    for thread in threading.enumerate():
        if thread.name == "drift-sre-outbox":
            thread.join(PATIENCE)
            assert not thread.is_alive()


def finish(outbox: Outbox, timeout: float = PATIENCE) -> dict:
    outbox.close(timeout)
    return outbox.stats()


def test_the_first_event_is_sent_at_once_and_the_last_of_the_cool_down_when_it_ends():
    bench = Bench()
    bench.put(1, 2, 3, 4)
    assert bench.received() == [(1, 0)]
    bench.advance(59.9)
    assert bench.received() == []
    bench.advance(0.2)
    assert bench.received() == [(4, 2)]
    bench.put(5)
    assert bench.received() == []
    bench.advance(60.1)
    assert bench.received() == [(5, 0)]
    bench.advance(60.1)
    assert bench.received() == []
    bench.put(6)
    assert bench.received() == [(6, 0)]
    bench.outbox.close(PATIENCE)


def test_each_metric_cools_down_alone():
    bench = Bench()
    bench.put(1, metric="cpu")
    bench.put(2, metric="ram")
    assert sorted(bench.received()) == [(1, 0), (2, 0)]
    bench.outbox.close(PATIENCE)


def test_without_a_cool_down_everything_is_sent_in_order():
    notifier = Recorder()
    outbox = Outbox(notifier, 0)
    for value in range(20):
        outbox.put(event(value=value))
    assert finish(outbox)["sent"] == 20
    assert [notifier.next() for _ in range(20)] == [("cpu", value, 0) for value in range(20)]


def test_a_new_cool_down_counts_at_once():
    bench = Bench()
    bench.put(1, 2)
    assert bench.received() == [(1, 0)]
    bench.outbox.cool_down = 10.0
    bench.advance(10.1)
    assert bench.received() == [(2, 0)]
    bench.outbox.cool_down = 0.0
    bench.put(3, 4)
    assert bench.received() == [(3, 0), (4, 0)]
    bench.outbox.close(PATIENCE)


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_a_cool_down_that_is_no_time_is_refused(seconds):
    with pytest.raises(ValueError, match="cool_down"):
        Outbox(Recorder(), seconds)


def test_back_off_doubles_and_the_fifth_failure_drops():
    bench = Bench(*[OSError("x")] * 5)
    bench.put(1)
    assert bench.received() == [(1, 0)]
    for delay in (1, 2, 4, 8):
        bench.advance(delay - 0.1)
        assert bench.received() == []
        bench.advance(0.2)
        assert bench.received() == [(1, 0)]
    bench.advance(1000)
    assert bench.received() == []
    stats = finish(bench.outbox)
    assert (stats["failed"], stats["dropped"], stats["queued"]) == (5, 1, 0)


def test_back_off_ends_at_a_minute_while_newer_events_replace_the_waiting_one():
    bench = Bench(*[OSError("x")] * 9)
    bench.put(1)
    assert bench.received() == [(1, 0)]
    for failures, delay in enumerate((1, 2, 4, 8, 16, 32, 60, 60), start=1):
        bench.put(failures + 1)
        bench.advance(delay - 0.1)
        assert bench.received() == []
        bench.advance(0.2)
        assert bench.received() == [(failures + 1, failures)]
    bench.advance(61)
    assert bench.received() == [(9, 8)]
    stats = finish(bench.outbox)
    assert (stats["failed"], stats["dropped"], stats["suppressed"]) == (9, 0, 8)


def test_a_success_ends_the_back_off():
    bench = Bench(OSError("x"), None, OSError("x"))
    bench.put(1)
    assert bench.received() == [(1, 0)]
    bench.advance(1.1)
    assert bench.received() == [(1, 0)]
    bench.put(2)
    bench.advance(60.1)
    assert bench.received() == [(2, 0)]
    bench.advance(1.1)
    assert bench.received() == [(2, 0)]
    bench.outbox.close(PATIENCE)


def test_what_came_while_a_send_failed_replaces_it_and_counts_it():
    notifier = Hanging(OSError("x"))
    clock = Clock()
    outbox = Outbox(notifier, clock=clock)
    outbox.put(event(value=1))
    assert notifier.called.wait(PATIENCE)
    outbox.put(event(value=2))
    outbox.put(event(value=3))
    notifier.release.set()
    until(lambda: outbox.stats()["failed"] == 1)
    stats = finish(outbox)
    assert (stats["suppressed"], stats["queued"]) == (2, 0)
    assert [(notice.event.value, notice.suppressed) for notice in notifier.notices] == [(1, 0), (3, 2)]


def test_metrics_take_turns():
    notifier = Hanging()
    outbox = Outbox(notifier, 0)
    outbox.put(event(value=1))
    assert notifier.called.wait(PATIENCE)
    for value in (2, 3):
        outbox.put(event(value=value))
    outbox.put(event("ram", 4))
    notifier.release.set()
    outbox.close(PATIENCE)
    assert [notice.event.value for notice in notifier.notices] == [1, 2, 4, 3]


def test_a_cool_down_that_begins_late_thins_out_what_already_waits():
    notifier = Hanging()
    outbox = Outbox(notifier, 0)
    for value in range(20):
        outbox.put(event(value=value))
    assert notifier.called.wait(PATIENCE)
    outbox.cool_down = 60
    assert (outbox.stats()["queued"], outbox.stats()["suppressed"]) == (2, 18)
    notifier.release.set()
    outbox.close(PATIENCE)


def test_a_metric_that_cooled_down_is_forgotten():
    bench = Bench()
    for number in range(100):
        bench.put(1, metric=f"metric {number}")
        bench.received()
    bench.advance(61)
    bench.received()
    assert len(bench.outbox._lanes) <= 2
    bench.outbox.close(PATIENCE)


def test_retry_later_holds_every_metric_and_is_capped_at_fifteen_minutes():
    bench = Bench(RetryLater(1e9))
    bench.put(1)
    assert bench.notifier.next() == ("cpu", 1, 0)
    bench.put(2, metric="ram")
    until(lambda: bench.outbox.stats()["failed"] == 1)
    bench.advance(899)
    assert bench.notifier.notices.empty()
    bench.advance(2)
    assert {bench.notifier.next(), bench.notifier.next()} == {("cpu", 1, 0), ("ram", 2, 0)}
    bench.outbox.close(PATIENCE)


@pytest.mark.parametrize("seconds", [float("nan"), -5.0])
def test_a_retry_later_that_is_no_time_is_no_wait(seconds):
    bench = Bench(RetryLater(seconds))
    bench.put(1)
    assert [bench.notifier.next(), bench.notifier.next()] == [("cpu", 1, 0)] * 2
    assert finish(bench.outbox)["sent"] == 1


def test_disabled_ends_everything_with_one_warning(caplog):
    caplog.set_level(logging.DEBUG)
    bench = Bench(Disabled("gone"), cool_down=0)
    bench.put(1, 2, 3)
    stats = finish(bench.outbox)
    bench.put(4)
    assert bench.notifier.notices.qsize() == 1
    assert (stats["disabled"], stats["dropped"], stats["failed"]) == (True, 3, 1)
    assert bench.outbox.stats()["dropped"] == 4
    assert [record.getMessage() for record in caplog.records] == ["notifier Recorder is turned off: Disabled: gone"]


def test_one_warning_per_outage_without_foreign_exception_text(caplog):
    caplog.set_level(logging.DEBUG)
    bench = Bench(OSError("CANARY"), OSError("CANARY"), None, SendError("HTTP 500"), None)
    for value, attempts in ((1, 3), (2, 5)):
        bench.put(value)
        for attempt in range(attempts - 2, attempts + 1):
            bench.advance(61)
            until(lambda done=attempt: bench.outbox.stats()["failed"] + bench.outbox.stats()["sent"] >= done)
    stats = finish(bench.outbox)
    assert (stats["failed"], stats["sent"]) == (3, 2)
    assert [record.getMessage() for record in caplog.records] == [
        "notifier Recorder fails to send: OSError",
        "notifier Recorder fails to send: SendError: HTTP 500",
    ]
    assert "CANARY" not in caplog.text


def test_even_system_exit_does_not_end_the_thread():
    bench = Bench(SystemExit(3))
    bench.put(1)
    assert bench.received() == [(1, 0)]
    bench.advance(1.1)
    assert bench.received() == [(1, 0)]
    bench.outbox.close(PATIENCE)


def test_a_raising_log_handler_does_not_end_the_thread():
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError("no log")

    handler = Broken()
    logging.getLogger("drift_sre").addHandler(handler)
    try:
        bench = Bench(OSError("x"))
        bench.put(1)
        assert bench.received() == [(1, 0)]
        bench.advance(1.1)
        assert bench.received() == [(1, 0)]
        bench.outbox.close(PATIENCE)
    finally:
        logging.getLogger("drift_sre").removeHandler(handler)


def test_a_full_queue_drops_the_newest_and_counts_it():
    notifier = Hanging()
    outbox = Outbox(notifier, 0)
    outbox.put(event())
    assert notifier.called.wait(PATIENCE)
    for value in range(149):
        outbox.put(event(value=value))
    stats = outbox.stats()
    assert (stats["queued"], stats["dropped"], stats["sent"]) == (100, 50, 0)
    notifier.release.set()
    assert finish(outbox) == {**stats, "queued": 0, "sent": 100}


def test_one_metric_cannot_fill_the_queue_during_a_cool_down():
    notifier = Hanging()
    outbox = Outbox(notifier, 60)
    for value in range(1000):
        outbox.put(event(value=value))
    stats = outbox.stats()
    assert stats["dropped"] == 0
    assert stats["queued"] <= 2
    assert stats["queued"] + stats["suppressed"] == 1000
    notifier.release.set()
    outbox.close(PATIENCE)


def test_put_stays_fast_while_the_notifier_hangs():
    notifier = Hanging()
    outbox = Outbox(notifier, 0)
    outbox.put(event())
    assert notifier.called.wait(PATIENCE)
    took = []
    for value in range(2000):
        began = time.perf_counter()
        outbox.put(event(value=value))
        took.append(time.perf_counter() - began)
    assert statistics.median(took) < 1e-3
    notifier.release.set()
    outbox.close(PATIENCE)


def test_close_ends_the_cool_down_and_tries_each_waiting_notice_once():
    bench = Bench(None, OSError("x"), None)
    bench.put(1)
    assert bench.received() == [(1, 0)]
    bench.put(2, 3)
    bench.put(4, metric="ram")
    stats = finish(bench.outbox)
    assert (stats["failed"], stats["dropped"], stats["queued"]) == (1, 1, 0)
    sent = [bench.notifier.next() for _ in range(bench.notifier.notices.qsize())]
    assert sorted(sent) == [("cpu", 3, 1), ("ram", 4, 0)]


def test_close_returns_in_time_while_the_notifier_hangs_and_is_idempotent():
    notifier = Hanging()
    outbox = Outbox(notifier, 60)
    outbox.put(event())
    outbox.put(event("ram"))
    assert notifier.called.wait(PATIENCE)
    began = time.monotonic()
    outbox.close(0.3)
    assert 0.25 < time.monotonic() - began < 0.6
    outbox.close(0.0)
    outbox.put(event())
    stats = outbox.stats()
    assert (stats["dropped"], stats["queued"]) == (2, 1)
    notifier.release.set()
    outbox.close(PATIENCE)
    assert (outbox.stats()["sent"], outbox.stats()["queued"]) == (1, 0)


def test_close_waits_for_a_rate_limit_within_its_timeout_only():
    for seconds, sent in ((0.3, 1), (60.0, 0)):
        notifier = Recorder(RetryLater(seconds))
        outbox = Outbox(notifier)
        outbox.put(event())
        until(lambda box=outbox: box.stats()["failed"] == 1)
        began = time.monotonic()
        stats = finish(outbox, 5.0)
        assert (stats["sent"], stats["dropped"]) == (sent, 1 - sent)
        assert (time.monotonic() - began > 0.2) == bool(sent)
        assert time.monotonic() - began < 2.0


def test_an_outbox_that_was_never_used_starts_no_thread():
    outbox = Outbox(Recorder())
    assert all(thread.name != "drift-sre-outbox" for thread in threading.enumerate())
    outbox.close(0.0)
    outbox.put(event())
    assert outbox.stats()["dropped"] == 1


def test_a_put_when_no_thread_can_start_is_a_counted_drop(monkeypatch):
    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    outbox = Outbox(Recorder())
    monkeypatch.setattr(threading.Thread, "start", start)
    outbox.put(event())
    assert outbox.stats()["dropped"] == 1


def test_concurrent_puts_add_up():
    outbox = Outbox(Recorder(), 0)
    putters = [
        threading.Thread(target=lambda: [outbox.put(event(value=value)) for value in range(500)]) for _ in range(8)
    ]
    for thread in putters:
        thread.start()
    for thread in putters:
        thread.join()
    stats = finish(outbox)
    assert stats["sent"] + stats["suppressed"] + stats["dropped"] == 4000
    assert stats["queued"] == 0


def run_script(script: str) -> subprocess.CompletedProcess:
    root = str(Path(drift_sre.__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, str(Path(__file__).parent)])}
    return subprocess.run(
        # Python 3.12 warns of any fork while a thread runs, which is what is tried here.
        [
            sys.executable,
            "-W",
            "ignore::DeprecationWarning",
            "-c",
            "from test_outbox import *\n" + script,
        ],
        env=environment,
        capture_output=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("ending", ["pass", "sys.exit(0)"])
def test_the_interpreter_exits_quietly_while_the_notifier_hangs(ending):
    done = run_script(
        "notifier = Hanging()\n"
        "outbox = Outbox(notifier)\n"
        "outbox.put(event())\n"
        "outbox.put(event())\n"
        "notifier.called.wait(10)\n" + ending
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_has_an_empty_outbox_of_its_own():
    done = run_script(
        "notifier = Hanging()\n"
        "outbox = Outbox(notifier)\n"
        "outbox.put(event())\n"
        "outbox.put(event('ram'))\n"
        "notifier.called.wait(10)\n"
        "held, done = threading.Event(), threading.Event()\n"
        "def hold():\n"
        "    with outbox._changed:\n"
        "        held.set()\n"
        "        done.wait(10)\n"
        "threading.Thread(target=hold, daemon=True).start()\n"
        "held.wait(10)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    notifier.release.set()\n"
        "    outbox.put(event())\n"
        "    outbox.close(5)\n"
        "    os._exit(42 if outbox.stats()['sent'] == 1 else 1)\n"
        "assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 42\n"
        "done.set()\n"
        "assert outbox.stats()['queued'] == 2\n"
    )
    assert (done.returncode, done.stderr) == (0, b"")
