"""Posts notices to a Discord webhook. The webhook's address is a secret and shows nowhere."""

from __future__ import annotations

import re
import socket
from datetime import datetime, timezone
from typing import Any
from urllib.parse import SplitResult

from .._drift_sre import quantity
from ..events import DriftEvent
from .notice import Notice, plain
from .post import Endpoint, no_pickle
from .wording import clip, happened, is_over, sentences, severity, title

GREEN, AMBER, RED, BLUE = 0x2ECC71, 0xF1C40F, 0xE74C3C, 0x3498DB
SEVERITY_COLOURS = {"info": BLUE, "warning": AMBER, "critical": RED}

# Discord refuses a message above its limits: title 256, field value 1024, all text 6000 characters. With
# these no message comes near 6000.
TITLE_LIMIT = 256
DESCRIPTION_LIMIT = 2000
MEANING_LIMIT = 1000
SNAPSHOT_LIMIT = 1000
SHORT_LIMIT = 128

_WEBHOOK_PATH = re.compile(r"/api(?:/v\d+)?/webhooks/(\d+)/([\w-]+)/?")
# An underscore within a word formats nothing, and names are full of them.
_MARKDOWN = re.compile(r"([\\*~`|>#\[\]<@]|:(?=//)|(?<![^\W_])_|_(?![^\W_]))")


class Discord:
    """Posts each notice as one embed to the webhook at `url`, within `deadline` seconds in all."""

    groups = True

    def __init__(self, url: str, *, deadline: float = 10.0) -> None:
        self._endpoint = Endpoint(url, deadline, field="discord_url", target=_target)

    def __repr__(self) -> str:
        return f"Discord({self._endpoint})"

    __reduce__ = no_pickle

    def send(self, notice: Notice) -> float:
        """Post `notice`; raises `RetryLater`, `Disabled` or `SendError`."""
        return self._endpoint.post(payload(notice))


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    if _is_discord(parts):
        webhook = _WEBHOOK_PATH.fullmatch(path)
        if not webhook:
            raise ValueError("discord_url must have the path /api/webhooks/ID/TOKEN on a Discord host")
        # The address that Discord hands out has no version, which means version 6: there retry_after is in
        # milliseconds, since version 8 it is in seconds.
        path = f"/api/v10/webhooks/{webhook[1]}/{webhook[2]}"
    return f"{path}?{parts.query}" if parts.query else path


def _is_discord(parts: SplitResult) -> bool:
    host = (parts.hostname or "").rstrip(".")
    return host in ("discord.com", "discordapp.com") or host.endswith(".discord.com")


def payload(notice: Notice) -> dict[str, Any]:
    """The message for Discord's "execute webhook" call."""
    event = notice.event
    embed: dict[str, Any] = {
        "title": _title(notice),
        "description": _description(notice),
        "color": GREEN if is_over(notice) else SEVERITY_COLOURS[severity(notice)],
        "fields": _fields(notice),
        "footer": {"text": f"{clip(plain(socket.gethostname()), SHORT_LIMIT)} · drift-sre"},
    }
    # Outside 2000 to 2100 it is the caller's own time scale, not seconds since the epoch.
    if 946_684_800 <= event.detected_at < 4_102_444_800:
        moment = datetime.fromtimestamp(event.detected_at, timezone.utc)
        embed["timestamp"] = moment.isoformat(timespec="milliseconds")
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _title(notice: Notice) -> str:
    if notice.also:
        return clip(title(notice), TITLE_LIMIT)
    return clip(f"{happened(notice.event)}: {_escape(notice.event.metric, TITLE_LIMIT)}", TITLE_LIMIT)


def _description(notice: Notice) -> str:
    if not notice.also:
        return _escape(notice.event.explanation, DESCRIPTION_LIMIT)
    # Half the room, as each character may have to be escaped.
    lines = sentences(notice, DESCRIPTION_LIMIT // 2)
    return clip("\n".join(f"• {_escape(line, DESCRIPTION_LIMIT)}" for line in lines), DESCRIPTION_LIMIT)


def _fields(notice: Notice) -> list[dict[str, Any]]:
    # The snapshot is that of the machine, and so of all of them.
    snapshot = next((event.snapshot for event in notice.events if event.snapshot), {})
    short = [] if notice.also else _figures(notice.event)
    short.append(("held back since the last message", str(notice.suppressed or "")))
    meaning = "" if notice.also else _escape(notice.event.meaning, MEANING_LIMIT)
    long = [("meaning", meaning), ("snapshot", _code_block(_snapshot(snapshot)))]
    # Discord refuses a field without a value.
    return [
        {"name": name, "value": value, "inline": fields is short}
        for fields in (short, long)
        for name, value in fields
        if value
    ]


def _figures(event: DriftEvent) -> list[tuple[str, str]]:
    return [
        ("metric", _escape(event.metric, SHORT_LIMIT)),
        ("value", _escape(quantity(event.value, plain(event.unit)), SHORT_LIMIT)),
        ("baseline", _escape(quantity(event.baseline, plain(event.unit)), SHORT_LIMIT)),
        ("score", f"{_figure(event.score)} (alarm at 1)"),
        ("direction", _escape(event.direction, SHORT_LIMIT)),
        ("golden signal", _escape(event.golden_signal or "", SHORT_LIMIT)),
    ]


def _snapshot(snapshot: dict[str, Any]) -> list[str]:
    lines = []
    load, cpus = snapshot.get("load_average"), snapshot.get("cpu_count")
    if load:
        lines.append(f"load {' '.join(map(_figure, load))}" + (f" on {_figure(cpus)} CPUs" if cpus else ""))
    memory = snapshot.get("memory") or {}
    if memory:
        free, total = _figure(memory.get("available_bytes"), "B"), _figure(memory.get("total_bytes"), "B")
        lines.append(f"memory {_figure(memory.get('percent'), '%')} used, {free} of {total} available")
        lines.append(f"swap {_figure(memory.get('swap_percent'), '%')} used")
    busiest, largest = snapshot.get("top_cpu"), snapshot.get("top_memory")
    if busiest:
        lines.append("top processes by CPU:")
        lines += [_process(each, _figure(each.get("cpu_percent"), "%")) for each in busiest[:5]]
    if largest:
        lines.append("top processes by memory:")
        lines += [_process(each, _figure(each.get("rss_bytes"), "B")) for each in largest[:5]]
    return lines


def _process(process: dict[str, Any], figure: str) -> str:
    return f"  {figure:>10}  {clip(plain(str(process.get('name'))), 32)} ({process.get('pid')})"


def _code_block(lines: list[str]) -> str:
    if not lines:
        return ""
    # A process may be named so as to end the block.
    text = "\n".join(lines).replace("`", "'")
    return f"```\n{clip(text, SNAPSHOT_LIMIT - 8)}\n```"


def _figure(value: object, unit: str = "") -> str:
    """A number from a snapshot, which may lack it."""
    return quantity(float(value), unit) if isinstance(value, (int, float)) else "?"


def _escape(text: str, limit: int) -> str:
    """`text` on one line of at most `limit` characters, with nothing Discord would format or link."""
    return clip(_MARKDOWN.sub(r"\\\1", plain(text[:limit])), limit)
