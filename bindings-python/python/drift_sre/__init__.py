"""Watches this machine's metrics, learns what is normal, and says what changed, by how much and since when."""

from __future__ import annotations

import logging

from ._drift_sre import Cusum, Event, Ewma, Fleet, Monitor, PageHinkley, Scenario, Verdict, ZScore
from .events import DriftEvent, MetricStatus
from .metrics import HOST_METRICS
from .monitor import DriftMonitor
from .notify import Console, Discord, Notice, Notifier

__all__ = [
    "HOST_METRICS",
    "Console",
    "Cusum",
    "Discord",
    "DriftEvent",
    "DriftMonitor",
    "Event",
    "Ewma",
    "Fleet",
    "MetricStatus",
    "Monitor",
    "Notice",
    "Notifier",
    "PageHinkley",
    "Scenario",
    "Verdict",
    "ZScore",
]

# A library is quiet unless the program around it asks for its log.
logging.getLogger(__name__).addHandler(logging.NullHandler())
