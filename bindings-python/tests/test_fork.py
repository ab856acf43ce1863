"""Monitors in forked processes: each goes on, none hangs, and a host has one leader if that is wanted."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from scripts import PATIENCE, clean, environment, run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def test_a_child_samples_on_and_so_does_its_parent():
    printed = clean(
        run("""
        monitor = DriftMonitor(interval=0.02)
        monitor.start()
        assert until(lambda: monitor.stats()["ticks"] > 2)
        child = os.fork()
        began = time.monotonic()
        ok = until(lambda: monitor.stats()["ticks"] >= 3) and monitor.is_running
        print(child == 0, ok, monitor.stats()["pid"] == os.getpid(), len(threading.enumerate()), flush=True)
        if child == 0:
            monitor.stop()
            os._exit(0 if not monitor.is_running else 1)
        assert os.waitpid(child, 0)[1] == 0
        """)
    )
    assert sorted(printed.splitlines()) == ["False True True 2", "True True True 2"]


def test_a_child_of_a_stopped_monitor_is_left_alone():
    clean(
        run("""
        monitor = DriftMonitor(interval=0.02)
        monitor.start(); monitor.stop()
        child = os.fork()
        if child == 0:
            os._exit(42 if not monitor.is_running and threading.active_count() == 1 else 1)
        assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 42
        """)
    )


CONTENTION = """
import random, socket
told = []
class Hanging:
    def send(self, notice): time.sleep(0.01)
logging.basicConfig(level=logging.DEBUG, stream=open(os.devnull, "w"))
monitor = DriftMonitor(interval=0.001, notifiers=[Hanging()], per=sys.argv[1])
monitor.add_metric("mine", lambda: random.random())
monitor.start()
def use():
    at = 0
    while True:
        at += 1
        monitor.observe({"cpu": at % 7.0}, at=at); monitor.status(); monitor.events(); monitor.stats()
        monitor.update_threshold(50 + at % 2); monitor.record("x", 0.001); monitor.accept()
        logging.getLogger("drift_sre").debug("noise")
for _ in range(8):
    threading.Thread(target=use, daemon=True).start()
bad = []
for n in range(int(sys.argv[2])):
    child = os.fork()
    if child == 0:
        # Its own first descriptors: whatever is written to them comes from the package.
        mine, peer = socket.socketpair()
        monitor.observe({"cpu": 1.0}); monitor.status(); monitor.events(); monitor.accept(); monitor.record("x", 0.1)
        monitor.update_interval(0.001); monitor.stats()
        ok = until(lambda: monitor.stats()["ticks"] > 0, 10)
        monitor.stop()
        peer.setblocking(False)
        try:
            peer.recv(1); ok = False
        except BlockingIOError:
            pass
        os._exit(42 if ok else 1)
    end = time.monotonic() + 20
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0); status = -1
            break
        time.sleep(0.001)
    if status < 0 or os.WEXITSTATUS(status) != 42:
        bad.append(status)
print(len(bad), bad[:5])
os._exit(0)
"""


@pytest.mark.parametrize("per", ["process", "host"])
def test_forks_under_contention_never_hang(per, tmp_path):
    script = CONTENTION.replace("sys.argv[1]", repr(per)).replace("sys.argv[2]", "40")
    if per == "host":  # only one of them can sample the host, so a tick is all there is to wait for
        assert clean(run(script, TMPDIR=str(tmp_path))) == "0 []\n"
    else:
        assert clean(run(script)) == "0 []\n"


def test_monitors_that_are_gone_are_not_kept_for_the_sake_of_forks():
    clean(
        run("""
        import gc, weakref
        gone = []
        for _ in range(3):
            monitor = DriftMonitor(interval=0.01)
            monitor.start(); monitor.stop()
            gone.append(weakref.ref(monitor))
        del monitor
        gc.collect()
        assert [each() for each in gone] == [None] * 3, gone
        """)
    )


def test_a_fork_without_python_s_hooks_is_found_out():
    # As uWSGI does, unless it is told otherwise.
    clean(
        run("""
        import ctypes
        monitor = DriftMonitor(interval=0.02)
        monitor.start()
        hold = threading.Event()
        def holding():
            with monitor._lock:
                hold.set()
                time.sleep(10)
        threading.Thread(target=holding, daemon=True).start()
        hold.wait(10)
        child = ctypes.PyDLL(None).fork()
        if child == 0:
            monitor.record("x", 0.1)
            os._exit(42 if monitor.stats()["names"] == 1 else 1)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            time.sleep(0.01)
        else:
            os.kill(child, signal.SIGKILL)
        assert done and os.WEXITSTATUS(status) == 42, (done, status)
        os._exit(0)
        """)
    )


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_children_have_one_monitor_each(method, tmp_path):
    (tmp_path / "job.py").write_text(
        """
import multiprocessing, os, sys, threading, time
from drift_sre import DriftMonitor

monitor = DriftMonitor(interval=0.02)
monitor.start()


