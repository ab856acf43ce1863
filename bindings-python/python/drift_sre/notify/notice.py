"""What a notifier is given, and what it may raise."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..events import DriftEvent


class Notice(NamedTuple):
    """One message to send."""

    event: DriftEvent
    suppressed: int
    """Events that were held back since the last message about the same."""
    also: tuple[DriftEvent, ...] = ()
    """Events of other metrics at the same time; there are none unless the notifier `groups`."""

    @property
    def events(self) -> tuple[DriftEvent, ...]:
        """All that is to be told."""
        return (self.event, *self.also)


class Notifier(Protocol):
    """Sends notices somewhere. It runs on the outbox's own thread, so it may block and may raise.

    One that has an attribute `groups = True` is told in one notice of many metrics that drift at once.
    """

    def send(self, notice: Notice) -> float | None:
        """Send `notice`, or raise: `RetryLater`, `Disabled`, or anything else to be tried again.

        A number says for how many seconds the receiver wants no other.
        """


class SendError(Exception):
    """A failed send. Its text is logged, so it never holds an address or a token."""


class RetryLater(SendError):  # noqa: N818 - what it asks for reads better than what it is
    """The receiver asks not to be called again for `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = float(seconds)
        super().__init__(f"asked to wait {self.seconds:g} s")


class Disabled(SendError):  # noqa: N818
    """The receiver will never accept a notice: the notifier is turned off for good."""


def plain(text: str) -> str:
    """`text` on one line, without the characters that steer a terminal or hide from the reader."""
    spaced = (" " if char.isspace() else char for char in text)
    return "".join(char for char in spaced if char.isprintable())
