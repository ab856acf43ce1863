"""Sends a service's telemetry to a server in the background, and asks there how it fares."""

from __future__ import annotations

import math
import time
from datetime import datetime
from types import TracebackType
from urllib.parse import quote

from ..notify.post import no_pickle
from ..stats import FeedStats
from .answers import Gate, Health, Outcome, judge, read_health
from .backlog import EVENTS, Limits
from .event import ITEM_LIMIT, encoded, text
from .feed import Feed
from .server import DriftClientError, Server

_POLL_SECONDS = 1.0


class DriftClient:
    """A connection to the drift-sre server at `url`, with the key it asks for, if it asks for one.

    `send` returns at once and never raises. What it takes is sent by a thread within `flush_interval` seconds; of more
    than `max_queue` events, or `max_queue_bytes`, the oldest are dropped. `timeout` is for each request in all.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        api_key: str | None = None,
        *,
        timeout: float = 5.0,
        flush_interval: float = 1.0,
        max_queue: int = 10_000,
        max_queue_bytes: int = 4 * 1024 * 1024,
    ) -> None:
        self._timeout = _checked_seconds("timeout", timeout, above=0.0)
        limits = Limits(
            _checked_count("max_queue", max_queue, 1),
            _checked_count("max_queue_bytes", max_queue_bytes, ITEM_LIMIT),
            _checked_seconds("flush_interval", flush_interval),
        )
        self._server = Server(url, api_key, timeout)
        self._feed = Feed(self._server, EVENTS, limits)

    def __repr__(self) -> str:
        return f"DriftClient({self._server})"

    __reduce__ = no_pickle

    def send(
        self,
        service_id: str,
        latency_ms: float,
        payload_kb: float,
        timestamp: datetime | str | float | None = None,
        event_id: str | None = None,
    ) -> bool:
        """Queues one request's telemetry; False if it cannot be queued, which `stats` counts.

        `timestamp` is a datetime, ISO 8601, or seconds since the epoch; without it, now. Of events with the same
        `event_id` the server takes one.
        """
        try:
            return self._feed.put((encoded(service_id, latency_ms, payload_kb, timestamp, event_id),))
        except Exception as error:
            # What is wrong with an event must not become wrong with the program that tells of it.
            self._feed.refuse(str(error) if isinstance(error, ValueError) else type(error).__name__)
            return False

    def flush(self, timeout: float = 5.0) -> bool:
        """Sends what is queued now; whether nothing of it waits any longer, within `timeout` seconds."""
        return self._feed.flush(_checked_seconds("timeout", timeout))

    def close(self, timeout: float = 2.0) -> None:
        """Tries what is queued once more, within `timeout` seconds, and ends. The end of a program does so too."""
        self._feed.close(_checked_seconds("timeout", timeout))

    def __enter__(self) -> DriftClient:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.close()

    def stats(self) -> FeedStats:
        """What became of the events of this process: sent + rejected + dropped + queued is how many were taken."""
        return self._feed.stats()

    def health(self, service_id: str, timeout: float | None = None) -> Health:
        """Where a service stands, as far as the server knows. Blocks, for `timeout` seconds at most.

        Raises `DriftClientError`.
        """
        path = f"/v1/health/{quote(text('service_id', service_id), safe='')}"
        seconds = self._timeout if timeout is None else _checked_seconds("timeout", timeout, above=0.0)
        return read_health(self._server.get(path, seconds))

    def gate(self, service_id: str, wait: float = 0.0, timeout: float | None = None) -> Gate:
        """Whether a service is stable: asks again for `wait` seconds as long as that is not known.

        Blocks for `wait` and `timeout` seconds at most. Raises `DriftClientError` if it could not be told in the end,
        and at once if asking again would change nothing.
        """
        end = time.monotonic() + _checked_seconds("wait", wait)
        while True:
            pause = _POLL_SECONDS
            gate, failure = None, None
            try:
                gate = judge(self.health(service_id, timeout))
            except DriftClientError as error:
                failure, pause = error, max(pause, error.retry_after)
            remaining = end - time.monotonic()
            if gate is not None and (gate.outcome is not Outcome.INCONCLUSIVE or remaining <= 0):
                return gate
            if failure is not None and (remaining <= 0 or not failure.may_pass):
                raise failure
            time.sleep(min(pause, max(remaining, 0.0)))


def _checked_seconds(field: str, seconds: float, *, above: float | None = None) -> float:
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and math.isfinite(seconds)
    if not is_number or seconds < 0 or (above is not None and seconds <= above):
        wanted = "> 0" if above is not None else ">= 0"
        raise ValueError(f"{field} must be a finite number of seconds {wanted}, got {seconds!r}")
    return seconds


def _checked_count(field: str, count: int, least: int) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or count < least:
        raise ValueError(f"{field} must be a whole number >= {least:,}, got {count!r}")
    return count
