"""A receiver of webhooks that mostly behaves badly, and remembers what it was sent and when."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

# Longer than any sender waits.
HANGS_SECS = 15.0


@dataclass
class Delivery:
    """One message, and how it was answered; 0 for not at all."""

    at: float
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    status: int
    retry_after: float = 0.0

    def alerts(self) -> list[str]:
        return [event["event_id"] for event in self.body["events"]]


class Hook:
    """Answers each message by what `behave` says: a status and, with it, a wish to be left alone for so long."""

    def __init__(self, behave: Callable[[], tuple[int, float]]) -> None:
        self.deliveries: list[Delivery] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                if len(sent) < int(self.headers["Content-Length"]):
                    # The sender was killed before it had said it.
                    return
                body = json.loads(sent)
                at = time.monotonic()
                with hook._lock:
                    status, retry_after = behave()
                    hook.deliveries.append(Delivery(at, self.path, dict(self.headers), body, status, retry_after))
                if status == 0:
                    hook._closing.wait(HANGS_SECS)
                    self.close_connection = True
                    return
                self.send_response(status)
                if retry_after:
                    self.send_header("Retry-After", f"{retry_after:g}")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Hook:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def settings(self, path: str = "/hook") -> dict[str, str]:
        port = self._server.server_address[1]
        return {
            "WEBHOOK_URL": f"http://127.0.0.1:{port}{path}",
            "WEBHOOK_ALLOW": f"127.0.0.1:{port}",
            "WEBHOOK_ALLOW_PRIVATE": "true",
            "ALERT_COOL_DOWN_SECS": "0.001",
        }

    def delivered(self) -> list[str]:
        """What it said it took."""
        return [alert for delivery in list(self.deliveries) if delivery.status == 200 for alert in delivery.alerts()]


def moody(seed: int) -> Callable[[], tuple[int, float]]:
    """One in five fails, one in ten is too many, one in ten hangs; at least one of each, early."""
    rng = random.Random(seed)
    first = [(200, 0.0), (500, 0.0), (429, 1.0), (0, 0.0), (200, 0.0)]

    def behave() -> tuple[int, float]:
        if first:
            return first.pop(0)
        mood = rng.random()
        if mood < 0.2:
            return 500, 0.0
        if mood < 0.3:
            return 429, 1.0
        return (0, 0.0) if mood < 0.4 else (200, 0.0)

    return behave
