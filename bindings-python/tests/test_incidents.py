"""Signals that agree make an incident, which is explained as data and in the core's English."""

import math

import numpy as np
import pytest

from drift_sre import (
    Correlator,
    DriftScores,
    Explanation,
    Signal,
    error_drift_score,
    explain_incident,
    is_sustained_degradation,
    latency_drift_score,
    traffic_anomaly_score,
)


def signal(**changed):
    fields = {
        "source": "/checkout",
        "metric": "avg_latency",
        "golden_signal": "latency",
        "unit": "ms",
        "baseline": 100.0,
        "current": 220.0,
        "score": 1.4,
        "window_start": 0.0,
        "window_end": 300.0,
    }
    return Signal(**{**fields, **changed})


def tail():
    return signal(metric="p95_latency", baseline=180.0, current=420.0)


def errors():
    return signal(metric="error_rate", golden_signal="errors", unit="", baseline=0.005, current=0.02)


def only(signals, **config):
    (incident,) = Correlator(config).correlate(signals)
    return incident


def test_a_signal_tells_what_it_was_told_and_what_follows():
    latency = signal()
    assert (latency.source, latency.metric, latency.golden_signal) == ("/checkout", "avg_latency", "latency")
    assert (latency.unit, latency.baseline, latency.current, latency.score) == ("ms", 100.0, 220.0, 1.4)
    assert (latency.severity, latency.window_start, latency.window_end) == ("warning", 0.0, 300.0)
    assert (latency.deviation_ratio, latency.direction) == (1.2, "up")
    assert signal(current=math.nan).direction is None
    assert repr(latency) == "<Signal avg_latency of /checkout: 100 to 220>"


def test_one_type_of_signal_is_suppressed_and_two_are_reported():
    correlator = Correlator()
    assert correlator.correlate([tail(), signal()]) == []
    (incident,) = correlator.correlate([tail(), errors(), signal()])
    assert (incident.source, incident.severity) == ("/checkout", "critical")
    assert (incident.window_start, incident.window_end) == (0.0, 300.0)
    assert [each.metric for each in incident.signals] == ["avg_latency", "error_rate", "p95_latency"]
    assert incident.has("errors")
    assert not incident.has("traffic")
    assert repr(incident) == "<Incident critical: /checkout, 0 to 300, 3 signals>"


def test_other_sources_windows_and_moves_for_the_better_do_not_agree():
    assert Correlator().correlate([]) == []
    for other in (
        {"source": "/login"},
        {"window_start": 300.0, "window_end": 600.0},
        {"current": 0.001},
        {"current": math.nan},
        {"score": math.inf},
    ):
        fields = {"metric": "error_rate", "golden_signal": "errors", "unit": "", "baseline": 0.005, "current": 0.02}
        assert Correlator().correlate([signal(), signal(**{**fields, **other})]) == []


@pytest.mark.parametrize(
    ("golden_signal", "severity"), [("latency", "warning"), ("errors", "warning"), ("saturation", "info")]
)
def test_severity_of_one_type(golden_signal, severity):
    assert only([signal(golden_signal=golden_signal)], min_signals=1).severity == severity
    assert Correlator({"min_signals": 1}).correlate([signal(golden_signal="traffic")]) == []


def test_an_incident_is_explained_as_data_and_in_english():
    told = explain_incident(only([errors(), signal()]), DriftScores(latency=0.9), age_secs=30.0)
    assert isinstance(told, Explanation)
    assert told.text == (
        "On /checkout, over 5 min: Latency: avg_latency increased by 120.0% (100 ms → 220 ms). "
        "Error rate increased from 0.5% → 2.0%. Confidence: high."
    )
    assert repr(told) == f"<Explanation: {told.text}>"
    assert (told.source, told.duration_secs, told.confidence) == ("/checkout", 300.0, "high")
    latency, failing = told.changes
    assert (latency.golden_signal, latency.metric, latency.unit) == ("latency", "avg_latency", "ms")
    assert (latency.from_, latency.to, latency.ratio, latency.direction) == (100.0, 220.0, 1.2, "up")
    assert latency.percent == pytest.approx(120.0)
    assert repr(failing) == "<Change error_rate: 0.005 to 0.02>"
    assert told.insights == {
        "latency_regression": "Latency has been climbing for several windows: a regression, not a spike.",
        "errors_failing": "More requests than usual are failing.",
    }
    assert list(told.recommendations.items()) == [
        ("investigate_now", "Urgent: look into this now."),
        ("check_deployments", "Check what was deployed lately, and how the database is doing."),
        ("read_error_logs", "Read the error logs for messages that repeat."),
        ("consider_rollback", "If a release came just before, consider rolling it back."),
    ]


