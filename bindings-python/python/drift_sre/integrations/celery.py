"""Watches Celery workers: each task's latency, errors and traffic become series."""

from __future__ import annotations

import time
from typing import Any

from celery import signals  # type: ignore[import-untyped]

from ..monitor import DriftMonitor


class DriftSRE:
    """Watches the host, and the tasks that this process works on; of a pool of processes each watches its own.

    The monitor is the one given, or made of `options`, which are those of `DriftMonitor`. It starts with the pool's
    process, or the first task where there is none, and stops with the worker. A retry is no failure.
    """

    def __init__(self, *, monitor: DriftMonitor | None = None, **options: Any) -> None:
        self.monitor = DriftMonitor(**options) if monitor is None else monitor
        # Without weak=False they would be gone with this object.
        signals.worker_process_init.connect(self._start, weak=False)
        signals.worker_process_shutdown.connect(self._stop, weak=False)
        signals.worker_shutdown.connect(self._stop, weak=False)
        signals.task_prerun.connect(self._began, weak=False)
        signals.task_postrun.connect(self._ended, weak=False)

    def _start(self, **_: Any) -> None:
        self.monitor.start()

    def _stop(self, **_: Any) -> None:
        self.monitor.stop(timeout=2.0)

    def _began(self, task: Any = None, **_: Any) -> None:
        self.monitor.start()
        task.request.drift_sre_began = time.perf_counter()

    def _ended(self, task: Any = None, state: str | None = None, **_: Any) -> None:
        began = getattr(task.request, "drift_sre_began", None)
        if began is not None:
            self.monitor.record(f"task {task.name}", time.perf_counter() - began, state == "FAILURE")
