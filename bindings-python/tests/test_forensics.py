"""The snapshot keeps its budget, its shape and its secrets, whatever the host does."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import threading
import time
from collections import deque, namedtuple
from pathlib import Path
from typing import Any, Iterator

import psutil
import pytest

from drift_sre import forensics
from drift_sre.forensics import capture

LINUX = sys.platform.startswith("linux")
SECTIONS = {
    "host",
    "uptime_seconds",
    "cpu_count",
    "load_average",
    "memory",
    "top_memory",
    "interfaces",
    "top_cpu",
    "disks",
    *(["connections"] if LINUX else []),
}
AMPLE = 30.0
CANARY = "canary-5f3c"


def at_work() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "drift-sre-forensics"]


@pytest.fixture(autouse=True)
def no_capture_is_left_at_work() -> Iterator[None]:
    yield
    for thread in at_work():
        thread.join(AMPLE)
    assert not forensics._busy.locked()


@pytest.fixture
def dead_mount(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A disk whose size is not told before the event is set."""
    released = threading.Event()
    real = psutil.disk_partitions

    def hang(all: bool) -> Any:
        released.wait(AMPLE)
        return real(all)

    monkeypatch.setattr(psutil, "disk_partitions", hang)
    yield released
    released.set()


def test_a_whole_snapshot_has_every_section_and_is_json() -> None:
    before = time.time()
    snapshot = capture({"cpu": [(1.0, 2.0)]}, budget=AMPLE)
    assert snapshot["incomplete"] == []
    assert set(snapshot) == {"taken_at", "samples", "incomplete"} | SECTIONS
    assert json.loads(json.dumps(snapshot, allow_nan=False)) == snapshot
    assert before <= snapshot["taken_at"] <= time.time()
    assert set(snapshot["memory"]) == {"total_bytes", "available_bytes", "percent", "swap_percent"}
    assert snapshot["uptime_seconds"] > 0
    assert len(snapshot["load_average"]) == 3
    for rates in snapshot["interfaces"].values():
        assert set(rates) == {"sent_per_second", "received_per_second"}
    for disk in snapshot["disks"]:
        assert set(disk) == {"mount", "percent", "free_bytes"}
    for section, value in (("top_memory", "rss_bytes"), ("top_cpu", "cpu_percent")):
        assert 1 <= len(snapshot[section]) <= 5
        assert all(set(process) == {"pid", "name", value} for process in snapshot[section])
        ranked = [process[value] for process in snapshot[section]]
        assert ranked == sorted(ranked, reverse=True)


@pytest.mark.parametrize("kind", [list, tuple, deque])
def test_the_last_sixty_samples_of_every_metric_are_kept(kind: Any) -> None:
    history = {"cpu": kind((float(n), n / 2) for n in range(100)), "ram": kind([(7.0, 8.0)])}
    samples = capture(history)["samples"]
    assert samples == {"cpu": [[float(n), n / 2] for n in range(40, 100)], "ram": [[7.0, 8.0]]}


def test_a_dead_mount_costs_the_disks_and_keeps_the_budget(dead_mount: threading.Event) -> None:
    started = time.monotonic()
    snapshot = capture({}, budget=1.0)
    assert time.monotonic() - started < 1.5
    assert snapshot["incomplete"] == ["disks"]
    assert "disks" not in snapshot
    assert set(snapshot) == {"taken_at", "samples", "incomplete"} | SECTIONS - {"disks"}


def test_while_a_capture_hangs_the_next_starts_no_thread(dead_mount: threading.Event) -> None:
    capture({}, budget=0.05)
    assert len(at_work()) == 1
    started = time.monotonic()
    snapshot = capture({"cpu": [(1.0, 2.0)]}, budget=AMPLE)
    assert time.monotonic() - started < 1.0
    assert len(at_work()) == 1
    assert set(snapshot) == {"taken_at", "samples", "incomplete"}
    assert set(snapshot["incomplete"]) == SECTIONS
    assert snapshot["samples"] == {"cpu": [[1.0, 2.0]]}


