"""What a monitor samples, while parts of that raise, block, answer rubbish, or sleep; and what it says of itself."""

from __future__ import annotations

import logging
import math
import threading
import time
import types

import psutil
import pytest

from drift_sre import DriftMonitor, sampling
from sampled import Sampled
from test_outbox import until


def test_a_function_that_blocks_costs_the_others_one_wait(monkeypatch, caplog):
    monkeypatch.setattr(sampling, "_PATIENCE_SECONDS", 0.05)
    release, good = threading.Event(), Sampled(lambda _: 1.0)
    late = Sampled(lambda calls: release.wait(20) and 7.0)
    monitor = DriftMonitor(metrics=["ram"], interval=0.05)
    monitor.add_metric("before", good)
    monitor.add_metric("late", late)
    monitor.add_metric("after", lambda: 2.0)
    with caplog.at_level(logging.WARNING, logger="drift_sre"), monitor:
        good.wait_for(10)
        until(lambda: monitor.status()["after"].samples >= 8)
        stats, status = monitor.stats(), monitor.status()
        assert late.calls == 1
        assert (status["late"].samples, stats["errors"]) == (0, {})
        assert stats["blocked"]["late"] >= 8
        assert status["ram"].samples >= 8
        assert [thread.name for thread in threading.enumerate()].count("drift-sre-reader") == 2
        release.set()
        until(lambda: monitor.status()["late"].value == 7.0)
    assert caplog.messages == ["metric 'late' gives no samples: no answer within 0.05 s"]
    until(lambda: "drift-sre-reader" not in [thread.name for thread in threading.enumerate()])


def test_a_monitor_stops_while_a_function_blocks_and_can_start_again():
    release = threading.Event()
    stuck = Sampled(lambda calls: (calls == 1 and release.wait(20) and 1.0) or 1.0)
    monitor = DriftMonitor(metrics=[], interval=0.01)
    monitor.add_metric("stuck", stuck)
    monitor.start()
    stuck.wait_for(1)
    began = time.monotonic()
    monitor.stop()
    assert time.monotonic() - began < 3
    monitor.start()
    stuck.wait_for(3)
    release.set()
    monitor.stop()


@pytest.mark.parametrize(
    ("fault", "counted"),
    [
        (OSError("disk gone"), "errors"),
        (psutil.AccessDenied(1), None),
        (psutil.ZombieProcess(1), "errors"),
        (math.nan, "errors"),
        (math.inf, "errors"),
        ("rubbish", "errors"),
    ],
)
def test_what_psutil_does_wrong_costs_one_metric(fault, counted, monkeypatch):
    def faulty():
        if isinstance(fault, BaseException):
            raise fault
        return (fault, 0.0, 0.0)

    monkeypatch.setattr(psutil, "getloadavg", faulty)
    with DriftMonitor(metrics=["load", "ram"], interval=0.01) as monitor:
        until(lambda: monitor.status()["ram"].samples > 5)
        stats, status = monitor.stats(), monitor.status()
    assert status["load"].samples == 0
    assert (stats["errors"].get("load", 0) > 3) == (counted == "errors")
    assert status["load"].state == ("unavailable" if counted is None else "warming_up")
    assert stats["internal_errors"] == 0


def test_a_psutil_call_that_blocks_costs_the_other_metrics_no_more_than_once(monkeypatch):
    monkeypatch.setattr(sampling, "_PATIENCE_SECONDS", 0.02)
    hang, calls = threading.Event(), []

    def slow():
        # Should the memory drift meanwhile, the snapshot reads the load as well.
        if threading.current_thread().name == "drift-sre-forensics":
            return (1.0, 1.0, 1.0)
        calls.append(1)
        if len(calls) in (2, 4):
            hang.wait(0.3 if len(calls) == 2 else 20)
        return (1.0, 1.0, 1.0)

    monkeypatch.setattr(psutil, "getloadavg", slow)
    with DriftMonitor(metrics=["load", "ram"], interval=0.02) as monitor:
        until(lambda: len(calls) == 4)
        samples = monitor.status()["ram"].samples
        until(lambda: monitor.status()["ram"].samples > samples + 10)
        assert len(calls) == 4
        until(lambda: monitor.stats()["blocked"]["load"] > 5)
        hang.set()


