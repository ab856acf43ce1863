"""Watches a FastAPI or Starlette application: `DriftSRE(app)`, or the lifespan alone."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, AsyncContextManager, AsyncIterator, Callable

from ..monitor import DriftMonitor
from .asgi import DriftMiddleware, in_a_thread

if TYPE_CHECKING:
    from starlette.applications import Starlette

Lifespan = Callable[[Any], AsyncContextManager[Any]]


class DriftSRE:
    """Watches the host, and each route's latency, errors and traffic, as long as the application runs.

    The monitor is the one given, or made of `options`, which are those of `DriftMonitor`. The application finds it as
    `app.state.drift_sre`.
    """

    def __init__(self, app: Starlette, *, monitor: DriftMonitor | None = None, **options: Any) -> None:
        self.monitor = DriftMonitor(**options) if monitor is None else monitor
        app.state.drift_sre = self.monitor
        app.add_middleware(DriftMiddleware, monitor=self.monitor)


def lifespan(monitor: DriftMonitor, inner: Lifespan | None = None) -> Lifespan:
    """The lifespan of an application that is to be watched without its requests: `FastAPI(lifespan=lifespan(monitor))`.

    `inner` is a lifespan that the application has besides.
    """

    @asynccontextmanager
    async def run(app: Any) -> AsyncIterator[Any]:
        monitor.start()
        try:
            if inner is None:
                yield
            else:
                async with inner(app) as state:
                    yield state
        finally:
            await in_a_thread(monitor.stop)

    return run
