"""DriftMonitor as a user meets it: settings, samples of one's own, events, status, callbacks, the thread."""

import json
import logging
import math
import threading
import time

import numpy as np
import pytest

from drift_sre import HOST_METRICS, DriftMonitor, PageHinkley
from sampled import Sampled

ALL = ["cpu", "ram", "disk_io", "network", "load", "socket_errors"]


def rise(monitor, metric="cpu", *, normal=10.0, high=60.0, back=None, start=0):
    """A minute of normal samples, half a minute high, and back if wanted; all events that come of it."""
    rng = np.random.default_rng(5)
    levels = [normal] * 90 + [high] * 30 + ([normal] * 60 if back else [])
    events = []
    for t, level in enumerate(levels):
        events += monitor.observe({metric: level + rng.normal(0, 1)}, at=start + t)
    return events


def test_defaults_watch_six_metrics():
    status = DriftMonitor().status()
    assert list(status) == ALL == list(HOST_METRICS)
    assert {name: each.golden_signal for name, each in status.items()} == {
        "cpu": "saturation",
        "ram": "saturation",
        "disk_io": "saturation",
        "network": "traffic",
        "load": "latency",
        "socket_errors": "errors",
    }
    assert {each.state for each in status.values()} == {"warming_up"}
    assert {each.value for each in status.values()} == {None}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metrics": ["cpu", "gpu"]}, "metrics must be among cpu, ram, .*; got 'gpu'"),
        ({"metrics": "cpu"}, "metrics must be a list of names, got 'cpu'"),
        ({"sensitivity": 0}, "sensitivity must be a positive number, got 0"),
        ({"sensitivity": math.nan}, "sensitivity must be a positive number, got nan"),
        ({"threshold": -50}, "threshold must be a positive number, got -50"),
        ({"threshold": "50"}, "threshold must be a positive number, got '50'"),
        ({"interval": 0.0}, "interval must be a positive number, got 0.0"),
        ({"cool_down": math.inf}, "cool_down must be a positive number, got inf"),
        ({"alpha": True}, "alpha must be a positive number, got True"),
        ({"alpha": 1.01}, "alpha must be at most 1, got 1.01"),
        ({"scale": "robust"}, "scale must be 'auto' or None, got 'robust'"),
        ({"min_samples": 7}, "min_samples must be a whole number from 8 to 65,536, got 7"),
        ({"min_samples": 30.5}, "min_samples must be a whole number from 8 to 65,536, got 30.5"),
        ({"discord_url": "not a url"}, "discord_url|url"),
        ({"on_drift": "print"}, "on_drift must be callable or None, got 'print'"),
    ],
)
def test_refuses_what_cannot_be_and_names_it(arguments, message):
    with pytest.raises(ValueError, match=message):
        DriftMonitor(**arguments)


@pytest.mark.parametrize("name", ["sensitivity", "threshold", "interval", "cool_down", "alpha"])
def test_setters_refuse_what_cannot_be_and_change_nothing(name):
    monitor = DriftMonitor(metrics=["cpu"])
    for value in (0, -1, math.nan, math.inf, "1", None):
        with pytest.raises(ValueError, match=f"{name} must be a positive number, got {value!r}"):
            getattr(monitor, f"update_{name}")(value)
    assert [event.kind for event in rise(monitor)] == ["opened"]


def test_a_rise_opens_with_evidence_and_closes_when_it_is_over():
    monitor = DriftMonitor(metrics=["cpu"])
    opened, closed = rise(monitor, back=True, start=1_000.0)
    assert (opened.kind, opened.metric, opened.direction, opened.severity) == (
        "opened",
        "cpu",
        "up",
        "critical",
    )
    assert opened.onset == 1_090.0
    assert 1_090 <= opened.detected_at <= 1_110
    assert opened.baseline == pytest.approx(10, abs=0.5)
    assert opened.shift == pytest.approx(50, abs=1)
    assert opened.score > 1
    assert opened.golden_signal == "saturation"
    assert opened.meaning == HOST_METRICS["cpu"].meaning
    assert opened.explanation.startswith("cpu rose from ")
    assert len(opened.snapshot["samples"]["cpu"]) == 60
    assert (closed.kind, closed.reason, closed.snapshot) == ("closed", "recovered", None)
    assert closed.explanation.startswith("cpu is back at ")
    assert monitor.events() == [opened, closed]
    status = monitor.status()["cpu"]
    assert (status.state, status.last_drift_at, status.samples) == ("in_control", opened.detected_at, 180)
    json.dumps([opened.as_dict(), status.as_dict()])


def test_only_rises_alarm_but_for_network():
    assert rise(DriftMonitor(), "ram", normal=60.0, high=10.0) == []
    (event,) = rise(DriftMonitor(), "network", normal=1e6, high=1e3)
    assert event.direction == "down"


