"""Posts notices as JSON to a web address of one's own, signed so that the receiver knows who sent them."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import time

from .notice import Notice
from .post import Endpoint, no_pickle

SIGNATURE = "X-Drift-Signature"
"""The header that holds `t=<seconds since the epoch>,v1=<hexadecimal HMAC-SHA256 of "t.body">`."""


class Webhook:
    """Posts each notice to `url`, within `deadline` seconds in all; signed with `secret` if there is one.

    The body is `{"id", "host", "suppressed", "events": [...]}`, events as `DriftEvent.as_dict` gives them. A notice
    that is sent again has the same id, which is also in the header Idempotency-Key.
    """

    groups = True

    def __init__(self, url: str, *, secret: str | bytes | None = None, deadline: float = 10.0) -> None:
        if secret is not None and not (isinstance(secret, (str, bytes)) and secret):
            raise ValueError(f"secret must be a non-empty str or bytes, or None, got a {type(secret).__name__}")
        self._endpoint = Endpoint(url, deadline)
        self._secret = secret.encode() if isinstance(secret, str) else secret

    def __repr__(self) -> str:
        return f"Webhook({self._endpoint})"

    __reduce__ = no_pickle

    def send(self, notice: Notice) -> float:
        """Post `notice`; raises `RetryLater`, `Disabled` or `SendError`."""
        host = socket.gethostname()
        events = [event.as_dict() for event in notice.events]
        identity = json.dumps([host, [[event.metric, event.kind, event.detected_at] for event in notice.events]])
        key = hashlib.sha256(identity.encode()).hexdigest()[:32]
        message = {"id": key, "host": host, "suppressed": notice.suppressed, "events": events}
        body = json.dumps(message).encode("ascii")
        headers = {"Idempotency-Key": key}
        if self._secret is not None:
            headers[SIGNATURE] = sign(self._secret, body, int(time.time()))
        return self._endpoint.post_bytes(body, headers)


def sign(secret: bytes, body: bytes, at: int) -> str:
    """The signature's header for `body`, sent `at` so many seconds since the epoch."""
    return f"t={at},v1={_digest(secret, body, str(at))}"


def verify(secret: str | bytes, signature: str, body: bytes, *, tolerance: float = 300.0) -> bool:
    """For receivers: whether `body` came from who holds `secret`, at most `tolerance` seconds ago."""
    parts: dict[str, str] = {}
    for part in signature.split(","):
        name, _, value = part.partition("=")
        parts[name] = value
    at, given = parts.get("t", ""), parts.get("v1", "")
    if not at.isascii() or not at.isdigit() or abs(time.time() - int(at)) > tolerance:
        return False
    wanted = _digest(secret.encode() if isinstance(secret, str) else secret, body, at)
    return hmac.compare_digest(wanted.encode(), given.encode(errors="replace"))


def _digest(secret: bytes, body: bytes, at: str) -> str:
    return hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
