"""What the machine sees of the server: how it ends, that it is alone on its database, who may read its files."""

from __future__ import annotations

import os
import random
import stat
import time
from pathlib import Path

import pytest

from conftest import Figures
from served import RefusedError, Server
from test_kill import losses, streams_of
from workload import QUICK, Load, Oracle


def test_sigterm_under_load_answers_what_is_under_way_and_loses_nothing(
    binary: Path, folder: Path, long: bool, figures: Figures
) -> None:
    stops = 50 if long else 5
    streams, rng = streams_of(stops), random.Random(5)
    oracle = Oracle.of_end(Server(binary, folder / "oracle", QUICK), streams)
    server = Server(binary, folder / "stopped", QUICK).start()
    codes, slowest, lost, twice = set(), 0.0, 0, 0
    for turn in range(stops):
        goal = sum(stream.acked for stream in streams) + rng.randrange(1, 60)
        with Load(server, streams, turn) as load:
            load.until(goal)
            server.signal()
            before = time.monotonic()
            assert server.process is not None
            codes.add(server.process.wait(20))
            slowest = max(slowest, time.monotonic() - before)
        server.kill()
        server.start()
        found = losses(server, streams)
        lost, twice = lost + found["lost"], twice + found["twice"]
    with Load(server, streams, stops) as load:
        load.join()
    with server.client() as client:
        otherwise = [stream.service for stream in streams if client.seen(stream.service) != oracle.end[stream.service]]
    figures(
        "SIGTERM",
        stops=stops,
        exit_codes=sorted(codes),
        slowest=f"{slowest:.1f} s",
        lost=lost,
        applied_twice=twice,
        services_that_learned_otherwise=len(otherwise),
    )
    assert codes == {0} and slowest <= 10.0
    assert (lost, twice, otherwise) == (0, 0, [])


def test_a_second_server_on_a_database_is_told_so(binary: Path, folder: Path, figures: Figures) -> None:
    first = Server(binary, folder / "shared", QUICK).start()
    second = Server(binary, folder / "other", {**QUICK, "DATABASE_PATH": str(first.database)})
    with pytest.raises(RefusedError, match="is in use by another drift-sre") as refused:
        second.start()
    assert "exit 3: error: " in str(refused.value)
    with first.client() as client:
        assert client.get("/readyz").status == 200
    first.kill()
    # The lock goes with its holder, however that ended.
    second.start()
    figures("second server", refused=1, started_after_the_first_was_killed=1)


def test_nobody_else_may_read_what_is_stored(binary: Path, folder: Path, figures: Figures) -> None:
    before = os.umask(0)
    try:
        server = Server(binary, folder, QUICK).start()
        with Load(server, streams_of(1)) as load:
            load.join()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in server.database.parent.iterdir()}
    figures("file modes", **{name: f"{mode:o}" for name, mode in modes.items()})
    assert {"drift.db", "drift.db-wal", "drift.db-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(server.database.parent.stat().st_mode) == 0o700
