"""The adaptive detector: verbs, what it tells, the same bits as in Rust, bytes, refusals, and inside DriftMonitor."""

import copy
import json
import math
import pickle
import zlib
from pathlib import Path

import numpy as np
import pytest

from drift_sre import Adaptive, DriftMonitor, Scenario

PINNED = json.loads((Path(__file__).parents[2] / "vectors/pinned/adaptive.json").read_text())


def noise(samples, seed=1):
    return np.random.default_rng(seed).normal(100, 5, samples)


def stepped(seed=1):
    values = noise(3000, seed)
    values[2000:] += 10
    return values


@pytest.mark.parametrize("case", PINNED["cases"], ids=lambda case: f"{case['name']}-{case['compact']}")
def test_answers_are_the_same_bits_as_in_rust(case):
    adaptive = Adaptive(PINNED["arl0"], compact=case["compact"])
    scores, alarms = [], []
    for n, (at, sample) in enumerate(Scenario(case["name"], PINNED["seed"])):
        value = math.nan if sample is None else sample
        if adaptive.update(value, at):
            alarms.append(n)
        usable = adaptive.score is not None and not math.isnan(value)
        scores.append(np.float64(adaptive.score).tobytes() if usable else b"\xff" * 8)
    assert alarms == case["alarms"]
    assert f"{zlib.crc32(b''.join(scores)):08x}" == case["scores_crc32"]
    assert f"{zlib.crc32(adaptive.to_bytes()[:-4]):08x}" == case["state_crc32"]


def test_a_step_is_told_with_kind_onset_and_band():
    adaptive = Adaptive(season=None)
    assert (adaptive.score, adaptive.kind, adaptive.onset, adaptive.band) == (None, None, None, None)
    values = stepped()
    alarms = [n for n, value in enumerate(values) if adaptive.update(value) and n >= 2000]
    assert 2000 <= alarms[0] < 2020
    assert adaptive.state == "drifting"
    assert (adaptive.kind, adaptive.direction) in (("level", "up"), ("level", "down"))
    assert 1990 <= adaptive.onset <= 2010
    low, high = adaptive.band
    # What is normal, while a drift is open, is what was so before it.
    assert 80 < low < 92 and 108 < high < 120
    assert 97 < adaptive.baseline < 103


def test_many_is_one_after_another():
    values = stepped()
    values[500] = math.nan
    one, many, scored = Adaptive(), Adaptive(), Adaptive()
    alarms = [n for n, value in enumerate(values) if one.update(value)]
    assert many.update_many(values).tolist() == alarms
    scores = scored.score_many(values)
    assert scores.dtype == np.float64 and np.isnan(scores[:100]).all() and np.isnan(scores[500])
    assert (np.nonzero(scores > 1)[0].tolist()) == alarms
    assert one.to_bytes() == many.to_bytes() == scored.to_bytes()


def test_a_spike_is_a_point_and_no_drift():
    values = noise(3000, 3)
    values[2500] = 180.0
    adaptive = Adaptive()
    adaptive.update_many(values[:2500])
    assert adaptive.update(values[2500])
    assert (adaptive.kind, adaptive.onset, adaptive.event.kind) == ("point", 2500.0, "outlier")
    assert "higher than ever before" in adaptive.event.explain("latency", "ms")
    assert adaptive.state != "drifting"


def test_times_and_interval_give_the_day():
    at = 1_700_000_000 + 300.0 * np.arange(2500)
    values = noise(2500) + 40 * np.sin(2 * np.pi * at / 86_400)
    timed, spaced = Adaptive(), Adaptive(interval=300)
    timed.update_many(values, at)
    spaced.update_many(values)
    assert timed.period == spaced.period == 86_400
    given = Adaptive(season=(86_400, 604_800), interval=300)
    given.update_many(values)
    assert given.period == 86_400
    none = Adaptive(season=None, interval=300)
    none.update_many(values)
    assert none.period is None


