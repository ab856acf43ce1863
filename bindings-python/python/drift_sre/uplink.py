"""Passes a monitor's samples on to a server, where other people and programs see them."""

from __future__ import annotations

import math
import socket
from json import dumps
from typing import Iterable

from .client.backlog import Limits, samples_of
from .client.event import text
from .client.feed import Feed
from .client.server import Server
from .metrics import Metric
from .stats import FeedStats

_TIMEOUT = 5.0
_LIMITS = Limits(items=10_000, size=4 * 1024 * 1024, linger=1.0)


class Uplink:
    """Where samples go, if anywhere. Used under its monitor's lock, which it never holds up."""

    def __init__(self, server_url: str | None, api_key: str | None, source: str | None) -> None:
        self._feed: Feed | None = None
        self._ended = False
        if server_url is None:
            for field, value in (("api_key", api_key), ("source", source)):
                if value is not None:
                    raise ValueError(f"{field} must be None without a server_url")
            return
        self._server = Server(server_url, api_key, _TIMEOUT, field="server_url")
        self._form = samples_of(socket.gethostname() if source is None else text("source", source))
        self._feed = self._new_feed()

    def take(self, samples: Iterable[tuple[Metric, float]], at: float) -> None:
        """Queues samples of one moment, in seconds since the epoch."""
        if self._feed is None:
            return
        if self._ended:
            self._feed, self._ended = self._new_feed(), False
        self._feed.put([_encoded(metric, value, at) for metric, value in samples if math.isfinite(value)])

    def finish(self, by: float) -> None:
        """Begins to send what waits, to be done when the monotonic clock shows `by`."""
        if self._feed is not None:
            self._ended = True
            self._feed.finish(by)

    def close(self, timeout: float) -> None:
        """Waits for that. Whatever is taken afterwards begins anew."""
        if self._feed is not None:
            self._feed.close(timeout)

    def stats(self) -> FeedStats | None:
        """What became of the samples, until something was taken after it was closed."""
        return None if self._feed is None else self._feed.stats()

    def _new_feed(self) -> Feed:
        return Feed(self._server, self._form, _LIMITS)


def _encoded(metric: Metric, value: float, at: float) -> bytes:
    """The sample, with how its metric is judged here, so that the server judges it alike."""
    sample = {
        "metric": metric.name,
        "value": value,
        "timestamp": at,
        "unit": metric.unit,
        "direction": metric.direction,
        "transform": metric.transform,
        "floor": metric.spread_floor,
    }
    return dumps(sample).encode("ascii")
