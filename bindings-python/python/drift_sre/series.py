"""One metric as it is watched: its detector, its newest samples, and its events in the reader's terms."""

from __future__ import annotations

import math
from collections import deque
from typing import Callable, Union

from . import _drift_sre
from .events import DriftEvent, MetricStatus
from .metrics import Metric
from .settings import Settings

_KEPT_SAMPLES = 60


_Detector = Union[_drift_sre.Monitor, _drift_sre.Adaptive]


def _detector(metric: Metric, settings: Settings) -> _Detector:
    if settings.detector == "adaptive":
        return settings.adaptive(metric)
    return _drift_sre.Monitor(settings.config(metric, live=False))


def _take(detector: _Detector, value: float, at: float) -> _drift_sre.Event | None:
    if isinstance(detector, _drift_sre.Adaptive):
        detector.update(value, at)
        return detector.event
    return detector.update(value, at).event


class Series:
    """Not thread-safe: whoever owns it holds a lock."""

    def __init__(self, metric: Metric, settings: Settings, source: Callable[[], float | None] | None = None) -> None:
        self.metric = metric
        self.source = source
        """Where the samples of a metric of the user's own come from; None for host metrics."""
        self.samples: deque[tuple[float, float]] = deque(maxlen=_KEPT_SAMPLES)
        self._last_drift_at: float | None = None
        self._offset = 0.0
        self._monitor = _detector(metric, settings)
        leaks = metric.leaks and settings.scale is not None
        self._leak = _drift_sre.Monitor(settings.leak_config(metric, live=False)) if leaks else None

    def apply(self, settings: Settings, *, live: bool) -> None:
        """Goes on with other settings; what was learned and accumulated stays."""
        if isinstance(self._monitor, _drift_sre.Adaptive):
            self._monitor.reconfigure(idle_secs=settings.idle(live))
        else:
            self._monitor.reconfigure(settings.config(self.metric, live=live))
        if self._leak is not None:
            self._leak.reconfigure(settings.leak_config(self.metric, live=live))

    def observe(self, value: float, at: float, offset: float) -> list[DriftEvent]:
        """Takes one sample. `offset` is added to the detector's times to get those of its events."""
        if not math.isfinite(value):
            return self.advance(at, offset)
        events = [_take(monitor, value, at) for monitor in self._monitors()]
        self._offset = offset
        self.samples.append((at + offset, value))
        return self._told(events, offset)

    def advance(self, at: float, offset: float) -> list[DriftEvent]:
        """Lets time pass without a sample."""
        return self._told([monitor.advance(at) for monitor in self._monitors()], offset)

    def accept(self) -> list[DriftEvent]:
        """Declares the present level normal."""
        return self._told([monitor.accept() for monitor in self._monitors()], self._offset)

    def status(self, *, available: bool) -> MetricStatus:
        """Where the metric stands."""
        monitor = self._monitor
        missing = not available and monitor.samples == 0
        return MetricStatus(
            metric=self.metric.name,
            value=self.samples[-1][1] if self.samples else None,
            baseline=monitor.baseline,
            score=monitor.score,
            state="unavailable" if missing else self._state(),
            direction=monitor.direction,
            samples=monitor.samples,
            last_drift_at=self._last_drift_at,
            unit=self.metric.unit,
            golden_signal=self.metric.golden_signal,
        )

    def _monitors(self) -> list[_Detector]:
        return [self._monitor] if self._leak is None else [self._monitor, self._leak]

    def _state(self) -> str:
        leaking = self._leak is not None and self._leak.state == "drifting"
        return "drifting" if leaking else self._monitor.state

    def _told(self, events: list[_drift_sre.Event | None], offset: float) -> list[DriftEvent]:
        told = [self._in_terms_of_the_metric(event, offset) for event in events if event is not None]
        for event in told:
            if event.kind != "closed":
                self._last_drift_at = event.detected_at
        return told

    def _in_terms_of_the_metric(self, event: _drift_sre.Event, offset: float) -> DriftEvent:
        metric = self.metric
        return DriftEvent(
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
            aspect=event.aspect,
        )
