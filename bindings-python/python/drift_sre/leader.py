"""Elects one process of this host by a lock on a file: the kernel frees it when its holder dies."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        # Not lockf: that lock is the process's, so that two monitors in one would both lead.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_path() -> Path:
    """The file over which this user's processes elect their leader."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"drift-sre-{user}.lock"


class Leader:
    """A candidate. Not thread-safe: only the sampling thread asks and its owner resigns."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: int | None = None

    @property
    def leads(self) -> bool:
        """Whether this candidate was elected."""
        return self._file is not None

    def stand(self) -> bool:
        """Tries to be the leader, without waiting; True if it is.

        Raises OSError if there can be no election, as in a folder that cannot be written to.
        """
        if self._file is None:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
            file = os.open(self._path or lock_path(), flags, 0o600)
            try:
                _lock(file)
            except (BlockingIOError, PermissionError):
                os.close(file)
                return False
            except BaseException:
                os.close(file)
                raise
            self._file = file
        return True

    def resign(self) -> None:
        """Lets another one lead.

        In a forked child it only drops the child's copy: the lock stays with the parent, whose descriptor is open.
        """
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                os.close(file)
