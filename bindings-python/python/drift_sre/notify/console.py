"""Writes notices as text, to standard error by default."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO

from .notice import Notice, plain


class Console:
    """Writes each notice to `stream`, or to what `sys.stderr` is at the time."""

    groups = True

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, notice: Notice) -> None:
        """Write `notice`. Never raises: a broken stream loses the text, no more."""
        stream = sys.stderr if self._stream is None else self._stream
        if stream is None:  # a program without a console
            return
        with contextlib.suppress(Exception):
            encoding = getattr(stream, "encoding", None) or "utf-8"
            data = _text(notice).encode(encoding, "backslashreplace")
            if stream is sys.__stderr__ and stream is not None:
                # Not through the buffer: a daemon thread that ends inside it at exit keeps its lock, and the
                # interpreter aborts when it cannot take that lock to flush.
                os.write(stream.fileno(), data)
            else:
                stream.write(data.decode(encoding))
                stream.flush()


def _text(notice: Notice) -> str:
    lines = []
    for event in notice.events:
        lines.append(f"drift-sre: {plain(event.severity)}: {plain(event.explanation)}")
        if event.meaning and event.kind == "opened":
            lines.append(f"  usually: {plain(event.meaning)}")
    if notice.suppressed:
        lines.append(f"  held back since the last message: {notice.suppressed}")
    return "\n".join(lines) + "\n"
