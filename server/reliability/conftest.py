"""Builds the server and the recorder, gives each test its folder, and prints what was measured."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

import served
from recorder import build

ROOT = Path(__file__).parents[2]
FIGURES: list[tuple[str, dict[str, Any], float]] = []
Figures = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="the long form, on a release build")
    parser.addoption("--binary", help="the server; built from this tree if not told")


def pytest_configure() -> None:
    """Who ends the tests ends their servers too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether this is the long form."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture(scope="session")
def binary(request: pytest.FixtureRequest, long: bool) -> Path:
    if told := request.config.getoption("--binary"):
        return Path(told).resolve()
    profile = ["--release"] if long else []
    cargo = os.environ.get("CARGO", "cargo")
    command = [cargo, "build", "--quiet", "--locked", "-p", "drift-sre-server", "--bin", "drift-sre", *profile]
    # As fast as makes no difference here, and built in half the time.
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "CARGO_PROFILE_RELEASE_LTO": "thin"})
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return ROOT / target / ("release" if long else "debug") / "drift-sre"


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("recorder"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where there is such a place: faults come from the recorder, not from the disk."""
    shared = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="drift-sre-", dir=shared if shared.is_dir() else None))
    yield made
    served.end_all()
    shutil.rmtree(made)


@pytest.fixture
def figures() -> Figures:
    """Notes what a check measured, as one line."""
    before = time.monotonic()

    def note(check: str, **measured: Any) -> None:
        FIGURES.append((check, measured, time.monotonic() - before))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    width = max((len(check) for check, _, _ in FIGURES), default=0)
    for check, measured, secs in FIGURES:
        text = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in measured.items())
        terminalreporter.write_line(f"{check:<{width}}  {secs:6.1f} s  {text}")
