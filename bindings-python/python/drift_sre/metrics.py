"""The six host metrics: what each measures, in which unit, and what its drift usually means."""

from __future__ import annotations

from typing import NamedTuple


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
