"""What holds for every test."""

import threading

import pytest


@pytest.fixture(autouse=True)
def no_monitor_is_left_running():
    """A monitor that one test leaves behind would read the host through what the next one puts in its place."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before]
    assert "drift-sre-monitor" not in left
