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


def test_a_slow_leak_is_told_as_one_though_the_reference_follows_it():
    noise = np.random.default_rng(11).normal(0, 0.25, 4 * 3600)
    leak = 0.001 * np.clip(np.arange(len(noise)) - 3600, 0, None)
    monitor = DriftMonitor(metrics=["ram"])
    samples = enumerate(40 + noise + leak)
    events = [event for t, value in samples for event in monitor.observe({"ram": float(value)}, float(t))]
    told = [event for event in events if event.aspect == "trend"]
    assert [event.kind for event in told] == ["opened"]
    assert 3600 + 1800 < told[0].detected_at < 3600 + 7200, "within two hours"
    assert told[0].onset == pytest.approx(3600, abs=900)
    assert told[0].explanation.startswith("ram has crept up from 40 % to 4")
    assert monitor.status()["ram"].state == "drifting"
    accepted = monitor.accept("ram")
    assert "trend" in [event.aspect for event in accepted]
    assert monitor.status()["ram"].state == "in_control"


def test_leaks_are_looked_for_where_asked():
    ramp = [50 + t * 0.01 + (-1) ** t for t in range(400)]
    for leaks, wanted in ((True, ["trend"]), (False, [])):
        # At one sample a minute a block is ten samples.
        monitor = DriftMonitor(metrics=[], interval=60.0, threshold=1e6)
        monitor.add_metric("pool", lambda: None, leaks=leaks)
        events = [event for t, value in enumerate(ramp) for event in monitor.observe({"pool": value}, 60.0 * t)]
        assert [event.aspect for event in events] == wanted
    with pytest.raises(ValueError, match="leaks must be True or False, got 'yes'"):
        DriftMonitor().add_metric("pool", lambda: None, leaks="yes")