def test_after_the_hang_a_capture_is_whole_again(dead_mount: threading.Event) -> None:
    capture({}, budget=0.5)
    dead_mount.set()
    for thread in at_work():
        thread.join(AMPLE)
    assert capture({}, budget=AMPLE)["incomplete"] == []


def test_a_section_that_comes_back_late_sets_off_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(forensics.socket, "gethostname", lambda: released.wait(AMPLE))
    asked: list[str] = []
    monkeypatch.setattr(psutil, "boot_time", lambda: asked.append("boot_time"))
    snapshot = capture({}, budget=0.05)
    released.set()
    for thread in at_work():
        thread.join(AMPLE)
    assert set(snapshot["incomplete"]) == SECTIONS
    assert asked == []


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("boot_time", ["uptime_seconds"]),
        ("getloadavg", ["load_average"]),
        ("swap_memory", ["memory"]),
        ("pids", ["top_memory", "top_cpu"]),
        ("net_io_counters", ["interfaces"]),
        ("disk_partitions", ["disks"]),
    ],
)
def test_a_section_that_fails_is_named_and_costs_no_other(
    monkeypatch: pytest.MonkeyPatch, name: str, lost: list[str]
) -> None:
    def fail(*_args: Any, **_keywords: Any) -> Any:
        raise OSError("broken")

    monkeypatch.setattr(psutil, name, fail)
    snapshot = capture({}, budget=AMPLE)
    assert snapshot["incomplete"] == lost
    assert set(snapshot) == {"taken_at", "samples", "incomplete"} | SECTIONS - set(lost)


def test_a_history_that_is_no_history_is_named() -> None:
    history: Any = {"cpu": 5}
    snapshot = capture(history, budget=AMPLE)
    assert snapshot["incomplete"] == ["samples"]


def test_without_a_thread_to_be_had_the_snapshot_is_what_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    snapshot = capture({})
    assert set(snapshot) == {"taken_at", "samples", "incomplete"}
    assert set(snapshot["incomplete"]) == SECTIONS


