"""What uWSGI has to be told, which neither runs threads nor Python's fork hooks unless it is asked to."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import Any, Callable

_log = logging.getLogger("drift_sre")
_told: set[int] = set()


def runs_threads() -> bool:
    """False under a uWSGI that runs no threads; says so once a process."""
    uwsgi = _uwsgi()
    options = getattr(uwsgi, "opt", {})
    if uwsgi is None or options.get("enable-threads") or options.get("threads"):
        return True
    if os.getpid() not in _told:
        _told.add(os.getpid())
        message = "drift-sre cannot sample under uWSGI without threads: start uWSGI with --enable-threads"
        try:
            warnings.warn(message, RuntimeWarning, stacklevel=4)
        except RuntimeWarning:  # an application may turn warnings into errors, and is not to fail for ours
            _log.warning(message)
    return False


def hook_into_uwsgi(after_fork: Callable[[], None]) -> None:
    """Has uWSGI call this in its workers, as it calls `os.register_at_fork` only with a flag."""
    uwsgi = _uwsgi()
    if uwsgi is None:
        return
    before: Callable[[], object] | None = getattr(uwsgi, "post_fork_hook", None)

    def hook() -> None:
        if before is not None:
            before()
        after_fork()

    uwsgi.post_fork_hook = hook


def _uwsgi() -> Any:
    """The module that a uWSGI server has built in and loaded; an application may have one of that name."""
    module = sys.modules.get("uwsgi")
    return module if hasattr(module, "opt") else None
