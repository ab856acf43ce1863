"""Bodies that are larger, deeper or longer than they look: refused at little cost, and at none without a key."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Figures
from served import Client, Server
from workload import QUICK

KEY = "a-key-that-is-long-enough"
HEADROOM_KIB = 64 << 10
NDJSON = {"content_type": "application/x-ndjson"}
CHUNK = 1 << 16


def bomb(mib: int) -> bytes:
    """So many MiB of gzip that inflate to a thousand times as much: one block again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(10 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + block * ((mib << 20) // len(block) + 1)


def chunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def stream(server: Server, pieces: Iterator[bytes], patience: float = 300.0) -> tuple[int, dict[str, object]]:
    """Sends a body of no declared length; what was answered."""
    head = (
        f"POST /v1/telemetry/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n"
        "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), patience) as connection:
        connection.sendall(head.encode())
        for chunk in chunked(pieces):
            connection.sendall(chunk)
        answer = b""
        while more := connection.recv(CHUNK):
            answer += more
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(body)


@pytest.fixture
def server(binary: Path, folder: Path) -> Server:
    return Server(binary, folder, {**QUICK, "DRIFT_SRE_API_KEY": KEY}).start()


def lines(size: int) -> Iterator[bytes]:
    one = json.dumps({"service_id": "big", "latency_ms": 12.5, "payload_kb": 2.25}).encode() + b"\n"
    piece = one * (CHUNK // len(one))
    yield from (piece for _ in range(size // len(piece)))


def test_bombs_are_refused_in_little_time_and_memory(server: Server, long: bool, figures: Figures) -> None:
    packed = bomb(10)
    deep, keys = b"[" * 1_000_000, json.dumps({f"k{number}": 1 for number in range(1_000_000)}).encode()
    base = server.memory_kib("VmHWM")
    with server.client(KEY, 60) as client:
        before = server.cpu_secs()
        bombed = client.post("/v1/telemetry/batch", packed, content_encoding="gzip", **NDJSON)
        cpu = server.cpu_secs() - before
        cases = [
            (bombed, 413, "body_too_large"),
            (client.post("/v1/telemetry", packed[: 60 << 10], content_encoding="gzip"), 413, "body_too_large"),
            (client.post("/v1/telemetry/batch", packed[:100], content_encoding="gzip, gzip", **NDJSON), 415, None),
            (client.post("/v1/telemetry/batch", packed[:100], content_encoding="br", **NDJSON), 415, None),
            (client.post("/v1/telemetry", deep), 413, "body_too_large"),
            (client.post("/v1/telemetry", deep[:60_000]), 400, "invalid_json"),
            (client.post("/v1/telemetry", b'{"a":' * 10_000), 400, "invalid_json"),
            (client.post("/v1/telemetry/batch", deep), 400, "invalid_json"),
            (client.post("/v1/metrics", keys), 413, "body_too_large"),
            (client.post("/v1/metrics", keys[:900_000]), 422, None),
            (client.post("/v1/telemetry", keys[:60_000]), 422, None),
        ]
        line = client.post("/v1/telemetry/batch", deep[:60_000] + b"\n" + keys[:60_000] + b"\n", **NDJSON)
    grown = server.memory_kib("VmHWM") - base
    figures("bombs", cases=len(cases) + 1, cpu_of_10_MiB_gzip=f"{cpu:.2f} s", memory=f"+{grown >> 10} MiB")
    for number, (answer, status, code) in enumerate(cases):
        assert answer.status == status and code in (None, answer.code()), (number, answer)
    assert line.status == 207 and [error["code"] for error in line.json()["errors"]] == ["item_too_large"] * 2
    assert grown <= HEADROOM_KIB
    # Inflating is many times slower where nothing is optimised.
    assert cpu <= (1.0 if long else 20.0)


def test_streams_are_not_kept(server: Server, long: bool, figures: Figures) -> None:
    size = 1 << 30 if long else 8 << 20
    blank = 1 << 30
    base = server.memory_kib("VmHWM")
    status, one_line = stream(server, iter([b"x" * CHUNK] * (blank // CHUNK)))
    after_line = server.memory_kib("VmHWM") - base
    many_status, many = stream(server, lines(size))
    grown = server.memory_kib("VmHWM") - base
    figures(
        "streams",
        one_line=f"{blank >> 20} MiB, memory +{after_line >> 10} MiB",
        ndjson=f"{size >> 20} MiB, {many.get('accepted')} accepted, memory +{grown >> 10} MiB",
    )
    assert status == 207
    assert (one_line["accepted"], one_line["rejected"]) == (0, 1)
    assert many_status == 202, many
    assert grown <= HEADROOM_KIB


def test_without_a_key_no_body_is_read(server: Server, figures: Figures) -> None:
    paths = ("/v1/telemetry", "/v1/telemetry/batch", "/v1/metrics", "/v1/services/a/accept", "/v1/services/a/reset")
    refused = 0
    for path in paths:
        for extra in ("Content-Length: 10000000000", "Transfer-Encoding: chunked", "Content-Encoding: gzip"):
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{extra}\r\n\r\n"
            with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
                # Nothing of the body is ever sent: whoever waited for it would not answer.
                connection.sendall(head.encode())
                refused += connection.recv(4096).startswith(b"HTTP/1.1 401 ")
    with Client(server.port) as client:
        assert client.get("/v1/health/a").status == 401
    figures("bombs without a key", requests=3 * len(paths), refused_before_the_body=refused)
    assert refused == 3 * len(paths)
