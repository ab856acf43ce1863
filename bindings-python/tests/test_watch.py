"""`python -m drift_sre`: run as users run it, and the terminal's drawing line by line."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from drift_sre import DriftMonitor
from drift_sre.watch import EventLines, Terminal

BURN = Path(__file__).with_name("burn.py")


def run(*arguments, **options):
    command = [sys.executable, "-m", "drift_sre", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def test_json_gives_one_object_a_line_and_exits_with_0():
    done = run("--json", "--duration", "1.5", "--interval", "0.25", "--metrics", "ram, load")
    assert (done.returncode, done.stderr) == (0, "")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(records) >= 4
    assert {record["type"] for record in records} == {"status"}
    newest = records[-1]["metrics"]
    assert list(newest) == ["ram", "load"]
    assert newest["ram"]["state"] == "warming_up"
    assert 0 < newest["ram"]["value"] <= 100


def test_where_no_terminal_is_it_says_that_it_watches_and_then_events_only():
    done = run("--duration", "1", "--interval", "0.25", "--metrics", "ram,load")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "watching ram, load; drifts are told here\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--metrics", "cpu,gpu"],
            "metrics must be among cpu, ram, disk_io, network, load, socket_errors; got 'gpu'",
        ),
        (["--interval", "0"], "interval must be a positive number, got 0.0"),
        (["--duration", "-1"], "must be a positive number of seconds, got -1"),
        (["--discord-url", "ftp://x/SECRET"], "url"),
    ],
)
def test_bad_arguments_exit_with_2_and_say_what_was_wanted(arguments, message):
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "SECRET" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_loaded_cpu_is_found_and_so_is_its_end():
    """The whole product on this machine: learn, load every core, be told within 20 s, stop the load, be told again."""
    command = [
        sys.executable,
        "-m",
        "drift_sre",
        "--json",
        "--metrics",
        "cpu",
        "--interval",
        "0.25",
        "--fail-on-drift",
    ]
    with subprocess.Popen([*command, "--duration", "90"], stdout=subprocess.PIPE, text=True) as watch:
        lines = iter(watch.stdout.readline, "")
        records = (json.loads(line) for line in lines)
        guard = threading.Timer(80, watch.kill)
        guard.start()
        try:
            next(r for r in records if r["type"] == "status" and r["metrics"]["cpu"]["samples"] > 45)
            loaded_at = time.time()
            with subprocess.Popen([sys.executable, str(BURN), "60"], start_new_session=True) as burn:
                opened = next(r for r in records if r["type"] == "event")
                os.killpg(burn.pid, signal.SIGKILL)
            closed = next(r for r in records if r["type"] == "event")
            next(r for r in records if r["type"] == "status")
            watch.send_signal(signal.SIGINT)
            assert watch.wait(10) == 1, "--fail-on-drift"
        finally:
            guard.cancel()
            watch.kill()
    assert (opened["kind"], opened["metric"], opened["direction"]) == ("opened", "cpu", "up")
    assert opened["detected_at"] - loaded_at < 20
    assert abs(opened["onset"] - loaded_at) < 3
    assert opened["snapshot"]["top_cpu"]
    assert (closed["kind"], closed["reason"]) == ("closed", "recovered")


class Tty(io.StringIO):
    """A terminal that keeps what is written to it."""

    encoding = "utf-8"


def drawn(monitor, events=(), *, encoding="utf-8"):
    out = Tty()
    out.encoding = encoding
    Terminal(out, min_samples=30).show(monitor.status(), list(events))
    return out.getvalue()


def plain_lines(text):
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).lstrip("\r").splitlines()


def test_terminal_shows_a_line_a_metric_with_value_baseline_evidence_and_state():
    monitor = DriftMonitor(metrics=["cpu", "network"])
    for t in range(100):
        monitor.observe({"cpu": 10.0 + t % 2, "network": 2.5e6}, at=t)
    for t in range(100, 104):
        monitor.observe({"cpu": 40.0}, at=t)
    heading, cpu, network = plain_lines(drawn(monitor))
    assert heading.split()[:5] == ["metric", "now", "normal", "evidence", "state"]
    assert re.fullmatch(r"cpu +40 % +10\.5 % +▕█+.? *▏ 0\.\d\d warning up", cpu), cpu
    assert re.fullmatch(r"network +2\.5 MB/s +2\.5 MB/s +▕ +▏ 0\.00 in control", network), network


def test_terminal_counts_down_the_learning_and_does_without_unicode():
    monitor = DriftMonitor(metrics=["cpu"])
    for t in range(12):
        monitor.observe({"cpu": 10.0}, at=t)
    line = plain_lines(drawn(monitor))[1]
    assert line.split() == ["cpu", "10", "%", "learning", "12/30"]
    for t in range(12, 100):
        monitor.observe({"cpu": 10.0}, at=t)
    assert "[            ] 0.00" in plain_lines(drawn(monitor, encoding="ascii"))[1]


def test_terminal_draws_in_place_with_events_above():
    out = Tty()
    view = Terminal(out, min_samples=30)
    monitor = DriftMonitor(metrics=["cpu"])
    view.show(monitor.status(), [])
    for t in range(100):
        monitor.observe({"cpu": 10.0 + t % 2 + 80 * (t > 60)}, at=t)
    out.seek(0)
    out.truncate()
    view.show(monitor.status(), monitor.events())
    assert out.getvalue().startswith("\x1b[2F\x1b[J"), "back over the two lines of the first drawing"
    first, second, heading, cpu = plain_lines(out.getvalue())
    assert "drift: cpu rose from 10.5 % to 90" in first
    assert second.strip() == monitor.events()[0].meaning
    assert heading.startswith("metric")
    assert cpu.endswith("drifting up")


def test_hostile_names_cannot_steer_the_terminal():
    monitor = DriftMonitor(metrics=[])
    monitor.add_metric("evil\x1b[2J\nname", lambda: 1.0)
    for t in range(100):
        monitor.observe({"evil\x1b[2J\nname": 1.0 + t % 2 + 80 * (t > 60)}, at=t)
    out = io.StringIO()
    EventLines(out).show(monitor.status(), monitor.events())
    text = drawn(monitor) + out.getvalue()
    assert "\x1b[2J" not in text
    assert len(plain_lines(drawn(monitor))) == 2


def test_no_color_is_respected(monkeypatch):
    monitor = DriftMonitor(metrics=["cpu"])
    assert "\x1b[2m" in drawn(monitor)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "m" not in re.findall(r"\x1b\[[0-9;]*([A-Za-z])", drawn(monitor))
