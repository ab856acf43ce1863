"""Watches the requests of any WSGI application: each route's latency, errors and traffic become series."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, Tuple, Type, Union

from ..monitor import DriftMonitor
from .routes import name_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ExcInfo = Union[Tuple[Type[BaseException], BaseException, TracebackType], Tuple[None, None, None]]
Route = Callable[[Any], Union[str, None]]


class DriftMiddleware:
    """Passes every request on as it is, and starts `monitor` with the first if nobody has.

    The latency is the time until the application has answered, without what it streams afterwards. A status of 500 and
    above, or an exception, is an error. `route` takes the environ when the answer begins and names the route; if it
    answers None that is made of the path.
    """

    def __init__(self, app: WSGIApplication, monitor: DriftMonitor, *, route: Route | None = None) -> None:
        self._app = app
        self._monitor = monitor
        self._route = route
        self._started = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The application's answer."""
        if not self._started:
            self._started = True
            self._monitor.start()
        status, route = "", None

        def start(line: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            nonlocal status, route
            # Here, because a framework forgets the request when it has returned.
            status, route = line, self._route_of(environ)
            return start_response(line, headers, *exc_info)

        began = time.perf_counter()
        try:
            body = self._app(environ, start)
        except BaseException as error:
            self._record(environ, began, "500", route, failed=isinstance(error, Exception))
            raise
        if status:
            self._record(environ, began, status, route)
            return body
        # A generator: it has not even begun.
        return _Body(body, lambda: self._record(environ, began, status or "500", route))

    def _route_of(self, environ: WSGIEnvironment) -> str | None:
        try:
            return None if self._route is None else self._route(environ)
        except Exception:  # a function of the user's own
            return None

    def _record(
        self, environ: WSGIEnvironment, began: float, status: str, route: str | None, *, failed: bool | None = None
    ) -> None:
        seconds = time.perf_counter() - began
        name = name_of(environ.get("REQUEST_METHOD", ""), route, environ.get("PATH_INFO", ""), status)
        self._monitor.record(name, seconds, status >= "500" if failed is None else failed)


class _Body:
    """An answer that says when it ends."""

    def __init__(self, body: Iterable[bytes], ended: Callable[[], None]) -> None:
        self._body = body
        self._ended = ended

    def __iter__(self) -> Iterator[bytes]:
        yield from self._body

    def close(self) -> None:
        """Ends it, whether or not it was read to its end."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._ended()
