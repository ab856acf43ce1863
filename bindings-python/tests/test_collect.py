"""Each metric's rule, on readings whose answer is stated, and one reading of the real host."""

from __future__ import annotations

import time
from collections import namedtuple
from pathlib import Path
from typing import Any, Callable, Iterable

import psutil
import pytest

from drift_sre.collect import HostCollector
from drift_sre.metrics import HOST_METRICS

Nic = namedtuple("Nic", "bytes_sent bytes_recv")
Disk = namedtuple("Disk", "busy_time")
Memory = namedtuple("Memory", "total available")


class BrokenError(Exception):
    pass


def answers(monkeypatch: pytest.MonkeyPatch, name: str, *values: Any) -> None:
    """Let a function of psutil give these values one after the other, and raise those that are exceptions."""
    left = iter(values)

    def give(*_args: Any, **_keywords: Any) -> Any:
        value = next(left)
        if isinstance(value, Exception):
            raise value
        return value

    monkeypatch.setattr(psutil, name, give)


def clock(*times: float) -> Callable[[], float]:
    left = iter(times)
    return lambda: next(left)


def readings(metric: str, times: Iterable[float], **keywords: Any) -> list[float | None]:
    times = tuple(times)
    collector = HostCollector([metric], clock(*times), **keywords)
    samples = [collector.read().get(metric) for _ in times]
    assert collector.last_error == {}
    return samples


def cpu_times(**seconds: float) -> Any:
    return namedtuple("CpuTimes", list(seconds))(**seconds)


def linux(user: float, idle: float, iowait: float, guest: float = 0.0, nice: float = 0.0) -> Any:
    return cpu_times(user=user, nice=nice, idle=idle, iowait=iowait, guest=guest, guest_nice=nice)


def test_cpu_is_the_busy_share_since_the_reading_before(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "cpu_times", linux(100, 500, 10), linux(103, 506, 11), linux(113, 506, 11))
    assert readings("cpu", [0, 1, 2]) == [None, 30.0, 100.0]


def test_cpu_counts_the_time_of_guests_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "cpu_times", linux(100, 500, 0), linux(104, 505, 0, guest=4, nice=1))
    assert readings("cpu", [0, 1]) == [None, 50.0]


def test_cpu_has_no_sample_while_its_time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "cpu_times", linux(100, 500, 0), linux(100, 500, 0))
    assert readings("cpu", [0, 1]) == [None, None]


def test_ram_is_what_is_not_available_unrounded(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "virtual_memory", Memory(total=3_000, available=2_000))
    assert readings("ram", [0]) == [pytest.approx(100 / 3, rel=1e-15)]


def test_disk_io_is_the_share_of_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "cpu_times", linux(100, 500, 10), linux(103, 506, 11))
    assert readings("disk_io", [0, 1]) == [None, 10.0]


def test_disk_io_that_falls_gives_no_sample_and_leaves_cpu_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # Linux lets iowait fall now and then.
    first, fallen, third = linux(100, 500, 10), linux(105, 508, 7), linux(105, 510, 9)
    answers(monkeypatch, "cpu_times", first, first, fallen, fallen, third, third)
    collector = HostCollector(["cpu", "disk_io"], clock(0, 1, 2))
    assert [collector.read() for _ in range(3)] == [{}, {"cpu": 50.0}, {"cpu": 0.0, "disk_io": 50.0}]


def test_disk_io_without_iowait_is_the_busy_time_of_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "cpu_times", lambda: cpu_times(user=1.0, idle=2.0))
    answers(monkeypatch, "disk_io_counters", Disk(1_000), Disk(1_500), Disk(9_500))
    assert readings("disk_io", [0, 2, 4]) == [None, 25.0, 100.0]


@pytest.mark.parametrize("disks", [None, namedtuple("Disk", "read_bytes")(5)])
def test_disk_io_without_any_source_is_unavailable(monkeypatch: pytest.MonkeyPatch, disks: Any) -> None:
    monkeypatch.setattr(psutil, "cpu_times", lambda: cpu_times(user=1.0, idle=2.0))
    monkeypatch.setattr(psutil, "disk_io_counters", lambda nowrap: disks)
    collector = HostCollector(["disk_io"])
    assert [collector.read(), collector.read()] == [{}, {}]
    assert collector.unavailable == {"disk_io"}
    assert collector.errors == {}


