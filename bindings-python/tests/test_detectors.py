"""The verbs that all detector classes share, and the monitor of one series."""

import copy
import math
import pickle

import numpy as np
import pytest

from drift_sre import Cusum, Ewma, Fleet, Monitor, PageHinkley, Trend, WindowShift, ZScore

CLASSES = [PageHinkley, ZScore, Cusum, Ewma, WindowShift, Trend]


def step(seed=4):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(100, 5, 400), rng.normal(160, 5, 100)])


@pytest.mark.parametrize(
    "detector",
    [
        PageHinkley(0.25, 50.0, 0.005, scale="auto"),
        ZScore(4.0),
        Cusum(threshold=12.0),
        Ewma(threshold=5.0),
        WindowShift(),
    ],
    ids=repr,
)
def test_every_detector_sees_a_step(detector):
    alarms = detector.update_many(step())
    assert 400 <= alarms[0] < 410
    assert detector.direction in ("up", "down")
    assert 99 < detector.baseline < 165


def test_only_page_hinkley_takes_an_alarm_for_the_new_level():
    values = [0.0, 1.0] * 200 + [50.0]
    for make in (PageHinkley, ZScore, Cusum, Ewma):
        detector = make(threshold=5.0)
        detector.update_many(values)
        assert detector.drift_detected
        assert (detector.baseline == 50.0) == (make is PageHinkley)


def test_trend_sees_a_creep_and_no_step():
    noise = np.random.default_rng(6).normal(0, 1, 4000)
    creep = np.clip(np.arange(4000) - 2000, 0, None) * 0.002
    alarms = Trend(block=50).update_many(noise + creep)
    assert 2300 <= alarms[0] < 3000
    assert not Trend(block=50).update_many(noise + np.where(np.arange(4000) < 2000, 0, 4)).any()


def test_window_shift_sees_what_no_single_value_shows():
    noise = np.random.default_rng(7).normal(0, 1, 3000)
    shifted = noise + np.where(np.arange(3000) < 2000, 0, 1.2)
    assert 2000 < WindowShift(size=100).update_many(shifted)[0] < 2150
    assert 2000 < WindowShift().update_many(noise * np.where(np.arange(3000) < 2000, 1, 3))[0] < 2060
    with pytest.raises(ValueError, match="effect must be given, or another of"):
        WindowShift(effect=None, significance=None, spread_above=None, spread_below=None)
    with pytest.raises(ValueError, match="min_samples must be 2 to size, got 70"):
        WindowShift(min_samples=70)


@pytest.mark.parametrize("make", CLASSES)
def test_one_by_one_equals_many_and_scores_agree(make):
    values = step()
    single, many, scored = make(), make(), make()
    alarms = [t for t, value in enumerate(values) if single.update(value)]
    assert many.update_many(values).tolist() == alarms
    assert np.flatnonzero(scored.score_many(values) > 1).tolist() == alarms
    assert single.to_bytes() == many.to_bytes() == scored.to_bytes()


@pytest.mark.parametrize("make", CLASSES)
def test_bytes_pickle_and_copies_go_on_bit_for_bit(make):
    values = step()
    whole = make()
    whole.update_many(values)
    part = make()
    part.update_many(values[:200])
    clones = [make.from_bytes(part.to_bytes()), pickle.loads(pickle.dumps(part)), copy.copy(part), copy.deepcopy(part)]
    for clone in clones:
        clone.update_many(values[200:])
        assert clone.to_bytes() == whole.to_bytes()
    part.reset()
    assert part.to_bytes() == make().to_bytes()


@pytest.mark.parametrize("make", CLASSES)
def test_gaps_change_nothing_and_bad_arguments_are_named(make):
    detector = make()
    detector.update_many(step())
    before = detector.to_bytes()
    assert not any(detector.update(value) for value in (math.nan, math.inf, -math.inf))
    assert detector.to_bytes() == before
    limit = "effect" if make is WindowShift else "threshold"
    with pytest.raises(ValueError, match=f"{limit} must be (a positive number|1e-6 to 1e6), got 0"):
        make(**{limit: 0.0})
    with pytest.raises(ValueError, match="direction must be"):
        make(direction="left")
    with pytest.raises(TypeError):
        detector.update("much")


