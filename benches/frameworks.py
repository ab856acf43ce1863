"""A Flask and a FastAPI application under load, with and without a monitor: `python benches/frameworks.py`.

Both run at once, and are loaded by turns: `wrk` for some seconds each, so often. What counts is the median of the
rounds' ratios; on a busy machine the CPU time of a request tells more than the throughput. Needs wrk (Debian:
apt-get install wrk), and flask, gunicorn, fastapi and uvicorn.
"""

import contextlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

ROUNDS = int(os.environ.get("ROUNDS", "12"))
SECONDS = int(os.environ.get("SECONDS", "4"))
LIMIT_PERCENT = 1.0

# A page of what an application answers: a list of things as JSON.
FLASK = """
import os
from flask import Flask, jsonify

app = Flask(__name__)
if os.environ["MONITORED"] == "1":
    from drift_sre.integrations.flask import DriftSRE
    drift = DriftSRE(app)


@app.get("/things/<int:page>")
def things(page):
    return jsonify([{"id": n, "name": f"thing {n}", "price": n * 1.5, "tags": ["a", "b"]} for n in range(100)])
"""
FASTAPI = """
import os
from fastapi import FastAPI

app = FastAPI()
if os.environ["MONITORED"] == "1":
    from drift_sre.integrations.fastapi import DriftSRE
    drift = DriftSRE(app)


@app.get("/things/{page}")
async def things(page: int):
    return [{"id": n, "name": f"thing {n}", "price": n * 1.5, "tags": ["a", "b"]} for n in range(100)]
"""
APPLICATIONS = {
    "Flask, gunicorn": (
        FLASK,
        "gunicorn --worker-class gthread --threads 4 --log-level error --bind 127.0.0.1:{} site_:app",
    ),
    "FastAPI, uvicorn": (FASTAPI, "uvicorn --log-level error --no-access-log --port {} site_:app"),
}


@contextlib.contextmanager
def served(source, command, *, monitored):
    """The address of the application, in a process of its own."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "site_.py").write_text(source)
        words = [sys.executable, "-m", *command.format(port).split()]
        process = subprocess.Popen(words, cwd=folder, env={**os.environ, "MONITORED": str(int(monitored))})
        try:
            address = f"http://127.0.0.1:{port}/things/1"
            await_answer(address)
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


def await_answer(address):
    end = time.monotonic() + 30
    while True:
        try:
            return urllib.request.urlopen(address, timeout=5).read()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def load(site):
    """Requests a second, the 99th percentile of latencies in milliseconds, CPU time a request in microseconds."""
    address, process = site
    before = cpu_seconds(process)
    said = subprocess.run(
        ["wrk", "-t1", "-c8", f"-d{SECONDS}s", "--latency", address], capture_output=True, text=True, check=True
    ).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    requests = int(re.search(r"(\d+) requests in", said)[1])
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
    late = float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]
    return rate, late, 1e6 * (cpu_seconds(process) - before) / requests


def cpu_seconds(process):
    family = [process, *process.children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in family)


def main():
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing. On Debian: apt-get install wrk")
    print(f"{'':<18}{'requests/s':>20}{'p99, ms':>20}{'CPU, us':>20}{'added by the monitor, %':>30}")
    print(
        f"{'':<18}{'without      with':>20}" + f"{'without      with':>20}" * 2 + f"{'time':>10}{'p99':>10}{'CPU':>10}"
    )
    met = True
    for name, (source, command) in APPLICATIONS.items():
        with served(source, command, monitored=False) as bare, served(source, command, monitored=True) as watched:
            load(bare), load(watched)
            rounds = []
            for number in range(ROUNDS):
                # The first of a round is not always the same one.
                first, second = (bare, watched) if number % 2 else (watched, bare)
                answers = {site[0]: load(site) for site in (first, second)}
                rounds.append((answers[bare[0]], answers[watched[0]]))
        row = f"{name:<18}"
        for column in range(3):
            without, with_ = (statistics.median(pair[side][column] for pair in rounds) for side in (0, 1))
            row += f"{without:>10.1f}{with_:>10.1f}"
        # A request's time is what throughput is lost by.
        added = [
            100 * (statistics.median(bare[0] / watched[0] for bare, watched in rounds) - 1),
            *(100 * (statistics.median(watched[n] / bare[n] for bare, watched in rounds) - 1) for n in (1, 2)),
        ]
        print(row + "".join(f"{each:>10.1f}" for each in added), flush=True)
        met = met and max(added) <= LIMIT_PERCENT
    print(f"\nat most {LIMIT_PERCENT:g} % in all" if met else f"\nTHE LIMIT OF {LIMIT_PERCENT:g} % IS EXCEEDED")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
