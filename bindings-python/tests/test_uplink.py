"""A monitor that passes its samples on to a server: what arrives, and that sampling never waits for it."""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
import sys
import time

import pytest

from drift_sre import DriftMonitor
from sampled import Sampled
from scripts import environment
from test_client import ACCEPTED, KEY, failure
from test_outbox import until
from webhook import PATIENCE, Stub, answers, drips, http_reply, listening, never


def url(stub):
    return f"http://127.0.0.1:{stub.port}"


def samples_of(stub):
    """What has arrived, of all requests together."""
    requests = [stub.requests.get(timeout=PATIENCE) for _ in range(stub.requests.qsize())]
    return [sample for request in requests for sample in json.loads(request.body)["samples"]]


def test_every_tick_s_samples_arrive_in_order(caplog):
    metric = Sampled(float)
    with listening(Stub(answers(ACCEPTED))) as stub:
        began = time.time()
        monitor = DriftMonitor(metrics=[], interval=0.005, server_url=url(stub), api_key=KEY, source="host-a")
        monitor.add_metric("depth", metric, unit="jobs", direction="up", transform="log")
        with monitor:
            metric.wait_for(20)
        requests = [stub.requests.get(timeout=PATIENCE) for _ in range(stub.requests.qsize())]
    for request in requests:
        assert request.line == "POST /v1/metrics HTTP/1.1"
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["Idempotency-Key"]
        assert json.loads(request.body)["source"] == "host-a"
    samples = [sample for request in requests for sample in json.loads(request.body)["samples"]]
    values = [sample.pop("value") for sample in samples]
    times = [sample.pop("timestamp") for sample in samples]
    assert values == [float(n) for n in range(1, len(values) + 1)]
    assert len(values) >= 19, "the last tick may fall into the stop"
    assert times == sorted(times)
    assert began <= times[0] <= times[-1] <= time.time()
    judged = {"direction": "up", "transform": "log", "floor": 0.0}
    assert all(sample == {"metric": "depth", "unit": "jobs", **judged} for sample in samples)
    stats = monitor.stats()["server"]
    assert (stats["sent"], stats["queued"], stats["dropped"]) == (len(values), 0, 0)
    assert not caplog.records


def test_the_host_s_metrics_and_traffic_go_there_under_the_host_s_name():
    with listening(Stub(answers(ACCEPTED))) as stub:
        with DriftMonitor(metrics=["ram"], interval=0.01, server_url=url(stub)) as monitor:
            until(lambda: monitor.stats()["ticks"] > 1)
            monitor.record("GET /", 0.012)
            until(lambda: "GET / latency" in monitor.status())
        body = json.loads(stub.requests.get(timeout=PATIENCE).body)
    assert body["source"] == socket.gethostname()
    units = {sample["metric"]: sample["unit"] for sample in body["samples"]}
    assert units == {"ram": "%", "GET / latency": "ms", "GET / errors": "%", "GET / traffic": "/s"}


def test_samples_of_one_s_own_go_there_if_they_are_of_now():
    with listening(Stub(answers(ACCEPTED))) as stub:
        monitor = DriftMonitor(metrics=["load", "ram"], server_url=url(stub))
        monitor.observe({"load": 1.0, "ram": float("nan")})
        monitor.observe({"load": 2.0}, at=time.monotonic() + 1)
        monitor.stop()
        (sample,) = samples_of(stub)
    assert (sample["metric"], sample["value"], sample["unit"], sample["floor"]) == ("load", 1.0, "", 0.1)


def test_it_goes_on_after_a_stop():
    with listening(Stub(answers(ACCEPTED))) as stub:
        monitor = DriftMonitor(metrics=["load"], server_url=url(stub))
        for value in (1.0, 2.0):
            monitor.observe({"load": value})
            monitor.stop()
            assert monitor.stats()["server"]["sent"] == 1
        assert [sample["value"] for sample in samples_of(stub)] == [1.0, 2.0]


HOSTILE = {
    "nothing at all": never,
    "a dripping header": drips(b"HTTP/1.1 202 Accepted\r\nX-Drip: "),
    "429": answers(failure(429, "rate_limited", "Retry-After: 30")),
    "500": answers(http_reply(500)),
    "401": answers(failure(401, "unauthorized")),
    "a redirect": answers(http_reply(307, b"", "Location: http://127.0.0.1:9/")),
}


@pytest.mark.parametrize("reply", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_server_harms_nothing(reply, caplog):
    metric = Sampled(lambda calls: 10.0 + calls % 2)
    with listening(Stub(reply)) as stub, caplog.at_level(logging.DEBUG):
        monitor = DriftMonitor(metrics=[], interval=0.005, server_url=url(stub), api_key=KEY)
        monitor.add_metric("depth", metric)
        monitor.observe({"depth": 10.0})
        monitor.start()
        stub.requests.get(timeout=PATIENCE)
        calls, began = metric.calls, time.monotonic()
        metric.wait_for(calls + 100)
        assert time.monotonic() - began < 2.0, "sampling goes on at its interval"
        began = time.monotonic()
        monitor.stop()
        assert time.monotonic() - began < 2.5
        stats = monitor.stats()
    assert stats["server"]["sent"] == 0
    assert stats["server"]["dropped"] + stats["server"]["queued"] > 100
    assert stats["internal_errors"] == 0
    assert KEY not in caplog.text + repr(monitor) + repr(vars(monitor)) + repr(stats)


def test_there_are_no_counts_without_a_server():
    assert DriftMonitor().stats()["server"] is None


REFUSED = {
    "server_url must begin with http:// or https://": {"server_url": "tcp://x"},
    "server_url must not hold a user name or a password": {"server_url": f"http://me:{KEY}@x"},
    "server_url must not hold a query or a fragment": {"server_url": "http://x/#y"},
    "server_url must be a str of printable ASCII characters without spaces": {"server_url": 7},
    "api_key must be a str of printable": {"server_url": "http://x", "api_key": f"{KEY} "},
    "api_key must be None without a server_url": {"api_key": KEY},
    "source must be None without a server_url": {"source": "host-a"},
    "source must be a non-empty string of valid Unicode, got ''": {"server_url": "http://x", "source": ""},
}


@pytest.mark.parametrize(("message", "options"), REFUSED.items(), ids=REFUSED.keys())
def test_a_setting_that_cannot_be_is_refused_by_name(message, options):
    with pytest.raises(ValueError, match=re.escape(message)) as raised:
        DriftMonitor(**options)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("how", ["an option", "the environment"])
def test_the_terminal_sends_as_well(how):
    with listening(Stub(answers(ACCEPTED))) as stub:
        given = {"DRIFT_SRE_API_KEY": KEY, **({"DRIFT_SRE_SERVER_URL": url(stub)} if how == "the environment" else {})}
        option = ["--server-url", url(stub)] if how == "an option" else []
        command = [sys.executable, "-m", "drift_sre", "--metrics", "load", "--interval", "0.05", "--duration", "0.3"]
        done = subprocess.run(
            [*command, *option], env=environment(**given), capture_output=True, text=True, timeout=60, check=False
        )
        request = stub.requests.get(timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in done.stdout


def test_a_key_without_an_address_is_none_of_the_terminal_s_business():
    command = [sys.executable, "-m", "drift_sre", "--metrics", "load", "--interval", "0.05", "--duration", "0.1"]
    env = {**environment(DRIFT_SRE_API_KEY=KEY), "DRIFT_SRE_SERVER_URL": ""}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
