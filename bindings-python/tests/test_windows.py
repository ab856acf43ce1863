"""Windows in event time: the reference vectors, the order law, and what Python's own arguments add."""

import copy
import json
import math
import pickle
import random
from pathlib import Path

import numpy as np
import pytest

from drift_sre import Window, Windows

CASES = json.loads((Path(__file__).parents[2] / "vectors/reference/windows.json").read_text())
NUMBERS = ("average", "variance", "p50", "p95", "p99", "rate", "error_rate")


def update(windows, event):
    return windows.update(event["at"], event["value"], failed=event["failed"], id=event["id"])


def run(config, events):
    windows = Windows(config)
    return windows, [window for event in events for window in update(windows, event).closed]


def plain(windows):
    """Every attribute of each window; equal only if every float is."""
    return [window.as_dict() for window in windows]


def events(count=300, seed=3):
    rng = random.Random(seed)
    return [
        {
            "at": 1_000.0 + rng.randrange(4 * count) / 4,
            "value": rng.choice([None, rng.lognormvariate(3, 1)]),
            "failed": rng.choice([None, False, True]),
            "id": number if rng.random() < 0.5 else None,
        }
        for number in range(count)
    ]


def within_lateness(events, lateness, seed):
    """An order in which none comes after one that is more than the lateness newer."""
    rng = random.Random(seed)
    waiting, order = sorted(events, key=lambda event: event["at"]), []
    while waiting:
        may_come = [event for event in waiting if waiting[0]["at"] >= event["at"] - lateness]
        order.append(may_come[rng.randrange(len(may_come))])
        waiting.remove(order[-1])
    return order


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_windows_agree_with_exact_arithmetic(case):
    windows, closed = run(case["config"], case["observations"])
    counts = windows.counts
    assert (counts["late"], counts["duplicate"], counts["unusable"]) == (case["late"], case["duplicate"], 0)
    assert len(closed) == len(case["windows"]) > 0
    for ours, wanted in zip(plain(closed), case["windows"]):
        for name in ("secs", "start", "end", "count", "missing"):
            assert ours[name] == wanted[name], name
        for name in NUMBERS:
            close = None if wanted[name] is None else pytest.approx(wanted[name], rel=1e-12, abs=1e-12)
            assert ours[name] == close, name
        assert ours["sd"] == (None if wanted["variance"] is None else math.sqrt(ours["variance"]))


@pytest.mark.parametrize("seed", range(5))
def test_any_order_within_the_lateness_gives_the_same_bits(seed):
    config = {"window_secs": [0.7, 60.0], "lateness_secs": 20.0}
    everything = events()
    expected, closed = run(config, sorted(everything, key=lambda event: event["at"]))
    windows, shuffled = run(config, within_lateness(everything, 20.0, seed))
    assert plain(shuffled) == plain(closed)
    assert windows.snapshot() == expected.snapshot()
    assert windows.rolling(60.0).as_dict() == expected.rolling(60.0).as_dict()
    assert windows.counts["late"] == 0


def test_what_becomes_of_an_event_is_told_and_counted():
    windows = Windows({"window_secs": [60.0], "lateness_secs": 5.0})
    for at, value, id, wanted in [
        (0.0, 10.0, "a", "accepted"),
        (61.0, 20.0, "b", "accepted"),
        (57.0, 30.0, "c", "accepted"),
        (57.0, 99.0, "c", "duplicate"),
        (55.0, 40.0, "d", "late"),
        (62.0, math.nan, "e", "unusable"),
        (math.inf, 1.0, "f", "unusable"),
    ]:
        assert windows.update(at, value, id=id).admission == wanted
    intake = windows.update(65.0)
    assert repr(intake) == "<Intake accepted: 1 closed>"
    (window,) = intake.closed
    assert isinstance(window, Window)
    assert repr(window) == "<Window 0 to 60: count 2, average 20>"
    assert windows.counts == {"accepted": 4, "duplicate": 1, "late": 1, "unusable": 2, "lost": 0}
    assert (windows.watermark, windows.kept) == (60.0, 4)


