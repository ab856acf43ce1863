"""What the machine was doing when a drift was announced: the forensic snapshot."""

from __future__ import annotations

import contextlib
import heapq
import os
import socket
import sys
import threading
import time
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Sequence

import psutil

_SAMPLES = 60
_TOP = 5
_PAUSE_SECONDS = 0.2
# A host with a hundred thousand sockets would spend the whole budget on them.
_CONNECTION_LINES = 10_000
_TCP_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
# The numbers of the kernel's include/net/tcp_states.h.
_TCP_STATES = {
    "01": "ESTABLISHED",
    "02": "SYN_SENT",
    "03": "SYN_RECV",
    "04": "FIN_WAIT1",
    "05": "FIN_WAIT2",
    "06": "TIME_WAIT",
    "07": "CLOSE",
    "08": "CLOSE_WAIT",
    "09": "LAST_ACK",
    "0A": "LISTEN",
    "0B": "CLOSING",
    "0C": "NEW_SYN_RECV",
}

# Held by the one thread at work: captures that hang must not pile up.
_busy = threading.Lock()


def _free_after_fork() -> None:
    # The thread that would release it does not live on in the child.
    if _busy.locked():
        _busy.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_free_after_fork)


def capture(history: Mapping[str, Sequence[tuple[float, float]]], *, budget: float = 1.0) -> dict[str, Any]:
    """The state of this host as JSON-ready data, as far as it can be had within `budget` seconds.

    Never raises and needs no root. Sections that failed or were not reached are left out and named under
    `incomplete`; a section that was cut short is there and named. Of processes it holds names only: command
    lines, environments and users can hold secrets.
    """
    deadline = time.monotonic() + budget
    work = _Work(deadline, walk_until=deadline - budget / 2)
    taken_at = time.time()
    if _busy.acquire(blocking=False):
        thread = threading.Thread(target=work.run, name="drift-sre-forensics", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # No more threads are to be had, or the interpreter is shutting down.
            _busy.release()
        else:
            thread.join(max(0.0, deadline - time.monotonic()))
    done = dict(work.done)
    with contextlib.suppress(Exception):
        done["samples"] = {
            metric: [[at, value] for at, value in list(pairs)[-_SAMPLES:]] for metric, pairs in history.items()
        }
    incomplete = [name for name in (*work.sections, "samples") if name not in done or name in work.cut_short]
    return {"taken_at": taken_at, **done, "incomplete": incomplete}


class _Usage(NamedTuple):
    process: psutil.Process
    rss_bytes: int
    cpu_seconds: float
    at: float


class _Work:
    """The sections of one capture, filled in order: the cheap first, what can hang last."""

    def __init__(self, deadline: float, walk_until: float) -> None:
        self._deadline = deadline
        self._walk_until = walk_until
        self._before: list[_Usage] = []
        self.done: dict[str, Any] = {}
        self.cut_short: set[str] = set()
        self.sections: dict[str, Callable[[], Any]] = {
            "host": socket.gethostname,
            "uptime_seconds": lambda: time.time() - psutil.boot_time(),
            "cpu_count": psutil.cpu_count,
            "load_average": lambda: list(psutil.getloadavg()),
            "memory": _memory,
        }
        # Elsewhere there is no cheap list: psutil.net_connections walks the open files of every process.
        if sys.platform.startswith("linux"):
            self.sections["connections"] = self._connections
        self.sections["top_memory"] = self._top_memory
        self.sections["interfaces"] = _interfaces
        self.sections["top_cpu"] = self._top_cpu
        self.sections["disks"] = _disks

    def run(self) -> None:
        """Fill the sections until the deadline."""
        try:
            for name, read in self.sections.items():
                # A section that hung and came back must not set off the rest for nobody.
                if time.monotonic() >= self._deadline:
                    break
                # A failed section is missing from `done`, by which the caller names it.
                with contextlib.suppress(Exception):
                    self.done[name] = read()
        finally:
            _busy.release()

    def _top_memory(self) -> list[dict[str, Any]]:
        # Not psutil.process_iter, nor Process.cpu_percent: they share state with the host application.
        for pid in psutil.pids():
            # Thousands of processes would leave no time for their second reading and the disks.
            if time.monotonic() >= self._walk_until:
                self.cut_short.update(("top_memory", "top_cpu"))
                break
            # Process 0 is no process, but the idle time of Windows or the kernel of macOS.
            if pid != 0:
                with contextlib.suppress(psutil.Error):
                    self._before.append(_usage(psutil.Process(pid)))
        return _named("rss_bytes", ((usage.rss_bytes, usage.process) for usage in self._before))

    def _top_cpu(self) -> list[dict[str, Any]]:
        # Most of the pause has passed with the interfaces.
        time.sleep(max(0.0, self._before[-1].at + _PAUSE_SECONDS - time.monotonic()))
        shares: list[tuple[float, psutil.Process]] = []
        for before in self._before:
            with contextlib.suppress(psutil.Error):
                times = before.process.cpu_times()
                share = (times.user + times.system - before.cpu_seconds) / (time.monotonic() - before.at)
                shares.append((round(100 * share, 1), before.process))
        return _named("cpu_percent", shares)

    def _connections(self) -> dict[str, int]:
        # Without IPv6 there is no second table.
        tables = [table for table in _TCP_TABLES if table.is_file()]
        if not tables:
            raise FileNotFoundError("no table of TCP connections")
        counts: dict[str, int] = {}
        for table in tables:
            with table.open(encoding="ascii") as lines:
                next(lines)
                for line in islice(lines, _CONNECTION_LINES):
                    state = _TCP_STATES.get(line.split(maxsplit=4)[3], "UNKNOWN")
                    counts[state] = counts.get(state, 0) + 1
                if next(lines, None) is not None:
                    self.cut_short.add("connections")
        return counts


def _memory() -> dict[str, Any]:
    memory = psutil.virtual_memory()
    return {
        "total_bytes": memory.total,
        "available_bytes": memory.available,
        "percent": memory.percent,
        "swap_percent": psutil.swap_memory().percent,
    }


def _interfaces() -> dict[str, dict[str, float]]:
    before, started = psutil.net_io_counters(pernic=True, nowrap=False), time.monotonic()
    time.sleep(_PAUSE_SECONDS)
    after, seconds = psutil.net_io_counters(pernic=True, nowrap=False), time.monotonic() - started
    rates = {}
    for name in filter(before.__contains__, after):
        sent = after[name].bytes_sent - before[name].bytes_sent
        received = after[name].bytes_recv - before[name].bytes_recv
        # Counters that fall were reset, and tell nothing.
        if sent >= 0 and received >= 0:
            rates[name] = {
                "sent_per_second": round(sent / seconds, 1),
                "received_per_second": round(received / seconds, 1),
            }
    return rates


def _disks() -> list[dict[str, Any]]:
    # A device that is mounted at several places is one disk; an image of squashfs is always full.
    mounts = {
        disk.device: disk.mountpoint
        for disk in reversed(psutil.disk_partitions(all=False))
        if disk.fstype != "squashfs"
    }
    disks = []
    for mount in reversed(list(mounts.values())):
        # Some mounts are closed to those who are not root.
        with contextlib.suppress(PermissionError):
            usage = psutil.disk_usage(mount)
            disks.append({"mount": mount, "percent": usage.percent, "free_bytes": usage.free})
    return disks


def _usage(process: psutil.Process) -> _Usage:
    with process.oneshot():
        times, rss = process.cpu_times(), process.memory_info().rss
    return _Usage(process, rss, times.user + times.system, time.monotonic())


def _named(key: str, values: Iterable[tuple[float, psutil.Process]]) -> list[dict[str, Any]]:
    """The processes with the largest values, with their names."""
    top = []
    for value, process in heapq.nlargest(_TOP, values, key=itemgetter(0)):
        with contextlib.suppress(psutil.Error):
            top.append({"pid": process.pid, "name": _name(process), key: value})
    return top


def _name(process: psutil.Process) -> str:
    # psutil completes a name of 15 characters from the command line, where a process can have put anything.
    return process.name()[:15] if os.name == "posix" else process.name()
