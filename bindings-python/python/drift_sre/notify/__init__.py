"""Sends drift events to people: off the sampling thread, once per cool-down, with bounded patience."""

from .console import Console
from .discord import Discord
from .notice import Disabled, Notice, Notifier, RetryLater, SendError
from .outbox import Outbox

__all__ = ["Console", "Disabled", "Discord", "Notice", "Notifier", "Outbox", "RetryLater", "SendError"]
