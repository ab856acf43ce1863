"""The end of an interpreter whose monitor runs: as if there were none, whenever it comes."""

from __future__ import annotations

import os
import random
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from scripts import clean, run

# How a program may end, and the exit code it has without a monitor.
ENDINGS = {
    "return": ("pass", 0),
    "sys.exit": ("sys.exit(3)", 3),
    "os._exit": ("os._exit(4)", 4),
    "SIGTERM": ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)", -signal.SIGTERM),
    "a handler of SIGTERM": (
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(5)); os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)",
        5,
    ),
    "SIGINT": (
        "sys.excepthook = lambda *_: None; os.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
        -signal.SIGINT,
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_hundred_ends_at_random_moments_are_clean():
    chance = random.Random(7)

    def end(ending: tuple[str, int]) -> None:
        what, code = ending
        script = f"""
        class Sender:
            def send(self, notice): time.sleep(0.01)
        monitor = DriftMonitor(interval=0.001, notifiers=[Sender()])
        monitor.add_metric("mine", lambda: time.monotonic() % 0.02)
        monitor.start()
        time.sleep({chance.uniform(0, 0.3)})
        {what}
        """
        clean(run(script), code)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(end, [*ENDINGS.values()] * 17))


def exit_seconds(body: str) -> float:
    """How long the interpreter took for its handlers, by its first and its last one."""
    printed = clean(
        run(
            """
        import atexit
        began = []
        atexit.register(lambda: print(time.monotonic() - began[0]))
        import drift_sre
        atexit.unregister(drift_sre.monitor._stop_all)
        atexit.register(drift_sre.monitor._stop_all)
        atexit.register(lambda: began.append(time.monotonic()))
        """
            + body
        )
    )
    return float(printed)


def test_an_idle_monitor_delays_the_end_by_no_more_than_50_ms():
    delays = [
        exit_seconds("""
        monitor = DriftMonitor(interval=60)
        monitor.start()
        assert until(lambda: monitor.stats()["ticks"] == 1)
        """)
        for _ in range(3)
    ]
    # The best of three, for the machine may be busy with something else.
    assert min(delays) < 0.05


@pytest.mark.parametrize(
    "hang",
    [
        "monitor.add_metric('mine', lambda: time.sleep(60))",
        "monitor._collector.read_one = lambda name: time.sleep(60)",
    ],
)
def test_what_hangs_delays_the_end_by_two_seconds_at_most(hang):
    delay = exit_seconds(f"""
        monitor = DriftMonitor(interval=0.01)
        {hang}
        monitor.start()
        time.sleep(0.1)
        """)
    assert delay < 2.5


def test_several_monitors_share_the_two_seconds():
    delay = exit_seconds("""
        class Sender:
            def send(self, notice): time.sleep(60)
        monitors = [DriftMonitor(metrics=["cpu"], notifiers=[Sender()], scale=None, min_samples=1) for _ in range(3)]
        for monitor in monitors:
            monitor.observe({"cpu": 0.0}, at=0)
            assert monitor.observe({"cpu": 1000.0}, at=1)
        """)
    assert 1.5 < delay < 2.5


def test_a_signal_in_the_last_moment_leaves_no_message():
    done = run("""
        class Sender:
            def send(self, notice): time.sleep(60)
        monitor = DriftMonitor(metrics=["cpu"], notifiers=[Sender()], scale=None, min_samples=1)
        monitor.observe({"cpu": 0.0}, at=0)
        assert monitor.observe({"cpu": 1000.0}, at=1)
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.daemon = True  # else the interpreter would wait for it before it ends anything
        timer.start()
        """)
    clean(done)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_ends_as_cleanly():
    clean(
        run("""
        monitor = DriftMonitor(interval=0.001)
        monitor.start()
        for _ in range(20):
            child = os.fork()
            if child == 0:
                sys.exit(7)
            assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 7
        """)
    )
