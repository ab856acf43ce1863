"""A backlog for each process: what was queued before a fork is the parent's to send."""

from __future__ import annotations

import math
import os
import time
import weakref
from typing import Sequence

from ..stats import FeedStats
from .backlog import Backlog, Form, Limits
from .server import Server


class Feed:
    """Items on their way to a server. Whatever happens there, it neither blocks nor raises here."""

    def __init__(self, server: Server, form: Form, limits: Limits) -> None:
        self._server = server
        self._form = form
        self._limits = limits
        self._backlog = self._new_backlog()

    def put(self, items: Sequence[bytes]) -> bool:
        """Takes items for sending."""
        return self._here().put(items)

    def refuse(self, why: str) -> None:
        """Counts what cannot be sent."""
        self._here().refuse(why)

    def flush(self, timeout: float) -> bool:
        """Whether all that was queued is sent, or known to be lost, within so many seconds."""
        return self._here().flush(timeout)

    def finish(self, by: float) -> None:
        """Begins to close it, to be done when the monotonic clock shows `by`."""
        self._here().finish(by)

    def close(self, timeout: float) -> None:
        """Tries what waits once, within so many seconds, and takes nothing more."""
        self._here().close(timeout)

    def stats(self) -> FeedStats:
        """Counts of this process."""
        return self._here().stats()

    def _new_backlog(self) -> Backlog:
        backlog = Backlog(self._server, self._form, self._limits)
        _backlogs.add(backlog)
        # When nobody can close it any more its thread must not wait for ever; the end of the program has its own way.
        weakref.finalize(self, backlog.abandon).atexit = False
        return backlog

    def _here(self) -> Backlog:
        # Of the parent's backlog no lock is taken, because whoever held it may be no more.
        before = self._backlog
        if before.pid != os.getpid():
            self._backlog = self._new_backlog()
            if before.had_thread and _hooked != [os.getpid()]:
                # Without its hooks Python cannot be trusted with a thread, if the parent had any.
                self._backlog.finish(-math.inf)
        return self._backlog


_backlogs: weakref.WeakSet[Backlog] = weakref.WeakSet()


def finish_all(by: float) -> None:
    """Lets all of this process send what they hold, at the same time, without waiting for it."""
    for backlog in _ours():
        backlog.finish(by)


def close_all(by: float) -> None:
    """Waits for that."""
    for backlog in _ours():
        backlog.close(by - time.monotonic())


_hooked = [os.getpid()]
"""The process that Python knows itself to be in."""


def _note_fork() -> None:
    _hooked[:] = [os.getpid()]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


def _ours() -> list[Backlog]:
    return [backlog for backlog in list(_backlogs) if backlog.pid == os.getpid()]