def test_bytes_pickle_and_copies_go_on_bit_for_bit():
    values = stepped()
    adaptive = Adaptive(interval=60)
    adaptive.update_many(values[:1500])
    others = [
        Adaptive.from_bytes(adaptive.to_bytes(), 60),
        pickle.loads(pickle.dumps(adaptive)),
        copy.copy(adaptive),
        copy.deepcopy(adaptive),
    ]
    scores = adaptive.score_many(values[1500:])
    for other in others:
        assert np.array_equal(other.score_many(values[1500:]), scores)
        assert other.to_bytes() == adaptive.to_bytes()
    with pytest.raises(ValueError, match="snapshot must be whole"):
        Adaptive.from_bytes(adaptive.to_bytes()[:-1])


def test_size_is_bounded():
    full, compact = Adaptive(), Adaptive(compact=True)
    for adaptive in (full, compact):
        adaptive.update_many(noise(20_000))
    assert len(full.to_bytes()) <= 128 * 1024 and len(compact.to_bytes()) <= 8 * 1024


def test_accept_and_reset():
    adaptive = Adaptive()
    adaptive.update_many(stepped()[:2100])
    assert adaptive.state == "drifting"
    assert adaptive.accept().cause == "accepted"
    assert adaptive.state != "drifting" and adaptive.accept() is None
    adaptive.reset()
    assert (adaptive.samples, adaptive.state, adaptive.score) == (0, "warming_up", None)
    assert adaptive.to_bytes() == Adaptive().to_bytes()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"arl0": 5}, "arl0 must be 100 to 1e9 samples, got 5"),
        ({"season": "daily"}, "season must be 'auto', None, a period or a pair of periods, got 'daily'"),
        ({"season": -3}, "season must be a positive period, got -3"),
        ({"season": (24, 100)}, "season must be a cycle of 2 to 31 whole periods, got 100"),
        ({"interval": 0}, "interval must be a positive number of seconds, got 0"),
        ({"direction": "left"}, "direction must be 'up', 'down' or 'both'"),
        ({"adopt_after": -1}, "adopt_after must be at least 1,000 samples, got -1"),
        ({"idle_secs": 0}, "idle_secs must be a positive number of seconds, got 0"),
    ],
)
def test_what_cannot_be_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message) as refused:
        Adaptive(**arguments)
    assert refused.value.code == "out_of_range"


def test_as_many_times_as_values():
    with pytest.raises(ValueError, match="times must be as many as values, 2, got 1"):
        Adaptive().update_many([1.0, 2.0], [0.0])


def test_drift_monitor_takes_it_by_name():
    monitor = DriftMonitor(metrics=[], detector="adaptive", arl0=10_000)
    monitor.add_metric("latency", lambda: None, unit="ms", golden_signal="latency")
    values = stepped()
    values[1800] = 190.0
    events = [event for t, value in enumerate(values) for event in monitor.observe({"latency": value}, at=float(t))]
    outlier = next(event for event in events if event.detected_at == 1800)
    assert (outlier.kind, outlier.aspect) == ("outlier", "point")
    opened = next(event for event in events if event.detected_at >= 2000 and event.kind == "opened")
    assert opened.aspect == "level" and opened.direction == "up" and 2000 <= opened.detected_at < 2020
    assert opened.explanation.startswith("latency rose from")
    status = monitor.status()["latency"]
    assert status.state == "drifting" and status.score is not None
    assert [event.reason for event in monitor.accept()] == ["accepted"]


def test_drift_monitor_refuses_what_it_cannot_be():
    with pytest.raises(ValueError, match="detector must be 'page_hinkley' or 'adaptive', got 'magic'"):
        DriftMonitor(metrics=[], detector="magic")
    with pytest.raises(ValueError, match="arl0 must be 100 to 1e9 samples, got 7"):
        DriftMonitor(metrics=[], detector="adaptive", arl0=7)
