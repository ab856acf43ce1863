"""The power fails at any time: what was said yes to is there, and everything is as if nothing had happened."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conftest import Figures
from power_cut import Disk, cuts, disks
from recorder import Entry, loaded, read
from served import Client, RefusedError, Server
from workload import QUICK, Load, Oracle, Stream, observations, send_all

SEED = 20


@dataclass
class Run:
    """A recorded run, and what it should lead to."""

    streams: list[Stream]
    oracle: Oracle
    entries: list[Entry]
    answers: dict[str, tuple[str, int]]


@dataclass
class Verdict:
    """What was wrong after cuts, and how often."""

    wrong: Counter[str] = field(default_factory=Counter)
    first: str = ""

    def blame(self, what: str, detail: object = "") -> None:
        self.wrong[what] += 1
        self.first = self.first or f"{what}: {detail}"


def record(binary: Path, recorder: Path, folder: Path, durability: str, count: int) -> Run:
    """Tells some services, with a clean restart on the way, so that there is a fold and a checkpoint in it."""
    streams = [Stream(observations(f"svc-{number}", count, SEED)) for number in range(3)]
    oracle = Oracle.of(Server(binary, folder / "oracle", QUICK), streams)
    server = Server(binary, folder / "recorded", {**QUICK, "DRIFT_SRE_DURABILITY": durability})
    data, log = server.database.parent, folder / "log"
    answers: dict[str, tuple[str, int]] = {}

    def acked(request: str, service: str, number: int) -> None:
        answers[request] = (service, number)

    for most in (count * 2 // 3, count):
        server.start(loaded(recorder, data, log))
        with Load(server, streams, SEED, most, acked) as load:
            load.join()
        assert server.stop() == 0
    assert all(stream.is_done for stream in streams)
    return Run(streams, oracle, list(read(log)), answers)


def examine(server: Server, run: Run, acked: dict[str, int], verdict: Verdict) -> None:
    """Starts on what is left of a disk, and looks at everything there is."""
    try:
        server.start()
    except RefusedError as refused:
        verdict.blame("does not start", refused)
        return
    try:
        with server.client() as client:
            compare(client, run, acked, verdict)
    except (AssertionError, KeyError) as error:
        verdict.blame("does not answer", error)
    server.kill()
    if (integrity := check(server.database)) != "ok":
        verdict.blame("corrupt", integrity)


def compare(client: Client, run: Run, acked: dict[str, int], verdict: Verdict) -> None:
    for stream in run.streams:
        health = client.health(stream.service)
        number, promised = health["sample_count"], acked.get(stream.service, 0)
        if number < promised:
            verdict.blame("lost", f"{stream.service}: {promised} acknowledged, {number} there")
        elif number > len(stream.told):
            verdict.blame("applied twice", f"{stream.service}: {number}")
        elif number and health != run.oracle.health[stream.service][number]:
            verdict.blame("learned something else", health)
    for stream in run.streams:
        send_all(client, stream.told)
        if client.seen(stream.service) != run.oracle.end[stream.service]:
            verdict.blame("ends otherwise", client.seen(stream.service))


def check(path: Path) -> str:
    database = sqlite3.connect(path)
    try:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    finally:
        database.close()


@pytest.fixture(scope="module")
def count() -> int:
    return 40


def test_power_cut_loses_nothing(
    binary: Path, recorder: Path, folder: Path, count: int, long: bool, figures: Figures
) -> None:
    points, in_recovery = (1000, 100) if long else (100, 15)
    run = record(binary, recorder, folder, "strict", count)
    server = Server(binary, folder / "cut", QUICK)
    rng, verdict = random.Random(SEED), Verdict()
    data = server.database.parent
    places = cuts(run.entries, points, SEED)
    again = set(rng.sample(range(points), in_recovery))
    for number, (disk, acked) in enumerate(disks(run.entries, places, run.answers, Disk())):
        disk.cut(data, rng)
        if number in again:
            cut_again(server, recorder, rng)
        examine(server, run, acked, verdict)
    syncs = sum(entry.kind == "S" for entry in run.entries)
    figures("power cut", cut_points=points, in_recovery=in_recovery, syncs=syncs, **wrong(verdict))
    assert not verdict.wrong, verdict.first


def cut_again(server: Server, recorder: Path, rng: random.Random) -> None:
    """The power fails once more, while the server starts or just after."""
    data, log = server.database.parent, server.folder / "log"
    log.unlink(missing_ok=True)
    begin = Disk.of(data)
    server.start(loaded(recorder, data, log))
    server.kill()
    entries = list(read(log))
    ((disk, _),) = disks(entries, [rng.randrange(len(entries) + 1)], {}, begin)
    disk.cut(data, rng)


def test_an_ack_before_the_disk_is_found_out(
    binary: Path, recorder: Path, folder: Path, count: int, figures: Figures
) -> None:
    run = record(binary, recorder, folder, "unsafe", count)
    rng, verdict = random.Random(SEED), Verdict()
    server = Server(binary, folder / "cut", QUICK)
    for disk, acked in disks(run.entries, cuts(run.entries, 12, SEED), run.answers, Disk()):
        disk.cut(server.database.parent, rng)
        examine(server, run, acked, verdict)
        server.kill()
        shutil.rmtree(server.database.parent)
    figures("power cut, planted: durability=unsafe", cut_points=12, **wrong(verdict))
    assert verdict.wrong["lost"] or verdict.wrong["does not start"]


def wrong(verdict: Verdict) -> dict[str, int]:
    kinds = (
        "lost",
        "applied twice",
        "learned something else",
        "ends otherwise",
        "corrupt",
        "does not start",
        "does not answer",
    )
    return {kind.replace(" ", "_"): verdict.wrong[kind] for kind in kinds}
