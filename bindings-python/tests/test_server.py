"""The client and the monitor against the real server, where it has been built."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from drift_sre import DriftMonitor
from drift_sre.client import DriftClient, DriftClientError, Outcome
from test_outbox import until

TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or Path(__file__).parents[2] / "target")
BINARIES = [path for path in (TARGET / "debug" / "drift-sre", TARGET / "release" / "drift-sre") if path.exists()]
KEY = "CANARY-s3rv3r-k3y"
PATIENCE = 30.0

pytestmark = pytest.mark.skipif(not BINARIES, reason="needs the server: cargo build -p drift-sre-server")


@pytest.fixture
def server():
    """The address of a server that keeps everything in memory."""
    newest = max(BINARIES, key=lambda path: path.stat().st_mtime)
    command = [str(newest), "serve", "--api-port", "0", "--store", "memory", "--min-samples-for-baseline", "100"]
    environment = {**os.environ, "DRIFT_SRE_API_KEY": KEY}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        told = []
        # The log must not fill its pipe, and the key must not be in it.
        reader = threading.Thread(target=lambda: told.append(process.stderr.read()))
        reader.start()
        try:
            ready = process.stdout.readline()
            assert " is ready: http://" in ready
            yield ready.rpartition(" ")[2].strip()
        finally:
            process.terminate()
            process.wait(PATIENCE)
            reader.join(PATIENCE)
    assert KEY not in "".join(told)


@pytest.fixture
def client(server):
    with DriftClient(server, KEY) as client:
        yield client


def tell(client, latencies, began):
    for number, latency in enumerate(latencies):
        assert client.send("checkout", latency, 2.0 + number % 3, began + number * 0.1, f"{began} {number}")
    assert client.flush(PATIENCE)


def test_a_service_is_learned_drifts_and_closes_the_gate(client):
    unknown = client.gate("checkout")
    assert (unknown.outcome, unknown.reason) == (Outcome.INCONCLUSIVE, "not_tracked")
    now = time.time() - 600
    normal = [100.0 + number % 7 for number in range(300)]
    tell(client, normal, now)
    tell(client, normal, now)  # the same events, which count once
    health = client.health("checkout")
    assert (health.state, health.sample_count) == ("STABLE", 300)
    assert health.baseline["mean_latency"] == pytest.approx(103, abs=1)
    assert client.gate("checkout").passed
    tell(client, [500.0] * 30, now + 60)
    assert client.health("checkout").state == "DRIFT_DETECTED"
    assert client.gate("checkout").outcome is Outcome.DRIFT
    assert client.stats() == {
        "sent": 630, "rejected": 0, "dropped": 0, "invalid": 0, "failed": 0, "queued": 0, "errors": {}
    }  # fmt: skip


def test_what_the_server_refuses_is_counted_by_its_codes(client):
    client.send("checkout", 1, 1)
    client.send("checkout", -1, 1)
    client.send("checkout", 1, 1, "2001-01-01T00:00:00Z")
    assert client.flush(PATIENCE)
    stats = client.stats()
    assert (stats["sent"], stats["rejected"]) == (1, 2)
    assert stats["errors"] == {"invalid_observation": 1, "timestamp_out_of_range": 1}


def test_a_wrong_key_is_told_by_its_code(server):
    with pytest.raises(DriftClientError) as raised:
        DriftClient(server, "another-key-than-the-server-s").health("checkout")
    assert (raised.value.code, raised.value.status) == ("unauthorized", 401)


def test_a_monitor_s_samples_are_all_taken(server, client):
    monitor = DriftMonitor(interval=0.02, server_url=server, api_key=KEY, source="host-a")
    with monitor:
        until(lambda: monitor.stats()["server"]["sent"] >= 50)
    stats = monitor.stats()["server"]
    assert stats["sent"] >= 50
    assert stats["sent"] + stats["queued"] + stats["dropped"] == stats["sent"]
    assert (stats["rejected"], stats["failed"], stats["errors"]) == (0, 0, {})
    assert client.health("host-a").sample_count > 0