def test_a_window_answers_with_attributes_and_as_plain_data():
    windows = Windows({"window_secs": [60.0], "lateness_secs": 0.0})
    for at, value, failed in [(0.0, 10.0, False), (15.0, 20.0, True), (30.0, 60.0, None)]:
        windows.update(at, value, failed=failed)
    (window,), (empty,) = windows.update(60.0).closed, windows.update(240.0).closed
    assert window.as_dict() == {
        "secs": 60.0,
        "start": 0.0,
        "end": 60.0,
        "count": 3,
        "average": 30.0,
        "variance": 1400.0 / 3.0,
        "sd": math.sqrt(1400.0 / 3.0),
        "p50": 20.0,
        "p95": 56.0,
        "p99": pytest.approx(59.2),
        "rate": 0.05,
        "judged": 2,
        "failures": 1,
        "error_rate": 0.5,
        "missing": 0,
        "complete": True,
    }
    assert set(window.as_dict()) == {name for name in dir(window) if not name.startswith("_")} - {"as_dict"}
    assert json.loads(json.dumps(window.as_dict())) == window.as_dict()
    assert (empty.count, empty.rate, empty.average, empty.p50, empty.error_rate) == (0, 0.0, None, None, None)
    assert repr(empty) == "<Window 60 to 120: count 0, average None>"
    (later,) = windows.update(300.0).closed
    assert (later.start, later.missing) == (240.0, 2)
    with pytest.raises(AttributeError):
        window.count = 4


def test_rolling_and_settled_windows_can_be_asked_for():
    windows = Windows({"window_secs": [10.0, 60.0], "lateness_secs": 5.0})
    assert windows.watermark is windows.rolling(10.0) is windows.settled(10.0) is None
    for at in range(100):
        windows.update(float(at), float(at))
    rolling, settled = windows.rolling(10.0), windows.settled(10.0)
    assert (rolling.start, rolling.end, rolling.average) == (89.0, 99.0, 94.5)
    assert (settled.start, settled.end, settled.average) == (84.0, 94.0, 88.5)
    assert windows.rolling(30.0) is None


def test_many_at_once_equal_one_by_one():
    config = {"window_secs": [7.0, 60.0], "lateness_secs": 9.0, "capacity": 20}
    told = within_lateness(events(), 30.0, seed=1)
    single, closed = run(config, told)
    columns = {name: [event[name] for event in told] for name in ("at", "value", "failed", "id")}
    many = Windows(config)
    assert plain(many.update_many(*columns.values())) == plain(closed)
    assert many.snapshot() == single.snapshot()
    assert many.counts["late"] > 0
    assert many.counts["lost"] > 0


def test_arrays_equal_sequences_however_they_lie_in_memory():
    config = {"window_secs": [5.0], "lateness_secs": 1.0}
    rng = np.random.default_rng(1)
    times = np.sort(rng.uniform(0, 50, 200))
    matrix = np.column_stack([times, rng.normal(100, 5, 200)])
    failed, ids = rng.random(200) < 0.1, rng.integers(0, 2**64, 200, dtype=np.uint64)
    from_lists, from_arrays, strided = Windows(config), Windows(config), Windows(config)
    expected = plain(from_lists.update_many(times.tolist(), matrix[:, 1].tolist(), failed.tolist(), ids.tolist()))
    assert len(expected) >= 8
    assert plain(from_arrays.update_many(times, matrix[:, 1].copy(), failed, ids)) == expected
    assert plain(strided.update_many(matrix[:, 0], matrix[:, 1], failed[::-1][::-1], ids)) == expected
    assert from_lists.snapshot() == from_arrays.snapshot() == strided.snapshot()
    whole = Windows(config)
    whole.update_many(np.arange(20), np.arange(20, dtype=np.int32))
    assert whole.rolling(5.0).average == 17.0


def test_none_is_a_heartbeat_and_nan_is_unusable():
    windows = Windows()
    windows.update_many([0.0, 1.0, 2.0, None], [5.0, None, math.nan, 5.0])
    windows.update_many([3.0, 4.0])
    assert windows.counts == {"accepted": 4, "duplicate": 0, "late": 0, "unusable": 2, "lost": 0}
    assert windows.rolling(60.0).count == 1


def test_ids_may_be_names_and_are_hashed_alike_on_every_machine():
    # FNV-1a in 64 bits, as published.
    for name, number in [("", 0xCBF29CE484222325), ("foobar", 0x85944171F73967E8)]:
        windows = Windows()
        windows.update(1.0, 1.0, id=name)
        for same in (name, name.encode(), bytearray(name.encode()), number, np.uint64(number), np.str_(name)):
            assert windows.update(1.0, 1.0, id=same).admission == "duplicate"
        assert windows.update(1.0, 1.0, id=number - 1).admission == "accepted"
    windows = Windows()
    windows.update_many([1.0] * 5, [1.0] * 5, ids=["ü", "ü".encode(), None, 7, np.int64(7)])
    assert windows.counts["duplicate"] == 2


