"""The terminal's view of a monitor: one line a metric, events above them, or JSON lines."""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import time
from typing import TextIO, Union

from ._drift_sre import quantity
from .events import DriftEvent, MetricStatus
from .monitor import DriftMonitor
from .notify.notice import plain

_BAR_CELLS = 12
_COLOURS = {"drifting": "31;1", "warning": "33", "in_control": "32"}
_SEVERITY_COLOURS = {"info": "32;1", "warning": "33;1", "critical": "31;1"}


class JsonLines:
    """One JSON object a line: the status at every interval, and events as they come."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def show(self, status: dict[str, MetricStatus], events: list[DriftEvent]) -> None:
        """Writes what there is to say at this moment."""
        for event in events:
            self._write({"type": "event", **event.as_dict()})
        metrics = {name: each.as_dict() for name, each in status.items()}
        self._write({"type": "status", "at": time.time(), "metrics": metrics})

    def _write(self, record: dict[str, object]) -> None:
        self._out.write(json.dumps(record) + "\n")
        self._out.flush()


class EventLines:
    """Events only, as text: for logs, where there is no terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._greeted = False

    def show(self, status: dict[str, MetricStatus], events: list[DriftEvent]) -> None:
        """Writes what there is to say at this moment."""
        if not self._greeted:
            # Without it, all being well would look like nothing happening.
            self._out.write(f"watching {plain(', '.join(status))}; drifts are told here\n")
            self._greeted = True
        for event in events:
            self._out.write("\n".join(event_lines(event)) + "\n")
        self._out.flush()


class Terminal:
    """A block of lines that is drawn anew in its place; events scroll by above it."""

    def __init__(self, out: TextIO, min_samples: int) -> None:
        self._out = out
        self._min_samples = min_samples
        self._colour = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self._unicode = (out.encoding or "").lower().replace("-", "").startswith("utf")
        self._drawn = 0
        self._began = time.monotonic()

    def show(self, status: dict[str, MetricStatus], events: list[DriftEvent]) -> None:
        """Writes what there is to say at this moment."""
        lines = [line for event in events for line in self._event(event)]
        block = [self._title(), *(self._metric(each) for each in status.values())]
        # Back to the block's first line and clear to the end of the screen: \r covers a line that was cut.
        start = f"\x1b[{self._drawn}F\x1b[J" if self._drawn else "\r\x1b[J"
        self._out.write(start + "\n".join([*lines, *block]) + "\n")
        self._out.flush()
        self._drawn = len(block)

    def _paint(self, text: str, code: str | None) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and code else text

    def _title(self) -> str:
        seconds = int(time.monotonic() - self._began)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        heading = f"{'metric':<14}{'now':>11}{'normal':>12}   {'evidence':<{_BAR_CELLS + 8}}state"
        # Lines that wrapped would break the count of lines to go back.
        width = min(shutil.get_terminal_size().columns - 1, 100)
        where = f"{plain(socket.gethostname())[:20]} {clock}"
        return self._paint(f"{heading}{where:>{max(width - len(heading), 0)}}"[:width], "2")

    def _metric(self, status: MetricStatus) -> str:
        value = "" if status.value is None else quantity(status.value, status.unit)
        normal = "" if status.baseline is None else quantity(status.baseline, status.unit)
        score = status.score
        evidence = "" if score is None else f"{self._bar(score)} {score:4.2f}"
        left = f"{plain(status.metric)[:14]:<14}{value:>11}{normal:>12}   {evidence:<{_BAR_CELLS + 8}}"
        return left + self._paint(self._state(status), _COLOURS.get(status.state, "2"))

    def _state(self, status: MetricStatus) -> str:
        if status.state == "warming_up":
            return f"learning {min(status.samples, self._min_samples)}/{self._min_samples}"
        words = status.state.replace("_", " ")
        return f"{words} {status.direction}" if status.state in ("drifting", "warning") else words

    def _bar(self, score: float) -> str:
        """Full at the alarm line."""
        eighths = round(min(max(score, 0.0), 1.0) * _BAR_CELLS * 8)
        if not self._unicode:
            return f"[{'#' * (eighths // 8):<{_BAR_CELLS}}]"
        cells = "█" * (eighths // 8) + ("" if eighths % 8 == 0 else " ▏▎▍▌▋▊▉"[eighths % 8])
        return f"▕{cells:<{_BAR_CELLS}}▏"

    def _event(self, event: DriftEvent) -> list[str]:
        first, *rest = event_lines(event)
        return [self._paint(first, _SEVERITY_COLOURS[event.severity]), *rest]


def event_lines(event: DriftEvent) -> list[str]:
    """An event as people read it: when, what, and what it usually means."""
    clock = time.strftime("%H:%M:%S", time.localtime(event.detected_at))
    kind = "recovered" if event.reason == "recovered" else "drift" if event.kind == "opened" else event.kind
    lines = [f"{clock}  {kind}: {plain(event.explanation)}"]
    if event.kind == "opened" and event.meaning:
        lines.append(f"          {event.meaning}")
    return lines


View = Union[JsonLines, EventLines, Terminal]


def watch(monitor: DriftMonitor, view: View, interval: float, seconds: float | None) -> bool:
    """Shows a running monitor until the time is over or the user interrupts; tells whether it saw a drift."""
    end = math.inf if seconds is None else time.monotonic() + seconds
    seen: list[DriftEvent] = []
    try:
        while (remaining := end - time.monotonic()) > 0:
            time.sleep(min(interval, remaining))
            events = monitor.events()
            view.show(monitor.status(), _after(events, seen))
            seen = events
    except KeyboardInterrupt:
        pass
    events = monitor.events()
    view.show(monitor.status(), _after(events, seen))
    return any(event.kind == "opened" for event in events)


def _after(events: list[DriftEvent], seen: list[DriftEvent]) -> list[DriftEvent]:
    """Events that came since; the monitor drops the oldest when it has too many."""
    if not seen:
        return events
    newest = seen[-1]
    position = next((i for i in range(len(events) - 1, -1, -1) if events[i] is newest), -1)
    return events[position + 1 :]
