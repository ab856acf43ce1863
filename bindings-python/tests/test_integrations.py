"""Frameworks: what is counted of each request or task, under which name, and when the monitor starts and stops."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import subprocess
import sys
import time
import urllib.request

import flask
import pytest
from fastapi import BackgroundTasks, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from drift_sre import DriftMonitor
from drift_sre.integrations.asgi import DriftMiddleware as Asgi
from drift_sre.integrations.fastapi import DriftSRE as OnFastAPI
from drift_sre.integrations.fastapi import lifespan
from drift_sre.integrations.flask import DriftSRE as OnFlask
from drift_sre.integrations.routes import template
from drift_sre.integrations.wsgi import DriftMiddleware as Wsgi
from scripts import PATIENCE, clean, environment, run
from test_fork import free_port
from test_outbox import until


@pytest.fixture
def monitor():
    watching = Watched(metrics=[], interval=0.01)
    yield watching
    watching.stop()


class Watched(DriftMonitor):
    """Remembers what was recorded, and in how many milliseconds."""

    def __init__(self, **options):
        super().__init__(**options)
        self.recorded = []
        self.took = {}

    def record(self, name, seconds, failed=False):
        self.recorded.append((name, failed))
        self.took[name] = 1e3 * seconds
        super().record(name, seconds, failed)


# Names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "/"),
        ("/users/17", "/users/{}"),
        ("/users/17/orders", "/users/{}/orders"),
        ("/at/2026-11-21/x", "/at/{}/x"),
        ("/a-very-long-token-that-is-surely-no-route/x", "/{}/x"),
        ("/a/b/c/d/e/f/g/h/i/j", "/a/b/c/d/e/f/g/h"),
        ("", ""),
    ],
)
def test_a_path_becomes_a_route(path, name):
    assert template(path) == name


# WSGI


def answering(status, body=(b"x",)):
    def app(environ, start_response):
        start_response(status, [])
        return body

    return app


def call(app, path="/", method="GET"):
    began = []
    body = app({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda *args: began.append(args))
    data = b"".join(body)
    getattr(body, "close", lambda: None)()
    return data, began


@pytest.mark.parametrize(
    ("status", "path", "method", "recorded"),
    [
        ("200 OK", "/users/7", "GET", ("GET /users/{}", False)),
        ("404 Not Found", "/wp-admin", "GET", ("GET (unmatched)", False)),
        ("499 Gone", "/", "POST", ("POST /", False)),
        ("500 Oh", "/", "GET", ("GET /", True)),
        ("503 No", "/", "BREW", ("OTHER /", True)),
    ],
)
def test_wsgi_requests_are_counted_by_route(monitor, status, path, method, recorded):
    assert call(Wsgi(answering(status), monitor), path, method) == (b"x", [(status, [])])
    assert monitor.recorded == [recorded]
    assert monitor.is_running


def test_a_wsgi_application_that_raises_does_so_still(monitor):
    def app(environ, start_response):
        raise {"/k": KeyboardInterrupt}.get(environ["PATH_INFO"], KeyError)

    for path, error in (("/", KeyError), ("/k", KeyboardInterrupt)):
        with pytest.raises(error):
            call(Wsgi(app, monitor), path)
    assert monitor.recorded == [("GET /", True), ("GET /k", False)]


def test_a_wsgi_generator_is_counted_when_it_ends(monitor):
    closed = []

    def app(environ, start_response):
        try:
            time.sleep(0.02)
            start_response("500 Oh", [])
            yield b"a"
            yield b"b"
        finally:
            closed.append(1)

    assert call(Wsgi(app, monitor)) == (b"ab", [("500 Oh", [])])
    assert (monitor.recorded, closed) == ([("GET /", True)], [1])
    assert monitor.took["GET /"] > 15


def test_wsgi_passes_exc_info_and_the_very_body_on(monitor):
    body = [b"x"]

    def app(environ, start_response):
        start_response("200 OK", [])
        start_response("500 Oh", [], (KeyError, KeyError(), None))
        return body

    began = []
    assert Wsgi(app, monitor)({"REQUEST_METHOD": "GET"}, lambda *args: began.append(args)) is body
    assert [len(args) for args in began] == [2, 3]
    assert monitor.recorded == [("GET ", True)]


def test_a_route_of_one_s_own(monitor):
    call(Wsgi(answering("200 OK"), monitor, route=lambda environ: f"host {environ['PATH_INFO']}"), "/7")
    assert monitor.recorded == [("GET host /7", False)]


def test_a_route_that_raises_costs_the_request_nothing(monitor):
    assert call(Wsgi(answering("200 OK"), monitor, route=lambda _: 1 / 0), "/7")[0] == b"x"
    assert monitor.recorded == [("GET /{}", False)]


# Flask


def shop(**options):
    app = flask.Flask(__name__)
    extension = OnFlask(app, **options)

    @app.get("/users/<int:user>")
    def user(user):
        if user == 13:
            raise LookupError
        return f"user {user}"

    @app.route("/down", methods=["POST"])
    def down():
        flask.abort(503)

    return app, extension


def test_flask_requests_are_counted_by_rule(monitor):
    app, extension = shop(monitor=monitor)
    client = app.test_client()
    assert client.get("/users/1").data == b"user 1"
    client.get("/users/13")
    client.post("/down")
    client.get("/nothing/here")
    assert monitor.recorded == [
        ("GET /users/<int:user>", False),
        ("GET /users/<int:user>", True),
        ("POST /down", True),
        ("GET (unmatched)", False),
    ]
    assert extension.monitor is monitor is app.extensions["drift_sre"].monitor
    until(lambda: "GET /users/<int:user> latency" in monitor.status())


def test_flask_errors_that_propagate_are_counted(monitor):
    app, _ = shop(monitor=monitor)
    app.testing = True
    with pytest.raises(LookupError):
        app.test_client().get("/users/13")
    assert monitor.recorded == [("GET /users/{}", True)], "by its path, for Flask has forgotten the rule"


def test_flask_takes_its_options_from_the_config_and_shares_its_monitor():
    extension = OnFlask(metrics=["ram"])
    with pytest.raises(RuntimeError, match="init_app"):
        extension.monitor  # noqa: B018
    first, second = flask.Flask("first"), flask.Flask("second")
    first.config["DRIFT_SRE"] = {"interval": 60.0, "metrics": ["cpu"]}
    try:
        extension.init_app(first)
        extension.init_app(second)
        assert list(extension.monitor.status()) == ["ram"]
        assert extension.monitor.is_running
    finally:
        extension.monitor.stop()


RELOADED = """
import os, pathlib, threading
from flask import Flask
from drift_sre.integrations.flask import DriftSRE