def job(_):
    end = time.monotonic() + 10
    while monitor.stats()["ticks"] < 2 and time.monotonic() < end:
        time.sleep(0.01)
    names = [thread.name for thread in threading.enumerate() if thread.name == "drift-sre-monitor"]
    return os.getpid(), monitor.stats()["ticks"] >= 2, len(names)


if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        answers = pool.map(job, range(6), chunksize=1)
        pool.close()
        pool.join()
    assert all(ticked and threads == 1 for _, ticked, threads in answers), answers
    assert all(pid != os.getpid() for pid, _, _ in answers)
"""
    )
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "job.py", method]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    clean(done)


def test_a_host_has_one_leader_and_another_when_it_dies(tmp_path):
    printed = clean(
        run(
            """
        import json
        monitor = DriftMonitor(interval=0.02, metrics=["ram", "load"], per="host")
        monitor.add_metric("mine", lambda: 1.0)
        monitor.start()
        assert until(lambda: monitor.stats()["leader"] and monitor.status()["ram"].samples > 1)
        kids = []
        for _ in range(3):
            mine, theirs = os.pipe()
            child = os.fork()
            if child == 0:
                ticked = until(lambda: monitor.stats()["ticks"] > 5)
                os.write(theirs, b"L" if monitor.stats()["leader"] else b"f" if ticked else b"?")
                until(lambda: monitor.stats()["leader"])
                samples = monitor.status()["ram"].samples
                os.write(theirs, b"L" if until(lambda: monitor.status()["ram"].samples > samples) else b"?")
                os._exit(0)
            kids.append((child, mine))
        print([os.read(mine, 1).decode() for _, mine in kids], monitor.stats()["leader"])
        monitor.stop()
        # Each leads when those before it have ended.
        print([os.read(mine, 1).decode() for _, mine in kids])
        for child, _ in kids:
            os.waitpid(child, 0)
        """,
            TMPDIR=str(tmp_path),
        )
    )
    assert printed == "['f', 'f', 'f'] True\n['L', 'L', 'L']\n"


def test_where_no_leader_can_be_elected_each_process_samples(tmp_path):
    tmp_path.joinpath(f"drift-sre-{os.getuid()}.lock").mkdir()
    clean(
        run(
            """
        monitor = DriftMonitor(interval=0.02, metrics=["ram"], per="host")
        monitor.start()
        assert until(lambda: monitor.status()["ram"].samples > 1)
        assert monitor.stats()["leader"]
        """,
            TMPDIR=str(tmp_path),
        )
    )


APPLICATION = """
import json, os, threading
from drift_sre import DriftMonitor

monitor = DriftMonitor(interval=0.05, per=os.environ.get("PER", "process"))
monitor.start()


def app(environ, start_response):
    threads = [thread.name for thread in threading.enumerate()].count("drift-sre-monitor")
    stats = monitor.stats()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([os.getpid(), stats["ticks"], threads, stats["leader"]]).encode()]


async def asgi(scope, receive, send):
    if scope["type"] == "http":
        body = app({}, lambda *_: None)[0]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def seen(port: int, process: subprocess.Popen[bytes], wanted: int) -> dict[int, list[object]]:
    """The newest answer of each worker, once there are so many and each has sampled."""
    workers: dict[int, list[object]] = {}

    def ask(_: int) -> None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as reply:
                pid, *rest = json.load(reply)
            workers[pid] = rest
        except OSError:
            time.sleep(0.05)

    end = time.monotonic() + PATIENCE
    with ThreadPoolExecutor(8) as pool:
        while time.monotonic() < end and process.poll() is None:
            list(pool.map(ask, range(16)))
            if len(workers) >= wanted and all(ticks >= 2 for ticks, _, _ in workers.values()):
                break
    return workers


GUNICORN = "gunicorn --preload --workers 4 --log-level error --bind 127.0.0.1:{} site_:app"
SERVERS = {
    "gunicorn": GUNICORN,
    "gunicorn gthread": f"{GUNICORN} --worker-class gthread --threads 4",
    "uvicorn": "uvicorn --workers 4 --log-level error --port {} site_:asgi",
}


@pytest.mark.parametrize("per", ["process", "host"])
@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS.keys())
def test_each_worker_of_a_server_is_monitored(server, per, tmp_path):
    (tmp_path / "site_.py").write_text(APPLICATION)
    port = free_port()
    command = [sys.executable, "-m", *server.format(port).split()]
    with (tmp_path / "errors").open("wb") as errors, subprocess.Popen(
        command, cwd=tmp_path, env=environment(PER=per, TMPDIR=str(tmp_path)), stderr=errors
    ) as process:
        try:
            workers = seen(port, process, 4)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
    assert len(workers) == 4
    assert all(ticks >= 2 and threads == 1 for ticks, threads, _ in workers.values()), workers
    # Under --preload the leader is the process that all were forked from.
    leaders = sum(leads for _, _, leads in workers.values())
    assert leaders == 4 if per == "process" else leaders <= 1
    assert (tmp_path / "errors").read_text() == ""
