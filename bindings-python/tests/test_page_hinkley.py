"""The detector class: outside vectors, pinned bits, verbs, bytes, and what it refuses."""

import copy
import json
import math
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from drift_sre import PageHinkley

VECTORS = Path(__file__).parents[2] / "vectors"
REFERENCE = json.loads((VECTORS / "reference/page_hinkley.json").read_text())
PINNED = json.loads((VECTORS / "pinned/series.json").read_text())


def bits(score):
    return None if score is None else struct.pack(">d", score).hex()


def pinned_values():
    return [math.nan if value is None else value for value in PINNED["values"]]


@pytest.mark.parametrize("case", REFERENCE, ids=lambda case: case["name"])
def test_literal_behaviour_agrees_with_exact_arithmetic(case):
    config = {**case["config"], "scale": None if case["config"]["scale"] == 1 else case["config"]["scale"]}
    scores = PageHinkley(**config).score_many(case["values"])
    wanted = [math.nan if score is None else score for score in case["scores"]]
    np.testing.assert_allclose(scores, wanted, rtol=1e-9, atol=1e-9)
    assert PageHinkley(**config).update_many(case["values"]).tolist() == case["alarms"]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("page_hinkley, automatic scale", {"delta": 0.25, "alpha": 0.005, "scale": "auto"}),
        ("page_hinkley, given scale", None),
    ],
)
def test_verdicts_and_bytes_are_the_same_bits_as_in_rust(name, parameters):
    (case,) = (case for case in PINNED["charts"] if case["name"] == name)
    values = pinned_values()
    first = PageHinkley(**parameters) if parameters else PageHinkley.from_bytes(fresh_bytes(case))
    scores = [bits(score) for score in map(first_score(first), values[:200])]
    assert first.to_bytes().hex() == case["bytes_at_200"]
    resumed = PageHinkley.from_bytes(bytes.fromhex(case["bytes_at_200"]))
    scores += [bits(score) for score in map(first_score(resumed), values[200:])]
    assert scores == case["scores"]
    assert resumed.to_bytes().hex() == case["bytes_at_end"]


def fresh_bytes(case):
    """A detector with settings that the constructor does not offer (a cap with a given scale), before any sample."""
    detector = PageHinkley.from_bytes(bytes.fromhex(case["bytes_at_200"]))
    detector.reset()
    return detector.to_bytes()


def first_score(detector):
    def score(value):
        before = detector.to_bytes()
        detector.update(value)
        # An unusable value changes no bit, and so has no score of its own.
        return None if detector.to_bytes() == before else detector.score

    return score


def test_step_alarms_once_and_becomes_the_new_level():
    detector = PageHinkley(0.25, 50.0, 0.005, scale="auto")
    rng = np.random.default_rng(7)
    values = np.concatenate([rng.normal(20, 2, 1000), rng.normal(40, 2, 1000)])
    alarms = detector.update_many(values)
    assert len(alarms) == 1
    assert 1000 <= alarms[0] < 1015
    assert detector.baseline == pytest.approx(40, abs=0.5)


def test_drift_detected_score_and_direction_tell_of_the_newest_value():
    detector = PageHinkley(min_samples=2, threshold=10)
    assert (detector.drift_detected, detector.score, detector.direction, detector.baseline) == (
        False,
        None,
        None,
        None,
    )
    assert not detector.update(5.0)
    assert not detector.update(5.0)
    assert detector.baseline == 5.0
    assert detector.update(-20.0)
    assert detector.drift_detected
    assert detector.score == pytest.approx((25 - 0.05) / 10)
    assert detector.direction == "down"
    assert not detector.update(-20.0)
    assert not detector.drift_detected


