"""The six host metrics: what each measures, in which unit, and what its drift usually means."""

from __future__ import annotations

from typing import Iterable, NamedTuple

_GOLDEN_SIGNALS = ("latency", "traffic", "errors", "saturation")
_DIRECTIONS = ("up", "down", "both")
_TRANSFORMS = ("identity", "log")


class Metric(NamedTuple):
    """How one metric is read, judged and explained."""

    name: str
    unit: str
    golden_signal: str | None
    meaning: str
    """What a drift of this metric usually means, for the alert."""
    direction: str = "both"
    """Which change alarms: ``up``, ``down`` or ``both``."""
    transform: str = "identity"
    """``log`` for heavy-tailed, non-negative metrics; else ``identity``."""
    spread_floor: float = 0.0
    """The smallest spread worth judging by, in the transformed unit: less than this is idle noise."""
    leaks: bool = False
    """Whether it is also watched for a rise over hours, which a reference that follows never sees."""


HOST_METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "cpu",
            "%",
            "saturation",
            "a process is looping or thrashing, or the host has more work than it had",
            direction="up",
            spread_floor=1.0,
        ),
        Metric(
            "ram",
            "%",
            "saturation",
            "a slow, steady rise is a memory leak; a jump is a new or growing process",
            direction="up",
            spread_floor=0.2,
            leaks=True,
        ),
        Metric(
            "disk_io",
            "%",
            "saturation",
            "processes wait for a disk that is failing or has become the bottleneck",
            direction="up",
            spread_floor=0.5,
        ),
        Metric(
            "network",
            "B/s",
            "traffic",
            "a burst of data or a flood of requests; a fall means that traffic no longer arrives",
            direction="both",
            transform="log",
            spread_floor=0.25,
        ),
        Metric(
            "load",
            "",
            "latency",
            "the CPU is overwhelmed and work is queueing",
            direction="up",
            spread_floor=0.1,
        ),
        Metric(
            "socket_errors",
            "/s",
            "errors",
            "many connections fail: a peer is down, a port is closed or a queue overflows",
            direction="up",
            transform="log",
            spread_floor=0.25,
        ),
    )
}


def checked_names(metrics: Iterable[str] | None) -> list[str]:
    """The host metrics that were asked for, all if None."""
    if metrics is None:
        return list(HOST_METRICS)
    known = ", ".join(HOST_METRICS)
    if isinstance(metrics, str):
        raise ValueError(f"metrics must be a list of names, got {metrics!r}")
    names = list(dict.fromkeys(metrics))
    for name in names:
        if name not in HOST_METRICS:
            raise ValueError(f"metrics must be among {known}; got {name!r}")
    return names


def checked_metric(
    name: str, unit: str, golden_signal: str | None, direction: str, transform: str, *, leaks: bool
) -> Metric:
    """A metric of the user's own."""
    for field, text in (("name", name), ("unit", unit)):
        # A lone surrogate is a str, but no text: it can be neither shown nor sent.
        if not isinstance(text, str) or text != text.encode(errors="ignore").decode():
            raise ValueError(f"{field} must be a string of valid Unicode, got {text!r}")
    if not name:
        raise ValueError(f"name must be a non-empty string, got {name!r}")
    if golden_signal is not None:
        _require_one_of("golden_signal", golden_signal, _GOLDEN_SIGNALS)
    _require_one_of("direction", direction, _DIRECTIONS)
    _require_one_of("transform", transform, _TRANSFORMS)
    if not isinstance(leaks, bool):
        raise ValueError(f"leaks must be True or False, got {leaks!r}")
    return Metric(name, unit, golden_signal, "", direction, transform, leaks=leaks)


def _require_one_of(field: str, value: object, wanted: tuple[str, ...]) -> None:
    if value not in wanted:
        raise ValueError(f"{field} must be one of {', '.join(wanted)}, got {value!r}")
