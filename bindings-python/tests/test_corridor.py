"""The native monitor: the same verdicts, events and bytes as in Rust."""

import json
import math
import struct
from pathlib import Path

import pytest

from drift_sre._drift_sre import Monitor, quantity

PINNED = json.loads((Path(__file__).parents[2] / "vectors/pinned/series.json").read_text())


def bits(value):
    return None if value is None else struct.pack(">d", value).hex()


@pytest.mark.parametrize("case", PINNED["monitors"], ids=lambda case: case["name"])
def test_verdicts_events_and_bytes_are_the_same_bits_as_in_rust(case):
    monitor = Monitor(case["config"])
    scores, states, events = [], [], []
    for t, value in enumerate(PINNED["values"]):
        if t == 200:
            assert monitor.snapshot().hex() == case["bytes_at_200"]
            monitor = Monitor.resume(case["config"], monitor.snapshot())
        verdict = monitor.update(math.nan if value is None else value, 1000.0 + t)
        scores.append(bits(verdict.score))
        states.append(verdict.state)
        if verdict.event is not None:
            events.append(as_pinned(t, verdict.event))
    assert scores == case["scores"]
    assert states == case["states"]
    assert events == case["events"]
    assert monitor.snapshot().hex() == case["bytes_at_end"]


def as_pinned(t, event):
    plain = ("kind", "cause", "aspect", "direction", "severity", "onset", "at", "samples")
    exact = ("value", "baseline", "level", "sigmas", "score")
    return {
        "t": t,
        **{name: getattr(event, name) for name in plain},
        **{name: bits(getattr(event, name)) for name in exact},
    }


def test_refuses_an_unknown_setting_and_another_kind_of_snapshot():
    with pytest.raises(ValueError, match="lambda") as refusal:
        Monitor({"detector": {"page_hinkley": {"lambda": 50.0}}})
    assert refusal.value.code == "bad_config"
    with pytest.raises(ValueError, match="snapshot") as refusal:
        Monitor.resume({"baseline": {"exponential": {"scale": {"fixed": 1.0}}}}, Monitor({}).snapshot())
    assert refusal.value.code == "snapshot_mismatch"


def test_settings_deep_within_are_named_with_what_came():
    for config, message in [
        ({"baseline": {"rolling": {"size": -1}}}, r"config\.baseline\.rolling\.size = -1: .*out of range"),
        ({"decision": {"enter": [{"hits": "x"}]}}, r"config\.decision\.enter\[0\]\.hits = 'x': .*integer"),
        ({"transform": "cube"}, r"config\.transform = 'cube': unknown variant"),
    ]:
        with pytest.raises(ValueError, match=message) as refusal:
            Monitor(config)
        assert refusal.value.code == "bad_config"


def test_reconfiguring_keeps_what_was_accumulated():
    config = {"baseline": {"exponential": {"scale": {"fixed": 1.0}, "min_samples": 1}}, "decision": {"warn": 1.0}}
    monitor = Monitor(config)
    for t, value in enumerate((0.0, 5.0, 5.0)):
        monitor.update(value, float(t))
    before = monitor.score
    monitor.reconfigure({**config, "detector": {"page_hinkley": {"threshold": 25.0}}})
    assert monitor.update(0.25, 3.0).score == pytest.approx(2 * before, rel=0.02)


def test_silence_closes_a_drift_and_the_series_resumes():
    monitor = Monitor({"decision": {"idle_secs": 60.0}})
    opened = [monitor.update(10.0 + t % 3 + 50 * (t >= 100), float(t)).event for t in range(120)]
    assert sum(event is not None for event in opened) == 1
    assert monitor.advance(170.0) is None
    closed = monitor.advance(180.0)
    assert (closed.kind, closed.cause, monitor.state) == ("closed", "no_data", "stale")
    assert monitor.advance(500.0) is None
    assert monitor.update(10.0, 501.0).state == "in_control"


def test_quantities_read_well():
    assert quantity(1234567.0, "B/s") == "1.23 MB/s"
