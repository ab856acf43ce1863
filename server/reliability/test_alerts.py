"""What is to be told is told, whatever the receiver does and however often the server dies."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from conftest import Figures
from hostile_hook import Delivery, Hook, moody
from served import Client, Server
from workload import QUICK, Stream, observations, send_all

SEED = 13
PATIENCE_SECS = 240.0
NOTED_SECS = 0.25


def wanted(client: Client, streams: list[Stream]) -> set[str]:
    """Events that somebody is to be told of: drifts that open or close."""
    events = [event for stream in streams for event in client.seen(stream.service)["events"]]
    return {event["id"] for event in events if event["kind"] in ("opened", "closed")}


def pending(client: Client) -> int:
    return sum(one["pending"] or 0 for one in client.get("/v1/system/status").json()["destinations"])


def test_no_alert_is_lost_and_few_are_told_twice(binary: Path, folder: Path, long: bool, figures: Figures) -> None:
    kills, services = (100, 60) if long else (5, 6)
    streams, rng = [Stream(observations(f"svc-{number}", 44, SEED)) for number in range(services)], random.Random(SEED)
    killed: list[float] = []
    with Hook(moody(SEED)) as hook:
        server = Server(binary, folder, {**QUICK, **hook.settings()}).start()
        for turn in range(kills):
            with server.client() as client:
                for stream in streams[turn * services // kills : (turn + 1) * services // kills]:
                    send_all(client, stream.told)
            seen, deadline = len(hook.deliveries), time.monotonic() + rng.choice((0.0, 0.05, 0.5))
            while len(hook.deliveries) == seen and time.monotonic() < deadline:
                time.sleep(0.001)
            killed.append(time.monotonic())
            server.kill()
            server.start()
        with server.client() as client:
            for stream in streams:
                send_all(client, stream.told)
            events = wanted(client, streams)
            deadline = time.monotonic() + PATIENCE_SECS
            while pending(client) and time.monotonic() < deadline:
                time.sleep(0.05)
        server.kill()
    delivered = hook.delivered()
    unanswered = [delivery for delivery in hook.deliveries if delivery.status == 0]

    def is_noted(delivery: Delivery) -> bool:
        """Who dies before it could note the answer does not know of it."""
        return not any(delivery.at <= kill <= delivery.at + NOTED_SECS for kill in killed)

    # A message holds what has gathered, and is told again as a whole.
    uncertain = sum(
        len(delivery.alerts()) for delivery in hook.deliveries if delivery.status == 0 or not is_noted(delivery)
    )
    pairs = zip(hook.deliveries, hook.deliveries[1:])
    early = sum(after.at - before.at < before.retry_after - 0.05 and is_noted(before) for before, after in pairs)
    lost, doubled = events - set(delivered), len(delivered) - len(set(delivered))
    figures(
        "alerts",
        kills=kills,
        alerts=len(events),
        messages=len(hook.deliveries),
        unanswered=len(unanswered),
        lost=len(lost),
        told_twice=f"{doubled} of at most {uncertain}",
        early_retries=early,
    )
    assert events and not lost
    assert set(delivered) == events
    assert doubled <= uncertain
    assert early == 0


@pytest.mark.parametrize("status", [401, 404])
def test_who_wants_none_is_asked_once(status: int, binary: Path, folder: Path, figures: Figures) -> None:
    streams = [Stream(observations(f"svc-{number}", 44, SEED)) for number in range(4)]
    with Hook(lambda: (status, 0.0)) as hook:
        server = Server(binary, folder, {**QUICK, **hook.settings()}).start()
        with server.client() as client:
            for stream in streams:
                send_all(client, stream.told)
            deadline = time.monotonic() + 20
            while not disabled(client) and time.monotonic() < deadline:
                time.sleep(0.02)
            send_all(client, observations("later", 44, SEED))
            assert disabled(client)
        server.stop()
    figures(f"alerts, refused with {status}", attempts=len(hook.deliveries))
    assert len(hook.deliveries) == 1


def disabled(client: Client) -> bool:
    (destination,) = client.get("/v1/system/status").json()["destinations"]
    return destination["disabled_because"] is not None
