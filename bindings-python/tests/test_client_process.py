"""A client in processes that fork, fork behind Python's back, run in uWSGI, or end."""

from __future__ import annotations

import os

import pytest

from scripts import clean, run
from test_client import ACCEPTED, events_of, failure
from webhook import PATIENCE, Stub, answers, listening, never

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def latencies(stub):
    requests = [stub.requests.get(timeout=PATIENCE) for _ in range(stub.requests.qsize())]
    return sorted(event["latency_ms"] for request in requests for event in events_of(request))


def client(stub, **options):
    settings = "".join(f", {name}={value!r}" for name, value in options.items())
    return f"""
        from drift_sre.client import DriftClient
        client = DriftClient("http://127.0.0.1:{stub.port}"{settings})"""


def test_parent_and_child_each_send_what_they_queued():
    with listening(Stub(answers(ACCEPTED))) as stub:
        clean(
            run(f"""{client(stub, flush_interval=60.0)}
        client.send("checkout", 1, 0)
        child = os.fork()
        if child == 0:
            assert client.stats()["queued"] == 0
            client.send("checkout", 2, 0)
            os._exit(42 if client.flush(10) and client.stats()["sent"] == 1 else 1)
        assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 42
        assert client.flush(10) and client.stats()["sent"] == 1
        """)
        )
        assert latencies(stub) == [1.0, 2.0]


@pytest.mark.parametrize(("first", "fate"), [("client.send('checkout', 1, 0)", "dropped"), ("pass", "sent")])
def test_a_fork_without_python_s_hooks_is_found_out(first, fate):
    # As uWSGI does, unless it is told otherwise. Python cannot begin a thread then if there was one before.
    with listening(Stub(answers(ACCEPTED))) as stub:
        clean(
            run(f"""{client(stub, flush_interval=60.0)}
        import ctypes
        {first}
        child = ctypes.PyDLL(None).fork()
        if child == 0:
            taken = client.send("checkout", 2, 0)
            flushed = client.flush(10)
            os._exit(42 if flushed and client.stats()["{fate}"] == 1 and taken == ("{fate}" == "sent") else 1)
        assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 42
        """)
        )


def test_forks_under_contention_never_hang():
    with listening(Stub(answers(failure(500, "internal")))) as stub:
        printed = clean(
            run(f"""{client(stub, flush_interval=0.0, max_queue=100)}
        def use():
            while True:
                client.send("checkout", 1, 0); client.stats(); client.flush(0.0)
        for _ in range(8):
            threading.Thread(target=use, daemon=True).start()
        bad = 0
        for _ in range(40):
            child = os.fork()
            if child == 0:
                sent = client.send("checkout", 1, 0)
                os._exit(42 if until(lambda: client.stats()["failed"] > 0) and sent else 1)
            if not until(lambda: os.waitpid(child, os.WNOHANG)[0], 20):
                os.kill(child, signal.SIGKILL)
                bad += 1
        print(bad)
        os._exit(0)
        """)
        )
    assert printed == "0\n"


@pytest.mark.parametrize(
    ("options", "fate"),
    [({}, "{'dropped': 1}"), ({"enable-threads": True}, "{'sent': 1}")],
)
def test_in_uwsgi_sending_begins_in_the_workers_or_is_given_up(options, fate):
    with listening(Stub(answers(ACCEPTED))) as stub:
        done = run(f"""{client(stub)}
        import types
        worker = 0
        sys.modules["uwsgi"] = types.SimpleNamespace(opt={options}, worker_id=lambda: worker)
        client.send("checkout", 1, 0)
        child = os.fork()
        if child == 0:
            worker = 1
            client.send("checkout", 2, 0)
            client.flush(10)
            print({{name: count for name, count in client.stats().items() if count}}, flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        """)
    assert (done.returncode, done.stdout) == (0, f"{fate}\n")
    assert done.stderr.count("RuntimeWarning") == (0 if options else 1)


EXIT = """
        import atexit
        atexit.register(lambda: print(time.monotonic() - began[0], client.stats()["queued"], flush=True))
        import drift_sre
        atexit.unregister(drift_sre.monitor._stop_all)
        atexit.register(drift_sre.monitor._stop_all)
        began = []
        atexit.register(lambda: began.append(time.monotonic()))
        """


def test_the_end_of_a_program_sends_what_waits():
    with listening(Stub(answers(ACCEPTED))) as stub:
        clean(
            run(f"""{client(stub, flush_interval=60.0)}
        client.send("checkout", 1, 0)
        """)
        )
        assert latencies(stub) == [1.0]


def test_servers_that_hang_delay_the_end_by_two_seconds_in_all():
    with listening(Stub(never)) as stub:
        printed = clean(
            run(f"""{client(stub, timeout=60.0)}{EXIT}
        others = [DriftClient("http://127.0.0.1:{stub.port}", timeout=60.0) for _ in range(3)]
        monitor = DriftMonitor(metrics=["ram"], interval=0.05, server_url="http://127.0.0.1:{stub.port}")
        monitor.start()
        for each in (client, *others):
            each.send("checkout", 1, 0)
        assert until(lambda: monitor.stats()["ticks"] > 2)
        """)
        )
    assert 1.5 < float(printed.split()[0]) < 2.5


def test_a_monitor_that_hangs_does_not_keep_a_client_from_its_last_words():
    with listening(Stub(answers(ACCEPTED))) as stub:
        clean(
            run(f"""{client(stub, flush_interval=60.0)}
        class Sender:
            def send(self, notice): time.sleep(60)
        monitor = DriftMonitor(metrics=["cpu"], notifiers=[Sender()], scale=None, min_samples=1)
        monitor.observe({{"cpu": 0.0}}, at=0)
        assert monitor.observe({{"cpu": 1000.0}}, at=1)
        client.send("checkout", 1, 0)
        """)
        )
        assert latencies(stub) == [1.0]


def test_an_idle_client_delays_the_end_by_no_more_than_50_ms():
    with listening(Stub(answers(ACCEPTED))) as stub:
        body = f"""{client(stub)}{EXIT}
        client.send("checkout", 1, 0)
        assert client.flush(10)
        """
        # The best of three, for the machine may be busy with something else.
        assert min(float(clean(run(body)).split()[0]) for _ in range(3)) < 0.05


@pytest.mark.parametrize("ending", ["sys.exit(3)", "os._exit(3)", "client.close(); client.close(); sys.exit(3)"])
def test_the_end_is_clean(ending):
    with listening(Stub(answers(ACCEPTED))) as stub:
        for _ in range(5):
            done = run(f"""{client(stub, flush_interval=0.0)}
        for _ in range(50):
            client.send("checkout", 1, 0)
        {ending}
        """)
            clean(done, 3)
