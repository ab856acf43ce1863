"""What notices say in words, the same for every destination."""

from __future__ import annotations

from ..events import DriftEvent
from .notice import Notice, plain

_SEVERITIES = ("info", "warning", "critical")


def headline(event: DriftEvent) -> str:
    """What has happened to which metric, in a few words."""
    return f"{happened(event)}: {event.metric}"


def happened(event: DriftEvent) -> str:
    """What has happened."""
    if event.kind == "opened":
        return "Drift detected"
    if event.kind == "outlier":
        return "Outlier"
    # A drift also closes because it was accepted or its data ended; to call that recovered would be untrue.
    return "Recovered" if event.reason == "recovered" else "Drift closed"


def title(notice: Notice) -> str:
    """The notice's headline; of several events it is their number."""
    if not notice.also:
        return headline(notice.event)
    happenings = {happened(event) for event in notice.events}
    what = happenings.pop() if len(happenings) == 1 else "Changes"
    return f"{what}: {len(notice.events)} metrics at once"


def sentences(notice: Notice, limit: int) -> list[str]:
    """One sentence for each event, the severe ones first, and how many there was no room for in `limit` characters."""
    told: list[str] = []
    events = sorted(notice.events, key=_rank, reverse=True)
    for event in events:
        sentence = plain(event.explanation)
        limit -= len(sentence) + 3
        if limit < 30 and len(told) < len(events) - 1:
            break
        told.append(sentence)
    if len(told) < len(events):
        told.append(f"and {len(events) - len(told)} more")
    return told


def severity(notice: Notice) -> str:
    """The highest of all that has opened, or `info`."""
    return _SEVERITIES[max(0, *map(_rank, notice.events))]


def is_over(notice: Notice) -> bool:
    """Whether all that the notice tells of is over."""
    return all(event.kind == "closed" for event in notice.events)


def clip(text: str, limit: int) -> str:
    """`text` in at most `limit` characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _rank(event: DriftEvent) -> int:
    if event.kind == "closed":
        return -1
    return _SEVERITIES.index(event.severity) if event.severity in _SEVERITIES else 0
