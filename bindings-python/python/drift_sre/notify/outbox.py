"""The queue between the sampling thread and one notifier: cool-down, retries and a bounded end."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import threading
import time
import weakref
from collections import deque
from typing import Callable, NamedTuple, Sequence

from ..events import DriftEvent
from ..stats import OutboxStats
from ..threads import daemon
from .notice import Disabled, Notice, Notifier, RetryLater, SendError

CAPACITY = 100
"""Notices kept at most, the one being sent among them."""
MAX_ATTEMPTS = 5
MAX_BACK_OFF = 60.0
MAX_RETRY_LATER = 900.0
GROUP_ABOVE = 3
"""More metrics than these that are to be told of at once make one message, for a notifier that groups."""

_log = logging.getLogger("drift_sre")


class _Waiting(NamedTuple):
    notice: Notice
    attempts: int


class _Lane:
    """What waits for one metric, oldest first, and when the metric may speak again."""

    def __init__(self) -> None:
        self.waiting: deque[_Waiting] = deque()
        self.sent_at = -math.inf
        self.retry_at = -math.inf
        self.failures = 0
        self.sending = False


class Outbox:
    """Hands events to `notifier` on a daemon thread, at most one per metric every `cool_down` seconds.

    The first event of a metric is sent at once. Of those within the cool-down the latest is sent when it
    ends, with the count of the others, so that the last message always tells the present state.
    """

    def __init__(
        self,
        notifier: Notifier,
        cool_down: float = 60.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notifier = notifier
        self._groups = getattr(notifier, "groups", False) is True
        self._clock = clock
        self._closed = False
        self._disabled = False
        self._close_by = math.inf
        self._reset()
        self.cool_down = cool_down
        _outboxes.add(self)

    def _reset(self) -> None:
        # Re-entrant, because a signal handler or a finaliser may put while this thread holds it.
        self._changed = threading.Condition(threading.RLock())
        self._thread: threading.Thread | None = None
        self._lanes: dict[str, _Lane] = {}
        self._not_before = -math.inf
        self._failing = False
        self._queued = self._sent = self._suppressed = self._dropped = self._failed = 0

    @property
    def cool_down(self) -> float:
        """Seconds between two messages of one metric; 0 sends every event. A new value counts at once."""
        return self._cool_down

    @cool_down.setter
    def cool_down(self, seconds: float) -> None:
        if not 0 <= seconds < math.inf:
            raise ValueError(f"cool_down must be a finite number of seconds >= 0, got {seconds!r}")
        with self._changed:
            self._cool_down = seconds
            for lane in self._lanes.values():
                self._merge(lane)
            self._changed.notify()

    @property
    def name(self) -> str:
        """What kind of notifier it is for."""
        return type(self._notifier).__name__

    def put(self, event: DriftEvent) -> None:
        """Take `event` for sending. Never blocks and never raises: what cannot be kept is counted."""
        self.put_many([event])

    def put_many(self, events: Sequence[DriftEvent]) -> None:
        """Take several at once, so that a notifier that groups can tell them together."""
        if not events:
            return
        with self._changed:
            if self._closed or self._disabled or not self._has_thread():
                self._dropped += len(events)
                return
            for event in events:
                self._keep(event)
            self._changed.notify()

    def _keep(self, event: DriftEvent) -> None:
        lane = self._lanes.setdefault(event.metric, _Lane())
        lane.waiting.append(_Waiting(Notice(event, 0), 0))
        self._queued += 1
        self._merge(lane)
        if self._queued > CAPACITY:
            lane.waiting.pop()
            self._drop(1)

    def stats(self) -> OutboxStats:
        """Counts since the start: put = sent + suppressed + dropped + queued; `failed` counts attempts."""
        with self._changed:
            return {
                "sent": self._sent,
                "suppressed": self._suppressed,
                "dropped": self._dropped,
                "failed": self._failed,
                "queued": self._queued,
                "disabled": self._disabled,
            }

    def close(self, timeout: float = 2.0) -> None:
        """End the cool-downs, try each waiting notice once, and return within `timeout` seconds."""
        timeout = max(0.0, timeout)
        with self._changed:
            if not self._closed:
                self._closed = True
                self._close_by = self._clock() + timeout
            thread = self._thread
            self._changed.notify()
        if thread is not None:
            thread.join(timeout)
        with self._changed:
            self._drop_waiting()

    def _has_thread(self) -> bool:
        if self._thread is None:
            thread = daemon("drift-sre-outbox", self._run)
            try:
                thread.start()
            except RuntimeError:  # the interpreter is ending, or the system has no thread left to give
                return False
            self._thread = thread
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                batch = [(lane, lane.waiting.popleft()) for lane in self._wait_for_due()]
                if not batch:
                    return
                for lane, _ in batch:
                    lane.sending = True
            error, pause = self._try(_together([item.notice for _, item in batch]))
            # Before the count, so that whoever has seen the count finds the warning in the log.
            self._report(error)
            with self._changed:
                self._failed += error is not None
                self._not_before = max(self._not_before, self._clock() + pause)
                for lane, item in batch:
                    self._settle(lane, item, error)

    def _wait_for_due(self) -> list[_Lane]:
        """The lanes whose next notices are to be sent now, in one message; none if that is the end."""
        while not self._disabled:
            now = self._clock()
            wake = math.inf
            ready: list[_Lane] = []
            for metric, lane in list(self._lanes.items()):
                due = self._due(lane)
                if lane.waiting and due <= now:
                    # To the end of the line, so that one busy metric cannot starve the others.
                    if self._groups or not ready:
                        self._lanes[metric] = self._lanes.pop(metric)
                    ready.append(lane)
                elif lane.waiting:
                    wake = min(wake, due)
                elif due <= now:
                    del self._lanes[metric]
            if ready:
                return ready if self._groups and len(ready) > GROUP_ABOVE else ready[:1]
            if self._closed and wake > self._close_by:
                break
            self._changed.wait(min(wake - now, threading.TIMEOUT_MAX))
        self._drop_waiting()
        return []

    def _due(self, lane: _Lane) -> float:
        if self._closed:
            # A rate limit is the receiver's wish and outlives ours to be done.
            return self._not_before
        return max(self._not_before, lane.retry_at, lane.sent_at + self._cool_down)

    def _try(self, notice: Notice) -> tuple[BaseException | None, float]:
        """What went wrong, and for how long the receiver wants no other message."""
        try:
            pause = self._notifier.send(notice)
        # Even a SystemExit: it would end the thread in silence, with the notice still counted as queued.
        except BaseException as error:
            # Its frames would keep the notifier's sockets and locals alive until the next failure.
            return error.with_traceback(None), 0.0
        return None, max(0.0, min(pause, MAX_RETRY_LATER)) if isinstance(pause, (int, float)) else 0.0

    def _settle(self, lane: _Lane, item: _Waiting, error: BaseException | None) -> None:
        now = self._clock()
        lane.sending = False
        if error is None:
            self._sent += 1
            self._queued -= 1
            lane.sent_at = now
            lane.failures = 0
            return
        lane.failures += 1
        if isinstance(error, RetryLater):
            # For every metric: a receiver limits the sender, not what it talks about.
            self._not_before = now + max(0.0, min(error.seconds, MAX_RETRY_LATER))
        else:
            lane.retry_at = now + min(2.0 ** min(lane.failures - 1, 6), MAX_BACK_OFF)
        if isinstance(error, Disabled):
            self._disabled = True
        if self._closed or self._disabled:
            self._drop(1)
            return
        lane.waiting.appendleft(item._replace(attempts=item.attempts + 1))
        self._merge(lane)
        if lane.waiting[0].attempts >= MAX_ATTEMPTS:
            lane.waiting.popleft()
            self._drop(1)

    def _merge(self, lane: _Lane) -> None:
        """Keep only the latest of the events that cannot be sent now."""
        if lane.failures:
            keep = 0
        elif self._cool_down:
            busy = lane.sending or self._clock() < lane.sent_at + self._cool_down
            keep = 0 if busy else 1
        else:
            return
        while len(lane.waiting) > keep + 1:
            newest, older = lane.waiting.pop(), lane.waiting.pop()
            held_back = older.notice.suppressed + newest.notice.suppressed + 1
            lane.waiting.append(newest._replace(notice=newest.notice._replace(suppressed=held_back)))
            self._suppressed += 1
            self._queued -= 1

    def _drop(self, count: int) -> None:
        self._dropped += count
        self._queued -= count

    def _drop_waiting(self) -> None:
        for lane in self._lanes.values():
            self._drop(len(lane.waiting))
            lane.waiting.clear()

    def _report(self, error: BaseException | None) -> None:
        if error is None:
            self._failing = False
            return
        # Only our own exceptions promise a text without a secret.
        what = f"{type(error).__name__}: {error}" if isinstance(error, SendError) else type(error).__name__
        name = type(self._notifier).__name__
        # The application's log handlers may raise, and this thread must outlive them.
        with contextlib.suppress(Exception):
            if isinstance(error, Disabled):
                _log.warning("notifier %s is turned off: %s", name, what)
            elif not self._failing:
                _log.warning("notifier %s fails to send: %s", name, what)
        self._failing = True


def _together(notices: list[Notice]) -> Notice:
    first, *others = notices
    held_back = sum(notice.suppressed for notice in notices)
    return Notice(first.event, held_back, tuple(notice.event for notice in others))


_outboxes: weakref.WeakSet[Outbox] = weakref.WeakSet()


def _start_over_after_fork() -> None:
    """Rid a forked child's outboxes of the parent's notices, which the parent sends, and of its locks."""
    for outbox in list(_outboxes):
        outbox._reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_over_after_fork)
