"""Posts notices to a Discord webhook. The webhook's address is a secret and shows nowhere."""

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
from datetime import datetime, timezone
from typing import Any, NoReturn
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from .._drift_sre import quantity
from .notice import Disabled, Notice, RetryLater, SendError, plain

REPLY_LIMIT = 64 * 1024
"""Bytes of a reply's body read at most."""
MAX_RETRY_AFTER = 900.0
DEFAULT_RETRY_AFTER = 5.0

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
    """Posts each notice as one embed to the webhook at `url`, within `deadline` seconds in all.

    Redirects are not followed; HTTPS_PROXY and NO_PROXY are honoured. Only a name look-up can outlast the
    deadline, by as long as the system's resolver takes.
    """

    def __init__(self, url: str, *, deadline: float = 10.0) -> None:
        if not 0 < deadline < math.inf:
            raise ValueError(f"deadline must be a finite number of seconds > 0, got {deadline!r}")
        self._deadline = deadline
        parts, port = _split(url)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = port or (443 if self._tls else 80)
        self._netloc = parts.netloc
        self._target = _target(parts)

    def __repr__(self) -> str:
        return f"Discord({'https' if self._tls else 'http'}://{self._netloc}/…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Discord cannot be pickled: it holds a secret")

    def send(self, notice: Notice) -> None:
        """Post `notice`; raises `RetryLater`, `Disabled` or `SendError`."""
        status, retry_after = self._post(json.dumps(payload(notice)).encode("ascii"))
        if status == 429:
            raise RetryLater(retry_after)
        if status in (401, 403, 404):
            raise Disabled(f"the webhook answered HTTP {status}")
        if not 200 <= status < 300:
            raise SendError(f"the webhook answered HTTP {status}")

    def _post(self, body: bytes) -> tuple[int, float]:
        watchdog = _Watchdog(self._deadline)
        try:
            # The watchdog ends first: after the close its socket's number may belong to another connection.
            with contextlib.closing(self._connection(watchdog)) as connection, watchdog:
                connection.request("POST", self._target, body, self._headers())
                with connection.getresponse() as response:
                    # Any other body is of no use, so it is not read.
                    return response.status, _retry_after(response) if response.status == 429 else 0.0
        except SendError:
            raise
        except Exception as error:  # whatever it is, its text may hold the address
            failure = f"no reply within {self._deadline:g} s" if watchdog.fired else type(error).__name__
        # Out here, because `from None` hides the exception with the address but keeps it as the context.
        raise SendError(failure) from None

    def _headers(self) -> dict[str, str]:
        return {
            "Host": self._netloc,
            "User-Agent": "drift-sre",
            "Content-Type": "application/json",
            "Connection": "close",
        }

    def _connection(self, watchdog: _Watchdog) -> _Connection:
        server_name = self._host if self._tls else None
        # Plain http is for loopback only, which no proxy reaches.
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


def _split(url: str) -> tuple[SplitResult, int | None]:
    """The parts of a valid `url` and its port. No error repeats any of it: a token may be anywhere."""
    if not isinstance(url, str) or not re.fullmatch(r"[!-~]+", url):
        raise ValueError("discord_url must be a str of printable ASCII characters without spaces")
    parsed: tuple[SplitResult, int | None] | None = None
    with contextlib.suppress(ValueError):  # its text repeats the offending part
        parts = urlsplit(url)
        if "[" in parts.netloc:  # Python before 3.11.4 takes any text in brackets for a host
            ipaddress.ip_address(parts.hostname or "")
        parsed = parts, parts.port
    if parsed is None or not parsed[0].hostname:
        raise ValueError("discord_url must be a URL such as https://discord.com/api/webhooks/ID/TOKEN")
    parts = parsed[0]
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise ValueError("discord_url must begin with https:// (http:// is for loopback hosts only)")
    if "@" in parts.netloc:
        raise ValueError("discord_url must not hold a user name or a password")
    if _is_discord(parts) and not _WEBHOOK_PATH.fullmatch(parts.path):
        raise ValueError("discord_url must have the path /api/webhooks/ID/TOKEN on a Discord host")
    return parsed


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    webhook = _WEBHOOK_PATH.fullmatch(path)
    if webhook and _is_discord(parts):
        # The address that Discord hands out has no version, which means version 6: there retry_after is in
        # milliseconds, since version 8 it is in seconds.
        path = f"/api/v10/webhooks/{webhook[1]}/{webhook[2]}"
    return f"{path}?{parts.query}" if parts.query else path