def test_many_equals_one_by_one_whatever_the_array_is_made_of():
    values = np.random.default_rng(1).normal(100, 30, 600)
    one_by_one = PageHinkley()
    alarms = [t for t, value in enumerate(values) if one_by_one.update(value)]
    assert alarms
    strided = np.repeat(values, 2)[::2]
    for batch in (values, strided, values.tolist(), values.astype(">f8")):
        detector = PageHinkley()
        answer = detector.update_many(batch)
        assert answer.tolist() == alarms
        assert answer.dtype == np.intp
        assert detector.to_bytes() == one_by_one.to_bytes()
    integers = np.arange(50)
    assert PageHinkley().score_many(integers).dtype == np.float64


def test_not_finite_values_change_nothing():
    detector = PageHinkley(min_samples=1)
    detector.update_many([1.0, 2.0, 3.0])
    before = detector.to_bytes()
    assert not any(detector.update(value) for value in (math.nan, math.inf, -math.inf))
    assert np.isnan(detector.score_many([math.nan, math.inf])).all()
    assert detector.to_bytes() == before


def test_bytes_pickle_copy_and_deepcopy_go_on_bit_for_bit():
    values = np.random.default_rng(3).normal(0, 40, 500)
    whole = PageHinkley(scale="auto")
    whole.update_many(values)
    for clone in (
        lambda it: PageHinkley.from_bytes(it.to_bytes()),
        lambda it: pickle.loads(pickle.dumps(it)),
        copy.copy,
        copy.deepcopy,
    ):
        part = PageHinkley(scale="auto")
        part.update_many(values[:333])
        other = clone(part)
        part.update(1e6)
        other.update_many(values[333:])
        assert other.to_bytes() == whole.to_bytes()
        assert repr(other) == repr(whole)


def test_reset_forgets_all_but_the_parameters():
    detector = PageHinkley(0.1, 5.0, 0.2, direction="up", min_samples=3, scale=2.0)
    fresh = detector.to_bytes()
    detector.update_many(np.arange(100.0))
    detector.reset()
    assert detector.to_bytes() == fresh
    assert repr(detector) == ("PageHinkley(delta=0.1, threshold=5, alpha=0.2, direction='up', min_samples=3, scale=2)")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"delta": -1.0}, "delta must be a number of at least 0, got -1"),
        ({"delta": math.nan}, "delta must be a number of at least 0, got NaN"),
        ({"threshold": 0.0}, "threshold must be a positive number, got 0"),
        ({"threshold": math.inf}, "threshold must be a positive number, got inf"),
        ({"alpha": 0.0}, "alpha must be in (0, 1], got 0"),
        ({"alpha": 1.5}, "alpha must be in (0, 1], got 1.5"),
        ({"min_samples": 0}, "min_samples must be 1 to 65,536, got 0"),
        ({"min_samples": -3}, "min_samples must be 1 to 65,536, got -3"),
        (
            {"min_samples": 4, "scale": "auto"},
            "min_samples must be 8 to 65,536 with an automatic scale, got 4",
        ),
        ({"direction": "sideways"}, "direction must be 'up', 'down' or 'both', got \"sideways\""),
        ({"scale": "big"}, "scale must be 'auto', None or a positive number, got 'big'"),
        ({"scale": -2.0}, "scale must be a positive number, got -2"),
    ],
)
def test_refuses_what_cannot_be_and_names_it(arguments, message):
    with pytest.raises(ValueError) as refusal:
        PageHinkley(**arguments)
    assert str(refusal.value) == message
    assert refusal.value.code == "out_of_range"


def test_refuses_bytes_that_are_no_snapshot():
    good = PageHinkley().to_bytes()
    table = [
        (b"", "snapshot_corrupt"),
        (good[:-1], "snapshot_corrupt"),
        (good[:20] + b"\x99" + good[21:], "snapshot_corrupt"),
        (good[:2] + b"\x07" + good[3:], "snapshot_version"),
    ]
    for data, code in table:
        with pytest.raises(ValueError, match="snapshot") as refusal:
            PageHinkley.from_bytes(data)
        assert refusal.value.code == code
