"""Watches this machine in the background of a program and announces what drifts."""

from __future__ import annotations

import atexit
import logging
import math
import threading
import time
from collections import deque
from typing import Any, Callable, Iterable, Mapping

from . import forensics
from .collect import HostCollector
from .events import DriftEvent, MetricStatus
from .metrics import HOST_METRICS, Metric
from .notify import Discord, Notifier, Outbox
from .series import Series
from .settings import Settings

_log = logging.getLogger("drift_sre")

_KEPT_EVENTS = 1000
# A destination that hangs must not hold up the end of a program, however much time its caller would give.
_FLUSH_SECONDS = 2.0
_GOLDEN_SIGNALS = ("latency", "traffic", "errors", "saturation")
_DIRECTIONS = ("up", "down", "both")
_TRANSFORMS = ("identity", "log")


class DriftMonitor:
    """Learns what is normal for each metric and tells when it is no longer so, and when it is again.

    `start` samples the host every `interval` seconds on a daemon thread; `observe` takes samples of your own, with or
    without it. All methods may be called from any thread. What each number means: docs/configuration.md.
    """

    def __init__(
        self,
        discord_url: str | None = None,
        metrics: Iterable[str] | None = None,
        sensitivity: float = 0.05,
        threshold: float = 50,
        interval: float = 1.0,
        cool_down: float = 60,
        alpha: float = 0.1,
        *,
        scale: str | None = "auto",
        min_samples: int = 30,
        detector: str = "page_hinkley",
        arl0: float = 1_000_000,
        notifiers: Iterable[Notifier] = (),
        on_drift: Callable[[DriftEvent], object] | None = None,
    ) -> None:
        self._settings = Settings(
            sensitivity, threshold, interval, cool_down, alpha, scale, min_samples, detector, arl0
        )
        if on_drift is not None and not callable(on_drift):
            raise ValueError(f"on_drift must be callable or None, got {on_drift!r}")
        host_metrics = [HOST_METRICS[name] for name in _checked_names(metrics)]
        self._collector = HostCollector(metric.name for metric in host_metrics)
        self._series = {metric.name: Series(metric, self._settings) for metric in host_metrics}
        self._notifiers = [*([Discord(discord_url)] if discord_url is not None else []), *notifiers]
        self._outboxes = self._new_outboxes()
        self._on_drift = on_drift
        self._events: deque[DriftEvent] = deque(maxlen=_KEPT_EVENTS)
        self._failing: set[str] = set()
        # Guards all of the above. Never held while user code, a notifier or the host is called.
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Condition(self._lock)

    def start(self) -> None:
        """Begins to sample. Does nothing if it already does."""
        with self._lock:
            if self.is_running:
                return
            self._apply(self._settings, live=True)
            self._thread = threading.Thread(target=self._run, name="drift-sre-monitor", daemon=True)
            self._thread.start()
        atexit.register(self._at_exit)

    def stop(self, timeout: float = 5.0) -> None:
        """Ends sampling and gives notifiers two seconds, or `timeout` if that is less, to send what they still hold.

        It can be started again.
        """
        end = time.monotonic() + timeout
        atexit.unregister(self._at_exit)
        with self._lock:
            thread, self._thread = self._thread, None
            outboxes, self._outboxes = self._outboxes, self._new_outboxes()
            self._wake.notify_all()
            self._apply(self._settings, live=False)
        # A callback may stop the monitor that called it.
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        end = min(end, time.monotonic() + _FLUSH_SECONDS)
        for outbox in outboxes:
            outbox.close(max(0.0, end - time.monotonic()))

    @property
    def is_running(self) -> bool:
        """Whether the sampling thread is alive."""
        thread = self._thread
        return thread is not None and thread.is_alive()

    def __enter__(self) -> DriftMonitor:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def update_sensitivity(self, sensitivity: float) -> None:
        """Sets how small a deviation is forgiven, from the next sample on."""
        self._change(sensitivity=sensitivity)

    def update_threshold(self, threshold: float) -> None:
        """Sets how much accumulated deviation alarms, from the next sample on."""
        self._change(threshold=threshold)

    def update_interval(self, interval: float) -> None:
        """Sets the seconds between samples, from now on."""
        self._change(interval=interval)

    def update_cool_down(self, cool_down: float) -> None:
        """Sets the seconds between notifications of one metric, from now on."""
        self._change(cool_down=cool_down)

    def update_alpha(self, alpha: float) -> None:
        """Sets how fast the reference follows, from the next sample on."""
        self._change(alpha=alpha)

    def add_metric(
        self,
        name: str,
        fn: Callable[[], float | None],
        *,
        unit: str = "",
        golden_signal: str | None = None,
        direction: str = "both",
        transform: str = "identity",
        leaks: bool = False,
    ) -> None:
        """Watches a metric of your own: `fn` is called at every interval and answers a number, or None for no sample.

        `transform="log"` suits heavy-tailed values: traffic, counts, durations. `leaks` watches for a rise over hours
        as well: for what should stay where it is, such as memory, and not for what follows the time of day.
        """
        for field, text in (("name", name), ("unit", unit)):
            # A lone surrogate is a str, but no text: it can be neither shown nor sent.
            if not isinstance(text, str) or text != text.encode(errors="ignore").decode():
                raise ValueError(f"{field} must be a string of valid Unicode, got {text!r}")
        if not name:
            raise ValueError(f"name must be a non-empty string, got {name!r}")
        if not callable(fn):
            raise ValueError(f"fn must be callable, got {fn!r}")
        if golden_signal is not None:
            _require_one_of("golden_signal", golden_signal, _GOLDEN_SIGNALS)
        _require_one_of("direction", direction, _DIRECTIONS)
        _require_one_of("transform", transform, _TRANSFORMS)
        if not isinstance(leaks, bool):
            raise ValueError(f"leaks must be True or False, got {leaks!r}")
        metric = Metric(name, unit, golden_signal, "", direction, transform, leaks=leaks)
        with self._lock:
            if name in self._series or name in HOST_METRICS:
                raise ValueError(f"name must not be taken, got {name!r}")
            series = Series(metric, self._settings, fn)
            series.apply(self._settings, live=self.is_running)
            self._series[name] = series

    def observe(self, samples: Mapping[str, float], at: float | None = None) -> list[DriftEvent]:
        """Takes one sample of some of the metrics, in order of time, and answers what it gives rise to.

        `at` is in seconds; without it the samples are of now. A value that is not finite counts as no sample. Anything
        else that is wrong raises ValueError before any sample is taken.
        """
        values = {name: _checked_value(name, value) for name, value in samples.items()}
        offset = 0.0
        if at is None:
            at, offset = time.monotonic(), time.time() - time.monotonic()
        elif not isinstance(at, (int, float)) or not math.isfinite(at):
            raise ValueError(f"at must be a finite number of seconds, got {at!r}")
        with self._lock:
            for name in values:
                if name not in self._series:
                    raise ValueError(f"metric must be one of {', '.join(self._series)}, got {name!r}")
            events = self._take(values, at, offset)
            samples_only = {"samples": self._history()} if events else None
        return self._announce(events, samples_only)

    def accept(self, metric: str | None = None) -> list[DriftEvent]:
        """Declares the present level of a drifting metric, or of all, the new normal."""
        with self._lock:
            if metric is not None and metric not in self._series:
                raise ValueError(f"metric must be one of {', '.join(self._series)}, got {metric!r}")
            chosen = list(self._series.values()) if metric is None else [self._series[metric]]
            events = [event for series in chosen for event in series.accept()]
        return self._announce(events, None)

    def status(self) -> dict[str, MetricStatus]:
        """Where each metric stands now."""
        with self._lock:
            missing = self._collector.unavailable
            return {name: series.status(available=name not in missing) for name, series in self._series.items()}

    def events(self) -> list[DriftEvent]:
        """The last 1,000 events, oldest first."""
        with self._lock:
            return list(self._events)

    def __repr__(self) -> str:
        state = "running" if self.is_running else "stopped"
        return f"<DriftMonitor {', '.join(self._series)}: {state}>"

    def _new_outboxes(self) -> list[Outbox]:
        return [Outbox(notifier, self._settings.cool_down) for notifier in self._notifiers]

    def _change(self, **changes: float) -> None:
        with self._lock:
            settings = self._settings.with_(**changes)
            self._apply(settings, live=self.is_running)
            self._settings = settings
            for outbox in self._outboxes:
                outbox.cool_down = settings.cool_down
            self._wake.notify_all()

    def _apply(self, settings: Settings, *, live: bool) -> None:
        for series in self._series.values():
            series.apply(settings, live=live)

    def _at_exit(self) -> None:
        self.stop(timeout=2.0)

    def _run(self) -> None:
        me = threading.current_thread()
        running = True
        while running:
            began = time.monotonic()
            try:
                self._sample()
            except Exception:
                # Nothing here may end the thread, let alone reach the program around it.
                _log.exception("sampling failed")
            running = self._wait_for_turn(me, began)

    def _wait_for_turn(self, me: threading.Thread, began: float) -> bool:
        """Sleeps until one interval after the last sample; False once this thread is to end."""
        with self._wake:
            while self._thread is me:
                # Read anew at each turn: an interval that was changed holds from the last sample on.
                remaining = began + self._settings.interval - time.monotonic()
                if remaining <= 0:
                    return True
                self._wake.wait(remaining)
        return False

    def _sample(self) -> None:
        values: dict[str, float] = dict(self._collector.read())
        for name, source in self._sources():
            value = self._read(name, source)
            if value is not None:
                values[name] = value
        with self._lock:
            if self._thread is not threading.current_thread():
                return
            events = self._take(values, time.monotonic(), time.time() - time.monotonic())
            history = self._history()
        opened = any(event.kind != "closed" for event in events)
        self._announce(events, forensics.capture(history) if opened else None)

    def _sources(self) -> list[tuple[str, Callable[[], float | None]]]:
        with self._lock:
            return [(name, series.source) for name, series in self._series.items() if series.source is not None]

    def _read(self, name: str, source: Callable[[], float | None]) -> float | None:
        try:
            value = source()
            sample = None if value is None else _checked_value(name, value)
        except Exception as error:
            if name not in self._failing:
                _log.warning("metric %r gives no samples: %s", name, type(error).__name__)
            self._failing.add(name)
            return None
        self._failing.discard(name)
        return sample

    def _take(self, values: Mapping[str, float], at: float, offset: float) -> list[DriftEvent]:
        events = []
        for name, series in self._series.items():
            events += series.observe(values[name], at, offset) if name in values else series.advance(at, offset)
        return events

    def _history(self) -> dict[str, list[tuple[float, float]]]:
        return {name: list(series.samples) for name, series in self._series.items()}

    def _announce(self, events: list[DriftEvent], snapshot: dict[str, Any] | None) -> list[DriftEvent]:
        """Keeps the events and passes them on; the snapshot goes with those that open a drift."""
        told = [event.with_snapshot(snapshot) if event.kind != "closed" else event for event in events]
        with self._lock:
            self._events.extend(told)
            outboxes = list(self._outboxes)
        for event in told:
            for outbox in outboxes:
                outbox.put(event)
            if self._on_drift is not None:
                try:
                    self._on_drift(event)
                except Exception:
                    _log.exception("on_drift failed")
        return told


def _checked_names(metrics: Iterable[str] | None) -> list[str]:
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


def _checked_value(name: str, value: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, got {value!r}") from None


def _require_one_of(field: str, value: object, wanted: tuple[str, ...]) -> None:
    if value not in wanted:
        raise ValueError(f"{field} must be one of {', '.join(wanted)}, got {value!r}")
