"""The disk fails or is full: nothing false is said, nothing is lost, and work goes on as soon as it can."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from conftest import Figures
from recorder import Faults, loaded
from served import RefusedError, Server
from test_power_cut import check
from workload import QUICK, Load, Oracle, Stream, observations

SEED = 8
RESUMES_SECS = 5.0


@pytest.fixture
def faults(folder: Path) -> Faults:
    return Faults(folder)


def streams() -> list[Stream]:
    return [Stream(observations(f"svc-{number}", 44, SEED)) for number in range(2)]


class Disk:
    """A server on a disk that fails when it is told to."""

    def __init__(self, binary: Path, recorder: Path, folder: Path, faults: Faults) -> None:
        self.server = Server(binary, folder, QUICK)
        self._loaded = loaded(recorder, self.server.database.parent, faults=faults)

    def start(self) -> None:
        self.server.start(self._loaded)

    def count(self, faults: Faults) -> tuple[int, int]:
        """Syncs and writes of a run in which nothing fails, from the start to the end."""
        self.start()
        with Load(self.server, streams(), SEED) as load:
            load.join()
        assert self.server.stop() == 0
        return faults.syncs, faults.writes


def found_after(server: Server, told: list[Stream], oracle: Oracle) -> Counter[str]:
    """What a crash brings to light: starts without faults and looks at everything."""
    wrong: Counter[str] = Counter()
    server.kill()
    server.start()
    with server.client() as client:
        for stream in told:
            number = client.get(f"/v1/health/{stream.service}").json()["sample_count"]
            wrong["lost"] += number < stream.acked
            wrong["applied_twice"] += number > stream.sent
            wrong["otherwise"] += client.seen(stream.service) != oracle.end[stream.service]
    server.kill()
    wrong["corrupt"] += check(server.database) != "ok"
    return wrong


@pytest.mark.parametrize("kind", ["sync", "write", "short write"])
def test_a_fault_at_any_point_is_said_and_mended(
    kind: str, binary: Path, recorder: Path, folder: Path, faults: Faults, long: bool, figures: Figures
) -> None:
    oracle = Oracle.of_end(Server(binary, folder / "oracle", QUICK), streams())
    syncs, writes = Disk(binary, recorder, folder / "counted", faults).count(faults)
    points = range(1, (syncs if kind == "sync" else writes) + 1)
    step = 1 if long else max(1, len(points) // 25)
    begin = {"sync": faults.fail_sync, "write": faults.fail_write, "short write": faults.cut_write}[kind]
    wrong, refused, statuses, slowest = Counter[str](), 0, Counter[int](), 0.0
    for point in points[::step]:
        disk, told = Disk(binary, recorder, folder / f"{kind}-{point}", faults), streams()
        before = faults.syncs if kind == "sync" else faults.writes
        begin(before + point)
        try:
            disk.start()
        except RefusedError:
            # Before it took anything it may end; the next start finds a disk that works.
            refused += 1
            disk.start()
        began = time.monotonic()
        with Load(disk.server, told, SEED) as load:
            load.join(30)
        slowest = max(slowest, time.monotonic() - began)
        wrong["ended"] += not disk.server.lives
        statuses.update(load.statuses)
        wrong += found_after(disk.server, told, oracle)
        begin(0)
    figures(
        f"disk: {kind} fails",
        points=len(points[::step]),
        of=len(points),
        answers=dict(sorted(statuses.items())),
        starts_refused=refused,
        slowest_run=f"{slowest:.1f} s",
        **{name: wrong[name] for name in ("lost", "applied_twice", "otherwise", "corrupt", "ended")},
    )
    assert not +wrong
    assert slowest <= RESUMES_SECS
    assert set(statuses) <= {202, 503, 507}
    if kind != "short write":
        assert statuses[503]


def test_a_full_disk_is_said_and_work_goes_on_when_it_has_room(
    binary: Path, recorder: Path, folder: Path, faults: Faults, figures: Figures
) -> None:
    told, others = streams(), streams()
    oracle = Oracle.of_end(Server(binary, folder / "oracle", QUICK), told)
    disk = Disk(binary, recorder, folder / "full", faults)
    disk.start()
    with Load(disk.server, told, SEED, 12) as load:
        load.join()
    faults.fill_disk(True)
    statuses: Counter[int] = Counter()
    with disk.server.client() as client:
        for index in range(40):
            # What is refused must not count, whatever else is going on.
            one = {**others[0].told[20], "event_id": f"refused-{index}", "latency_ms": 5000}
            answer = client.post("/v1/telemetry", one)
            statuses[answer.status] += 1
            assert answer.status != 507 or answer.code() == "disk_full"
            health = client.health(told[0].service)
            assert health["sample_count"] == told[0].acked + statuses[202], "reads go on"
        ready, status = client.get("/readyz").status, client.get("/v1/system/status").json()["status"]
        assert statuses[202] == 0, "the disk was not full"
        faults.fill_disk(False)
        freed = time.monotonic()
        while client.get("/readyz").status != 200:
            # Nobody sends anything meanwhile: a load balancer would not let them.
            assert time.monotonic() - freed < RESUMES_SECS, "it does not notice that there is room"
            time.sleep(0.02)
        resumed = time.monotonic() - freed
        assert client.post("/v1/telemetry", told[0].told[told[0].acked]).status == 202
    with Load(disk.server, told, SEED) as load:
        load.join()
    wrong = found_after(disk.server, told, oracle)
    figures(
        "disk: full",
        answers=dict(statuses),
        ready_meanwhile=ready,
        status_meanwhile=status,
        resumed_after=f"{resumed:.2f} s",
        **{name: wrong[name] for name in ("lost", "applied_twice", "otherwise", "corrupt")},
    )
    assert (ready, status) == (503, "degraded")
    assert set(statuses) <= {503, 507} and statuses[507]
    assert not +wrong