app = Flask(__name__)
drift = DriftSRE(app, interval=0.05)


def tell():
    for _ in range(400):
        pathlib.Path("seen", str(os.getpid())).write_text(str(drift.monitor.stats()["ticks"]))
        threading.Event().wait(0.05)


threading.Thread(target=tell, daemon=True).start()


@app.get("/")
def index():
    return str(os.getpid())


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]), debug=True)
"""


@pytest.mark.parametrize("command", [["site_.py"], ["-m", "flask", "--app", "site_", "run", "--debug", "--port", "{}"]])
def test_flask_s_reloader_runs_one_monitor_not_two(command, tmp_path):
    (tmp_path / "site_.py").write_text(RELOADED)
    (tmp_path / "seen").mkdir()
    port = free_port()
    command = [sys.executable, *(word.format(port) for word in command)]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(PORT=str(port)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            server = first_answer(port)
            until(lambda: len(list((tmp_path / "seen").iterdir())) == 2)
            until(lambda: int((tmp_path / "seen" / server).read_text() or 0) > 3)
            ticks = {path.name: int(path.read_text() or 0) for path in (tmp_path / "seen").iterdir()}
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert [pid for pid, count in ticks.items() if count] == [server], ticks


def first_answer(port):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as reply:
                return reply.read().decode()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)


# ASGI, FastAPI


def api(**options):
    app = FastAPI()
    OnFastAPI(app, **options)
    sub = FastAPI()

    @app.get("/users/{user}")
    async def user(user: int):
        if user == 13:
            raise LookupError
        return user

    @app.get("/down")
    def down():
        raise HTTPException(503)

    @app.get("/later")
    def later(tasks: BackgroundTasks):
        tasks.add_task(time.sleep, 0.2)

    @app.get("/stream")
    def stream():
        def body():
            yield b"a"
            time.sleep(0.05)
            yield b"b"

        return StreamingResponse(body())

    @sub.get("/items/{item}")
    def item(item: str):
        return item

    app.mount("/sub", sub)
    return app


def test_fastapi_requests_are_counted_by_route(monitor):
    app = api(monitor=monitor)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert monitor.is_running
        assert client.get("/users/1").json() == 1
        for path in ("/users/13", "/users/x", "/down", "/sub/items/x", "/nothing/at/all", "/later"):
            client.get(path)
        assert client.get("/stream").text == "ab"
    assert not monitor.is_running
    assert app.state.drift_sre is monitor
    assert monitor.recorded == [
        ("GET /users/{user}", False),
        ("GET /users/{user}", True),
        ("GET /users/{user}", False),
        ("GET /down", True),
        ("GET /sub/items/{item}", False),
        ("GET (unmatched)", False),
        ("GET /later", False),
        ("GET /stream", False),
    ]
    assert monitor.took["GET /stream"] > 45, "a stream counts until it is complete"
    assert monitor.took["GET /later"] < 190, "and what is done in the background does not"


def test_a_monitor_that_ran_before_the_application_outlives_it(monitor):
    monitor.start()
    with TestClient(api(monitor=monitor)):
        pass
    assert monitor.is_running


def test_the_lifespan_alone_starts_and_stops(monitor):
    entered = []

    @contextlib.asynccontextmanager
    async def inner(app):
        entered.append(monitor.is_running)
        yield {"mine": 1}
        entered.append(monitor.is_running)

    with TestClient(FastAPI(lifespan=lifespan(monitor, inner))) as client:
        assert monitor.is_running
        assert client.app_state == {"mine": 1}
    assert entered == [True, True]
    assert not monitor.is_running


def asgi_call(app, scope):
    sent = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def test_plain_asgi_is_counted_by_path_and_begins_with_the_first_request(monitor):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            return
        if scope["path"] == "/raise":
            raise KeyError
        if scope["path"] == "/gone":
            raise asyncio.CancelledError
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b"y"})

    watched = Asgi(app, monitor)
    asgi_call(watched, {"type": "websocket", "path": "/ws"})
    assert not monitor.is_running
    sent = asgi_call(watched, {"type": "http", "method": "GET", "path": "/users/7"})
    assert [message.get("body") for message in sent] == [None, b"x", b"y"]
    assert monitor.is_running
    with pytest.raises(KeyError):
        asgi_call(watched, {"type": "http", "method": "GET", "path": "/raise"})
    with pytest.raises(asyncio.CancelledError):
        asgi_call(watched, {"type": "http", "method": "GET", "path": "/gone"})
    assert monitor.recorded == [("GET /users/{}", False), ("GET /raise", True)], "a client that went away is no error"


# Django, Celery: in processes of their own, as they keep their state in modules

DJANGO = """
import asyncio, sys
from django.conf import settings