def test_a_snapshot_of_another_class_is_refused():
    for make in CLASSES:
        for other in set(CLASSES) - {make}:
            with pytest.raises(ValueError, match="another kind") as refusal:
                make.from_bytes(other().to_bytes())
            assert refusal.value.code == "snapshot_mismatch"


def test_a_baseline_may_be_named_or_described():
    short = ZScore(baseline={"rolling": {"size": 10, "min_samples": 10, "refresh_every": 1}})
    assert np.isnan(short.score_many(np.arange(10.0))).all()
    assert short.update(100.0)
    assert repr(ZScore(baseline="forgetting")) == "ZScore(threshold=3, direction='both', baseline='forgetting')"
    assert repr(Cusum()) == "Cusum(slack=0.5, threshold=5, direction='both', baseline='forgetting')"
    assert repr(Ewma(0.2)) == "Ewma(weight=0.2, threshold=2.814, direction='both', baseline='forgetting')"
    for wrong in ("moving", {"rolling": {"length": 5}}, 7):
        with pytest.raises(ValueError, match="baseline") as refusal:
            ZScore(baseline=wrong)
        assert refusal.value.code == "bad_config"
    with pytest.raises(ValueError, match="size must be 2 to 65,536, got 1"):
        ZScore(baseline={"rolling": {"size": 1}})


def test_monitor_by_preset_tells_events_with_their_positions():
    monitor = Monitor("driftwatch")
    ((position, event),) = monitor.update_many(step())
    assert position == 404
    assert (event.kind, event.direction, event.onset, event.at) == ("opened", "up", 400.0, 404.0)
    assert monitor.state == "drifting"
    assert repr(event).startswith("<Event opened: value rose from ")
    assert monitor.accept().cause == "accepted"


def test_monitor_takes_times_and_resumes_under_the_same_settings():
    values = step()
    times = 1_000.0 + np.arange(len(values))
    whole, part = Monitor(), Monitor()
    events = whole.update_many(values, times)
    assert events[0][1].onset == pytest.approx(1_400, abs=1)
    part.update_many(values[:250], times[:250])
    resumed = Monitor.resume(None, part.snapshot())
    assert [event.id for _, event in resumed.update_many(values[250:], times[250:])] == [
        event.id for _, event in events
    ]
    assert resumed.snapshot() == whole.snapshot()
    with pytest.raises(ValueError, match="times must be as many as values, 3, got 2"):
        whole.update_many([1.0, 2.0, 3.0], [1.0, 2.0])


def test_monitor_numbers_samples_that_come_without_times():
    numbered, timed = Monitor(), Monitor()
    for t, value in enumerate(step()):
        verdict = numbered.update(value)
        assert repr(verdict) == repr(timed.update(value, float(t)))
    assert numbered.snapshot() == timed.snapshot()


def test_monitor_refuses_an_unknown_preset():
    with pytest.raises(ValueError, match=r"config must be a mapping or one of drift_sre, .*, got 'magic'"):
        Monitor("magic")


@pytest.mark.parametrize("make", CLASSES)
def test_fleet_answers_as_so_many_detectors(make):
    matrix = np.random.default_rng(8).normal(0, 5, (300, 70))
    matrix[150:, ::7] += 40
    matrix[20, 3] = math.nan
    fleet, batch = Fleet(make(), 70), Fleet(make(), 70)
    ticks = [(row, series) for row, values in enumerate(matrix) for series in fleet.tick(values)]
    own = [(row, series) for series in range(70) for row in make().update_many(matrix[:, series])]
    assert ticks == sorted(own)
    rows, series = batch.update_many(matrix)
    assert list(zip(rows, series)) == ticks
    assert Fleet(make(), 70).update_many(np.asfortranarray(matrix))[0].tolist() == rows.tolist()
    assert pickle.loads(pickle.dumps(batch)).to_bytes() == fleet.to_bytes()
    assert len(batch) == 70
    batch.reset()
    assert batch.to_bytes() == Fleet(make(), 70).to_bytes()


def test_fleet_refuses_what_does_not_fit():
    fleet = Fleet(PageHinkley(), 3)
    with pytest.raises(ValueError, match="values must be one value for each series, row after row, got 2"):
        fleet.tick([1.0, 2.0])
    with pytest.raises(ValueError, match="matrix must have a column for each of 3 series, got 4"):
        fleet.update_many(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="series must be 1 to 10,000,000, got 0"):
        Fleet(PageHinkley(), 0)
