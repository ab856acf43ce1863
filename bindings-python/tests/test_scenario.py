"""Scenarios: the same bits as in Rust, and their truth."""

import json
import struct
import zlib
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from drift_sre import Monitor, Scenario

PINNED = json.loads((Path(__file__).parents[2] / "vectors/pinned/scenario.json").read_text())


def test_every_preset_is_pinned():
    assert Scenario.presets() == [case["name"] for case in PINNED["scenarios"]]


@pytest.mark.parametrize("case", PINNED["scenarios"], ids=lambda case: case["name"])
def test_values_are_the_same_bits_as_in_rust(case):
    scenario = Scenario(case["name"], PINNED["seed"])
    assert len(scenario) == case["samples"]
    first = [None if value is None else struct.pack(">d", value).hex() for _, value in islice(scenario, 10)]
    assert first == case["first"]
    values = scenario.values()
    assert values.dtype == np.float64
    bits = np.where(np.isnan(values), np.uint64(2**64 - 1), values.view(np.uint64))
    assert f"{zlib.crc32(bits.astype('<u8').tobytes()):08x}" == case["crc32"]


def test_iterating_gives_the_same_samples_each_time_and_gaps_as_none():
    scenario = Scenario("gaps", 5)
    samples = list(scenario)
    assert samples == list(scenario)
    assert [at for at, _ in samples] == scenario.times().tolist()
    values = scenario.values()
    assert [value is None for _, value in samples] == np.isnan(values).tolist()
    assert [value for _, value in samples if value is not None] == values[~np.isnan(values)].tolist()
    assert samples[900:1020] == [(float(at), None) for at in range(900, 1020)]


def test_a_monitor_opens_within_the_truth():
    scenario = Scenario("step", 1)
    ((start, end, kind),) = scenario.truth()
    assert (start, end, kind) == (900.0, 1350.0, "shift")
    opened = [event.at for _, event in Monitor().update_many(scenario.values()) if event.kind == "opened"]
    assert opened
    assert start <= opened[0] < end


def test_a_description_says_what_it_leaves_out():
    law = {"normal": {"mean": 5, "sd": 0}}
    phase = {"start_secs": 10, "end_secs": 20, "law": law, "to": {"normal": {"mean": 15, "sd": 0}}}
    scenario = Scenario({"samples": 30, "law": law, "phases": [phase]}, 2**64 - 1)
    assert scenario.values().tolist() == [5.0] * 10 + [float(mean) for mean in range(5, 15)] + [5.0] * 10
    assert scenario.truth() == [(10.0, 20.0, "ramp")]


def test_refuses_what_cannot_be_with_the_codes_of_the_core():
    with pytest.raises(ValueError, match=r"one of normal, step, ramp.*, got 'steps'") as refusal:
        Scenario("steps", 1)
    assert refusal.value.code == "out_of_range"
    with pytest.raises(ValueError, match="length") as refusal:
        Scenario({"length": 3}, 1)
    assert refusal.value.code == "bad_config"
    with pytest.raises(ValueError, match="gap_share must be a share, 0 to 1, got 2") as refusal:
        Scenario({"gap_share": 2}, 1)
    assert refusal.value.code == "out_of_range"
    with pytest.raises(OverflowError):
        Scenario("normal", -1)
