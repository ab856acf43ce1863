"""uWSGI, played by a module of its name: one warning where no thread can run, and no harm."""

from __future__ import annotations

import pytest

from scripts import clean, run

SERVER = """
import types
worker = 0
sys.modules["uwsgi"] = types.SimpleNamespace(opt={options}, worker_id=lambda: worker)
monitor = DriftMonitor(interval=0.02, metrics=["ram"])
monitor.start(); monitor.start()
monitor.record("x", 0.01)
print(monitor.is_running, monitor.observe({{"ram": 1.0}}), monitor.stats()["names"], flush=True)
child = os.fork()
worker = 1
if child == 0:
    monitor.record("x", 0.01)
    print(monitor.is_running, until(lambda: monitor.stats()["ticks"] > 1, 1), flush=True)
    monitor.start()
    os._exit(0)
os.waitpid(child, 0)
monitor.stop()
"""


@pytest.mark.parametrize(
    ("options", "printed", "warnings"),
    [
        ({}, "False [] 1\nFalse False\n", 1),
        ({"enable-threads": True}, "False [] 1\nTrue True\n", 0),
        ({"threads": b"2"}, "False [] 1\nTrue True\n", 0),
    ],
)
def test_sampling_begins_in_the_workers_or_warns_that_it_cannot(options, printed, warnings):
    done = run(SERVER.format(options=options))
    assert (done.returncode, done.stdout) == (0, printed)
    lines = [line for line in done.stderr.splitlines() if "RuntimeWarning" in line]
    assert [line.partition("--")[2] for line in lines] == ["enable-threads"] * warnings


def test_where_warnings_are_errors_it_is_none():
    done = run(SERVER.format(options={}), "-W", "error::RuntimeWarning")
    assert clean(done) == "False [] 1\nFalse False\n"


def test_a_module_of_the_application_s_that_has_its_name_is_not_it():
    clean(
        run("""
        import types
        sys.modules["uwsgi"] = types.ModuleType("uwsgi")
        monitor = DriftMonitor(metrics=[])
        monitor.start()
        assert monitor.is_running
        """)
    )
