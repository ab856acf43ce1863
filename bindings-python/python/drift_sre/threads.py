"""The threads of this package."""

from __future__ import annotations

import contextlib
import threading
from typing import Any, Callable


def daemon(name: str, run: Callable[[], None]) -> threading.Thread:
    """A thread that no program waits for, and that ends without a word."""
    # No class of our own: gevent puts another in the place of Thread, and ours would be made of the old one.
    thread: Any = threading.Thread(name=name, target=run, daemon=True)
    delete: Any = getattr(thread, "_delete", None)

    def delete_quietly() -> None:
        # Where gevent has patched Python since it began, it is not found under its number, which would be told.
        with contextlib.suppress(KeyError):
            delete()

    if delete is not None:
        thread._delete = delete_quietly
    started: threading.Thread = thread
    return started
