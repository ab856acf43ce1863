"""What one process has yet to tell a server: bounded, in batches, by a thread of its own that retries."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import random
import secrets
import threading
import time
from collections import Counter, deque
from typing import Any, Mapping, NamedTuple, Sequence

from .. import prefork
from ..stats import FeedStats
from ..threads import daemon
from .server import DriftClientError, Server

BATCH = 500
BATCH_BYTES = 256 * 1024
"""A batch is no longer than this, unless it is of one item."""
MAX_BACK_OFF = 60.0
_FAREWELL_SECONDS = 2.0
MAX_AGE = 3600.0
"""A batch that nobody took for so long is given up: a server refuses telemetry that is older."""
_CODES = 32
"""Codes of errors kept apart; a server may invent any number."""

# The same batch would be refused for ever.
_CONDEMNED = (400, 409, 413, 415, 422)

_log = logging.getLogger("drift_sre")
# Not the application's generator: its seed promises the application a sequence.
_chance = random.SystemRandom()


class Form(NamedTuple):
    """How items become the body of one request."""

    path: str
    content_type: str
    opening: bytes
    separator: bytes
    closing: bytes

    def body(self, items: Sequence[bytes]) -> bytes:
        """All of them in one."""
        return self.opening + self.separator.join(items) + self.closing


EVENTS = Form("/v1/telemetry/batch", "application/x-ndjson", b"", b"\n", b"\n")


def samples_of(source: str) -> Form:
    """Metrics of one source."""
    opening = b'{"source": %s, "samples": [' % json.dumps(source).encode("ascii")
    return Form("/v1/metrics", "application/json", opening, b", ", b"]}")


class Limits(NamedTuple):
    """How much is kept, and for how long it waits for company."""

    items: int
    size: int
    """Bytes of all items together."""
    linger: float


class _Batch(NamedTuple):
    items: list[bytes]
    size: int
    first: int
    """How many items were taken from the queue before it."""
    key: str
    born: float


class Backlog:
    """Takes items without waiting, the oldest of which give way when there are too many."""

    def __init__(self, server: Server, form: Form, limits: Limits) -> None:
        self.pid = os.getpid()
        self._server = server
        self._form = form
        self._limits = limits
        # Re-entrant, because a signal handler or a finaliser may put while this thread holds it.
        self._changed = threading.Condition(threading.RLock())
        self._thread: threading.Thread | None = None
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._since = -math.inf
        self._taken = 0
        self._batch: _Batch | None = None
        self._not_before = -math.inf
        self._retry_at = -math.inf
        self._failures = 0
        self._failing = False
        self._flush_to = 0
        self._closed = False
        self._close_by = math.inf
        self._sent = self._rejected = self._dropped = self._invalid = self._failed = 0
        self._errors: Counter[str] = Counter()

    @property
    def had_thread(self) -> bool:
        """Whether its thread was ever started."""
        return self._thread is not None

    def put(self, items: Sequence[bytes]) -> bool:
        """Takes items for sending, unless it is closed or has no thread; those it does not take are counted."""
        if not items:
            return True
        with self._changed:
            if self._closed or not self._has_thread():
                self._dropped += len(items)
                return False
            before = len(self._waiting)
            if not before:
                self._since = time.monotonic()
            self._waiting.extend(items)
            self._size += sum(map(len, items))
            while self._waiting and (self._queued() > self._limits.items or self._size > self._limits.size):
                self._size -= len(self._waiting.popleft())
                self._taken += 1
                self._dropped += 1
            # Any other item changes nothing for the thread.
            if not before or before < BATCH <= len(self._waiting):
                self._changed.notify_all()
            return True

    def refuse(self, why: str) -> None:
        """Counts what cannot be sent, and tells the first time."""
        with self._changed:
            self._invalid += 1
            is_first = self._invalid == 1
        if is_first:
            _warn("telemetry that cannot be sent is left out: %s", why)

    def flush(self, timeout: float) -> bool:
        """Sends what is queued now without waiting for company; False if that takes longer than `timeout` seconds."""
        with self._changed:
            end = self._taken + len(self._waiting)
            self._flush_to = end
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._settled() >= end, timeout)

    def finish(self, by: float) -> None:
        """Takes nothing more and tries what waits once, until the monotonic clock shows `by`. Does not wait for it."""
        with self._changed:
            if not self._closed:
                self._closed = True
                self._close_by = by
            self._changed.notify_all()

    def abandon(self) -> None:
        """The same within two seconds, where it is still this process's."""
        if self.pid == os.getpid():
            self.finish(time.monotonic() + _FAREWELL_SECONDS)

    def close(self, timeout: float) -> None:
        """The same as `finish`, and waits for it."""
        timeout = max(0.0, timeout)
        self.finish(time.monotonic() + timeout)
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        with self._changed:
            self._drop_waiting()

    def stats(self) -> FeedStats:
        """Counts since the start."""
        with self._changed:
            return {
                "sent": self._sent,
                "rejected": self._rejected,
                "dropped": self._dropped,
                "invalid": self._invalid,
                "failed": self._failed,
                "queued": self._queued(),
                "errors": dict(self._errors),
            }

    def _queued(self) -> int:
        return len(self._waiting) + (0 if self._batch is None else len(self._batch.items))

    def _settled(self) -> int:
        return self._taken if self._batch is None else self._batch.first

    def _has_thread(self) -> bool:
        if self._thread is None and not prefork.is_before_workers():
            thread = daemon("drift-sre-client", self._run)
            try:
                if not prefork.runs_threads():
                    return False
                thread.start()
            except RuntimeError:  # the interpreter is ending, or the system has no thread left to give
                return False
            self._thread = thread
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                batch = self._wait_for_batch()
            if batch is None:
                return
            error: DriftClientError | None = None
            answer: Mapping[str, Any] = {}
            try:
                headers = {"Content-Type": self._form.content_type, "Idempotency-Key": batch.key}
                answer = self._server.post(self._form.path, self._form.body(batch.items), headers)
            except DriftClientError as refusal:
                error = refusal
            # Even a SystemExit: it would end the thread in silence, with the batch still counted as queued.
            except BaseException as fault:
                error = DriftClientError("internal", type(fault).__name__)
            refused = self._refused(answer, len(batch.items))
            # Before the count, so that whoever has seen the count finds the warning in the log.
            self._report(error, refused)
            with self._changed:
                if error is None:
                    self._settle(batch, refused)
                else:
                    self._postpone(batch, error)
                self._changed.notify_all()

    def _wait_for_batch(self) -> _Batch | None:
        """What is to be sent now; None if that is the end."""
        while True:
            now = time.monotonic()
            due = self._due()
            if self._closed and max(due, now) > self._close_by:
                self._drop_batch()
                self._drop_waiting()
                self._changed.notify_all()
                return None
            if due <= now:
                if self._batch is None:
                    self._batch = self._take(now)
                return self._batch
            self._changed.wait(min(due - now, threading.TIMEOUT_MAX))

    def _due(self) -> float:
        if self._batch is not None:
            # A server's wish to be left alone outlives ours to be done.
            return self._not_before if self._closed else max(self._not_before, self._retry_at)
        if not self._waiting:
            return math.inf
        if self._closed or self._flush_to > self._taken or len(self._waiting) >= BATCH:
            return self._not_before
        return max(self._not_before, self._since + self._limits.linger)

    def _take(self, now: float) -> _Batch:
        items: list[bytes] = []
        size, first = 0, self._taken
        while self._waiting and len(items) < BATCH:
            if items and size + len(self._waiting[0]) > BATCH_BYTES:
                break
            items.append(self._waiting.popleft())
            size += len(items[-1])
        self._taken += len(items)
        return _Batch(items, size, first, secrets.token_hex(16), now)

    def _refused(self, answer: Mapping[str, Any], count: int) -> list[str]:
        """By an answer to so many items, the code of each that was refused."""
        told, errors = answer.get("rejected"), answer.get("errors")
        refused = told if isinstance(told, int) and 0 <= told <= count else 0
        listed = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
        codes = [self._server.code(each.get("code")) or "unknown" for each in listed[:refused]]
        return codes + ["unknown"] * (refused - len(codes))

    def _settle(self, batch: _Batch, refused: list[str]) -> None:
        self._sent += len(batch.items) - len(refused)
        self._rejected += len(refused)
        for code in refused:
            self._count(code)
        self._forget()

    def _postpone(self, batch: _Batch, error: DriftClientError) -> None:
        now = time.monotonic()
        self._failed += 1
        self._count(error.code)
        if error.status in _CONDEMNED:
            self._rejected += len(batch.items)
            self._forget()
            return
        self._failures += 1
        if error.retry_after:
            # Not all clients at the same moment, and none too soon.
            self._not_before = now + error.retry_after * _chance.uniform(1.0, 1.1)
        else:
            # What only people can mend, such as a wrong key or address, is not asked for again and again.
            limit = min(2.0 ** min(self._failures - 1, 6), MAX_BACK_OFF) if error.may_pass else MAX_BACK_OFF
            self._retry_at = now + limit * _chance.uniform(0.5, 1.0)
        if self._closed or now - batch.born > MAX_AGE:
            self._drop_batch()

    def _forget(self) -> None:
        if self._batch is not None:
            self._size -= self._batch.size
        self._batch = None
        self._failures = 0
        self._retry_at = -math.inf

    def _count(self, code: str) -> None:
        self._errors[code if code in self._errors or len(self._errors) < _CODES else "(other)"] += 1

    def _drop_batch(self) -> None:
        if self._batch is not None:
            self._dropped += len(self._batch.items)
        self._forget()

    def _drop_waiting(self) -> None:
        self._dropped += len(self._waiting)
        self._taken += len(self._waiting)
        self._size -= sum(map(len, self._waiting))
        self._waiting.clear()

    def _report(self, error: DriftClientError | None, refused: list[str]) -> None:
        if error is None and not refused:
            self._failing = False
            return
        if not self._failing:
            if error is None:
                _warn("%s refuses %d events: %s", self._server, len(refused), ", ".join(sorted(set(refused))[:3]))
            else:
                _warn("sending to %s fails: %s", self._server, error)
        self._failing = True


def _warn(message: str, *arguments: object) -> None:
    # The application's log handlers may raise as well.
    with contextlib.suppress(Exception):
        _log.warning(message, *arguments)
