"""Watches a Flask application: `DriftSRE(app)`, or `DriftSRE()` and later `init_app(app)`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from ..monitor import DriftMonitor
from .routes import UNMATCHED
from .wsgi import DriftMiddleware

if TYPE_CHECKING:
    from flask import Flask


class DriftSRE:
    """Watches the host, and each route's latency, errors and traffic.

    The monitor is the one given, or made of `options`, which are those of `DriftMonitor`; the application's config may
    have more of them under "DRIFT_SRE". It starts here, or with the first request where Flask's reloader may run the
    application twice.
    """

    def __init__(self, app: Flask | None = None, *, monitor: DriftMonitor | None = None, **options: Any) -> None:
        self._monitor = monitor
        self._options = options
        if app is not None:
            self.init_app(app)

    @property
    def monitor(self) -> DriftMonitor:
        """The monitor, once there is one."""
        if self._monitor is None:
            raise RuntimeError("init_app must be called before there is a monitor")
        return self._monitor

    def init_app(self, app: Flask) -> None:
        """Watches `app`; may be called for several, which share the monitor."""
        if self._monitor is None:
            self._monitor = DriftMonitor(**{**app.config.get("DRIFT_SRE", {}), **self._options})
        app.extensions["drift_sre"] = self
        app.wsgi_app = DriftMiddleware(app.wsgi_app, self._monitor, route=_route)  # type: ignore[method-assign]
        if not _may_run_twice(app):
            self._monitor.start()


def _route(environ: dict[str, Any]) -> str | None:
    request = environ.get("werkzeug.request")
    if request is None:  # an inner middleware has answered
        return None
    rule = request.url_rule
    return UNMATCHED if rule is None else str(rule.rule)


def _may_run_twice(app: Flask) -> bool:
    """Whether this may be the process that only waits for files to change, and never serves a request."""
    if os.environ.get("WERKZEUG_RUN_MAIN") == "true":  # this is the other one
        return False
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        return True
    # A script of the user's own may call app.run(); a server's would not.
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        return bool(spec.name.partition(".")[0] == app.import_name.partition(".")[0])
    return str(getattr(main, "__file__", "")).endswith(".py")
