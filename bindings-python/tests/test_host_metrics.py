"""The promise on false alarms and delays: simulated host metrics at 1 Hz under the monitor's defaults."""

import numpy as np
import pytest

from drift_sre import DriftMonitor

DAY = 86_400


def autoregressive(rng, mean, sd, phi, count):
    innovations = rng.normal(0, sd * np.sqrt(1 - phi * phi), count)
    innovations[0] = rng.normal(0, sd)
    series = np.empty(count)
    level = 0.0
    for t, innovation in enumerate(innovations.tolist()):
        level = phi * level + innovation
        series[t] = level
    return mean + series


def simulated(seed, count):
    rng = np.random.default_rng(seed)
    return {
        "cpu": autoregressive(rng, 20, 5, 0.9, count),
        "ram": autoregressive(rng, 55, 0.25, 0.95, count),
        "disk_io": rng.gamma(2.0, 1.0, count),
        "network": rng.lognormal(11.5, 0.8, count),
        "load": autoregressive(rng, 1.5, 0.3, 0.98, count),
        "socket_errors": rng.poisson(0.3, count).astype(float),
    }


def watch(monitor, series):
    names = list(series)
    columns = [values.tolist() for values in series.values()]
    for t, row in enumerate(zip(*columns)):
        monitor.observe(dict(zip(names, row)), at=float(t))
    return [event for event in monitor.events() if event.kind == "opened"]


def test_three_days_bring_at_most_one_false_alarm_a_metric_a_day():
    events = watch(DriftMonitor(), simulated(2026, 3 * DAY))
    alarms = {name: sum(event.metric == name for event in events) for name in simulated(0, 1)}
    assert max(alarms.values()) <= 3, alarms


def test_one_day_of_white_cpu_noise_brings_at_most_one_false_alarm():
    values = np.random.default_rng(11).normal(20, 5, DAY)
    assert len(watch(DriftMonitor(metrics=["cpu"]), {"cpu": values})) <= 1


@pytest.mark.parametrize("seed", range(5))
def test_a_memory_leak_is_found_within_a_thousand_seconds(seed):
    hour = 3600
    values = simulated(seed, hour + 1000)["ram"]
    values[hour:] += 0.01 * np.arange(1000)
    events = watch(DriftMonitor(metrics=["ram"]), {"ram": values})
    assert events, "found"
    assert events[0].detected_at >= hour, "and not before it began"
    assert "ram rose from 55" in events[0].explanation


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("phi", "limit"), [(0.0, 40), (0.5, 80), (0.9, 600)])
def test_a_step_of_three_sigma_is_found(phi, limit, seed):
    hour = 3600
    values = autoregressive(np.random.default_rng(seed), 30, 5, phi, hour + limit)
    values[hour:] += 15
    events = watch(DriftMonitor(metrics=["cpu"]), {"cpu": values})
    assert [event.metric for event in events] == ["cpu"]
    assert hour <= events[0].detected_at
    assert abs(events[0].onset - hour) <= 60
