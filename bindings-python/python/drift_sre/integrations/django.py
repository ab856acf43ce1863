"""Watches a Django project: add `DriftConfig` to INSTALLED_APPS and `middleware` to MIDDLEWARE."""

from __future__ import annotations

import time
from typing import Any, Callable

from asgiref.sync import iscoroutinefunction
from django import conf  # type: ignore[import-untyped]
from django.apps import AppConfig  # type: ignore[import-untyped]
from django.core.signals import request_started  # type: ignore[import-untyped]
from django.utils.decorators import sync_and_async_middleware  # type: ignore[import-untyped]

from ..monitor import DriftMonitor
from .routes import UNMATCHED, name_of

_monitors: list[DriftMonitor] = []


def monitor() -> DriftMonitor:
    """The project's monitor, made of the setting DRIFT_SRE: the options of `DriftMonitor`."""
    if not _monitors:
        _monitors.append(DriftMonitor(**getattr(conf.settings, "DRIFT_SRE", {})))
    return _monitors[0]


class DriftConfig(AppConfig):  # type: ignore[misc]
    """Starts the monitor with the first request: neither in management commands nor in the reloader's own process."""

    name = "drift_sre.integrations.django"
    label = "drift_sre"

    def ready(self) -> None:
        """Makes the monitor, so that a wrong setting is told at once."""
        monitor()
        request_started.connect(_start, dispatch_uid="drift_sre")


@sync_and_async_middleware  # type: ignore[untyped-decorator]
def middleware(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Makes series of each route's latency, errors and traffic, and starts the monitor as soon as there is a server."""
    watching = monitor()
    watching.start()

    def record(request: Any, response: Any, began: float) -> None:
        match = request.resolver_match
        route = UNMATCHED if match is None else f"/{match.route}"
        name = name_of(request.method or "", route, request.path, str(response.status_code))
        watching.record(name, time.perf_counter() - began, response.status_code >= 500)

    if iscoroutinefunction(get_response):

        async def handle_async(request: Any) -> Any:
            began = time.perf_counter()
            # Django has made an answer of every exception by now.
            response = await get_response(request)
            record(request, response, began)
            return response

        return handle_async

    def handle(request: Any) -> Any:
        began = time.perf_counter()
        response = get_response(request)
        record(request, response, began)
        return response

    return handle


def _start(**_: Any) -> None:
    request_started.disconnect(dispatch_uid="drift_sre")
    monitor().start()
