"""What a monitor costs its host, beside the limits: a request, a share of a core: `python benches/middleware.py`."""

import asyncio
import statistics
import sys
import time

from drift_sre import DriftMonitor
from drift_sre.integrations import asgi, wsgi

REQUESTS = 20_000
ROUNDS = 15
SECONDS = 20.0

# What is not to be exceeded.
REQUEST_LIMIT_US = 5.0
CORE_LIMIT_PERCENT = 0.1


def wsgi_app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"x"]


async def asgi_app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})


def of_wsgi(app):
    """Microseconds a request."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/users/17/orders"}

    def start_response(status, headers, exc_info=None):
        return None

    began = time.perf_counter()
    for _ in range(REQUESTS):
        app(environ, start_response)
    return 1e6 * (time.perf_counter() - began) / REQUESTS


def of_asgi(app):
    scope = {"type": "http", "method": "GET", "path": "/users/17/orders"}

    async def receive():
        return {}

    async def send(message):
        return None

    async def main():
        began = time.perf_counter()
        for _ in range(REQUESTS):
            await app(scope, receive, send)
        return 1e6 * (time.perf_counter() - began) / REQUESTS

    return asyncio.run(main())


def of_calls(function):
    began = time.perf_counter()
    for _ in range(REQUESTS):
        function()
    return 1e6 * (time.perf_counter() - began) / REQUESTS


def added(measure, bare, watched):
    """Microseconds that are added, by the median of rounds in which both take their turn."""
    return statistics.median(measure(watched) - measure(bare) for _ in range(ROUNDS))


def core_percent(monitor):
    """CPU time of the whole process while only the monitor runs, a second."""
    with monitor:
        time.sleep(2)  # the first readings import and open what they need
        began, cpu = time.perf_counter(), time.process_time()
        time.sleep(SECONDS)
        return 100 * (time.process_time() - cpu) / (time.perf_counter() - began)


def main():
    monitor = DriftMonitor()
    with monitor:
        costs = {
            "WSGI middleware": added(of_wsgi, wsgi_app, wsgi.DriftMiddleware(wsgi_app, monitor)),
            "ASGI middleware": added(of_asgi, asgi_app, asgi.DriftMiddleware(asgi_app, monitor)),
            "@monitor.watch": added(of_calls, int, monitor.watch("int")(int)),
            "monitor.record": added(of_calls, int, lambda: monitor.record("x", 0.001)),
        }
    print(f"{'added to a request or call':<34}{'us':>8}{'limit':>10}")
    for name, cost in costs.items():
        print(f"{name:<34}{cost:>8.2f}{REQUEST_LIMIT_US:>10.1f}")
    shares = {
        "six host metrics at 1 Hz": core_percent(DriftMonitor()),
        "and three functions": core_percent(with_functions(3)),
    }
    print(f"\n{'share of a core':<34}{'%':>8}{'limit':>10}")
    for name, share in shares.items():
        print(f"{name:<34}{share:>8.3f}{CORE_LIMIT_PERCENT:>10.1f}")
    met = max(costs.values()) <= REQUEST_LIMIT_US and max(shares.values()) <= CORE_LIMIT_PERCENT
    print("\nwithin all limits" if met else "\nA LIMIT IS EXCEEDED")
    return 0 if met else 1


def with_functions(count):
    monitor = DriftMonitor()
    for number in range(count):
        monitor.add_metric(f"mine {number}", lambda: 1.0)
    return monitor


if __name__ == "__main__":
    sys.exit(main())
