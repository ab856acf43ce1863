"""Services with a drift each, told in order under keys, and a ledger of what the server said yes to."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable

from served import Client, Server

# So few that a short run has a baseline, a drift and its end.
QUICK = {"MIN_SAMPLES_FOR_BASELINE": "20", "RECOVERY_CONSECUTIVE_NORMAL": "10", "TIMESTAMP_TOLERANCE_HOURS": "24"}
# One for all, so that a workload made twice is the same.
BEGAN = round(time.time()) - 3600


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def observations(service: str, count: int, seed: int) -> list[dict[str, Any]]:
    """A quiet stretch, a drift, and quiet again; told under an `event_id` each, a second apart."""
    rng = random.Random(f"{seed} {service}")
    told = []
    for index in range(count):
        level = 400.0 if count // 2 <= index < count // 2 + 12 else 100.0
        told.append(
            {
                "service_id": service,
                "latency_ms": round(rng.gauss(level, 5.0), 3),
                "payload_kb": rng.lognormvariate(1.0, 0.25),
                "timestamp": iso(BEGAN + index),
                "event_id": f"{service}-{index}",
            }
        )
    return told


@dataclass
class Stream:
    """One service's observations; how many of them, from the first on, were sent and said yes to."""

    told: list[dict[str, Any]]
    sent: int = 0
    acked: int = 0

    @property
    def service(self) -> str:
        return str(self.told[0]["service_id"])

    @property
    def is_done(self) -> bool:
        return self.acked == len(self.told)


@dataclass
class Oracle:
    """What a server that nothing happened to had learned after each observation, and in the end."""

    health: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    end: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, server: Server, streams: list[Stream]) -> Oracle:
        oracle = cls()
        server.start()
        with server.client() as client:
            for stream in streams:
                healths = [client.health(stream.service)]
                for one in stream.told:
                    answer = client.post("/v1/telemetry", one)
                    assert answer.status == 202, answer
                    healths.append(client.health(stream.service))
                oracle.health[stream.service] = healths
                oracle.end[stream.service] = client.seen(stream.service)
        assert all(len(seen["events"]) >= 2 for seen in oracle.end.values()), "a workload must have events"
        server.kill()
        return oracle

    @classmethod
    def of_end(cls, server: Server, streams: list[Stream]) -> Oracle:
        """The same without what there was on the way."""
        oracle = cls()
        server.start()
        with server.client() as client:
            for stream in streams:
                send_all(client, stream.told)
                oracle.end[stream.service] = client.seen(stream.service)
        assert all(len(seen["events"]) >= 2 for seen in oracle.end.values()), "a workload must have events"
        server.kill()
        return oracle


def send_all(client: Client, told: list[dict[str, Any]]) -> dict[str, Any]:
    """Tells everything in one batch; what is known already is a duplicate."""
    body = b"".join(json.dumps(one).encode() + b"\n" for one in told)
    answer = client.post("/v1/telemetry/batch", body, content_type="application/x-ndjson")
    assert answer.status == 202, answer
    return dict(answer.json())


class Load:
    """Clients that tell one stream each, one observation or a small batch at a time, again until it is said yes to."""

    def __init__(
        self,
        server: Server,
        streams: list[Stream],
        seed: int = 0,
        most: int | None = None,
        acked: Callable[[str, str, int], None] | None = None,
    ) -> None:
        self._server = server
        self._streams = streams
        self._stop = threading.Event()
        self._most = most
        self._acked = acked
        self.trouble: list[str] = []
        self.statuses: dict[int, int] = {}
        self._threads = [
            threading.Thread(target=self._tell, args=(stream, random.Random(f"{seed} {stream.service} {stream.acked}")))
            for stream in streams
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.join()

    def join(self, patience: float = 120.0) -> None:
        deadline = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            assert not thread.is_alive(), "a client did not end"
        assert not self.trouble, self.trouble

    def until(self, goal: int, patience: float = 60.0) -> None:
        """Returns when so many observations are said yes to, or when every client is done."""
        deadline = time.monotonic() + patience
        while sum(stream.acked for stream in self._streams) < goal and any(
            thread.is_alive() for thread in self._threads
        ):
            assert time.monotonic() < deadline, f"not reached in time: {self.trouble}"
            self._stop.wait(0.0005)

    def _tell(self, stream: Stream, rng: random.Random) -> None:
        last = len(stream.told) if self._most is None else min(len(stream.told), stream.acked + self._most)
        with self._server.client(patience=10.0) as client:
            while stream.acked < last and not self._stop.is_set():
                count = min(rng.choice((1, 1, 1, 5)), last - stream.acked)
                batch = stream.told[stream.acked : stream.acked + count]
                stream.sent = max(stream.sent, stream.acked + count)
                try:
                    if count == 1:
                        answer = client.post("/v1/telemetry", batch[0])
                    else:
                        answer = client.post("/v1/telemetry/batch", batch)
                except (OSError, http.client.HTTPException):
                    if not self._server.lives:
                        return
                    continue
                self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
                if answer.status == 202:
                    stream.acked += count
                    if self._acked is not None:
                        self._acked(answer.headers["x-request-id"], stream.service, stream.acked)
                elif answer.status in (503, 507):
                    self._stop.wait(0.05)
                else:
                    self.trouble.append(f"{answer}")
                    return