def waiting_child(*argv: str, **keywords: Any) -> subprocess.Popen[bytes]:
    """A process that says when it runs, and then waits until its input closes."""
    work = "import sys; print(flush=True); sys.stdin.read()"
    child = subprocess.Popen([*argv, "-c", work, CANARY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **keywords)
    assert child.stdout is not None
    child.stdout.readline()
    return child


def test_secrets_of_a_process_stay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with waiting_child(sys.executable, env={"TOKEN": CANARY}) as child:
        # Only these two are looked at, so that the child is among the top.
        monkeypatch.setattr(psutil, "pids", lambda: [1, child.pid])
        snapshot = capture({}, budget=AMPLE)
        child.communicate()
    assert child.pid in [process["pid"] for process in snapshot["top_memory"]]
    assert child.pid in [process["pid"] for process in snapshot["top_cpu"]]
    assert CANARY not in json.dumps(snapshot)


@pytest.mark.skipif(not LINUX, reason="the name is cut where the kernel of Linux cuts it")
def test_secrets_in_a_title_that_continues_the_name_stay_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # psutil takes the name of 15 characters for cut, and completes it from the title.
    program = tmp_path / "a-worker-15-chr"
    program.symlink_to(sys.executable)
    with waiting_child(f"{program.name}: {CANARY}", executable=str(program)) as child:
        process = psutil.Process(child.pid)
        assert CANARY in process.name()
        monkeypatch.setattr(psutil, "pids", lambda: [child.pid])
        snapshot = capture({}, budget=AMPLE)
        child.communicate()
    assert [process["name"] for process in snapshot["top_memory"]] == [program.name]
    assert CANARY not in json.dumps(snapshot)


def test_the_cpu_share_of_a_process_is_that_of_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(seconds: float) -> None:
        until = time.thread_time() + seconds
        while time.thread_time() < until:
            pass

    me = psutil.Process().pid
    monkeypatch.setattr(psutil, "pids", lambda: [me])
    monkeypatch.setattr(time, "sleep", work)
    [mine] = capture({}, budget=AMPLE)["top_cpu"]
    # One thread at work for 0.2 s; less than all of it while other processes are served.
    assert 10 < mine["cpu_percent"] <= 120


def test_processes_that_cannot_all_be_walked_leave_time_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    me = psutil.Process().pid
    many = (me for _ in iter(int, 1))
    monkeypatch.setattr(psutil, "pids", lambda: many)
    snapshot = capture({}, budget=2.0)
    assert snapshot["incomplete"][:2] == ["top_memory", "top_cpu"]
    assert snapshot["top_memory"][0]["pid"] == me
    assert "interfaces" in snapshot


def test_interfaces_give_rates_and_leave_out_what_was_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    nic = namedtuple("Nic", "bytes_sent bytes_recv")
    readings = iter(
        [
            {"eth0": nic(0, 100), "reset": nic(50, 0), "gone": nic(0, 0)},
            {"eth0": nic(600, 400), "reset": nic(1, 9), "new": nic(9, 9)},
        ]
    )
    monkeypatch.setattr(psutil, "net_io_counters", lambda pernic, nowrap: next(readings))
    rates = capture({}, budget=AMPLE)["interfaces"]
    assert set(rates) == {"eth0"}
    # The pause is 0.2 s or, on a busy machine, longer.
    assert 0 < rates["eth0"]["sent_per_second"] <= 3_000
    assert rates["eth0"]["sent_per_second"] == pytest.approx(2 * rates["eth0"]["received_per_second"], abs=1)


def tcp_table(*states: str) -> str:
    head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    row = "   {}: 0100007F:0CEA 00000000:0000 {} 00000000:00000000 00:00000000 00000000     0\n"
    return head + "".join(row.format(n, state) for n, state in enumerate(states))


@pytest.mark.skipif(not LINUX, reason="only Linux has the tables")
def test_connections_are_counted_by_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tables = (tmp_path / "tcp", tmp_path / "tcp6", tmp_path / "absent")
    monkeypatch.setattr(forensics, "_TCP_TABLES", tables)
    tables[0].write_text(tcp_table("0A", "01", "01", "06"))
    tables[1].write_text(tcp_table("0A", "08"))
    snapshot = capture({}, budget=AMPLE)
    assert snapshot["connections"] == {"LISTEN": 2, "ESTABLISHED": 2, "TIME_WAIT": 1, "CLOSE_WAIT": 1}
    assert snapshot["incomplete"] == []


@pytest.mark.skipif(not LINUX, reason="only Linux has the tables")
def test_connections_beyond_the_cap_are_not_read_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(forensics, "_TCP_TABLES", (tmp_path / "tcp",))
    monkeypatch.setattr(forensics, "_CONNECTION_LINES", 3)
    (tmp_path / "tcp").write_text(tcp_table(*["01"] * 4))
    snapshot = capture({}, budget=AMPLE)
    assert snapshot["connections"] == {"ESTABLISHED": 3}
    assert snapshot["incomplete"] == ["connections"]


def test_a_device_is_one_disk_and_a_closed_mount_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    mount = namedtuple("Mount", "device mountpoint fstype")
    usage = namedtuple("Usage", "percent free")
    mounts = [
        mount("/dev/a", "/", "ext4"),
        mount("/dev/a", "/bound", "ext4"),
        mount("/dev/loop1", "/snap/x", "squashfs"),
        mount("/dev/b", "/closed", "xfs"),
        mount("/dev/c", "/data", "xfs"),
    ]

    def disk_usage(path: str) -> Any:
        if path == "/closed":
            raise PermissionError(path)
        return usage(40.0, 5)

    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    monkeypatch.setattr(psutil, "disk_usage", disk_usage)
    assert capture({}, budget=AMPLE)["disks"] == [
        {"mount": "/", "percent": 40.0, "free_bytes": 5},
        {"mount": "/data", "percent": 40.0, "free_bytes": 5},
    ]


def incomplete_in_child(answer: Any) -> None:
    answer.put(capture({}, budget=AMPLE)["incomplete"])


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_child_forked_during_a_hang_captures_on_its_own(
    dead_mount: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture({}, budget=0.3)
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: [])
    context = multiprocessing.get_context("fork")
    answer = context.SimpleQueue()
    child = context.Process(target=incomplete_in_child, args=(answer,))
    child.start()
    assert answer.get() == []
    child.join(AMPLE)
