"""A server as a process of its own, and what is asked of it."""

from __future__ import annotations

import atexit
import http.client
import json
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator, Mapping
from urllib.parse import quote

READY = "is ready: http://127.0.0.1:"
RUNNING: set[subprocess.Popen[bytes]] = set()


class RefusedError(Exception):
    """The server said why it does not start; or it did not start."""


@dataclass
class Answer:
    """What came back for a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def code(self) -> str:
        return str(self.json()["error"]["code"])


class Client:
    """One connection, made again when it breaks."""

    def __init__(self, port: int, key: str | None = None, patience: float = 20.0) -> None:
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Calls once. Headers are named as in `idempotency_key`. Raises when the connection breaks."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            named.setdefault("content-type", "application/json")
        try:
            self._connection.request(method, path, body, {**self._headers, **named})
            answer = self._connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def health(self, service: str) -> dict[str, Any]:
        """Where a service stands, without what is of its newest measurement alone: that is not kept."""
        health: dict[str, Any] = self.get(f"/v1/health/{quote(service, safe='')}").json()
        for metric in health["metrics"].values():
            del metric["value"], metric["score"]
        return health

    def seen(self, service: str) -> dict[str, Any]:
        """What the server learned of a service, as far as it must not depend on how it got there."""
        name, health = quote(service, safe=""), self.health(service)
        timelines = [
            self.get(f"/v1/timeline/{name}?points=20000&metric={quote(metric, safe='')}").json()
            for metric in health["metrics"]
        ]
        # What was expected is kept to three digits, for charts.
        points = [[timeline["times"], timeline["values"]] for timeline in timelines]
        events = self.get(f"/v1/events?limit=1000&service_id={name}").json()["events"]
        return {"health": health, "points": points, "events": events}


@dataclass
class Server:
    """Starts, stops and kills one; its database is in `folder`, and outlives it."""

    binary: Path
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_secs: float = 0.0

    @property
    def database(self) -> Path:
        return self.folder / "data" / "drift.db"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self, more: Mapping[str, str] | None = None, patience: float = 30.0) -> Server:
        """Returns when it is ready; `RefusedError` with its words if it ends instead."""
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "API_PORT": "0",
            "DATABASE_PATH": str(self.database),
            "DRIFT_SRE_LOG": "info,access=warn",
            **self.settings,
            **(more or {}),
        }
        before = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.binary), "serve"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                cwd=self.folder,
            )
        RUNNING.add(self.process)
        line = self._first_line(before + patience)
        self.started_secs = time.monotonic() - before
        if READY not in line:
            code = self.wait(patience)
            raise RefusedError(f"exit {code}: {line}{self.log.read_text(errors='replace')[-2000:]}")
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def _first_line(self, deadline: float) -> str:
        assert self.process is not None and self.process.stdout is not None
        line = b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if not select.select([self.process.stdout], [], [], max(left, 0))[0]:
                self.kill()
                raise RefusedError(f"not ready in time; its log: {self.log.read_text(errors='replace')[-2000:]}")
            byte = os.read(self.process.stdout.fileno(), 1)
            if not byte:
                break
            line += byte
        return line.decode()

    def client(self, key: str | None = None, patience: float = 20.0) -> Client:
        return Client(self.port, key, patience)

    def kill(self) -> None:
        """Ends it as a crash would."""
        if self.process is not None:
            end(self.process)
            self.process = None

    def crash(self) -> None:
        """Kills it while others are still talking to it; `kill` reaps it."""
        assert self.process is not None
        self.process.kill()

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, patience: float = 20.0) -> int:
        """Its exit code."""
        assert self.process is not None
        code = self.process.wait(patience)
        end(self.process)
        self.process = None
        return code

    def stop(self, patience: float = 20.0) -> int:
        self.signal()
        return self.wait(patience)

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def memory_kib(self, line: str = "VmRSS") -> int:
        """What the kernel says of its memory; `VmHWM` for the most it ever had."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(one.split()[1]) for one in status.splitlines() if one.startswith(f"{line}:"))

    def cpu_secs(self) -> float:
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def log_lines(self) -> Iterator[str]:
        yield from self.log.read_text(errors="surrogateescape").split("\n")[:-1]


def end(process: subprocess.Popen[bytes]) -> None:
    """Kills a server and reaps it."""
    if process.poll() is None:
        process.kill()
        process.wait(30)
    if process.stdout is not None:
        process.stdout.close()
    RUNNING.discard(process)


@atexit.register
def end_all() -> None:
    for process in list(RUNNING):
        end(process)
