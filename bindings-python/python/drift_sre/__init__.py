"""Watches this machine's metrics, learns what is normal, and says what changed, by how much and since when."""

from __future__ import annotations

import logging

from ._drift_sre import PageHinkley
from .events import DriftEvent, MetricStatus
from .metrics import HOST_METRICS
from .monitor import DriftMonitor
from .notify import Console, Discord, Notice, Notifier

__all__ = [
    "HOST_METRICS",
    "Console",
    "Discord",
    "DriftEvent",
    "DriftMonitor",
    "MetricStatus",
    "Notice",
    "Notifier",
    "PageHinkley",
]

# A library is quiet unless the program around it asks for its log.
logging.getLogger(__name__).addHandler(logging.NullHandler())
