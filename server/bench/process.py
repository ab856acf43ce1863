"""A server under test: started, watched through /proc, ended."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A server in a process of its own, until the block ends."""

    def __init__(self, name, command, environment):
        self.name = name
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=HERE)
        self.port = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def cpu(self):
        """Seconds of processor that it took, itself and the system for it."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss(self):
        """Memory that it has, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def ours(program, database):
    environment = {"API_PORT": "0", "DATABASE_PATH": str(database), "DRIFT_SRE_LOG": "warn"}
    server = Server("drift-sre", [program, "serve"], environment)
    server.port = int(server.process.stdout.readline().rpartition(":")[2])
    return server


def peer(database):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    command = [sys.executable, "-m", "uvicorn", "fastapi_app:app", "--port", str(port), *options]
    server = Server("FastAPI", command, {**os.environ, "DATABASE_PATH": str(database)})
    server.port = port
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return server
        except ConnectionRefusedError:
            time.sleep(0.1)
    server.process.kill()
    raise RuntimeError("the FastAPI application did not start")
