"""The example applications run as their first lines say, and what they promise is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import clean, environment

EXAMPLES = Path(__file__).parents[1] / "examples"

# What is done with each, in its folder and in a process of its own.
USES = {
    "flask_app": """
from flask_app import app, drift
client = app.test_client()
assert client.get("/users/7").get_json() == {"id": 7}
assert client.get("/prices").get_json() == {"tea": 3.5}
assert client.get("/drift").get_json()["cpu"]["unit"] == "%"
assert drift.monitor.is_running and drift.monitor.stats()["names"] == 4
""",
    "fastapi_app": """
from fastapi.testclient import TestClient
from fastapi_app import app, drift
with TestClient(app) as client:
    assert client.get("/items/tea").json() == {"item": "tea", "in_stock": True}
    assert client.get("/drift").json() == []
    assert drift.monitor.is_running and drift.monitor.stats()["names"] == 3
assert not drift.monitor.is_running
""",
    "django_app": """
import django_app
from django.test import Client
from drift_sre.integrations.django import monitor
assert monitor().is_running
assert Client().get("/users/7/").json() == {"id": 7}
assert Client().get("/drift").json()["ram"]["unit"] == "%"
assert monitor().stats()["names"] == 2
""",
    "celery_app": """
from celery_app import add, app, drift
app.conf.task_always_eager = True
assert add.delay(2, 3).get() == 5
assert drift.monitor.is_running and drift.monitor.stats()["names"] == 1
""",
    "wsgi_app": """
from wsgi_app import app, monitor
def get(path):
    return b"".join(app({"REQUEST_METHOD": "GET", "PATH_INFO": path}, lambda *_: None)).decode()
assert get("/") == "hello\\n"
assert 'drift_sre_state{metric="ram",state="warming_up"} 1.0' in get("/metrics")
assert monitor.is_running
""",
    "batch_job": """
import batch_job
batch_job.main()
assert {"backlog", "work latency", "work errors", "work traffic"} <= set(batch_job.monitor.status())
""",
}


def test_every_example_is_tried():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(USES)


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_an_example_does_what_it_says(use, tmp_path):
    changes = {"TMPDIR": str(tmp_path), "PYTHONPATH": f"{EXAMPLES}:{environment()['PYTHONPATH']}"}
    command = [sys.executable, "-W", "ignore", "-c", use]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(**changes), capture_output=True, text=True, timeout=60, check=False
    )
    clean(done)