@pytest.mark.parametrize("error", [KeyError("x"), SystemExit(3)])
def test_a_function_that_raises_is_counted_and_says_its_type_only(error, caplog):
    def bad():
        raise error

    monitor = DriftMonitor(metrics=[], interval=0.01)
    monitor.add_metric("bad", bad)
    with caplog.at_level(logging.DEBUG, logger="drift_sre"), monitor:
        until(lambda: monitor.stats()["errors"].get("bad", 0) > 3)
        assert monitor.is_running
    assert caplog.messages == [f"metric 'bad' gives no samples: {type(error).__name__}"]


def test_callbacks_that_raise_are_counted():
    def raises(_):
        raise RuntimeError

    monitor = DriftMonitor(metrics=["cpu"], scale=None, min_samples=1, threshold=1, on_drift=raises)
    for t in range(4):
        monitor.observe({"cpu": 100.0 * (t % 2)}, at=t)
    stats = monitor.stats()
    assert stats["callback_errors"] == stats["events"] == 2


def test_stats_count_ticks_and_what_notifiers_did():
    class Deaf:
        def send(self, notice):
            raise OSError

    monitor = DriftMonitor(interval=0.01, notifiers=[Deaf()])
    assert monitor.stats()["ticks"] == 0
    with monitor:
        until(lambda: monitor.stats()["ticks"] >= 5)
        stats = monitor.stats()
    assert (stats["running"], stats["leader"], stats["series"]) == (True, True, 6)
    assert 0 < stats["last_tick_seconds"] <= stats["longest_tick_seconds"] < 5
    assert 0 < stats["cpu_seconds"] < 5
    assert stats["notifiers"] == [
        {"name": "Deaf", "sent": 0, "suppressed": 0, "dropped": 0, "failed": 0, "queued": 0, "disabled": False}
    ]
    assert not monitor.stats()["running"]


def clocks(monkeypatch):
    """A monotonic clock and one that runs on in sleep, for `sampling` alone."""
    now = types.SimpleNamespace(awake=100.0, asleep=0.0)
    real = types.SimpleNamespace(**vars(time))
    real.monotonic = lambda: now.awake
    monkeypatch.setattr(sampling, "time", real)
    monkeypatch.setattr(sampling, "_including_sleep", lambda: now.awake + now.asleep)
    return now


@pytest.mark.parametrize(("awake", "asleep"), [(60.0, 0.0), (1.0, 3600.0), (61.0, 3600.0)])
def test_a_reading_after_a_pause_is_thrown_away(awake, asleep, monkeypatch):
    now = clocks(monkeypatch)
    read = types.SimpleNamespace(names=("x",), read_one=lambda _: 1.0, errors={})
    subject = sampling.Sampling(read, sampling.Traffic(), None)
    for _ in range(3):
        assert subject.read(1.0, []) == ({"x": 1.0}, [])
        now.awake += 1.0
    now.awake, now.asleep = now.awake - 1 + awake, now.asleep + asleep
    assert subject.read(1.0, []) is None
    now.awake += 1.0
    assert subject.read(1.0, []) == ({"x": 1.0}, [])
    assert subject.stats()["pauses"] == 1


def test_wall_clocks_that_jump_change_no_interval(monkeypatch):
    monitor = DriftMonitor(metrics=["load"], interval=0.02, notifiers=[])
    with monitor:
        until(lambda: monitor.stats()["ticks"] > 3)
        for jump in (86_400, -86_400):
            real = time.time
            monkeypatch.setattr(time, "time", lambda real=real, jump=jump: real() + jump)
            ticks = monitor.stats()["ticks"]
            until(lambda ticks=ticks: monitor.stats()["ticks"] > ticks + 5)
    assert monitor.events() == []
