"""A bit of the database flips: it is noticed or does no harm, and the server starts all the same."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Iterator

from conftest import Figures
from served import Client, RefusedError, Server
from workload import QUICK, Oracle, Stream, observations, send_all

SEED = 3
# Where SQLite's own header says what kind of file this is: a file that says something else is none of ours.
OURS = (range(60, 64), range(68, 72))


def copies(server: Server, folder: Path, flips: int, rng: random.Random) -> Iterator[str]:
    """Copies in `folder`, each with a bit flipped in the database or in its log."""
    original = server.database.parent
    for number in range(flips):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(original, folder)
        name = "drift.db-wal" if number % 2 and (folder / "drift.db-wal").stat().st_size else "drift.db"
        file = bytearray((folder / name).read_bytes())
        place = rng.randrange(len(file))
        if name == "drift.db" and any(place in part for part in OURS):
            place = 100
        file[place] ^= 1 << rng.randrange(8)
        (folder / name).write_bytes(file)
        yield f"{name}:{place}"


def noticed(server: Server) -> bool:
    return any('"level":"ERROR"' in line or '"level":"WARN"' in line for line in server.log_lines())


def look(client: Client, streams: list[Stream], oracle: Oracle) -> tuple[bool, bool]:
    """Whether everything is as it was, and whether all is as it was at some time before.

    SQLite takes what follows a damaged entry of its log for never committed.
    """
    try:
        seen = {stream.service: client.seen(stream.service) for stream in streams}
    except (KeyError, ValueError, AttributeError):
        return False, False
    earlier = all(
        one["health"] in oracle.health[service]
        and len(one["events"]) <= len(oracle.end[service]["events"])
        and all(event in oracle.end[service]["events"] for event in one["events"])
        for service, one in seen.items()
    )
    return seen == oracle.end, earlier


def test_a_flipped_bit_is_noticed_or_harmless(binary: Path, folder: Path, long: bool, figures: Figures) -> None:
    flips = 1000 if long else 60
    streams = [Stream(observations(f"svc-{number}", 44, SEED)) for number in range(3)]
    oracle = Oracle.of(Server(binary, folder / "oracle", QUICK), streams)
    server = Server(binary, folder / "original", QUICK).start()
    with server.client() as client:
        for stream in streams:
            send_all(client, stream.told[:30])
    assert server.stop() == 0
    server.start()
    with server.client() as client:
        for stream in streams:
            send_all(client, stream.told[30:])
    server.kill()
    outcomes, silent = Counter[str](), []
    rng = random.Random(SEED)
    for where in copies(server, folder / "copy" / "data", flips, rng):
        copy = Server(binary, folder / "copy", QUICK)
        copy.log.unlink(missing_ok=True)
        try:
            copy.start()
        except RefusedError as refused:
            outcomes["refused"] += 1
            silent.append(f"{where}: {refused}")
            continue
        with copy.client() as client:
            same, earlier = look(client, streams, oracle)
        outcomes["died"] += not copy.lives
        # What waits to be logged is written when it stops.
        copy.stop()
        if same:
            outcomes["harmless"] += 1
        elif earlier and where.startswith("drift.db-wal"):
            outcomes["earlier"] += 1
        elif noticed(copy):
            outcomes["noticed"] += 1
        else:
            outcomes["silent"] += 1
            silent.append(where)
    figures(
        "bit rot",
        flips=flips,
        **{name: outcomes[name] for name in ("harmless", "noticed", "earlier", "silent", "refused", "died")},
    )
    assert outcomes["silent"] == outcomes["refused"] == outcomes["died"] == 0, silent
