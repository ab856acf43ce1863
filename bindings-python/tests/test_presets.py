"""What the presets make of the latency service's own simulator: its creep, its lasting regression, a normal day."""

import numpy as np
import pytest

from drift_sre import Monitor


def latencies(rng, mean, sd):
    return np.maximum(1.0, rng.normal(mean, sd))


def test_a_creep_is_found_before_it_has_gone_half_way():
    """Ten samples a second: a minute of normal latency, then its mean rises from 150 to 300 ms within a minute."""
    mean = np.linspace(150, 300, 600)
    found = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        values = np.concatenate([latencies(rng, np.full(600, 150.0), 25.0), latencies(rng, mean, 0.15 * mean)])
        opened = [position for position, event in Monitor("drift_sre").update_many(values) if event.kind == "opened"]
        assert all(position >= 600 for position in opened), seed
        found += bool(opened) and mean[opened[0] - 600] < 225
    assert found >= 190, "in at least 95 % of the runs"


@pytest.mark.parametrize("preset", ["drift_sre", "driftwatch"])
def test_a_lasting_regression_is_still_one_after_three_thousand_samples(preset):
    rng = np.random.default_rng(1)
    monitor = Monitor(preset)
    values = np.concatenate([latencies(rng, np.full(600, 150.0), 25.0), latencies(rng, np.full(3000, 500.0), 25.0)])
    ((_, event),) = monitor.update_many(values)
    assert (event.direction, event.onset) == ("up", 600.0)
    assert monitor.state == "drifting"


def test_the_literal_preset_absorbs_it_as_the_service_did():
    rng = np.random.default_rng(1)
    values = np.concatenate([latencies(rng, np.full(600, 150.0), 25.0), latencies(rng, np.full(3000, 500.0), 25.0)])
    causes = [event.cause for _, event in Monitor("driftwatch_literal").update_many(values)]
    assert causes[:2] == ["drift", "recovered"]


@pytest.mark.parametrize("preset", ["drift_sre", "driftwatch"])
def test_a_normal_day_brings_at_most_one_false_alarm(preset):
    values = latencies(np.random.default_rng(3), np.full(86_400, 150.0), 25.0)
    opened = [event for _, event in Monitor(preset).update_many(values) if event.kind == "opened"]
    assert len(opened) <= 1