def test_dials_scale_what_they_stand_for():
    def delay(**dials):
        events = rise(DriftMonitor(**dials), high=18.0)
        return events[0].detected_at - 90 if events else None

    middle = delay()
    assert delay(threshold=25) < middle < delay(threshold=75)
    assert delay(threshold=500) is None
    assert delay(sensitivity=0.01) <= middle < delay(sensitivity=0.3)
    assert delay(sensitivity=4.0) is None


def test_alpha_says_how_fast_the_baseline_follows():
    def baseline_after_a_slow_rise(alpha):
        monitor = DriftMonitor(metrics=["cpu"], alpha=alpha)
        rng = np.random.default_rng(3)
        for t in range(1500):
            monitor.observe({"cpu": 10 + 0.002 * t + rng.normal(0, 2)}, at=t)
        return monitor.status()["cpu"].baseline

    assert baseline_after_a_slow_rise(0.1) < 12.9 < baseline_after_a_slow_rise(1.0) < 13.3


def test_a_setter_acts_from_the_next_sample_and_keeps_the_accumulated_statistic():
    monitor = DriftMonitor(metrics=["cpu"], scale=None, min_samples=1, threshold=1000.0)
    twin = DriftMonitor(metrics=["cpu"], scale=None, min_samples=1, threshold=10.0)
    for t, value in enumerate((0.0, 4.0, 4.0)):
        monitor.observe({"cpu": value}, at=t)
        twin.observe({"cpu": value}, at=t)
    monitor.update_threshold(10.0)
    (event,), (twin_event,) = monitor.observe({"cpu": 4.0}, at=3), twin.observe({"cpu": 4.0}, at=3)
    assert event.score == twin_event.score > 1


def test_without_scale_the_readme_numbers_are_literal():
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(20, 5, 4000), rng.normal(35, 5, 500)])
    detector = PageHinkley(0.05, 50.0, 0.1, direction="up")
    monitor = DriftMonitor(metrics=["cpu"], scale=None)
    seen = [t for t, value in enumerate(values) for _ in monitor.observe({"cpu": value}, at=t)]
    assert seen == detector.update_many(values).tolist() != []
    assert {event.kind for event in monitor.events()} == {"opened"}
    assert monitor.status()["cpu"].state == "in_control"


def test_observe_refuses_bad_input_before_taking_any_of_it():
    monitor = DriftMonitor(metrics=["cpu", "ram"])
    for samples, at, message in (
        ({"cpu": 1.0, "gpu": 1.0}, 0, "metric must be one of cpu, ram, got 'gpu'"),
        ({"cpu": 1.0, "ram": "much"}, 0, "ram must be a number, got 'much'"),
        ({"cpu": 1.0}, math.nan, "at must be a finite number of seconds, got nan"),
        ({"cpu": 1.0}, "now", "at must be a finite number of seconds, got 'now'"),
    ):
        with pytest.raises(ValueError, match=message):
            monitor.observe(samples, at=at)
    assert monitor.status()["cpu"].samples == 0
    monitor.observe({"cpu": math.nan, "ram": 50.0}, at=0)
    assert (monitor.status()["cpu"].samples, monitor.status()["ram"].samples) == (0, 1)


def test_observe_without_a_time_is_of_now():
    monitor = DriftMonitor(metrics=["cpu"])
    for value in [10.0, 11.0] * 60 + [90.0] * 12:
        monitor.observe({"cpu": value})
    (event,) = monitor.events()
    assert abs(event.detected_at - time.time()) < 60
    assert event.onset <= event.detected_at


def test_accept_makes_the_present_level_normal():
    monitor = DriftMonitor(metrics=["cpu"])
    rise(monitor)
    (closed,) = monitor.accept("cpu")
    assert (closed.kind, closed.reason) == ("closed", "accepted")
    assert monitor.accept() == []
    assert monitor.status()["cpu"].state == "in_control"
    with pytest.raises(ValueError, match="metric must be one of cpu, got 'gpu'"):
        monitor.accept("gpu")


def test_events_keep_the_last_thousand():
    monitor = DriftMonitor(metrics=["cpu"], scale=None, min_samples=1, threshold=1.0)
    for t in range(2_204):
        monitor.observe({"cpu": float(t % 2) * 100}, at=t)
    events = monitor.events()
    assert len(events) == 1000
    assert events[-1].detected_at == 2_203


def test_on_drift_may_raise_and_may_call_back(caplog):
    seen = []

    def on_drift(event):
        seen.append((event, monitor.status()["cpu"].state))
        raise RuntimeError("mine")

    monitor = DriftMonitor(metrics=["cpu"], on_drift=on_drift)
    with caplog.at_level(logging.ERROR, logger="drift_sre"):
        events = rise(monitor, back=True)
    assert [event for event, _ in seen] == events
    assert [state for _, state in seen] == ["drifting", "in_control"]
    assert [record.message for record in caplog.records] == ["on_drift failed"] * 2


