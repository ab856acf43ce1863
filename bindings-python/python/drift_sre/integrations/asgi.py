"""Watches the requests of any ASGI application: each route's latency, errors and traffic become series."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Awaitable, Callable, MutableMapping

from ..monitor import DriftMonitor
from .routes import name_of

_Scope = MutableMapping[str, Any]
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


class DriftMiddleware:
    """Passes everything on as it is, and starts and stops `monitor` with the application unless it runs already.

    The latency is the time until the answer is complete. A status of 500 and above, or an exception, is an error; a
    client that went away is neither.
    """

    def __init__(self, app: Callable[[Any, Any, Any], Awaitable[None]], monitor: DriftMonitor) -> None:
        self._app = app
        self._monitor = monitor
        self._started = False

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """The application's answer."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        if not self._started:
            self._started = True
            self._monitor.start()
        began, root = time.perf_counter(), scope.get("root_path", "")
        status, complete = 500, False

        async def watched(message: _Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body" and not message.get("more_body", False):
                # Not when the application returns: it may have work to do in the background.
                complete = True
                self._monitor.record(_name(scope, root, status), time.perf_counter() - began, status >= 500)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if not complete:
                self._monitor.record(_name(scope, root, 500), time.perf_counter() - began, True)
            raise

    async def _lifespan(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        mine = not self._monitor.is_running

        async def watched(message: _Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._started = True
                self._monitor.start()
            elif message["type"] == "lifespan.shutdown.complete" and mine:
                await in_a_thread(self._monitor.stop)
            await send(message)

        await self._app(scope, receive, watched)


async def in_a_thread(function: Callable[[], None]) -> None:
    """Calls what may take a while, without holding up the event loop."""
    await asyncio.get_running_loop().run_in_executor(None, function)


def _name(scope: _Scope, root: str, status: int) -> str:
    path = scope.get("path", "")
    route = getattr(scope.get("route"), "path", None)
    if route is not None:
        # What is mounted knows its routes from there on only.
        mounted = scope.get("root_path", "")
        prefix = mounted[len(root) :] if mounted.startswith(root) else ""
        route = prefix + route
    return name_of(scope.get("method", ""), route, path, str(status))
