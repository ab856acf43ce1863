"""gevent and eventlet, which put greenlets in the place of threads."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from scripts import PATIENCE, clean, environment, run
from test_fork import APPLICATION, free_port, seen

PATCHES = {
    "gevent": "import gevent.monkey; gevent.monkey.patch_all(); from gevent import sleep",
    "eventlet": "import eventlet; eventlet.monkey_patch(); from eventlet import sleep",
}
USE = """
class Sender:
    def __init__(self): self.notices = []
    def send(self, notice): time.sleep(0.01); self.notices.append(notice)
sender = Sender()
monitor = DriftMonitor(interval=0.02, notifiers=[sender])
monitor.add_metric("mine", lambda: 1.0)
monitor.start()
"""
CHECK = """
from drift_sre import DriftMonitor as Another
judged = Another(metrics=["cpu"], notifiers=[sender], scale=None, min_samples=1, threshold=1)
judged.observe({"cpu": 0.0}, at=0)
assert judged.observe({"cpu": 100.0}, at=1)
for _ in range(200):
    monitor.record("x", 0.01)
    monitor.status()
    if monitor.stats()["ticks"] > 10 and sender.notices:
        break
    sleep(0.02)
stats = monitor.stats()
assert stats["ticks"] > 10 and sender.notices, stats
assert not stats["internal_errors"] and not stats["errors"] and not stats["blocked"], stats
began = time.monotonic()
monitor.stop()
assert time.monotonic() - began < 2
judged.stop()
"""


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())
def test_a_monitor_works_after_python_was_patched(patch):
    pytest.importorskip(patch.split()[1].partition(".")[0].rstrip(";"))
    clean(run(patch + "\n" + USE + CHECK, "-W", "ignore"))


def test_a_monitor_works_on_when_gevent_patches_python_after_it():
    pytest.importorskip("gevent")
    done = run(USE + PATCHES["gevent"] + "\n" + CHECK, "-W", "ignore")
    assert done.returncode == 0, done


@pytest.mark.parametrize("preload", [["--preload"], []])
def test_gevent_workers_of_gunicorn_are_monitored(preload, tmp_path):
    pytest.importorskip("gevent")
    (tmp_path / "site_.py").write_text(APPLICATION)
    port = free_port()
    command = ["gunicorn", *preload, "-k", "gevent", "-w", "2", "--log-level", "error", "-b", f"127.0.0.1:{port}"]
    with (tmp_path / "errors").open("wb") as errors, subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *command, "site_:app"],
        cwd=tmp_path,
        env=environment(),
        stderr=errors,
    ) as process:
        try:
            workers = seen(port, process, 2)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
    assert len(workers) == 2
    assert all(ticks >= 2 and threads == 1 for ticks, threads, _ in workers.values()), workers
    assert (tmp_path / "errors").read_text() == ""
