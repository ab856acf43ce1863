"""Asks and tells a web address something within a deadline. The address may be a secret and shows nowhere."""

from __future__ import annotations

import base64
import contextlib
import http.client
import ipaddress
import json
import math
import re
import socket
import ssl
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Container, Mapping, NamedTuple, NoReturn
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from .notice import Disabled, RetryLater, SendError

REPLY_LIMIT = 64 * 1024
"""Bytes of a reply's body read at most."""
MAX_RETRY_AFTER = 900.0
DEFAULT_RETRY_AFTER = 5.0


class TimedOutError(SendError):
    """There was no whole reply within the deadline."""


class Reply(NamedTuple):
    """What came back."""

    status: int
    pause: float
    """For how many seconds the receiver wants no other message."""
    body: bytes
    """Its beginning; empty if it was not wanted."""


class Endpoint:
    """A web address that takes messages, each within `deadline` seconds in all.

    Redirects are not followed; HTTPS_PROXY and NO_PROXY are honoured. Only a name look-up can outlast the
    deadline, by as long as the system's resolver takes. `field` is what errors call the address, and `plain_http`
    allows http:// for any host.
    """

    def __init__(
        self,
        url: str,
        deadline: float,
        *,
        field: str = "url",
        target: Callable[[SplitResult], str] | None = None,
        plain_http: bool = False,
    ) -> None:
        if not 0 < deadline < math.inf:
            raise ValueError(f"deadline must be a finite number of seconds > 0, got {deadline!r}")
        self._deadline = deadline
        parts, port = _split(url, field, plain_http=plain_http)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = port or (443 if self._tls else 80)
        self._netloc = parts.netloc
        self._target = _target(parts) if target is None else target(parts)

    def __str__(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._netloc}/…"

    def post(self, message: object, headers: Mapping[str, str] | None = None) -> float:
        """Posts a message as JSON; the seconds for which the receiver wants no other.

        Raises `RetryLater`, `Disabled` or `SendError`.
        """
        return self.post_bytes(json.dumps(message).encode("ascii"), headers)

    def post_bytes(self, body: bytes, headers: Mapping[str, str] | None = None) -> float:
        """The same with the message's very bytes."""
        # Any other body than that of a 429 is of no use, so it is not read.
        status, pause, _ = self.exchange("POST", "", body, headers or {}, reads=(429,))
        if status == 429 or (status == 503 and pause):
            raise RetryLater(pause)
        if status in (401, 403, 404, 410):
            raise Disabled(f"the webhook answered HTTP {status}")
        if not 200 <= status < 300:
            raise SendError(f"the webhook answered HTTP {status}")
        return pause

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        reads: Container[int],
        limit: int = REPLY_LIMIT,
        deadline: float | None = None,
    ) -> Reply:
        """One request for `path` below the address, and the reply with the body if its status is one of `reads`.

        Raises `SendError` if there is no reply.
        """
        seconds = self._deadline if deadline is None else deadline
        watchdog = _Watchdog(seconds)
        try:
            # The watchdog ends first: after the close its socket's number may belong to another connection.
            with contextlib.closing(self._connection(watchdog)) as connection, watchdog:
                connection.request(method, self._target + path, body, {**self._headers(), **headers})
                with connection.getresponse() as response:
                    text = _body(response, watchdog, limit) if response.status in reads else b""
                    return Reply(response.status, _pause(response, text), text)
        except SendError:
            raise
        except Exception as error:  # whatever it is, its text may hold the address
            if watchdog.fired or isinstance(error, socket.timeout):
                failure: SendError = TimedOutError(f"no reply within {seconds:g} s")
            else:
                failure = SendError(type(error).__name__)
        # Out here, because `from None` hides the exception with the address but keeps it as the context.
        raise failure from None

    def _headers(self) -> dict[str, str]:
        return {
            "Host": self._netloc,
            "User-Agent": "drift-sre",
            "Content-Type": "application/json",
            "Connection": "close",
        }

    def _connection(self, watchdog: _Watchdog) -> _Connection:
        server_name = self._host if self._tls else None
        # Plain http is for loopback and for networks of one's own, which no proxy reaches.
        proxy = _proxy(self._host) if self._tls else None
        if proxy is None:
            return _Connection(self._host, self._port, watchdog, server_name)
        connection = _Connection(proxy.hostname or "", proxy.port or 80, watchdog, server_name)
        headers = {}
        if proxy.username is not None:
            login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
            headers["Proxy-Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
        connection.set_tunnel(self._host, self._port, headers)
        return connection


def _split(url: str, field: str, *, plain_http: bool) -> tuple[SplitResult, int | None]:
    """The parts of a valid `url` and its port. No error repeats any of it: a token may be anywhere."""
    if not isinstance(url, str) or not re.fullmatch(r"[!-~]+", url):
        raise ValueError(f"{field} must be a str of printable ASCII characters without spaces")
    parsed: tuple[SplitResult, int | None] | None = None
    with contextlib.suppress(ValueError):  # its text repeats the offending part
        parts = urlsplit(url)
        if "[" in parts.netloc:  # Python before 3.11.4 takes any text in brackets for a host
            ipaddress.ip_address(parts.hostname or "")
        parsed = parts, parts.port
    if parsed is None or not parsed[0].hostname:
        raise ValueError(f"{field} must be a URL such as https://example.com/path")
    parts = parsed[0]
    if parts.scheme != "https" and not (parts.scheme == "http" and (plain_http or _is_loopback(parts.hostname or ""))):
        wanted = "http:// or https://" if plain_http else "https:// (http:// is for loopback hosts only)"
        raise ValueError(f"{field} must begin with {wanted}")
    if "@" in parts.netloc:
        raise ValueError(f"{field} must not hold a user name or a password")
    return parsed


def _target(parts: SplitResult) -> str:
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _proxy(host: str) -> SplitResult | None:
    address = getproxies().get("https")
    if not address or proxy_bypass(host):
        return None
    proxy = urlsplit(address if "://" in address else f"http://{address}")
    if proxy.scheme != "http":
        raise SendError("HTTPS_PROXY must begin with http://")
    return proxy


def no_pickle(self: object) -> NoReturn:
    """The `__reduce__` of what must not travel."""
    raise TypeError(f"{type(self).__name__} cannot be pickled: it holds a secret")


def _body(response: http.client.HTTPResponse, watchdog: _Watchdog, limit: int) -> bytes:
    text = b""
    try:
        text = response.read(limit)
        # A reply that was cut off looks like one that is over.
        if watchdog.fired:
            raise TimeoutError
    except Exception:
        # A limit is a limit, whatever becomes of the words that explain it.
        if response.status != 429:
            raise
    return text


def _pause(response: http.client.HTTPResponse, body: bytes) -> float:
    """How long the receiver wants to be left alone, by its reply."""
    if response.status == 429:
        return _retry_after(response, body)
    if response.status >= 500:
        return _seconds(response.getheader("Retry-After")) or 0.0
    # Discord's names, those of the IETF's draft, and what many have made of them.
    for prefix, resets in (("X-RateLimit", "Reset-After"), ("RateLimit", "Reset"), ("X-RateLimit", "Reset")):
        if response.getheader(f"{prefix}-Remaining", "").strip() == "0":
            seconds = _seconds(response.getheader(f"{prefix}-{resets}"))
            if seconds is not None:
                return seconds
    return 0.0


def _retry_after(response: http.client.HTTPResponse, body: bytes) -> float:
    in_body: Any = None
    with contextlib.suppress(Exception):  # the body may be anything: no JSON, nested too deep, cut off
        in_body = json.loads(body)["retry_after"]
    for candidate in (in_body, response.getheader("Retry-After")):
        seconds = _seconds(candidate)
        if seconds is not None:
            return seconds
    return DEFAULT_RETRY_AFTER


def _seconds(given: Any) -> float | None:
    """Seconds from now: given so, as seconds since the epoch, or as a date."""
    seconds: float | None = None
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        seconds = float(given)
        if seconds > 1e9:
            seconds -= time.time()
    if seconds is None:
        with contextlib.suppress(Exception):
            seconds = parsedate_to_datetime(given).timestamp() - time.time()
    return min(seconds, MAX_RETRY_AFTER) if seconds is not None and seconds >= 0 else None


class _Watchdog:
    """Cuts a connection off at the deadline: a socket's own timeout starts anew with each byte."""

    def __init__(self, seconds: float) -> None:
        self.fired = False
        self._end = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def remaining(self) -> float:
        """Seconds left, above 0 as a socket wants it."""
        return max(self._end - time.monotonic(), 0.001)

    def guard(self, sock: socket.socket) -> None:
        """Cut `sock` off at the deadline, or now if that has passed."""
        self._socket = sock
        if self.fired:
            self._cut()

    def _fire(self) -> None:
        self.fired = True
        self._cut()

    def _cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not a TLS socket's method: it drops the encryption first, while the other thread may write.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Connection(http.client.HTTPConnection):
    """One connection under a watchdog from the first byte, with TLS if `server_name` is given."""

    def __init__(self, host: str, port: int, watchdog: _Watchdog, server_name: str | None) -> None:
        super().__init__(host, port)
        self._watchdog = watchdog
        self._server_name = server_name
        # The hook by which http.client opens its socket: the only place before the exchange with a proxy.
        self._create_connection = self._dial
        # An application that debugs http.client by its class attribute would print the address.
        self.set_debuglevel(0)

    def connect(self) -> None:
        super().connect()
        # http.client takes a proxy's reply that was cut off within its headers for a whole one.
        if self._watchdog.fired:
            raise TimeoutError
        if self._server_name is not None:
            # Wrapping empties the socket under guard, but a handshake keeps to its timeout as a whole.
            self.sock.settimeout(self._watchdog.remaining())
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._server_name)
            self._watchdog.guard(self.sock)

    def _dial(self, address: tuple[str, int], *_: object) -> socket.socket:
        # One by one, because create_connection grants each address of a host the whole timeout.
        failure = OSError("no address")
        for entry in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
            host, port = entry[4][:2]
            try:
                sock = socket.create_connection((str(host), int(port)), self._watchdog.remaining())
            except OSError as error:
                failure = error
            else:
                self._watchdog.guard(sock)
                return sock
        raise failure