def test_the_logger_is_quiet_by_default():
    assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("drift_sre").handlers)


def test_thread_samples_the_host_and_metrics_of_ones_own():
    queue_depth = Sampled(lambda _: 3.0)
    monitor = DriftMonitor(interval=0.01)
    monitor.add_metric("queue", queue_depth, unit="jobs", golden_signal="saturation")
    assert not monitor.is_running
    with monitor as same:
        assert same is monitor
        assert monitor.is_running
        queue_depth.wait_for(5)
        status = monitor.status()
    assert not monitor.is_running
    assert (status["queue"].value, status["queue"].unit) == (3.0, "jobs")
    assert 0 < status["ram"].value <= 100
    assert status["load"].value >= 0
    calls = queue_depth.calls
    monitor.start()
    queue_depth.wait_for(calls + 2)
    monitor.stop()
    assert monitor.status()["queue"].samples >= 5


def test_start_is_idempotent_and_stop_too():
    before = threading.active_count()
    monitor = DriftMonitor(metrics=["load"], interval=0.01)
    for _ in range(3):
        monitor.start()
    assert threading.active_count() == before + 1
    for _ in range(3):
        monitor.stop()
    assert threading.active_count() == before


def test_stop_interrupts_a_long_interval_and_update_interval_shortens_it():
    ticks = Sampled(lambda _: 1.0)
    monitor = DriftMonitor(metrics=[], interval=3600.0)
    monitor.add_metric("ticks", ticks)
    monitor.start()
    ticks.wait_for(1)
    monitor.update_interval(0.01)
    ticks.wait_for(3)
    monitor.update_interval(3600.0)
    began = time.monotonic()
    monitor.stop()
    assert time.monotonic() - began < 1.0


def test_a_metric_that_fails_costs_only_itself(caplog):
    def unreliable(calls):
        if calls % 2:
            raise OSError("token=secret")
        return "rubbish" if calls % 4 else None

    bad, good = Sampled(unreliable), Sampled(lambda _: 1.0)
    monitor = DriftMonitor(metrics=["ram"], interval=0.005)
    monitor.add_metric("bad", bad)
    monitor.add_metric("good", good)
    with caplog.at_level(logging.DEBUG, logger="drift_sre"), monitor:
        good.wait_for(12)
    status = monitor.status()
    assert status["bad"].samples == 0
    assert status["good"].samples >= 11
    assert "metric 'bad' gives no samples: OSError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", len), "name must be a non-empty string, got ''"),
        ((7, len), "name must be a string of valid Unicode, got 7"),
        (("\ud800", len), "name must be a string of valid Unicode"),
        (("cpu", len), "name must not be taken, got 'cpu'"),
        (("mine", 5), "fn must be callable, got 5"),
    ],
)
def test_add_metric_refuses_what_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        DriftMonitor(metrics=["ram"]).add_metric(*arguments)


def test_add_metric_refuses_unknown_words():
    monitor = DriftMonitor(metrics=[])
    for field, words in (
        ("golden_signal", "latency, traffic, errors, saturation"),
        ("direction", "up, down, both"),
        ("transform", "identity, log"),
    ):
        with pytest.raises(ValueError, match=f"{field} must be one of {words}, got 'x'"):
            monitor.add_metric("mine", lambda: 1.0, **{field: "x"})
    monitor.add_metric("mine", lambda: 1.0)
    with pytest.raises(ValueError, match="name must not be taken, got 'mine'"):
        monitor.add_metric("mine", lambda: 1.0)


def test_a_live_drift_comes_with_a_forensic_snapshot():
    told = threading.Event()
    spike = Sampled(lambda calls: 10.0 + calls % 2 + 50.0 * (calls > 60))
    monitor = DriftMonitor(metrics=[], interval=0.002, on_drift=lambda _: told.set())
    monitor.add_metric("mine", spike)
    with monitor:
        assert told.wait(20)
    event = monitor.events()[0]
    assert event.metric == "mine"
    assert {"host", "memory", "top_cpu", "top_memory", "samples"} <= event.snapshot.keys()
    assert event.snapshot["samples"]["mine"]
    assert abs(event.onset - time.time()) < 60


def test_many_threads_may_use_one_monitor():
    monitor = DriftMonitor(metrics=["cpu", "ram"], interval=0.001)
    failures = []

    def use(seed):
        try:
            for step in range(200):
                monitor.observe({"cpu": float(step % 7)}, at=float(step))
                monitor.update_threshold(50 + seed)
                monitor.status()
                monitor.events()
                if step % 50 == 0:
                    monitor.start()
                    monitor.stop()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=use, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    monitor.stop()
    assert failures == []
    assert monitor.status()["cpu"].samples >= 1200
