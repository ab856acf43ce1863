"""What a monitor tells about itself."""

from __future__ import annotations

from typing import TypedDict


class OutboxStats(TypedDict):
    """One notifier's messages: put = sent + suppressed + dropped + queued."""

    sent: int
    suppressed: int
    dropped: int
    failed: int
    """Attempts that failed; each may have been tried again."""
    queued: int
    disabled: bool
    """Turned off for good, because the receiver will never accept a message."""


class NotifierStats(OutboxStats):
    """The same with the name of the notifier's class."""

    name: str


class FeedStats(TypedDict):
    """What became of what was to go to a server: taken = sent + rejected + dropped + queued."""

    sent: int
    rejected: int
    """Refused by the server, for reasons that are counted in `errors`."""
    dropped: int
    """Given up: the oldest when there were too many, or what was left at the end."""
    invalid: int
    """Not taken at all, because it was no valid event."""
    failed: int
    """Attempts that failed; each may have been tried again."""
    queued: int
    errors: dict[str, int]
    """Failures and refusals by code."""


class SamplingStats(TypedDict):
    """What sampling did, and what of it failed."""

    leader: bool
    """Whether this process samples the host: always, unless the monitor is one `per="host"`."""
    ticks: int
    """Samplings that were made."""
    late: int
    """Samplings that began more than an interval late."""
    pauses: int
    """Readings thrown away because the process was stopped, or the machine asleep, while they were due."""
    last_tick_seconds: float
    longest_tick_seconds: float
    cpu_seconds: float
    """CPU time of the sampling thread."""
    names: int
    """Requests, tasks and functions that are kept apart."""
    overflowed: int
    """Requests, tasks and calls summed up as "(other)", because there were too many names."""
    errors: dict[str, int]
    """By metric: readings that raised, or answered what is no finite number."""
    blocked: dict[str, int]
    """By metric: readings that had no answer in time."""


class MonitorStats(SamplingStats):
    """Counts of one monitor in this process, since it was made or the process was forked."""

    pid: int
    running: bool
    series: int
    events: int
    callback_errors: int
    """Exceptions of `on_drift`."""
    internal_errors: int
    """Exceptions of the monitor itself, which are faults of this package."""
    notifiers: list[NotifierStats]
    server: FeedStats | None
    """The samples on their way to `server_url`; None without one."""