def test_a_snapshot_goes_on_bit_for_bit():
    config = {"window_secs": [7.0, 60.0], "lateness_secs": 9.0, "capacity": 100}
    told = events()
    whole, closed = run(config, told)
    part, before = run(config, told[:150])
    clones = [
        Windows.resume(config, part.snapshot()),
        pickle.loads(pickle.dumps(part)),
        copy.copy(part),
        copy.deepcopy(part),
    ]
    for clone in clones:
        assert clone.config == config
        assert clone.snapshot() == part.snapshot()
        after = [window for event in told[150:] for window in update(clone, event).closed]
        assert plain(before + after) == plain(closed)
        assert clone.snapshot() == whole.snapshot()


def test_snapshots_that_do_not_fit_are_refused():
    snapshot = Windows().snapshot()
    for config, data, code in [
        ({"window_secs": [1.0]}, snapshot, "snapshot_mismatch"),
        (None, snapshot[:-1], "snapshot_corrupt"),
        ({"capacity": 0}, snapshot, "out_of_range"),
    ]:
        with pytest.raises(ValueError, match=r"snapshot|capacity") as refusal:
            Windows.resume(config, data)
        assert refusal.value.code == code


def test_settings_are_shown_and_checked():
    assert repr(Windows()) == "Windows({'window_secs': [60.0, 300.0, 900.0], 'lateness_secs': 10.0, 'capacity': 65536})"
    for config, code, message in [
        ({"capacity": 0}, "out_of_range", "capacity must be 1 to 1,048,576, got 0"),
        ({"capacity": -1}, "bad_config", r"config\.capacity = -1: .*out of range"),
        ({"window_secs": [60.0, "x"]}, "bad_config", r"config\.window_secs\[1\] = 'x': .*real number"),
        ({"window_secs": [60.0, 60.0]}, "out_of_range", "window_secs must be lengths that differ, got 60"),
        ({"lateness": 5}, "bad_config", r"config\.lateness = 5: unknown field .*expected one of .*lateness_secs"),
        ([60.0], "bad_config", "config: .*Mapping"),
    ]:
        with pytest.raises(ValueError, match=message) as refusal:
            Windows(config)
        assert refusal.value.code == code


def test_arguments_that_cannot_be_are_named_and_change_nothing():
    windows = Windows()
    windows.update(1.0, 1.0)
    before = windows.snapshot()
    for arguments, message in [
        (([1.0, 2.0], [1.0]), "values must be as many as times, 2, got 1"),
        (([1.0], None, [True, False]), "failed must be as many as times, 1, got 2"),
        (([2.0, 3.0], None, None, ["a", -1]), r"ids\[1\] must be 0 to 2\^64 - 1, got -1"),
    ]:
        with pytest.raises(ValueError, match=message) as refusal:
            windows.update_many(*arguments)
        assert refusal.value.code == "out_of_range"
    for arguments, message in [
        ((5.0,), r"times must be an array or a sequence, got 5\.0"),
        (([1.0, "x"],), r"times\[1\] must be a number, got 'x'"),
        (([2.0, 3.0], [1.0, "x"]), r"values\[1\] must be a number, got 'x'"),
        (([2.0], [1.0], ["no"]), r"failed\[0\] must be True, False or None, got 'no'"),
        (([2.0], [1.0], None, [1.5]), r"ids\[0\] must be a whole number, a text or bytes, got 1\.5"),
        ((np.zeros((2, 2)),), r"times\[0\] must be a number"),
    ]:
        with pytest.raises(TypeError, match=message):
            windows.update_many(*arguments)
    with pytest.raises(ValueError, match=r"id must be 0 to 2\^64 - 1, got 18446744073709551616"):
        windows.update(1.0, 1.0, id=2**64)
    with pytest.raises(TypeError, match=r"id must be a whole number, a text or bytes, got 1\.5"):
        windows.update(1.0, 1.0, id=1.5)
    for wrong in ({"at": "now"}, {"at": 1.0, "value": "much"}, {"at": 1.0, "failed": "no"}, {}):
        with pytest.raises(TypeError):
            windows.update(**wrong)
    assert windows.snapshot() == before
