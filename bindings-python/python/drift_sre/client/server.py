"""A drift-sre server as seen from here: one address, one key, and what it answers. The key shows nowhere."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any, Mapping
from urllib.parse import SplitResult

from ..notify.notice import SendError, plain
from ..notify.post import MAX_RETRY_AFTER, Endpoint, TimedOutError, no_pickle

_REPLY_LIMIT = 1024 * 1024
_MESSAGE_LIMIT = 200
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class DriftClientError(Exception):
    """A request that failed. Its text holds neither the key nor the address, so it may be logged."""

    def __init__(self, code: str, message: str, *, status: int | None = None, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.code = code
        """The server's own code, or `unreachable`, `timeout`, `bad_reply`, or `http_` and the status."""
        self.status = status
        """The reply's HTTP status, if there was a reply."""
        self.retry_after = retry_after
        """For how many seconds the server wants to be left alone; 0 if it does not say."""

    @property
    def may_pass(self) -> bool:
        """Whether the same request may succeed a little later, without anyone's doing."""
        return self.status is None or self.status in (408, 429) or self.status >= 500


class Server:
    """Answers of the server at `url`, each within `timeout` seconds in all. `field` is what errors call the address."""

    def __init__(self, url: str, api_key: str | None, timeout: float, *, field: str = "url") -> None:
        self._key = _checked_key(api_key)
        self._endpoint = Endpoint(url, timeout, field=field, target=lambda parts: _base(parts, field), plain_http=True)

    def __repr__(self) -> str:
        return f"<Server {self._endpoint}>"

    def __str__(self) -> str:
        return str(self._endpoint)

    __reduce__ = no_pickle

    def get(self, path: str, timeout: float | None = None) -> dict[str, Any]:
        """What the server tells; raises `DriftClientError`."""
        return self._ask("GET", path, None, {}, timeout)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        """The same for what it is told."""
        return self._ask("POST", path, body, headers, None)

    def code(self, code: object) -> str | None:
        """A code that the server gave, if it may be shown and counted by."""
        is_code = isinstance(code, str) and _CODE.fullmatch(code) and not (self._key and self._key in code)
        return str(code) if is_code else None

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float | None
    ) -> dict[str, Any]:
        if self._key is not None:
            headers = {**headers, "Authorization": f"Bearer {self._key}"}
        try:
            reply = self._endpoint.exchange(
                method, path, body, headers, reads=range(200, 600), limit=_REPLY_LIMIT, deadline=timeout
            )
        except TimedOutError as error:
            failure = DriftClientError("timeout", str(error))
        except SendError as error:
            failure = DriftClientError("unreachable", f"no connection: {error}")
        else:
            answer = _json_object(reply.body)
            if 200 <= reply.status < 300 and answer is not None:
                return answer
            failure = self._failure(reply.status, reply.pause, answer)
        raise failure from None

    def _failure(self, status: int, pause: float, answer: dict[str, Any] | None) -> DriftClientError:
        if 200 <= status < 300:
            return DriftClientError("bad_reply", f"the server answered HTTP {status} without a JSON object")
        told = (answer or {}).get("error")
        code, message = (told.get("code"), told.get("message")) if isinstance(told, dict) else (None, None)
        text = f"the server answered HTTP {status}"
        if isinstance(message, str):
            text += f": {self._presentable(message)}"
        return DriftClientError(
            self.code(code) or f"http_{status}", text, status=status, retry_after=min(pause, MAX_RETRY_AFTER)
        )

    def _presentable(self, text: str) -> str:
        """On one line, not too long, and without the key, which a server may have echoed."""
        text = text if self._key is None else text.replace(self._key, "…")
        return plain(text)[:_MESSAGE_LIMIT]


def _checked_key(api_key: str | None) -> str | None:
    # The error repeats nothing of it.
    if api_key is not None and not (isinstance(api_key, str) and re.fullmatch(r"[!-~]+", api_key)):
        raise ValueError("api_key must be a str of printable ASCII characters without spaces, or None")
    return api_key


def _base(parts: SplitResult, field: str) -> str:
    if parts.query or parts.fragment:
        raise ValueError(f"{field} must not hold a query or a fragment")
    return parts.path.rstrip("/")


def _json_object(body: bytes) -> dict[str, Any] | None:
    answer: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        answer = json.loads(body)
    return answer if isinstance(answer, dict) else None