settings.configure(
    SECRET_KEY="x",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["drift_sre.integrations.django.DriftConfig"],
    MIDDLEWARE=MIDDLEWARE,
    DRIFT_SRE={"metrics": ["ram"], "interval": 0.02},
    LOGGING_CONFIG=None,
)
import django
from django.core.handlers.asgi import ASGIHandler
from django.core.management import call_command
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import path

def user(request, user):
    if user == 13:
        raise LookupError
    return HttpResponse(str(user))

async def later(request):
    return HttpResponse("later", status=503)

urlpatterns = [path("users/<int:user>/", user), path("later", later)]
logging.disable()
django.setup()
from drift_sre.integrations.django import monitor
call_command("check", verbosity=0)
assert not monitor().is_running
"""


def test_django_requests_are_counted_by_route():
    clean(
        run(
            DJANGO.replace("MIDDLEWARE=MIDDLEWARE", 'MIDDLEWARE=["drift_sre.integrations.django.middleware"]')
            + """
client = Client(raise_request_exception=False)
assert client.get("/users/1/").content == b"1"
for address in ("/users/13/", "/nothing", "/later"):
    client.get(address)
async def also():
    assert (await AsyncClient(raise_request_exception=False).get("/users/2/")).content == b"2"
    await AsyncClient(raise_request_exception=False).get("/later")
asyncio.run(also())
cells = monitor()._traffic._cells
assert monitor().is_running
assert until(lambda: monitor().status()["ram"].samples > 2)
assert sorted(cells) == ["GET (unmatched)", "GET /later", "GET /users/<int:user>/"], sorted(cells)
assert until(lambda: "GET /later errors" in monitor().status() and monitor().status()["GET /later errors"].value == 100)
"""
        )
    )


def test_django_without_the_middleware_starts_with_the_first_request():
    clean(
        run(
            DJANGO.replace("MIDDLEWARE=MIDDLEWARE", "MIDDLEWARE=[]")
            + """
Client().get("/users/1/")
assert monitor().is_running
assert list(monitor().status()) == ["ram"]
"""
        )
    )


CELERY = """
import os, sys, time
from celery import Celery
from drift_sre.integrations.celery import DriftSRE

