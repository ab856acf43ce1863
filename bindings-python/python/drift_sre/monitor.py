"""Watches this machine in the background of a program and announces what drifts."""

from __future__ import annotations

import atexit
import contextlib
import logging
import math
import os
import threading
import time
import weakref
from collections import deque
from typing import Any, Callable, Iterable, Mapping, TypedDict, TypeVar, overload

from . import forensics, prefork
from .client import feed
from .collect import HostCollector
from .events import DriftEvent, MetricStatus
from .leader import Leader
from .metrics import HOST_METRICS, Metric, checked_metric, checked_names
from .notify import Discord, Notifier, Outbox
from .sampling import Sampling
from .series import Series
from .settings import Settings
from .stats import MonitorStats
from .threads import daemon
from .traffic import Traffic
from .uplink import Uplink
from .watching import Watch

_log = logging.getLogger("drift_sre")


class _Counts(TypedDict):
    events: int
    callback_errors: int
    internal_errors: int


_Function = TypeVar("_Function", bound=Callable[..., Any])

_KEPT_EVENTS = 1000
# A destination that hangs must not hold up the end of a program, however much time its caller would give.
_FLUSH_SECONDS = 2.0


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
        per: str = "process",
        server_url: str | None = None,
        api_key: str | None = None,
        source: str | None = None,
    ) -> None:
        self._settings = Settings(
            sensitivity, threshold, interval, cool_down, alpha, scale, min_samples, detector, arl0
        )
        if on_drift is not None and not callable(on_drift):
            raise ValueError(f"on_drift must be callable or None, got {on_drift!r}")
        if per not in ("process", "host"):
            raise ValueError(f"per must be 'process' or 'host', got {per!r}")
        self._per = per
        host_metrics = [HOST_METRICS[name] for name in checked_names(metrics)]
        self._series = {metric.name: Series(metric, self._settings) for metric in host_metrics}
        self._traffic = Traffic()
        self._sampling = self._new_sampling([metric.name for metric in host_metrics])
        self._notifiers = [*([Discord(discord_url)] if discord_url is not None else []), *notifiers]
        self._outboxes = self._new_outboxes()
        self._uplink = Uplink(server_url, api_key, source)
        self._on_drift = on_drift
        self._events: deque[DriftEvent] = deque(maxlen=_KEPT_EVENTS)
        self._counts: _Counts = {"events": 0, "callback_errors": 0, "internal_errors": 0}
        self._begin()
        self._pid, self._to_launch = os.getpid(), False
        _monitors.add(self)

    def _begin(self) -> None:
        """Makes what a process cannot take over from the one it was forked from."""
        # Guards all that changes. Never held while user code, a notifier or the host is called.
        self._own_lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Condition(self._own_lock)

    @property
    def _lock(self) -> threading.RLock:
        self._look_round()
        return self._own_lock

    def start(self) -> None:
        """Begins to sample. Does nothing if it already does, or cannot because the interpreter ends.

        In a process that is forked from then on it goes on by itself.
        """
        with self._lock:
            if self.is_running:
                return
            self._apply(self._settings, live=True)
            self._to_launch = True
            self._look_round()

    def stop(self, timeout: float = 5.0) -> None:
        """Ends sampling and gives notifiers two seconds, or `timeout` if that is less, to send what they still hold.

        It can be started again.
        """
        end = time.monotonic() + timeout
        self._to_launch = False
        with self._lock:
            thread, self._thread = self._thread, None
            outboxes, self._outboxes = self._outboxes, self._new_outboxes()
            self._wake.notify_all()
            self._apply(self._settings, live=False)
        # A callback may stop the monitor that called it.
        if thread is not None:
            if thread is not threading.current_thread():
                thread.join(timeout)
            if thread.is_alive():
                # It closes what it works with when it can, and what comes next has its own.
                self._sampling = self._new_sampling(self._sampling.host_metrics)
        end = min(end, time.monotonic() + _FLUSH_SECONDS)
        self._uplink.finish(end)
        for outbox in outboxes:
            outbox.close(max(0.0, end - time.monotonic()))
        self._uplink.close(end - time.monotonic())

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
        if not callable(fn):
            raise ValueError(f"fn must be callable, got {fn!r}")
        metric = checked_metric(name, unit, golden_signal, direction, transform, leaks=leaks)
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
        offset, is_live = 0.0, at is None
        if at is None:
            at, offset = time.monotonic(), time.time() - time.monotonic()
        elif not isinstance(at, (int, float)) or not math.isfinite(at):
            raise ValueError(f"at must be a finite number of seconds, got {at!r}")
        with self._lock:
            for name in values:
                if name not in self._series:
                    raise ValueError(f"metric must be one of {', '.join(self._series)}, got {name!r}")
            if is_live:
                self._pass_on(values)
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

    @overload
    def watch(self, target: _Function) -> _Function: ...
    @overload
    def watch(self, target: str) -> Watch: ...
    def watch(self, target: _Function | str) -> _Function | Watch:
        """Watches calls of a function, or of what is under a name: how long, how many, how many raise.

        `@monitor.watch`, `@monitor.watch("name")`, or `with monitor.watch("name"):`, each of which gives three series.
        """
        if isinstance(target, str):
            return Watch(self.record, target)
        if not callable(target):
            raise ValueError(f"target must be a function or a name, got {target!r}")
        return Watch(self.record, getattr(target, "__qualname__", type(target).__qualname__))(target)

    def record(self, name: str, seconds: float, failed: bool = False) -> None:
        """Counts one request, task or call of `name`, which took so long, for the next sample. Never raises.

        Of names more than a hundred are summed up as one, "(other)".
        """
        try:
            self._look_round()
            self._traffic.record(name, seconds, failed)
        except Exception:
            self._counts["internal_errors"] += 1

    def status(self) -> dict[str, MetricStatus]:
        """Where each metric stands now."""
        with self._lock:
            missing = self._collector.unavailable
            return {name: series.status(available=name not in missing) for name, series in self._series.items()}

    def stats(self) -> MonitorStats:
        """How the monitor itself fares in this process: what it did, and what went wrong without anyone's noticing."""
        with self._lock:
            return {
                **self._sampling.stats(),
                "pid": os.getpid(),
                "running": self.is_running,
                "series": len(self._series),
                **self._counts,
                "notifiers": [{"name": outbox.name, **outbox.stats()} for outbox in self._outboxes],
                "server": self._uplink.stats(),
            }

    def events(self) -> list[DriftEvent]:
        """The last 1,000 events, oldest first."""
        with self._lock:
            return list(self._events)

    def __repr__(self) -> str:
        state = "running" if self.is_running else "stopped"
        return f"<DriftMonitor {', '.join(self._series)}: {state}>"

    def _new_sampling(self, host_metrics: Iterable[str]) -> Sampling:
        self._collector = HostCollector(host_metrics)
        return Sampling(self._collector, self._traffic, Leader() if self._per == "host" else None)

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

    def _launch(self) -> None:
        thread = daemon("drift-sre-monitor", self._run)
        # Before it runs, for it goes on only as long as it is this one.
        self._thread = thread
        try:
            thread.start()
        except RuntimeError:  # the interpreter is ending, or the system has no thread left to give
            self._thread = None

    def _start_over(self, *, may_launch: bool) -> None:
        """Goes on in a forked child. Takes no lock of the parent's, whose holder may be no more, and logs nothing."""
        if self._pid == os.getpid():
            return
        self._to_launch = self._to_launch or (may_launch and self._thread is not None)
        self._begin()
        self._sampling.start_over()
        self._counts = {"events": 0, "callback_errors": 0, "internal_errors": 0}
        self._pid = os.getpid()
        # uWSGI calls hooks where no thread must begin; there the first use is soon enough.
        if not prefork.is_uwsgi():
            self._look_round()

    def _look_round(self) -> None:
        """Finds out that the process was forked where no hook did, and launches what a hook could not."""
        if self._pid != os.getpid():
            # Without its hooks Python cannot be trusted with a thread, if the parent had any.
            self._start_over(may_launch=False)
        if self._to_launch and not prefork.is_before_workers():
            self._to_launch = False
            if prefork.runs_threads():
                self._launch()

    def _run(self) -> None:
        me, sampling = threading.current_thread(), self._sampling
        running = True
        while running:
            began = time.monotonic()
            try:
                self._sample(sampling)
            except Exception:
                # Nothing here may end the thread, let alone reach the program around it.
                self._counts["internal_errors"] += 1
                _log_exception("sampling failed")
            running = self._wait_for_turn(me, began)
        sampling.close()

    def _wait_for_turn(self, me: threading.Thread, began: float) -> bool:
        """Sleeps until one interval after the last sample; False once this thread is to end."""
        with self._lock:
            while self._thread is me:
                # Read anew at each turn: an interval that was changed holds from the last sample on.
                remaining = began + self._settings.interval - time.monotonic()
                if remaining <= 0:
                    return True
                self._wake.wait(min(remaining, threading.TIMEOUT_MAX))
        return False

    def _sample(self, sampling: Sampling) -> None:
        me = threading.current_thread()
        with self._lock:
            own = [(name, series.source) for name, series in self._series.items() if series.source is not None]
        reading = sampling.read(self._settings.interval, own)
        if reading is None:
            return
        values, traffic = reading
        with self._lock:
            if self._thread is not me:
                return
            for metric, value in traffic:
                self._series_of(metric)
                values[metric.name] = value
            self._pass_on(values)
            events = self._take(values, time.monotonic(), time.time() - time.monotonic())
            history = self._history() if events else {}
        opened = any(event.kind != "closed" for event in events)
        self._announce(events, forensics.capture(history) if opened else None)

    def _pass_on(self, values: Mapping[str, float]) -> None:
        self._uplink.take([(self._series[name].metric, value) for name, value in values.items()], time.time())

    def _series_of(self, metric: Metric) -> None:
        if metric.name not in self._series:
            series = Series(metric, self._settings)
            series.apply(self._settings, live=True)
            self._series[metric.name] = series

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
            self._counts["events"] += len(told)
            outboxes = list(self._outboxes)
        for outbox in outboxes:
            outbox.put_many(told)
        for event in told:
            if self._on_drift is not None:
                try:
                    self._on_drift(event)
                except Exception:
                    self._counts["callback_errors"] += 1
                    _log_exception("on_drift failed")
        return told


def _checked_value(name: str, value: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, got {value!r}") from None


def _log_exception(message: str) -> None:
    # The application's log handlers may raise as well.
    with contextlib.suppress(Exception):
        _log.exception(message)


@atexit.register
def _stop_all() -> None:
    end = time.monotonic() + _FLUSH_SECONDS
    # Whatever interrupts the end of a program, a signal say, it is not for us to tell of it.
    with contextlib.suppress(BaseException):
        feed.finish_all(end)
    for monitor in list(_monitors):
        with contextlib.suppress(BaseException):
            monitor.stop(max(0.0, end - time.monotonic()))
    with contextlib.suppress(BaseException):
        feed.close_all(end)


_monitors: weakref.WeakSet[DriftMonitor] = weakref.WeakSet()


def _start_over_after_fork() -> None:
    for monitor in list(_monitors):
        monitor._start_over(may_launch=True)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_over_after_fork)
