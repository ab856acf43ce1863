"""Calls functions that may raise, block or answer rubbish, so that none of it reaches the others."""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import threading
from collections import Counter
from typing import Callable, Iterable, NamedTuple

from .threads import daemon

Source = Callable[[], object]

_log = logging.getLogger("drift_sre")


class Sources:
    """Reads functions on a thread of its own. One that blocks keeps that thread, and the others get a new one.

    From then on nobody waits for it: its answers count at the reading after they have come.
    """

    def __init__(self) -> None:
        self.errors: Counter[str] = Counter()
        """How often each function raised, or answered what is no finite number."""
        self.blocked: Counter[str] = Counter()
        """How often each function had not answered in time."""
        self._failing: set[str] = set()
        self.start_over()

    def start_over(self) -> None:
        """Forgets the threads, which do not live on in a forked child."""
        self._reader: _Reader | None = None
        self._slow: dict[str, tuple[_Reader, _Batch]] = {}

    def read(self, sources: Iterable[tuple[str, Source]], patience: float) -> dict[str, float]:
        """What the functions answer. One that has not within `patience` seconds costs that time once."""
        values: dict[str, float] = {}
        quick: list[tuple[str, Source]] = []
        for name, source in sources:
            if name in self._slow:
                self._read_slow(name, source, values)
            else:
                quick.append((name, source))
        while quick:
            batch = _Batch(quick)
            self._reader = reader = self._reader or _Reader()
            reader.todo.put(batch)
            answers = batch.wait(patience)
            for answer in answers:
                self._take(answer, values)
            quick = quick[len(answers) :]
            if quick:
                name = quick.pop(0)[0]
                self._slow[name], self._reader = (reader, batch), None
                self._is_blocked(name, f"no answer within {patience:g} s")
        return values

    def close(self) -> None:
        """Lets the threads end."""
        for reader, _ in self._slow.values():
            reader.todo.put(None)
        if self._reader is not None:
            self._reader.end()
        self.start_over()

    def _read_slow(self, name: str, source: Source, values: dict[str, float]) -> None:
        reader, batch = self._slow[name]
        if batch.done.is_set():
            self._take(batch.answers[-1], values)
            batch = _Batch([(name, source)])
            self._slow[name] = reader, batch
            reader.todo.put(batch)
        else:
            self._is_blocked(name, "still no answer")

    def _take(self, answer: _Answer, values: dict[str, float]) -> None:
        if answer.failure is not None:
            self.errors[answer.name] += 1
            self._report(answer.name, answer.failure)
            return
        self._failing.discard(answer.name)
        if answer.value is not None:
            values[answer.name] = answer.value

    def _is_blocked(self, name: str, failure: str) -> None:
        self.blocked[name] += 1
        self._report(name, failure)

    def _report(self, name: str, failure: str) -> None:
        if name not in self._failing:
            self._failing.add(name)
            # The application's log handlers may raise as well.
            with contextlib.suppress(Exception):
                _log.warning("metric %r gives no samples: %s", name, failure)


class _Answer(NamedTuple):
    name: str
    value: float | None
    failure: str | None
    """A type's name, never an exception's text, which may hold a secret."""


class _Batch:
    """Functions to be called one after the other, and what they have answered so far."""

    def __init__(self, sources: list[tuple[str, Source]]) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._abandoned = False
        self.answers: list[_Answer] = []
        self.done = threading.Event()

    def work(self) -> None:
        """Calls them, on the reader's thread."""
        for name, source in self._sources:
            answer = _ask(name, source)
            with self._lock:
                self.answers.append(answer)
                if self._abandoned:
                    break
        self.done.set()

    def wait(self, patience: float) -> list[_Answer]:
        """All answers; or those there are, and after the call at which they end no other is made."""
        answered = -1
        # As long as one has answered they are slow together, and none of them blocks.
        while not self.done.wait(patience):
            with self._lock:
                self._abandoned = len(self.answers) == answered
                answered = len(self.answers)
                if self._abandoned and answered < len(self._sources):
                    break
        return self.answers[:answered] if self._abandoned else self.answers


class _Reader:
    """A thread that works through one batch after the other until it gets None."""

    def __init__(self) -> None:
        self.todo: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._thread = daemon("drift-sre-reader", self._run)
        self._thread.start()

    def end(self) -> None:
        """Lets it end, and waits for that unless it takes long."""
        self.todo.put(None)
        self._thread.join(0.1)

    def _run(self) -> None:
        while True:
            batch = self.todo.get()
            if batch is None:
                return
            batch.work()


def _ask(name: str, source: Source) -> _Answer:
    try:
        answer = source()
        if answer is None:
            return _Answer(name, None, None)
        value = float(answer)  # type: ignore[arg-type]
    # SystemExit too: it would end the thread in silence.
    except (Exception, SystemExit) as error:
        return _Answer(name, None, type(error).__name__)
    return _Answer(name, value, None) if math.isfinite(value) else _Answer(name, None, f"answered {value}")
