"""What is different under uWSGI, which runs neither threads nor Python's fork hooks unless it is asked to."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import Any

_log = logging.getLogger("drift_sre")
_told: set[int] = set()


def runs_threads() -> bool:
    """False under a uWSGI that runs no threads; says so once a process."""
    uwsgi = _uwsgi()
    if uwsgi is None or uwsgi.opt.get("enable-threads") or uwsgi.opt.get("threads"):
        return True
    if os.getpid() not in _told:
        _told.add(os.getpid())
        message = "drift-sre cannot sample under uWSGI without threads: start uWSGI with --enable-threads"
        try:
            warnings.warn(message, RuntimeWarning, stacklevel=4)
        except RuntimeWarning:  # an application may turn warnings into errors, and is not to fail for ours
            _log.warning(message)
    return False


def is_before_workers() -> bool:
    """True in a uWSGI that has yet to fork its workers: a thread that began before that would leave them hanging."""
    uwsgi = _uwsgi()
    try:
        return uwsgi is not None and uwsgi.worker_id() == 0
    except Exception:  # not the module it seemed to be
        return False


def is_uwsgi() -> bool:
    """Whether uWSGI runs this process."""
    return _uwsgi() is not None


def _uwsgi() -> Any:
    """The module that a uWSGI server has built in and loaded; an application may have one of that name."""
    module = sys.modules.get("uwsgi")
    return module if hasattr(module, "opt") else None
