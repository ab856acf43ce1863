"""Sends drift events to people: off the sampling thread, once per cool-down, with bounded patience."""

from .apprise import Apprise
from .console import Console
from .discord import Discord
from .log import Log
from .notice import Disabled, Notice, Notifier, RetryLater, SendError
from .outbox import Outbox
from .slack import Slack
from .webhook import Webhook, verify

__all__ = [
    "Apprise",
    "Console",
    "Disabled",
    "Discord",
    "Log",
    "Notice",
    "Notifier",
    "Outbox",
    "RetryLater",
    "SendError",
    "Slack",
    "Webhook",
    "verify",
]
