"""A Celery worker whose tasks are watched: `celery -A celery_app worker`."""

import os

from celery import Celery

from drift_sre import Log
from drift_sre.integrations.celery import DriftSRE

app = Celery("celery_app", broker=os.environ.get("BROKER", "memory://"))
drift = DriftSRE(notifiers=[Log("celery_app.drift")])


@app.task
def add(x: int, y: int) -> int:
    return x + y
