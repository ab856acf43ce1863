"""The console notifier: what it writes, and that no stream can make it fail."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import drift_sre
from drift_sre.events import DriftEvent
from drift_sre.notify import Console, Notice


def notice(suppressed: int = 0, **changes: object) -> Notice:
    fields = {
        "kind": "opened",
        "metric": "cpu",
        "direction": "up",
        "severity": "critical",
        "value": 97.0,
        "baseline": 12.0,
        "shift": 85.0,
        "score": 3.2,
        "onset": 1.0,
        "detected_at": 2.0,
        "reason": "drift",
        "unit": "%",
        "golden_signal": "saturation",
        "meaning": "a process is looping",
        "explanation": "cpu rose from 12 % to 97 %",
    }
    return Notice(DriftEvent(**{**fields, **changes}), suppressed)  # type: ignore[arg-type]


def written(given: Notice) -> str:
    stream = io.StringIO()
    Console(stream).send(given)
    return stream.getvalue()


def test_an_opened_drift_says_what_changed_and_what_that_means():
    assert written(notice()) == ("drift-sre: critical: cpu rose from 12 % to 97 %\n  usually: a process is looping\n")


def test_the_events_held_back_are_counted():
    assert written(notice(3)).endswith("\n  held back since the last message: 3\n")


def test_a_closed_drift_is_one_line():
    text = written(notice(kind="closed", severity="info", explanation="cpu is back at 12 %"))
    assert text == "drift-sre: info: cpu is back at 12 %\n"


def test_names_cannot_steer_the_terminal_or_forge_a_line():
    text = written(notice(explanation="a\x1b[2J\x9b31m\r\nforged\u202e\u2028b\ud800", meaning="\x00\x07"))
    assert text.splitlines()[0] == "drift-sre: critical: a[2J31m  forged b"
    assert text.count("\n") == 2
    assert all(char.isprintable() for char in text.replace("\n", ""))


def test_it_follows_sys_stderr(capsys):
    Console().send(notice())
    assert capsys.readouterr().err.startswith("drift-sre: critical:")


class Broken(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError("no space left on device")


def test_a_broken_stream_never_raises(monkeypatch):
    closed = io.StringIO()
    closed.close()
    for stream in (Broken(), closed, object()):
        Console(stream).send(notice())  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stderr", None)
    Console().send(notice())


def test_an_encoding_that_lacks_a_character_gets_its_escape():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    Console(stream).send(notice(explanation="é"))
    assert b": \\xe9\n" in raw.getvalue()


@pytest.mark.skipif(sys.platform == "win32", reason="select takes no pipes there")
def test_the_interpreter_exits_cleanly_while_the_thread_writes_to_a_full_stderr():
    script = (
        "import select, threading\n"
        "from drift_sre.notify import Console, Outbox\n"
        "from test_console import notice\n"
        "outbox = Outbox(Console(), 0)\n"
        # A pipe holds 64 KiB and nobody reads it before the end: the thread stays in the write.
        "for number in range(5):\n"
        "    outbox.put(notice(explanation='x' * 100_000).event)\n"
        "while select.select([], [2], [], 0)[1]:\n"
        "    threading.Event().wait(0.01)\n"
    )
    root = str(Path(drift_sre.__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, str(Path(__file__).parent)])}
    environment.pop("PYTHONUNBUFFERED", None)  # with it there is no buffer whose lock could be kept
    with subprocess.Popen([sys.executable, "-c", script], env=environment, stderr=subprocess.PIPE) as process:
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()
        assert process.stderr is not None
        assert b"Fatal" not in process.stderr.read()
