"""Watches this machine's metrics, learns what is normal, and says what changed, by how much and since when."""

from __future__ import annotations

import logging

from ._drift_sre import (
    Change,
    Correlator,
    Cusum,
    DriftScores,
    Event,
    Ewma,
    Explanation,
    Fleet,
    Incident,
    Intake,
    Monitor,
    PageHinkley,
    Scenario,
    Signal,
    Trend,
    Verdict,
    Window,
    Windows,
    WindowShift,
    ZScore,
    error_drift_score,
    explain_incident,
    is_sustained_degradation,
    latency_drift_score,
    traffic_anomaly_score,
)
from .events import DriftEvent, MetricStatus
from .metrics import HOST_METRICS
from .monitor import DriftMonitor
from .notify import Apprise, Console, Discord, Log, Notice, Notifier, Slack, Webhook
from .stats import MonitorStats

__all__ = [
    "HOST_METRICS",
    "Apprise",
    "Change",
    "Console",
    "Correlator",
    "Cusum",
    "Discord",
    "DriftEvent",
    "DriftMonitor",
    "DriftScores",
    "Event",
    "Ewma",
    "Explanation",
    "Fleet",
    "Incident",
    "Intake",
    "Log",
    "MetricStatus",
    "Monitor",
    "MonitorStats",
    "Notice",
    "Notifier",
    "PageHinkley",
    "Scenario",
    "Signal",
    "Slack",
    "Trend",
    "Verdict",
    "Webhook",
    "Window",
    "WindowShift",
    "Windows",
    "ZScore",
    "error_drift_score",
    "explain_incident",
    "is_sustained_degradation",
    "latency_drift_score",
    "traffic_anomaly_score",
]

# A library is quiet unless the program around it asks for its log.
logging.getLogger(__name__).addHandler(logging.NullHandler())