def test_network_adds_both_directions_of_all_but_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(
        monkeypatch,
        "net_io_counters",
        {"lo": Nic(0, 0), "lo0": Nic(0, 0), "eth0": Nic(100, 200), "wlan0": Nic(5, 5)},
        {"lo": Nic(9, 9), "lo0": Nic(9, 9), "eth0": Nic(110, 240), "wlan0": Nic(5, 15)},
    )
    assert readings("network", [10, 12]) == [None, 30.0]


def test_network_does_not_jump_when_an_interface_comes_or_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(
        monkeypatch,
        "net_io_counters",
        {"eth0": Nic(0, 0)},
        {"eth0": Nic(1, 0), "veth": Nic(7_000, 0)},
        {"eth0": Nic(2, 0), "veth": Nic(7_004, 0)},
        {"eth0": Nic(3, 0)},
        {"eth0": Nic(4, 0), "veth": Nic(0, 0)},
    )
    assert readings("network", [0, 1, 2, 3, 4]) == [None, 1.0, 5.0, 1.0, 1.0]


def test_a_fall_gives_no_sample_and_the_next_reading_counts_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What is received rises by more than what is sent falls: the sum alone would hide the reset.
    nics = [Nic(500, 0), Nic(510, 0), Nic(3, 9_000), Nic(8, 9_000)]
    answers(monkeypatch, "net_io_counters", *({"eth0": nic} for nic in nics))
    assert readings("network", [0, 1, 2, 3]) == [None, 10.0, None, 5.0]


def test_a_clock_that_does_not_advance_gives_no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "net_io_counters", *({"eth0": Nic(n, 0)} for n in (0, 10, 20, 30)))
    assert readings("network", [5, 5, 4, 6]) == [None, None, None, 5.0]


def test_network_without_an_interface_is_unavailable_until_one_appears(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lo = {"lo": Nic(1, 1)}
    up = [{**lo, "eth0": Nic(sent, 0)} for sent in (50, 60)]
    answers(monkeypatch, "net_io_counters", lo, lo, *up, lo)
    collector = HostCollector(["network"], clock(0, 1, 2, 3, 4))
    seen = [(collector.read(), collector.unavailable) for _ in range(5)]
    no = frozenset({"network"})
    yes: frozenset[str] = frozenset()
    assert seen == [({}, no), ({}, no), ({}, yes), ({"network": 10.0}, yes), ({}, yes)]
    assert collector.errors == {}


def test_load_is_the_first_average(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "getloadavg", lambda: (1.5, 2.5, 3.5))
    assert readings("load", [0]) == [1.5]


SNMP = """\
Ip: Forwarding DefaultTTL InReceives
Ip: 1 64 {noise}
Tcp: RtoAlgorithm MaxConn AttemptFails EstabResets InSegs RetransSegs InErrs OutRsts
Tcp: 1 -1 {fails} {resets} {noise} {noise} {damaged} {noise}
Udp: InDatagrams NoPorts InErrors
Udp: {noise} {noise} {udp}
UdpLite: InDatagrams InErrors
UdpLite: {noise} {noise}
"""
NETSTAT = """\
TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPAbortOnTimeout
TcpExt: {noise} {overflows} {noise} {timeouts}
IpExt: InNoRoutes
IpExt: {noise}
"""
COUNTED = ("fails", "resets", "damaged", "udp", "overflows", "timeouts")


def kernel_counts(proc: Path, netstat: bool = True, noise: int = 0, **counts: int) -> None:
    counts = {**dict.fromkeys(COUNTED, 100), **counts}
    net = proc / "net"
    net.mkdir(exist_ok=True)
    (net / "snmp").write_text(SNMP.format(noise=noise, **counts))
    if netstat:
        (net / "netstat").write_text(NETSTAT.format(noise=noise, **counts))


@pytest.mark.parametrize("counter", COUNTED)
def test_socket_errors_is_the_growth_of_each_counter(tmp_path: Path, counter: str) -> None:
    collector = HostCollector(["socket_errors"], clock(0, 2), proc=tmp_path)
    kernel_counts(tmp_path)
    assert collector.read() == {}
    kernel_counts(tmp_path, noise=1_000, **{counter: 107})
    assert collector.read() == {"socket_errors": 3.5}


def test_socket_errors_makes_do_without_netstat(tmp_path: Path) -> None:
    collector = HostCollector(["socket_errors"], clock(0, 1), proc=tmp_path)
    kernel_counts(tmp_path, netstat=False)
    collector.read()
    kernel_counts(tmp_path, netstat=False, fails=104)
    assert collector.read() == {"socket_errors": 4.0}


def test_socket_errors_counters_that_vanish_are_an_error_not_another_source(tmp_path: Path) -> None:
    collector = HostCollector(["socket_errors"], clock(0, 1, 2), proc=tmp_path)
    kernel_counts(tmp_path)
    collector.read()
    (tmp_path / "net" / "snmp").rename(tmp_path / "away")
    assert collector.read() == {}
    assert collector.errors == {"socket_errors": 1}
    assert collector.unavailable == frozenset()
    kernel_counts(tmp_path, resets=108)
    assert collector.read() == {"socket_errors": 4.0}


def test_socket_errors_elsewhere_are_those_of_the_interfaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = namedtuple("Errors", "errin errout")
    answers(monkeypatch, "net_io_counters", errors(1, 1), errors(3, 5))
    assert readings("socket_errors", [0, 1], proc=tmp_path) == [None, 6.0]


def test_socket_errors_without_any_source_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_io_counters", lambda nowrap: None)
    collector = HostCollector(["socket_errors"], proc=tmp_path)
    assert [collector.read(), collector.read()] == [{}, {}]
    assert collector.unavailable == {"socket_errors"}


def test_a_failing_source_costs_only_its_metric_and_only_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(total=4, available=3)
    answers(monkeypatch, "virtual_memory", BrokenError("first"), BrokenError("second"), memory)
    monkeypatch.setattr(psutil, "getloadavg", lambda: (1.0, 1.0, 1.0))
    collector = HostCollector(["ram", "load"])
    assert collector.read() == {"load": 1.0}
    assert collector.read() == {"load": 1.0}
    assert collector.read() == {"load": 1.0, "ram": 25.0}
    assert collector.errors == {"ram": 2}
    assert collector.last_error == {"ram": "BrokenError: second"}
    assert collector.unavailable == frozenset()


def test_a_failed_reading_is_bridged_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "net_io_counters", {"eth0": Nic(0, 0)}, BrokenError(), {"eth0": Nic(10, 0)})
    collector = HostCollector(["network"], clock(0, 1, 2))
    assert [collector.read() for _ in range(3)] == [{}, {}, {"network": 5.0}]


