"""Reads all there is to sample in this process, at every interval, whatever any part of it does."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Callable, Sequence

from .collect import HostCollector
from .leader import Leader
from .metrics import Metric
from .sources import Source, Sources
from .stats import SamplingStats
from .traffic import Traffic

_log = logging.getLogger("drift_sre")

# What answers is sampled in time, although something else does not.
_PATIENCE_SECONDS = 1.0
# Later than this the process was stopped or the machine asleep, and not merely busy.
_PAUSE_SECONDS = 5.0


class Sampling:
    """The host, functions of the user's own, and traffic. Used by one thread at a time."""

    def __init__(self, collector: HostCollector, traffic: Traffic, leader: Leader | None) -> None:
        self.host_metrics = collector.names
        self._collector = collector
        self._traffic = traffic
        self._leader = leader
        self._host_blocks = False
        self._sources = Sources()
        self.start_over()

    def start_over(self) -> None:
        """Counts from 0, without what is the parent's in a forked child: its threads, and that it was elected."""
        self._sources.start_over()
        self._traffic.start_over()
        if self._leader is not None:
            self._leader.resign()
        self._due: float | None = None
        self._drained = time.monotonic()
        self._asleep = _asleep_seconds()
        self._ticks = self._late = self._pauses = 0
        self._last_seconds = self._longest_seconds = self._cpu_seconds = 0.0

    def read(
        self, interval: float, own: Sequence[tuple[str, Source]]
    ) -> tuple[dict[str, float], list[tuple[Metric, float]]] | None:
        """The samples of the host and of `own`, and those of traffic; None if they span a pause."""
        began, cpu_began = time.monotonic(), time.thread_time()
        paused = self._has_paused(began, interval)
        elapsed, self._drained = began - self._drained, began
        traffic = self._traffic.drain(max(elapsed, 1e-9))
        if self._due is None:
            # Nobody knows since when this was counted.
            traffic = []
        values = self._read_host(interval, own) if self._is_elected() else {}
        self._ticks += 1
        self._due = max(began + interval, time.monotonic())
        self._last_seconds = time.monotonic() - began
        self._longest_seconds = max(self._longest_seconds, self._last_seconds)
        self._cpu_seconds += time.thread_time() - cpu_began
        if paused:
            # Counters are read and forgotten: their growth belongs to neither side of the pause.
            self._pauses += 1
            return None
        return values, traffic

    def close(self) -> None:
        """Lets the threads end and another process lead."""
        self._sources.close()
        if self._leader is not None:
            self._leader.resign()
        self._due = None

    def stats(self) -> SamplingStats:
        """Counts since the start."""
        return {
            "leader": self._leader is None or self._leader.leads,
            "ticks": self._ticks,
            "late": self._late,
            "pauses": self._pauses,
            "last_tick_seconds": self._last_seconds,
            "longest_tick_seconds": self._longest_seconds,
            "cpu_seconds": self._cpu_seconds,
            "names": self._traffic.names,
            "overflowed": self._traffic.overflowed,
            "errors": {**self._collector.errors, **self._sources.errors},
            "blocked": dict(self._sources.blocked),
        }

    def _has_paused(self, now: float, interval: float) -> bool:
        asleep, self._asleep = _asleep_seconds() - self._asleep, _asleep_seconds()
        if self._due is None:
            return False
        self._late += now - self._due > interval
        return now - self._due > _PAUSE_SECONDS or asleep > _PAUSE_SECONDS

    def _is_elected(self) -> bool:
        if self._leader is None:
            return True
        try:
            return self._leader.stand()
        except OSError as error:
            # Rather watched by each process than by none.
            _log.warning("cannot elect a leader, so this process samples the host: %s", type(error).__name__)
            self._leader = None
            return True

    def _read_host(self, interval: float, own: Sequence[tuple[str, Source]]) -> dict[str, float]:
        patience = min(interval, _PATIENCE_SECONDS)
        names = self._collector.names
        if own or self._host_blocks:
            host: list[tuple[str, Source]] = [(name, partial(self._collector.read_one, name)) for name in names]
            return self._sources.read([*host, *own], max(patience, 0.05))
        # One thread is enough, as long as there is nothing for the host to hold up and it never has.
        values: dict[str, float] = {}
        for name in names:
            began = time.monotonic()
            value = self._collector.read_one(name)
            if value is not None:
                values[name] = value
            if time.monotonic() - began > _PATIENCE_SECONDS:
                self._sources.blocked[name] += 1
                self._host_blocks = True
        return values


def _clock() -> Callable[[], float]:
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.time if boottime is None else partial(time.clock_gettime, boottime)


_including_sleep = _clock()


def _asleep_seconds() -> float:
    """Grows while the machine sleeps, when the monotonic clock stands still."""
    return _including_sleep() - time.monotonic()
