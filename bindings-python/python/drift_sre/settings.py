"""What a monitor is set to, checked once, and what that means for the detector of each metric."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, cast

from . import _drift_sre
from .metrics import Metric

# With scale="auto" the three numbers people know are dials: each stands for a value that was calibrated
# (docs/algorithms.md), and turning it scales that value in proportion.
_SENSITIVITY, _DELTA = 0.05, 0.25
_THRESHOLD, _LAMBDA = 50.0, 50.0
_ALPHA, _WEIGHT = 0.1, 0.005

# A drift that lasts this long has become the new normal.
_ADOPT_SECONDS = 3600.0
# A leak is looked for in a line through two hours of blocks, against the first half hour.
_LEAK_REFERENCE_SECONDS, _LEAK_BLOCK_SECONDS = 1800.0, 600.0

# A series is stale after this many missing samples, but never sooner than after the seconds below.
_IDLE_INTERVALS, _IDLE_SECONDS = 10.0, 60.0


@dataclass(frozen=True)
class Settings:
    """The numbers of a DriftMonitor; making one checks them."""

    sensitivity: float
    threshold: float
    interval: float
    cool_down: float
    alpha: float
    scale: str | None
    min_samples: int
    detector: str = "page_hinkley"
    arl0: float = 1_000_000

    def __post_init__(self) -> None:
        for field in ("sensitivity", "threshold", "interval", "cool_down", "alpha", "arl0"):
            value = getattr(self, field)
            if not _is_number(value) or not value > 0:
                raise ValueError(f"{field} must be a positive number, got {value!r}")
        if self.alpha > 1:
            raise ValueError(f"alpha must be at most 1, got {self.alpha!r}")
        if self.scale not in ("auto", None):
            raise ValueError(f"scale must be 'auto' or None, got {self.scale!r}")
        if self.detector not in ("page_hinkley", "adaptive"):
            raise ValueError(f"detector must be 'page_hinkley' or 'adaptive', got {self.detector!r}")
        if not 100 <= self.arl0 <= 1e9:
            raise ValueError(f"arl0 must be 100 to 1e9 samples, got {self.arl0!r}")
        least = 8 if self.scale == "auto" else 1
        whole = isinstance(self.min_samples, int) and not isinstance(self.min_samples, bool)
        if not whole or not least <= self.min_samples <= 65_536:
            raise ValueError(f"min_samples must be a whole number from {least} to 65,536, got {self.min_samples!r}")

    def with_(self, **changes: Any) -> Settings:
        """The same but for these, checked again."""
        return replace(self, **changes)

    def config(self, metric: Metric, *, live: bool) -> dict[str, Any]:
        """The core's configuration for one metric; only a live one can fall silent."""
        idle = self.idle(live)
        if self.scale is None:
            return self._literal(metric, idle)
        return {
            "transform": metric.transform,
            "baseline": {
                "exponential": {
                    "alpha": _WEIGHT * self.alpha / _ALPHA,
                    "min_samples": self.min_samples,
                    "scale": {"auto": {"floor": metric.spread_floor}},
                }
            },
            "detector": {
                "page_hinkley": {
                    "delta": _DELTA * self.sensitivity / _SENSITIVITY,
                    "threshold": _LAMBDA * self.threshold / _THRESHOLD,
                    "direction": metric.direction,
                }
            },
            "decision": {"idle_secs": idle, "adopt_secs": _ADOPT_SECONDS},
        }

    def leak_config(self, metric: Metric, *, live: bool) -> dict[str, Any]:
        """The same for the check against a reference that stands still."""
        reference = max(8, min(65_536, round(_LEAK_REFERENCE_SECONDS / self.interval)))
        block = max(1, min(1_000_000, round(_LEAK_BLOCK_SECONDS / self.interval)))
        return {
            "transform": metric.transform,
            "baseline": {
                "forgetting": {"half_life": None, "min_samples": reference, "floor": metric.spread_floor or 1e-9}
            },
            "detector": {"trend": {"block": block, "direction": metric.direction}},
            "decision": {"learning": "warm_up", "idle_secs": self.idle(live)},
        }

    def adaptive(self, metric: Metric) -> _drift_sre.Adaptive:
        """The adaptive detector of one metric."""
        adopt_after = max(1000, round(_ADOPT_SECONDS / self.interval))
        # Checked where the metric was made.
        direction = cast(Any, metric.direction)
        return _drift_sre.Adaptive(self.arl0, direction=direction, adopt_after=adopt_after)

    def idle(self, live: bool) -> float | None:
        """How long a silence makes a series stale: only a live one can fall silent."""
        return max(_IDLE_SECONDS, _IDLE_INTERVALS * self.interval) if live else None

    def _literal(self, metric: Metric, idle: float | None) -> dict[str, Any]:
        return {
            "baseline": {
                "exponential": {"alpha": self.alpha, "min_samples": self.min_samples, "scale": {"fixed": 1.0}}
            },
            "detector": {
                "page_hinkley": {
                    "delta": self.sensitivity,
                    "threshold": self.threshold,
                    "direction": metric.direction,
                    "cap": None,
                }
            },
            # Every alarm is an event complete in itself, and its value the new reference.
            "decision": {"exit": "adopt", "idle_secs": idle},
        }


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
