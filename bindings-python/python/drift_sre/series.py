"""One metric as it is watched: its detector, its newest samples, and its events in the reader's terms."""

from __future__ import annotations

import math
from collections import deque
from typing import Callable

from . import _drift_sre
from .events import DriftEvent, MetricStatus
from .metrics import Metric
from .settings import Settings

_KEPT_SAMPLES = 60


class Series:
    """Not thread-safe: whoever owns it holds a lock."""

    def __init__(self, metric: Metric, settings: Settings, source: Callable[[], float | None] | None = None) -> None:
        self.metric = metric
        self.source = source
        """Where the samples of a metric of the user's own come from; None for host metrics."""
        self.samples: deque[tuple[float, float]] = deque(maxlen=_KEPT_SAMPLES)
        self._last_drift_at: float | None = None
        self._offset = 0.0
        self._monitor = _drift_sre.Monitor(settings.config(metric, live=False))

    def apply(self, settings: Settings, *, live: bool) -> None:
        """Goes on with other settings; what was learned and accumulated stays."""
        self._monitor.reconfigure(settings.config(self.metric, live=live))

    def observe(self, value: float, at: float, offset: float) -> DriftEvent | None:
        """Takes one sample. `offset` is added to the detector's times to get those of its events."""
        if not math.isfinite(value):
            return self.advance(at, offset)
        verdict = self._monitor.update(value, at)
        self._offset = offset
        self.samples.append((at + offset, value))
        return self._told(verdict.event, offset)

    def advance(self, at: float, offset: float) -> DriftEvent | None:
        """Lets time pass without a sample."""
        return self._told(self._monitor.advance(at), offset)

    def accept(self) -> DriftEvent | None:
        """Declares the present level normal."""
        return self._told(self._monitor.accept(), self._offset)

    def status(self, *, available: bool) -> MetricStatus:
        """Where the metric stands."""
        monitor = self._monitor
        missing = not available and monitor.samples == 0
        return MetricStatus(
            metric=self.metric.name,
            value=self.samples[-1][1] if self.samples else None,
            baseline=monitor.baseline,
            score=monitor.score,
            state="unavailable" if missing else monitor.state,
            direction=monitor.direction,
            samples=monitor.samples,
            last_drift_at=self._last_drift_at,
            unit=self.metric.unit,
            golden_signal=self.metric.golden_signal,
        )

    def _told(self, event: _drift_sre.Event | None, offset: float) -> DriftEvent | None:
        if event is None:
            return None
        metric = self.metric
        told = DriftEvent(
            kind=event.kind,
            metric=metric.name,
            direction=event.direction,
            severity=event.severity,
            value=event.value,
            baseline=event.baseline,
            shift=event.level - event.baseline,
            score=event.score,
            onset=event.onset + offset,
            detected_at=event.at + offset,
            reason=event.cause,
            unit=metric.unit,
            golden_signal=metric.golden_signal,
            meaning=metric.meaning,
            explanation=event.explain(metric.name, metric.unit),
        )
        if told.kind == "opened":
            self._last_drift_at = told.detected_at
        return told
