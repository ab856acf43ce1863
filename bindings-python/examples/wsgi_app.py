"""Any WSGI application, watched and scraped by Prometheus: `python wsgi_app.py`, then GET /metrics."""

from wsgiref.simple_server import make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from drift_sre import DriftMonitor
from drift_sre.integrations.prometheus import DriftCollector
from drift_sre.integrations.wsgi import DriftMiddleware

monitor = DriftMonitor()
registry = CollectorRegistry()
registry.register(DriftCollector(monitor))
metrics = make_wsgi_app(registry)


def site(environ, start_response):
    if environ["PATH_INFO"] == "/metrics":
        return metrics(environ, start_response)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello\n"]


app = DriftMiddleware(site, monitor)

if __name__ == "__main__":
    make_server("127.0.0.1", 8000, app).serve_forever()
