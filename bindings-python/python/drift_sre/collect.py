"""Reads the six host metrics; says which ones this system cannot give."""

from __future__ import annotations

import math
import re
import time
from pathlib import Path
from typing import Callable, Iterable, Mapping

import psutil

_LOOPBACK = re.compile(r"lo\d*|Loopback Pseudo-Interface.*")

# What counts as a failed connection: refused or reset, damaged, dropped from a full queue, timed out.
_ERROR_COUNTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "snmp": {"Tcp": ("AttemptFails", "EstabResets", "InErrs"), "Udp": ("InErrors",)},
    "netstat": {"TcpExt": ("ListenOverflows", "TCPAbortOnTimeout")},
}


class _AbsentError(Exception):
    """The source of a metric does not exist on this system."""


class Counters:
    """Rising totals, differenced from one reading to the next."""

    def __init__(self) -> None:
        self._last: tuple[Mapping[str, float], float] | None = None

    def rate(self, totals: Mapping[str, float], at: float) -> float | None:
        """Growth of all totals together per second, or None without two comparable readings."""
        growth = self._growth(totals, at)
        return None if growth is None else sum(growth[0].values()) / growth[1]

    def share(self, part: float, rest: float, at: float) -> float | None:
        """The percentage of the growth that is the part's, or None without two comparable readings."""
        growth = self._growth({"part": part, "rest": rest}, at)
        whole = 0.0 if growth is None else sum(growth[0].values())
        return None if growth is None or whole <= 0 else 100 * growth[0]["part"] / whole

    def _growth(self, totals: Mapping[str, float], at: float) -> tuple[dict[str, float], float] | None:
        last, self._last = self._last, (totals, at)
        if last is None or at <= last[1]:
            return None
        # A total that is in one reading only has appeared or vanished: its whole height is no change.
        growth = {name: total - last[0][name] for name, total in totals.items() if name in last[0]}
        # A fall is a reset: what happened on either side of it is unknown.
        if not growth or min(growth.values()) < 0:
            return None
        return growth, at - last[1]


class HostCollector:
    """Reads host metrics, only those asked for: names of `HOST_METRICS`."""

    def __init__(
        self,
        metrics: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
        *,
        proc: Path = Path("/proc"),
    ) -> None:
        sources: dict[str, Callable[[float], float | None]] = {
            "cpu": self._cpu,
            "ram": self._ram,
            "disk_io": self._disk_io,
            "network": self._network,
            "load": self._load,
            "socket_errors": self._socket_errors,
        }
        self.errors: dict[str, int] = {}
        """How many readings of a metric have failed."""
        self.last_error: dict[str, str] = {}
        """What the newest failure of a metric said."""
        self._sources = {name: sources[name] for name in metrics}
        self._counters = {name: Counters() for name in self._sources}
        self._clock = clock
        self._net = proc / "net"
        self._error_files: list[Path] | None = None
        self._seen: set[str] = set()
        self._absent: set[str] = set()

    @property
    def unavailable(self) -> frozenset[str]:
        """The metrics whose source this system has not offered so far."""
        return frozenset(self._absent)

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that were asked for."""
        return tuple(self._sources)

    def read(self) -> dict[str, float]:
        """One reading; a metric that has no sample this time is left out."""
        at = self._clock()
        readings = ((name, self.read_one(name, at)) for name in self._sources)
        return {name: value for name, value in readings if value is not None}

    def read_one(self, name: str, at: float | None = None) -> float | None:
        """One reading of one metric, or None if it has no sample this time."""
        try:
            value = self._sources[name](self._clock() if at is None else at)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{name} must be a finite number, got {value}")
        except (_AbsentError, psutil.AccessDenied, PermissionError, NotImplementedError) as error:
            # What has been read before does exist, so that its loss is a failure.
            if name in self._seen:
                self._failed(name, error)
            else:
                self._absent.add(name)
        except Exception as error:
            self._failed(name, error)
        else:
            self._seen.add(name)
            self._absent.discard(name)
            return value
        return None

    def _failed(self, name: str, error: Exception) -> None:
        self.errors[name] = self.errors.get(name, 0) + 1
        self.last_error[name] = f"{type(error).__name__}: {error}"

    def _cpu(self, at: float) -> float | None:
        busy, idle, waiting = _cpu_seconds()
        return self._counters["cpu"].share(busy, idle + (waiting or 0.0), at)

    @staticmethod
    def _ram(_at: float) -> float:
        memory = psutil.virtual_memory()
        return 100 * (memory.total - memory.available) / memory.total

    def _disk_io(self, at: float) -> float | None:
        busy, idle, waiting = _cpu_seconds()
        if waiting is not None:
            return self._counters["disk_io"].share(waiting, busy + idle, at)
        # nowrap would keep state that is shared with the host application.
        busy_ms = getattr(psutil.disk_io_counters(nowrap=False), "busy_time", None)
        if busy_ms is None:
            raise _AbsentError("neither iowait nor the busy time of disks is counted")
        busy_share = self._counters["disk_io"].rate({"busy": busy_ms / 1000}, at)
        # The time is summed over all disks, which can be busy at once.
        return None if busy_share is None else min(100.0, 100 * busy_share)

    def _network(self, at: float) -> float | None:
        totals: dict[str, float] = {}
        for name, count in psutil.net_io_counters(pernic=True, nowrap=False).items():
            if not _LOOPBACK.fullmatch(name):
                totals[f"{name} sent"] = count.bytes_sent
                totals[f"{name} received"] = count.bytes_recv
        if not totals and "network" not in self._seen:
            raise _AbsentError("there is no interface but loopback")
        return self._counters["network"].rate(totals, at)

    @staticmethod
    def _load(_at: float) -> float:
        return psutil.getloadavg()[0]

    def _socket_errors(self, at: float) -> float | None:
        # Decided once: a file that fails later must not swap one set of counters for another.
        if self._error_files is None:
            self._error_files = [self._net / name for name in _ERROR_COUNTERS if (self._net / name).is_file()]
        totals: dict[str, float] = {}
        for path in self._error_files:
            # Without the layers that guess at text, which take as long as the kernel.
            with path.open("rb", buffering=0) as file:
                text = file.read().decode("ascii")
            totals.update(_error_totals(text, _ERROR_COUNTERS[path.name]))
        if not self._error_files:
            count = psutil.net_io_counters(nowrap=False)
            if count is not None:
                totals = {"errin": count.errin, "errout": count.errout}
        if not totals:
            raise _AbsentError("no socket errors are counted")
        return self._counters["socket_errors"].rate(totals, at)


def _error_totals(text: str, wanted: dict[str, tuple[str, ...]]) -> dict[str, float]:
    totals: dict[str, float] = {}
    lines = text.splitlines()
    # They come in pairs: the names of a protocol's counters, then their values.
    for names, values in zip(lines[::2], lines[1::2]):
        protocol = names.partition(":")[0]
        if protocol in wanted:
            columns, counts = names.split(), values.split()
            for name in wanted[protocol]:
                if name in columns:
                    totals[f"{protocol} {name}"] = int(counts[columns.index(name)])
    return totals


def _cpu_seconds() -> tuple[float, float, float | None]:
    """The CPU time since boot that was busy, idle, and waiting for disks if the system counts that."""
    times = psutil.cpu_times()._asdict()
    idle, waiting = times.pop("idle"), times.pop("iowait", None)
    # Linux has counted the time of guests in user and nice already.
    busy = sum(seconds for name, seconds in times.items() if name not in ("guest", "guest_nice"))
    return busy, idle, waiting
