"""Ever new names fill neither the memory nor the disk, and change nothing for those who were there."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import Figures
from served import Client, Server
from workload import QUICK, Oracle, Stream, observations

HONEST = 20
LOT = 2000
MEMORY_KIB = 256 << 10


def attack(client: Client, lot: int, count: int) -> tuple[int, int, set[str]]:
    """Tells of names that nobody used before: how many were taken and refused, and how refused."""
    lines = (
        json.dumps({"service_id": f"hostile-{lot}-{number}", "latency_ms": 1, "payload_kb": 1}).encode() + b"\n"
        for number in range(count)
    )
    answer = client.post("/v1/telemetry/batch", b"".join(lines), content_type="application/x-ndjson")
    assert answer.status in (202, 207), answer
    summary = answer.json()
    return summary["accepted"], summary["rejected"], {error["code"] for error in summary["errors"]}


def test_new_names_are_refused_one_by_one_and_others_unharmed(
    binary: Path, folder: Path, long: bool, figures: Figures
) -> None:
    ids = 1_000_000 if long else 200_000
    streams = [Stream(observations(f"svc-{number}", 60, 3)) for number in range(HONEST)]
    oracle = Oracle.of_end(Server(binary, folder / "oracle", QUICK), streams)
    # So little memory that those who are quiet are put away meanwhile.
    server = Server(binary, folder / "attacked", {**QUICK, "DRIFT_SRE_RESIDENT_MIB": "4"}).start()
    accepted = refused = 0
    codes: set[str] = set()
    lots = ids // LOT
    with server.client(patience=60) as client:
        for stream in streams:
            assert client.post("/v1/telemetry", stream.told[0]).status == 202
        for lot in range(lots):
            taken, not_taken, how = attack(client, lot, LOT)
            accepted, refused, codes = accepted + taken, refused + not_taken, codes | how
            begin, end = (1 + 59 * step // lots for step in (lot, lot + 1))
            for stream in streams:
                for one in stream.told[begin:end]:
                    assert client.post("/v1/telemetry", one).status == 202
        otherwise = [stream.service for stream in streams if client.seen(stream.service) != oracle.end[stream.service]]
        # The comparison sees a single observation.
        again = {**streams[0].told[-1], "event_id": "one more"}
        assert client.post("/v1/telemetry", again).status == 202
        seen = client.seen(streams[0].service) != oracle.end[streams[0].service]
    peak = server.memory_kib("VmHWM")
    disk = sum(path.stat().st_size for path in server.database.parent.iterdir())
    figures(
        "cardinality",
        ids=ids,
        accepted=accepted,
        refused=refused,
        codes=sorted(codes),
        honest_that_learned_otherwise=len(otherwise),
        peak_memory=f"{peak >> 10} MiB",
        disk=f"{disk >> 20} MiB",
    )
    figures("cardinality, planted: one observation more", found=seen)
    assert accepted + refused == ids and refused >= ids - 10_000
    assert codes == {"stream_limit"}
    assert not otherwise and seen
    assert peak <= MEMORY_KIB
