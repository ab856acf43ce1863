"""`kill -9` under load: what was said yes to is there, once, and the server is back at once."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from conftest import Figures
from served import Server
from workload import QUICK, Load, Oracle, Stream, observations

SEED = 9
CLIENTS = 8
# From the start of the process to its first answer.
READY_SECS = 2.0


def streams_of(kills: int) -> list[Stream]:
    return [Stream(observations(f"svc-{number}", kills * 12, SEED)) for number in range(CLIENTS)]


def losses(server: Server, streams: list[Stream]) -> dict[str, int]:
    """Of what the ledger holds: how much is missing, and how much is there that nobody sent."""
    lost = twice = 0
    with server.client() as client:
        for stream in streams:
            number = client.get(f"/v1/health/{stream.service}").json()["sample_count"]
            lost += max(0, stream.acked - number)
            twice += max(0, number - stream.sent)
    return {"lost": lost, "twice": twice}


def test_kill_loses_nothing_and_applies_nothing_twice(binary: Path, folder: Path, long: bool, figures: Figures) -> None:
    kills = 200 if long else 15
    streams, rng = streams_of(kills), random.Random(SEED)
    oracle = Oracle.of_end(Server(binary, folder / "oracle", QUICK), streams)
    server = Server(binary, folder / "killed", QUICK).start()
    lost = twice = 0
    slowest = 0.0
    for turn in range(kills):
        goal = sum(stream.acked for stream in streams) + rng.randrange(1, 90)
        with Load(server, streams, turn) as load:
            load.until(goal)
            server.crash()
        server.kill()
        server.start()
        slowest = max(slowest, server.started_secs)
        found = losses(server, streams)
        lost, twice = lost + found["lost"], twice + found["twice"]
    acked = sum(stream.acked for stream in streams)
    with Load(server, streams, kills) as load:
        load.join()
    with server.client() as client:
        otherwise = [stream.service for stream in streams if client.seen(stream.service) != oracle.end[stream.service]]
    figures(
        "kill -9",
        kills=kills,
        clients=CLIENTS,
        acknowledged_under_fire=acked,
        lost=lost,
        applied_twice=twice,
        services_that_learned_otherwise=len(otherwise),
        slowest_start=f"{slowest:.2f} s",
    )
    assert (lost, twice, otherwise) == (0, 0, [])
    assert slowest <= READY_SECS


def test_a_lost_row_and_a_retry_without_a_key_are_found_out(binary: Path, folder: Path, figures: Figures) -> None:
    streams = streams_of(2)
    server = Server(binary, folder, QUICK).start()
    with Load(server, streams) as load:
        load.join()
    server.kill()
    database = sqlite3.connect(server.database)
    with database:
        assert database.execute("DELETE FROM journal WHERE id = (SELECT max(id) FROM journal)").rowcount == 1
    database.close()
    server.start()
    dropped = losses(server, streams)
    with server.client() as client:
        for stream in streams[:1]:
            for one in stream.told:
                again = {name: value for name, value in one.items() if name != "event_id"}
                assert client.post("/v1/telemetry", again).status == 202
    repeated = losses(server, streams)
    figures("kill -9, planted: a journal row, a key", lost=dropped["lost"], applied_twice=repeated["twice"])
    assert dropped["lost"] >= 1 and dropped["twice"] == 0
    assert repeated["twice"] >= 1
