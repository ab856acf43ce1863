"""Sockets that send or read next to nothing are closed in time, and nobody else notices."""

from __future__ import annotations

import contextlib
import http.client
import os
import threading
import time
from pathlib import Path

from conftest import Figures
from served import Server
from slow_http import KINDS, Slow, drive
from workload import QUICK, observations

DEADLINE_SECS = 10.0
# Beyond the deadline for whoever looks at it on a machine that has other things to do.
TOLERANCE_SECS = 1.0
PLANTED = 40


def sockets(server: Server) -> int:
    """Sockets that the server has open: a reader does not see a close behind what it has not read."""
    assert server.process is not None
    folder, count = Path(f"/proc/{server.process.pid}/fd"), 0
    for entry in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(entry).startswith("socket:")
    return count


class Honest:
    """A client that tells what it has to tell all the while."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stop = threading.Event()
        self.latencies: list[float] = []
        self.failed: list[object] = []
        self._thread = threading.Thread(target=self._tell)

    def __enter__(self) -> Honest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def wait(self, count: int) -> None:
        """Until it has told so much."""
        while len(self.latencies) < count and self._thread.is_alive():
            self._thread.join(0.01)

    def _tell(self) -> None:
        with self._server.client(patience=5.0) as client:
            for one in observations("honest", 100_000, 1):
                if self._stop.is_set():
                    return
                del one["timestamp"]
                before = time.monotonic()
                try:
                    status: object = client.post("/v1/telemetry", one).status
                except (OSError, http.client.HTTPException) as error:
                    status = repr(error)
                self.latencies.append(time.monotonic() - before)
                if status != 202:
                    self.failed.append(status)
                self._stop.wait(0.005)

    def p99_ms(self) -> float:
        return 1000 * sorted(self.latencies)[len(self.latencies) * 99 // 100]


def still_open(slow: list[Slow]) -> dict[str, int]:
    late = [one.kind for one in slow if one.closed is None or one.closed > DEADLINE_SECS + TOLERANCE_SECS]
    return {kind: late.count(kind) for kind in KINDS}


def test_slow_sockets_are_closed_and_honest_clients_served(
    binary: Path, folder: Path, long: bool, figures: Figures
) -> None:
    count = 5000 if long else 1000
    server = Server(binary, folder / "patient", QUICK).start()
    careless = {"DRIFT_SRE_HEADER_TIMEOUT_SECS": "60", "DRIFT_SRE_BODY_TIMEOUT_SECS": "60"}
    planted = Server(binary, folder / "careless", {**QUICK, **careless}).start()
    base, base_kib = sockets(server), server.memory_kib("VmHWM")
    with Honest(server) as alone:
        alone.wait(200)
    with Honest(server) as honest:
        opened = drive([server.port] * count + [planted.port] * PLANTED, DEADLINE_SECS + TOLERANCE_SECS)
        slow, held = opened[:count], opened[count:]
        left = sockets(server) - base - 1
        grown_kib = server.memory_kib("VmHWM") - base_kib
    late, kept = still_open(slow), still_open(held)
    last = {kind: max(one.closed or 99.0 for one in slow if one.kind == kind) for kind in KINDS[:3]}
    by_kind = {f"{kind.replace(' ', '_')}_closed_within": f"{secs:.1f} s" for kind, secs in last.items()}
    figures(
        "slow HTTP",
        sockets=count,
        **by_kind,
        left_open=left,
        honest=f"{len(honest.latencies)} of which {len(honest.failed)} failed",
        honest_p99=f"{honest.p99_ms():.0f} ms, {alone.p99_ms():.0f} ms alone",
        memory=f"+{grown_kib >> 10} MiB",
    )
    figures("slow HTTP, planted: time-outs of a minute", left_open=sum(kept.values()))
    assert not honest.failed, honest.failed
    assert left <= 0
    assert late["silent"] == late["header drip"] == late["body drip"] == 0
    assert grown_kib <= 64 << 10
    assert kept["silent"] and kept["header drip"] and kept["body drip"]