@pytest.mark.parametrize("refusal", [psutil.AccessDenied(), PermissionError(), NotImplementedError()])
def test_a_refusal_means_unavailable_at_first_and_an_error_later(
    monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    answers(monkeypatch, "virtual_memory", refusal, Memory(4, 3), refusal)
    collector = HostCollector(["ram"])
    assert collector.read() == {}
    assert (collector.unavailable, collector.errors) == ({"ram"}, {})
    assert collector.read() == {"ram": 25.0}
    assert (collector.unavailable, collector.errors) == (frozenset(), {})
    assert collector.read() == {}
    assert (collector.unavailable, collector.errors) == (frozenset(), {"ram": 1})


def test_only_what_is_asked_for_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cpu_times", "virtual_memory", "net_io_counters", "disk_io_counters"):
        answers(monkeypatch, name)
    collector = HostCollector(["load"])
    assert set(collector.read()) == {"load"}
    assert collector.errors == {}


def test_nothing_is_read_that_psutil_remembers_for_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "cpu_percent")
    answers(monkeypatch, "cpu_times_percent")
    remembered = []
    for name in ("net_io_counters", "disk_io_counters"):
        monkeypatch.setattr(psutil, name, lambda pernic=False, nowrap=True: remembered.append(nowrap))
    monkeypatch.setattr(psutil, "cpu_times", lambda: cpu_times(user=1.0, idle=2.0))
    collector = HostCollector(["cpu", "disk_io", "network"])
    collector.read()
    assert remembered == [False, False]
    assert "cpu" not in collector.errors


def test_the_real_host_gives_every_metric_it_has() -> None:
    collector = HostCollector(HOST_METRICS)
    assert set(collector.read()) <= {"ram", "load"}
    # CPU time is counted in ticks of up to 16 ms.
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    samples = collector.read()
    assert collector.errors == {}
    assert set(samples) | collector.unavailable == set(HOST_METRICS)
    assert not set(samples) & collector.unavailable
    assert 0 < samples["cpu"] <= 100
    assert 0 < samples["ram"] < 100
    assert all(value >= 0 for value in samples.values())
