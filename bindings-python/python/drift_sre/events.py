"""What the monitor answers: drift events and the present status of each metric."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class DriftEvent:
    """One change of one metric: what changed, by how much, in which direction, since when."""

    kind: str
    """``opened`` when a drift is announced, ``closed`` when it is over, ``outlier`` for a point anomaly."""
    metric: str
    direction: str
    """``up`` or ``down``."""
    severity: str
    """``info``, ``warning`` or ``critical``."""
    value: float
    """The sample that decided, in `unit`."""
    baseline: float
    """What was normal before the drift, in `unit`."""
    shift: float
    """Mean of the samples since the onset minus the baseline, in `unit`."""
    score: float
    """1.0 is the alarm line."""
    onset: float
    """When the change most likely began: seconds since the epoch, or the caller's own `at` scale."""
    detected_at: float
    """When this event was decided, on the same scale as `onset`."""
    reason: str
    """``drift`` unless closed; then ``recovered``, ``accepted``, ``adopted``, ``no_data`` or ``reset``."""
    unit: str
    golden_signal: str | None
    """``latency``, ``traffic``, ``errors``, ``saturation`` or None."""
    meaning: str
    """What a drift of this metric usually means."""
    explanation: str
    """One sentence in English."""
    snapshot: dict[str, Any] | None = None
    """Forensic data taken at the alarm; None for closed events."""
    aspect: str = "level"
    """What changed: the ``level``, the ``spread``, for a leak the ``trend``, for an outlier the ``point``."""

    def as_dict(self) -> dict[str, Any]:
        """The event as plain data, ready for JSON."""
        return asdict(self)

    def with_snapshot(self, snapshot: dict[str, Any] | None) -> DriftEvent:
        """The same event with forensic data."""
        return replace(self, snapshot=snapshot)


@dataclass(frozen=True)
class MetricStatus:
    """Where one metric stands now."""

    metric: str
    value: float | None
    """The newest sample, or None before the first one and while the metric is unavailable."""
    baseline: float | None
    """What is normal, in `unit`; None while warming up."""
    score: float | None
    """1.0 is the alarm line; None while warming up."""
    state: str
    """``warming_up``, ``in_control``, ``warning``, ``drifting``, ``stale`` or ``unavailable``."""
    direction: str | None
    """Which way the score leans: ``up``, ``down`` or None."""
    samples: int
    """Samples seen since the start or the last reset."""
    last_drift_at: float | None
    unit: str
    golden_signal: str | None

    def as_dict(self) -> dict[str, Any]:
        """The status as plain data, ready for JSON."""
        return asdict(self)
