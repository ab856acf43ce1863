"""Runs a script in an interpreter of its own, as what is tried may end it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import drift_sre

PATIENCE = 30.0
_PREAMBLE = """
import logging, os, signal, sys, threading, time
from drift_sre import DriftMonitor

def until(condition, seconds=10.0):
    end, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        if time.monotonic() > end:
            return False
        pause.wait(0.002)
    return True
"""


def environment(**changes: str) -> dict[str, str]:
    """This process's, with the package and the tests' modules to be found."""
    root = str(Path(drift_sre.__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, str(Path(__file__).parent)]), **changes}


def script(body: str, *flags: str, **changes: str) -> list[str]:
    """The command that runs it. Python 3.12 warns of any fork while a thread runs, which is what is tried here."""
    return [sys.executable, "-W", "ignore::DeprecationWarning", *flags, "-c", _PREAMBLE + textwrap.dedent(body)]


def run(body: str, *flags: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """The script, when it has ended."""
    return subprocess.run(
        script(body, *flags),
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )


def clean(done: subprocess.CompletedProcess[str], code: int = 0) -> str:
    """What it printed, once it is sure that it ended as it should and complained of nothing."""
    assert (done.returncode, done.stderr) == (code, ""), done
    return done.stdout