app = Celery("jobs", broker="filesystem://", backend="file://" + os.environ["FOLDER"])
folders = ("data_folder_in", "data_folder_out", "control_folder")
app.conf.broker_transport_options = dict.fromkeys(folders, os.environ["FOLDER"])
app.conf.worker_hijack_root_logger = False
app.conf.broker_connection_retry_on_startup = True
drift = DriftSRE(interval=0.05, metrics=["ram"])


@app.task(name="double")
def double(x):
    if x == 13:
        raise ValueError("x")
    return 2 * x


@app.task(name="seen")
def seen():
    time.sleep(0.3)
    stats = drift.monitor.stats()
    return [os.getpid(), stats["running"], stats["ticks"], sorted(drift.monitor._traffic._cells)]
"""


@pytest.mark.parametrize("pool", ["prefork", "solo"])
def test_celery_tasks_are_counted_in_the_process_that_works(pool, tmp_path):
    (tmp_path / "jobs.py").write_text(CELERY)
    changes = {"FOLDER": str(tmp_path), "C_FORCE_ROOT": "1"}
    worker = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "jobs", "worker", "--pool", pool]
    with subprocess.Popen(
        [*worker, "--concurrency", "1", "-l", "ERROR", "--without-gossip", "--without-mingle"],
        cwd=tmp_path,
        env=environment(**changes),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", ASK],
                cwd=tmp_path,
                env=environment(**changes),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
    assert clean(done) == "ok\n"


ASK = """
import jobs, os
assert jobs.double.delay(2).get(timeout=40) == 4
try:
    jobs.double.delay(13).get(timeout=40)
except ValueError:
    pass
pid, running, ticks, names = jobs.seen.delay().get(timeout=40)
assert pid != os.getpid() and running and ticks > 2, (pid, running, ticks)
assert names == ["task double"], names
print("ok")
"""


# Prometheus, OpenTelemetry


def test_prometheus_scrapes_every_metric_and_the_monitor_itself():
    prometheus = pytest.importorskip("prometheus_client")
    from drift_sre.integrations.prometheus import DriftCollector

    class Deaf:
        def send(self, notice):
            raise OSError

    registry, watching = prometheus.CollectorRegistry(), DriftMonitor(metrics=["cpu", "network"], notifiers=[Deaf()])
    registry.register(DriftCollector(watching))
    for t in range(40):
        watching.observe({"cpu": 10.0 + t % 2}, at=t)
    text = prometheus.generate_latest(registry).decode()
    for line in (
        'drift_sre_value{golden_signal="saturation",metric="cpu",unit="%"} 11.0',
        'drift_sre_state{metric="cpu",state="in_control"} 1.0',
        'drift_sre_state{metric="network",state="warming_up"} 1.0',
        'drift_sre_samples_total{metric="cpu"} 40.0',
        "drift_sre_events_total 0.0",
        "drift_sre_leader 1.0",
        'drift_sre_notices_total{fate="sent",notifier="Deaf"} 0.0',
    ):
        assert line in text.splitlines()
    assert 'drift_sre_value{golden_signal="traffic"' not in text, "what has no value shows none"
    watching.stop()


def test_opentelemetry_reads_the_same_and_does_not_keep_the_monitor():
    sdk = pytest.importorskip("opentelemetry.sdk.metrics")
    export = pytest.importorskip("opentelemetry.sdk.metrics.export")
    from drift_sre.integrations.opentelemetry import instrument

    reader = export.InMemoryMetricReader()
    watching = DriftMonitor(metrics=["cpu"], scale=None, min_samples=1, threshold=1)
    instrument(watching, sdk.MeterProvider([reader]))
    for t in range(3):
        watching.observe({"cpu": 100.0 * (t % 2)}, at=t)

    def points():
        data = reader.get_metrics_data()
        scopes = data.resource_metrics[0].scope_metrics if data else []
        return {metric.name: list(metric.data.data_points) for scope in scopes for metric in scope.metrics}

    read = points()
    assert set(read) >= {"drift_sre.value", "drift_sre.baseline", "drift_sre.drifting", "drift_sre.events"}
    (value,) = read["drift_sre.value"]
    assert (value.value, dict(value.attributes)) == (
        0.0,
        {"metric": "cpu", "unit": "%", "golden_signal": "saturation"},
    )
    assert read["drift_sre.events"][0].value == 1
    del watching, value, read
    gc.collect()
    assert not any(points().values())


def test_nothing_is_imported_unless_it_is_used():
    clean(
        run("""
        import drift_sre.integrations
        wanted = {"flask", "fastapi", "starlette", "django", "celery", "prometheus_client", "opentelemetry", "apprise"}
        assert not wanted & {name.partition(".")[0] for name in sys.modules}
        """)
    )