def _is_discord(parts: SplitResult) -> bool:
    host = (parts.hostname or "").rstrip(".")
    return host in ("discord.com", "discordapp.com") or host.endswith(".discord.com")


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


def _retry_after(response: http.client.HTTPResponse) -> float:
    in_body: Any = None
    with contextlib.suppress(Exception):  # the body may be anything: no JSON, nested too deep, cut off
        in_body = json.loads(response.read(REPLY_LIMIT))["retry_after"]
    candidates: tuple[Any, Any] = (in_body, response.getheader("Retry-After"))
    for candidate in candidates:
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            seconds = float(candidate)
            if seconds >= 0:
                return min(seconds, MAX_RETRY_AFTER)
    return DEFAULT_RETRY_AFTER


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


def payload(notice: Notice) -> dict[str, Any]:
    """The message for Discord's "execute webhook" call."""
    event = notice.event
    embed: dict[str, Any] = {
        "title": _clip(_title(notice) + _escape(event.metric, TITLE_LIMIT), TITLE_LIMIT),
        "description": _escape(event.explanation, DESCRIPTION_LIMIT),
        "color": GREEN if event.kind == "closed" else SEVERITY_COLOURS.get(event.severity, BLUE),
        "fields": _fields(notice),
        "footer": {"text": f"{_clip(plain(socket.gethostname()), SHORT_LIMIT)} · drift-sre"},
    }
    # Outside 2000 to 2100 it is the caller's own time scale, not seconds since the epoch.
    if 946_684_800 <= event.detected_at < 4_102_444_800:
        moment = datetime.fromtimestamp(event.detected_at, timezone.utc)
        embed["timestamp"] = moment.isoformat(timespec="milliseconds")
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _title(notice: Notice) -> str:
    if notice.event.kind == "opened":
        return "Drift detected: "
    if notice.event.kind == "outlier":
        return "Outlier: "
    # A drift also closes because it was accepted or its data ended; to call that recovered would be untrue.
    return "Recovered: " if notice.event.reason == "recovered" else "Drift closed: "


def _fields(notice: Notice) -> list[dict[str, Any]]:
    event = notice.event
    short = (
        ("metric", _escape(event.metric, SHORT_LIMIT)),
        ("value", _escape(quantity(event.value, plain(event.unit)), SHORT_LIMIT)),
        ("baseline", _escape(quantity(event.baseline, plain(event.unit)), SHORT_LIMIT)),
        ("score", f"{_figure(event.score)} (alarm at 1)"),
        ("direction", _escape(event.direction, SHORT_LIMIT)),
        ("golden signal", _escape(event.golden_signal or "", SHORT_LIMIT)),
        ("held back since the last message", str(notice.suppressed or "")),
    )
    long = (
        ("meaning", _escape(event.meaning, MEANING_LIMIT)),
        ("snapshot", _code_block(_snapshot(event.snapshot or {}))),
    )
    # Discord refuses a field without a value.
    return [
        {"name": name, "value": value, "inline": fields is short}
        for fields in (short, long)
        for name, value in fields
        if value
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
    return f"  {figure:>10}  {_clip(plain(str(process.get('name'))), 32)} ({process.get('pid')})"


def _code_block(lines: list[str]) -> str:
    if not lines:
        return ""
    # A process may be named so as to end the block.
    text = "\n".join(lines).replace("`", "'")
    return f"```\n{_clip(text, SNAPSHOT_LIMIT - 8)}\n```"


def _figure(value: object, unit: str = "") -> str:
    """A number from a snapshot, which may lack it."""
    return quantity(float(value), unit) if isinstance(value, (int, float)) else "?"


def _escape(text: str, limit: int) -> str:
    """`text` on one line of at most `limit` characters, with nothing Discord would format or link."""
    return _clip(_MARKDOWN.sub(r"\\\1", plain(text[:limit])), limit)


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
