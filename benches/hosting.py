"""What a monitor may do to its host at worst, beside the limits: `python benches/hosting.py [PART...]`.

webhooks  a host's latencies while the webhook is as hostile as it can be
servers   the same while it sends telemetry of each unit of work to a server that is
forks     a thousand forks while eight threads use the monitor
exits     a thousand ends of the interpreter at random moments
ticks     as many samplings as a day has seconds: memory and descriptors

The short forms of all of them are tests, from whose files the scenarios come.
"""

import json
import multiprocessing
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "bindings-python" / "tests"))
from drift_sre import DriftMonitor
from drift_sre.client import DriftClient
from scripts import environment, script
from test_exit import ENDINGS
from test_fork import CONTENTION
from webhook import Stub, answers, drips, http_reply, never

P99_LIMIT_US = 200.0
ROUNDS = int(os.environ.get("ROUNDS", "8"))
SECONDS = 1.0
DAY = 86_400
RSS_LIMIT_MIB = 1.0


def endless(stub, sock):
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        sock.sendall(bytes(65_536))


HOSTILE = {
    "never answers": never,
    "drips its header": drips(b"HTTP/1.1 204 No Content\r\nX-Drip: "),
    "drips its body": drips(b"HTTP/1.1 429 Slow\r\nContent-Length: 100000\r\n\r\n"),
    "redirects for ever": answers(http_reply(307, b"", "Location: /again")),
    "answers 10 GB": endless,
    "429, wait 1e9 s": answers(http_reply(429, b'{"retry_after": 1000000000}')),
    "500": answers(http_reply(500)),
    "401": answers(http_reply(401)),
    "404": answers(http_reply(404)),
    "is no TLS": answers(b"\x00" * 100),
}


def serve(name, told):
    """In a process of its own, so that it takes no time of the host's interpreter."""
    stub = Stub(HOSTILE[name])
    told.send(stub.port)
    stub.serve_forever()


def unit_of_work():
    return len(json.dumps([{"id": n, "name": f"thing {n}"} for n in range(60)]))


def latencies(each):
    """Microseconds of units of work for some time, with what goes with each."""
    took, end = [], time.perf_counter() + SECONDS
    while True:
        began = time.perf_counter()
        unit_of_work()
        each(began)
        now = time.perf_counter()
        took.append(1e6 * (now - began))
        if now > end:
            return took


def p99(took):
    return statistics.quantiles(took, n=100)[98]


def harmed(url):
    """The host's p99 without and with a monitor whose metric drifts every half second, and its slowest calls."""
    bare, watched, calls = [], [], []
    for _ in range(ROUNDS):
        bare += latencies(lambda _: None)
        monitor = DriftMonitor(url, scale=None, min_samples=1, threshold=1, cool_down=0.01)
        monitor.add_metric("mine", lambda: 1.0)
        began = time.perf_counter()
        monitor.start()
        calls.append(time.perf_counter() - began)
        told = [time.perf_counter(), 0]

        def each(began, monitor=monitor, told=told):
            if began - told[0] > 0.25:
                told[0], told[1] = began, told[1] + 1
                monitor.observe({"mine": 100.0 * (told[1] % 2)})
            monitor.record("GET /things", 0.001)

        watched += latencies(each)
        began = time.perf_counter()
        monitor.stop()
        calls.append(time.perf_counter() - began)
    return p99(bare), p99(watched), max(calls[::2]), max(calls[1::2])


def burdened(url):
    """The host's p99 without and with telemetry of each unit of work, the slowest first call and the slowest end."""
    bare, loaded, calls = [], [], []
    for _ in range(ROUNDS):
        bare += latencies(lambda _: None)
        began = time.perf_counter()
        client = DriftClient(url)
        client.send("things", 1.0, 1.0)
        calls.append(time.perf_counter() - began)
        loaded += latencies(lambda _, client=client: client.send("things", 1.0, 1.0))
        began = time.perf_counter()
        client.close()
        calls.append(time.perf_counter() - began)
    return p99(bare), p99(loaded), max(calls[::2]), max(calls[1::2])


def webhooks():
    return while_hostile("webhook", "api/webhooks/1/TOKEN", harmed)


def servers():
    return while_hostile("server", "", burdened)


