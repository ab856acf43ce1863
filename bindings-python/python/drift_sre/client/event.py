"""One request's telemetry as the bytes that are sent of it, once it is sure that it is some."""

from __future__ import annotations

import json
import math
from datetime import datetime, timezone

ITEM_LIMIT = 16 * 1024
"""Bytes of one event."""
_SHOWN = 80


def encoded(
    service_id: str,
    latency_ms: float,
    payload_kb: float,
    timestamp: datetime | str | float | None,
    event_id: str | None,
) -> bytes:
    """The event as a line of JSON; raises ValueError that names what is wrong with it."""
    event: dict[str, str | float] = {
        "service_id": text("service_id", service_id),
        "latency_ms": _number("latency_ms", latency_ms),
        "payload_kb": _number("payload_kb", payload_kb),
        "timestamp": _iso(timestamp),
    }
    if event_id is not None:
        event["event_id"] = text("event_id", event_id)
    line = json.dumps(event).encode("ascii")
    if len(line) > ITEM_LIMIT:
        raise ValueError(f"an event must be at most {ITEM_LIMIT:,} bytes, got {len(line):,}")
    return line


def text(field: str, value: object) -> str:
    """The value, if it is a text that can be sent."""
    # A lone surrogate is a str, but no text: it cannot be sent.
    if not isinstance(value, str) or not value or value != value.encode(errors="ignore").decode():
        raise ValueError(f"{field} must be a non-empty string of valid Unicode, got {_shown(value)}")
    return value


def _number(field: str, value: float) -> float:
    try:
        if math.isfinite(value):
            return float(value)
    except (TypeError, OverflowError):
        pass
    raise ValueError(f"{field} must be a finite number, got {_shown(value)}")


def _iso(timestamp: datetime | str | float | None) -> str:
    if timestamp is None:
        return datetime.now(timezone.utc).isoformat()
    if isinstance(timestamp, str):
        return text("timestamp", timestamp)
    try:
        if isinstance(timestamp, datetime):
            # One without a time zone is local time, as it is everywhere in Python.
            return timestamp.astimezone(timezone.utc).isoformat()
        return datetime.fromtimestamp(timestamp, timezone.utc).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        shown = _shown(timestamp)
    raise ValueError(f"timestamp must be a datetime, ISO 8601, or seconds since the epoch, got {shown}")


def _shown(value: object) -> str:
    return repr(value)[:_SHOWN]