def test_urgency_fades_with_age_and_is_left_out_where_it_is_not_known():
    incident = only([errors(), signal()])
    first = [
        next(iter(explain_incident(incident, age_secs=age).recommendations))
        for age in (0.0, 3_600.0, 14_400.0, math.nan)
    ]
    assert first == ["investigate_now", "within_the_hour", "check_deployments", "check_deployments"]


def test_nothing_to_explain_is_explained():
    told = explain_incident(None)
    assert told.text == "Nothing out of the ordinary was found."
    assert (told.source, told.changes, told.confidence) == (None, [], "uncertain")
    assert told.insights == {"unclear": "Nothing points to a particular cause."}
    assert told.recommendations == {"keep_watching": "No action is needed; keep watching."}


def test_trend_scores_are_those_of_the_core():
    assert latency_drift_score([100.0, 220.0, 220.0]) == pytest.approx(0.72)
    assert latency_drift_score(np.array([100, 100, 100])) == 0.2
    assert latency_drift_score([100.0, 100.0, math.nan]) is None
    assert error_drift_score([0.01, 0.015, 0.02]) == pytest.approx(0.25 + 0.5 / 3)
    assert traffic_anomaly_score([10.0, 20.0, 40.0, 50.0]) == 0.5
    scores = DriftScores.of([100.0, 220.0, 220.0], [0.01, 0.015, 0.02], [1.0, 1.0])
    assert (scores.latency, scores.errors, scores.traffic) == (
        latency_drift_score([100.0, 220.0, 220.0]),
        error_drift_score([0.01, 0.015, 0.02]),
        None,
    )
    assert scores.degradation == scores.latency
    assert repr(DriftScores(0.5)) == "DriftScores(latency=0.5, errors=None, traffic=None)"


def test_runs_of_high_z_scores_are_sustained():
    unknown, times = DriftScores(), [0.0, 60.0, 120.0]
    assert is_sustained_degradation(unknown, [2.5, 3.0, 2.2], times, 180.0)
    assert not is_sustained_degradation(unknown, [2.5, 3.0, 2.2], times, 180.0, run=4)
    assert not is_sustained_degradation(unknown, [2.5, None, 2.2], times, 180.0)
    assert not is_sustained_degradation(unknown, [2.5, 3.0, 2.2], times, 3_630.0)
    assert is_sustained_degradation(DriftScores(latency=0.61), [], [], 0.0)
    with pytest.raises(ValueError, match="times must be as many as z_scores, 2, got 1"):
        is_sustained_degradation(unknown, [1.0, 2.0], [1.0], 0.0)
    with pytest.raises(ValueError, match="run must be at least 0, got -1"):
        is_sustained_degradation(unknown, [], [], 0.0, run=-1)


def test_what_cannot_be_is_refused_by_name():
    for changed, message in [
        ({"golden_signal": "speed"}, "golden_signal must be one of latency, errors, traffic, saturation, got 'speed'"),
        ({"severity": "bad"}, "severity must be one of info, warning, critical, got 'bad'"),
    ]:
        with pytest.raises(ValueError, match=message) as refusal:
            signal(**changed)
        assert refusal.value.code == "out_of_range"
    for changed in ({"source": 3}, {"baseline": "much"}, {"window_end": None}):
        with pytest.raises(TypeError):
            signal(**changed)
    with pytest.raises(TypeError, match="missing 7 required keyword arguments"):
        Signal(source="a")
    for config, code, message in [
        ({"min_signals": 0}, "out_of_range", "min_signals must be 1 to 4, got 0"),
        ({"min_signals": 300}, "bad_config", r"config\.min_signals = 300: .*out of range"),
        ({"min_signal": 2}, "bad_config", "unknown field .*expected .*min_signals"),
    ]:
        with pytest.raises(ValueError, match=message) as refusal:
            Correlator(config)
        assert refusal.value.code == code
    with pytest.raises(ValueError, match="golden_signal must be one of"):
        only([signal(), errors()]).has("speed")
    for wrong in (5, [5]):
        with pytest.raises(TypeError):
            Correlator().correlate(wrong)
    with pytest.raises(TypeError):
        explain_incident(5)