def while_hostile(what, path, measured):
    print(f"{what:<22}{'p99 without, us':>18}{'with':>9}{'added':>9}{'limit':>8}{'start, ms':>12}{'stop, s':>10}")
    met = True
    spawn = multiprocessing.get_context("spawn")
    for name in [*HOSTILE, "takes no connection", "name look-up hangs"]:
        process, full = None, []
        if name in HOSTILE:
            mine, theirs = spawn.Pipe()
            process = spawn.Process(target=serve, args=(name, theirs), daemon=True)
            process.start()
            port = mine.recv()
        elif name == "takes no connection":
            port = no_room(full)
        scheme = "https" if name == "is no TLS" else "http"
        url = f"{scheme}://127.0.0.1:{port}/{path}"
        real = socket.getaddrinfo
        if name == "name look-up hangs":
            url = f"https://example.invalid/{path}"
            socket.getaddrinfo = lambda *_, **__: time.sleep(5)
        try:
            bare, watched, start, stop = measured(url)
        finally:
            socket.getaddrinfo = real
            if process is not None:
                process.terminate()
            for sock in full:
                sock.close()
        row = f"{name:<22}{bare:>18.0f}{watched:>9.0f}{watched - bare:>9.0f}{P99_LIMIT_US:>8.0f}"
        print(f"{row}{1e3 * start:>12.1f}{stop:>10.2f}", flush=True)
        met = met and watched - bare <= P99_LIMIT_US and stop <= 2.5
    return met


def no_room(sockets):
    """A port whose queue is full, so that no handshake is completed."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    sockets.append(listener)
    for _ in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(listener.getsockname())
        sockets.append(sock)
    return listener.getsockname()[1]


def forks():
    met = True
    for per in ("process", "host"):
        body = CONTENTION.replace("sys.argv[1]", repr(per)).replace("sys.argv[2]", "1000")
        began = time.monotonic()
        done = subprocess.run(script(body), env=environment(), capture_output=True, text=True, timeout=600, check=False)
        print(f'1,000 forks, per="{per}": {done.stdout.split()[0]} not clean, {time.monotonic() - began:.0f} s')
        met = met and (done.returncode, done.stdout, done.stderr) == (0, "0 []\n", "")
    return met


def exits():
    chance, bad = random.Random(11), []

    def end(number):
        name = list(ENDINGS)[number % len(ENDINGS)]
        what, code = ENDINGS[name]
        body = f"""
monitor = DriftMonitor(interval=0.001)
monitor.add_metric("mine", lambda: time.monotonic() % 0.02)
monitor.start()
time.sleep({chance.uniform(0, 0.3)})
{what}
"""
        done = subprocess.run(script(body), env=environment(), capture_output=True, text=True, timeout=60, check=False)
        if (done.returncode, done.stderr) != (code, ""):
            bad.append((name, done.returncode, done.stderr[-300:]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(end, range(1000)))
    print(f"1,000 ends of Python {sys.version.split()[0]}: {len(bad)} not clean {bad[:3]}")
    return not bad


def ticks():
    process = psutil.Process()
    monitor = DriftMonitor(interval=1e-6, notifiers=[Swallow()], cool_down=0.001)
    monitor.add_metric("mine", lambda: 100.0 * (time.monotonic() % 20 > 19))
    seen = []
    stop = threading.Event()

    def requests():
        while not stop.wait(0.001):
            monitor.record("GET /things", random.random())

    thread = threading.Thread(target=requests)
    with monitor:
        thread.start()
        for part in range(11):
            while monitor.stats()["ticks"] < DAY * part / 10:
                time.sleep(0.01)
            seen.append((process.memory_info().rss / 2**20, process.num_fds(), threading.active_count()))
        stop.set()
        thread.join()
    print(f"{'ticks':>8}{'RSS, MiB':>12}{'descriptors':>13}{'threads':>9}")
    for part, (rss, descriptors, threads) in enumerate(seen):
        print(f"{DAY * part // 10:>8}{rss:>12.1f}{descriptors:>13}{threads:>9}")
    # The first fifth fills what is bounded: samples, events, the windows of leaks.
    grown = seen[-1][0] - seen[2][0]
    print(f"grown since the first fifth: {grown:.2f} MiB (limit {RSS_LIMIT_MIB:g}); events {monitor.stats()['events']}")
    # One may be open for reading just now.
    most = max(descriptors for _, descriptors, _ in seen[:3])
    return grown <= RSS_LIMIT_MIB and all(descriptors <= most for _, descriptors, _ in seen)


class Swallow:
    def send(self, notice):
        pass


PARTS = {"webhooks": webhooks, "servers": servers, "forks": forks, "exits": exits, "ticks": ticks}


def main(names):
    met = True
    for name in names or PARTS:
        print(f"\n== {name}", flush=True)
        met = PARTS[name]() and met
    print("\nwithin all limits" if met else "\nA LIMIT IS EXCEEDED")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
