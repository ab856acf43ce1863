"""Writes notices to a logger of the application's."""

from __future__ import annotations

import logging

from .notice import Notice, plain
from .wording import is_over, severity, title

_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "critical": logging.ERROR}


class Log:
    """Writes each event as one record to `logger`, or the logger of that name.

    The level is that of the severity, and INFO for what is over. The record has the event's data as `record.drift`.
    """

    groups = True

    def __init__(self, logger: logging.Logger | str = "drift_sre") -> None:
        self._logger = logging.getLogger(logger) if isinstance(logger, str) else logger

    def send(self, notice: Notice) -> None:
        """Write `notice`."""
        if notice.also:
            level = logging.INFO if is_over(notice) else _LEVELS[severity(notice)]
            self._logger.log(level, "%s", plain(title(notice)))
        for event in notice.events:
            level = _LEVELS.get(event.severity, logging.INFO) if event.kind != "closed" else logging.INFO
            # As arguments: a metric's name may hold a percent sign.
            self._logger.log(level, "%s", plain(event.explanation), extra={"drift": event.as_dict()})
