"""What holds for every test."""

import threading

import pytest


@pytest.fixture(autouse=True)
def no_monitor_is_left_running():
    """A monitor that one test leaves behind would read the host through what the next one puts in its place."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if thread.name == "drift-sre-monitor":
            # One that was told to stop may be at its last reading.
            thread.join(10)
            assert not thread.is_alive(), "the test left a monitor running"
