"""Sums up requests, tasks and calls between two samples: how many, how long, how many failed."""

from __future__ import annotations

import threading

from .metrics import Metric

LIMIT = 100
"""Names kept apart; what comes under further ones is summed up as `OTHER`."""
OTHER = "(other)"
_NAME_LIMIT = 200


class Traffic:
    """Each name becomes three series: its latency, the share that failed, and its rate."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._cells: dict[str, _Cell] = {}
        self.overflowed = 0
        """How many were summed up as `OTHER`."""
        self.start_over()

    def start_over(self) -> None:
        """Forgets what was counted before a fork, with the lock that may have been held then; the names stay."""
        # Re-entrant, because a signal handler may record while this thread does.
        self._lock = threading.RLock()
        for cell in self._cells.values():
            cell.clear()

    @property
    def names(self) -> int:
        """How many names there are."""
        return len(self._cells)

    def record(self, name: str, seconds: float, failed: bool) -> None:
        """Counts one request, task or call."""
        with self._lock:
            cell = self._cells.get(name) or self._new_cell(name)
            # First what can be refused, so that nothing is counted by half.
            cell.seconds += seconds
            cell.count += 1
            cell.failures += failed

    def drain(self, elapsed: float) -> list[tuple[Metric, float]]:
        """A sample of every series that has one, of the `elapsed` seconds since the last time."""
        with self._lock:
            drained = [(cell, *cell.clear()) for cell in self._cells.values()]
        samples = []
        for cell, count, seconds, failures in drained:
            if count:
                samples.append((cell.latency, 1e3 * seconds / count))
                samples.append((cell.errors, 1e2 * failures / count))
            samples.append((cell.rate, count / elapsed))
        return samples

    def _new_cell(self, name: str) -> _Cell:
        # A lone surrogate is a str, but no text: it can be neither shown nor sent.
        name = name.encode(errors="ignore").decode()[:_NAME_LIMIT]
        if name not in self._cells and len(self._cells) >= self._limit:
            self.overflowed += 1
            name = OTHER
        return self._cells.setdefault(name, _Cell(name))


class _Cell:
    __slots__ = ("count", "errors", "failures", "latency", "rate", "seconds")

    def __init__(self, name: str) -> None:
        self.count, self.seconds, self.failures = 0, 0.0, 0
        self.latency = Metric(
            f"{name} latency",
            "ms",
            "latency",
            "it has become slow, or waits for something that has",
            direction="up",
            transform="log",
            spread_floor=0.1,
        )
        self.errors = Metric(
            f"{name} errors",
            "%",
            "errors",
            "a bug that was just released, or something it depends on is down",
            direction="up",
            spread_floor=2.0,
        )
        self.rate = Metric(
            f"{name} traffic",
            "/s",
            "traffic",
            "a flood; a fall means that it is no longer reached",
            direction="both",
            transform="log",
            spread_floor=0.25,
        )

    def clear(self) -> tuple[int, float, int]:
        """Counts from 0 again; what was counted until now."""
        counted = self.count, self.seconds, self.failures
        self.count, self.seconds, self.failures = 0, 0.0, 0
        return counted
