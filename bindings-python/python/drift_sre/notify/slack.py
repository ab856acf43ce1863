"""Posts notices to a Slack incoming webhook. The webhook's address is a secret and shows nowhere."""

from __future__ import annotations

import socket
from typing import Any

from .._drift_sre import quantity
from ..events import DriftEvent
from .notice import Notice, plain
from .post import Endpoint, no_pickle
from .wording import clip, is_over, sentences, severity, title

_COLOURS = {"info": "#3498DB", "warning": "#F1C40F", "critical": "#E74C3C"}
_GREEN = "#2ECC71"

# Slack refuses a block above its limits: 3000 characters in a section, 2000 in a field.
_TITLE_LIMIT = 150
_SECTION_LIMIT = 2900
_FIELD_LIMIT = 300


class Slack:
    """Posts each notice as one message to the webhook at `url`, within `deadline` seconds in all."""

    groups = True

    def __init__(self, url: str, *, deadline: float = 10.0) -> None:
        self._endpoint = Endpoint(url, deadline)

    def __repr__(self) -> str:
        return f"Slack({self._endpoint})"

    __reduce__ = no_pickle

    def send(self, notice: Notice) -> float:
        """Post `notice`; raises `RetryLater`, `Disabled` or `SendError`."""
        return self._endpoint.post(message(notice))


def message(notice: Notice) -> dict[str, Any]:
    """The body for an incoming webhook. What comes from metrics is plain text, in which nothing mentions or links."""
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": _text("\n".join(sentences(notice, _SECTION_LIMIT)), _SECTION_LIMIT)}
    ]
    if not notice.also:
        blocks.append({"type": "section", "fields": _fields(notice.event)})
    held_back = f" · held back since the last message: {notice.suppressed}" if notice.suppressed else ""
    footer = f"{plain(socket.gethostname())} · drift-sre{held_back}"
    blocks.append({"type": "context", "elements": [_text(footer, _FIELD_LIMIT)]})
    colour = _GREEN if is_over(notice) else _COLOURS[severity(notice)]
    return {
        "text": _escape(clip(plain(title(notice)), _TITLE_LIMIT)),
        "mrkdwn": False,
        "attachments": [{"color": colour, "blocks": blocks}],
    }


def _fields(event: DriftEvent) -> list[dict[str, Any]]:
    named = {
        "value": quantity(event.value, plain(event.unit)),
        "normal": quantity(event.baseline, plain(event.unit)),
        "golden signal": event.golden_signal,
        "usually": event.meaning if event.kind == "opened" else None,
    }
    return [_text(f"{name}: {plain(value)}", _FIELD_LIMIT) for name, value in named.items() if value]


def _text(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": clip(text, limit), "emoji": False}


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
