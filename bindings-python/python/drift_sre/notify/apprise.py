"""Sends notices through Apprise, to the hundred-odd services it knows: `pip install drift-sre[apprise]`."""

from __future__ import annotations

import importlib
from typing import Any

from .notice import Notice, SendError, plain
from .post import no_pickle
from .wording import clip, is_over, sentences, severity, title

_KINDS = {"info": "info", "warning": "warning", "critical": "failure"}


class Apprise:
    """Sends each notice to all of `urls`, in Apprise's own notation. They are secrets, and show nowhere."""

    groups = True

    def __init__(self, *urls: str) -> None:
        try:
            apprise: Any = importlib.import_module("apprise")
        except ImportError:
            raise ImportError("Apprise is not installed: pip install drift-sre[apprise]") from None
        if not urls:
            raise ValueError("urls must be one address at least, got none")
        self._apprise = apprise.Apprise()
        for position, url in enumerate(urls):
            if not isinstance(url, str) or not self._apprise.add(url):
                raise ValueError(f"urls must be addresses that Apprise knows; number {position + 1} is not")

    def __repr__(self) -> str:
        return f"Apprise({len(self._apprise)} addresses)"

    __reduce__ = no_pickle

    def send(self, notice: Notice) -> None:
        """Send `notice`; raises `SendError` if any of the services did not take it."""
        kind = "success" if is_over(notice) else _KINDS[severity(notice)]
        lines = sentences(notice, 1500)
        if notice.suppressed:
            lines.append(f"held back since the last message: {notice.suppressed}")
        if not self._apprise.notify(
            body="\n".join(lines), title=clip(plain(title(notice)), 150), notify_type=kind, interpret_escapes=False
        ):
            raise SendError("a service of Apprise did not take the message")
