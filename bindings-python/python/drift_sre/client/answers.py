"""What a server answers, as types."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Mapping

from .server import DriftClientError


@dataclass(frozen=True)
class Health:
    """Where one service stands."""

    service_id: str
    state: str
    """``STABLE``, ``DRIFT_DETECTED`` or ``INSUFFICIENT_DATA``."""
    transition_timestamp: str | None
    """When it came to be in this state, in ISO 8601."""
    sample_count: int
    baseline: Mapping[str, Any] | None
    """What is normal, once that is known."""
    metadata: Mapping[str, Any]
    """Why it is in this state; its ``reason`` is ``not_tracked`` for a service nobody has sent anything of."""


class Outcome(Enum):
    """What a gate decided."""

    PASS = "pass"  # noqa: S105
    DRIFT = "drift"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Gate:
    """Whether a service may go on to be deployed. True in a condition only if it has passed."""

    outcome: Outcome
    reason: str
    health: Health

    @property
    def passed(self) -> bool:
        """Whether it is known to be stable: a gate that knows nothing stays shut."""
        return self.outcome is Outcome.PASS

    def __bool__(self) -> bool:
        return self.passed


def read_health(answer: Mapping[str, Any]) -> Health:
    """The answer as a type; raises `DriftClientError` if it is something else."""
    since, baseline, metadata = (answer.get(key) for key in ("transition_timestamp", "baseline", "metadata"))
    service, state, count = (answer.get(key) for key in ("service_id", "state", "sample_count"))
    if (
        isinstance(service, str)
        and isinstance(state, str)
        and isinstance(count, int)
        and isinstance(since, (str, type(None)))
        and isinstance(baseline, (dict, type(None)))
        and isinstance(metadata, (dict, type(None)))
    ):
        return Health(service, state, since, count, baseline, metadata or {})
    raise DriftClientError("bad_reply", "the server's answer is not the health of a service")


def judge(health: Health) -> Gate:
    """The gate's decision by what is known now."""
    if health.state == "STABLE":
        return Gate(Outcome.PASS, "stable", health)
    if health.state == "DRIFT_DETECTED":
        return Gate(Outcome.DRIFT, "drift_detected", health)
    reason = health.metadata.get("reason")
    return Gate(Outcome.INCONCLUSIVE, reason if isinstance(reason, str) else health.state.lower(), health)
