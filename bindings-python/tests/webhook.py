"""A webhook on loopback that keeps what it is sent and answers as badly as a test wants."""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import socketserver
import ssl
import threading
import time
from typing import Any, Callable, Iterator, NamedTuple

PATIENCE = 10.0
TOKEN = "CANARY-w3bh00k"
PATH = f"/api/webhooks/1234/{TOKEN}"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


class Request(NamedTuple):
    at: float
    line: str
    headers: http.client.HTTPMessage
    body: bytes


class Stub(socketserver.ThreadingTCPServer):
    """A listener that keeps each request and hands the socket to `reply`, as the hostile part."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        reply: Callable[[Stub, socket.socket], None],
        handler: type[Exchange] | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), handler or Exchange)
        self.reply = reply
        self.requests: queue.Queue[Request] = queue.Queue()
        self.ended = threading.Event()
        self.tls: ssl.SSLContext | None = None

    def get_request(self) -> tuple[socket.socket, Any]:
        sock, address = super().get_request()
        return (self.tls.wrap_socket(sock, server_side=True) if self.tls else sock), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is the point of many of these tests."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"


class Exchange(socketserver.StreamRequestHandler):
    server: Stub

    def handle(self) -> None:
        line = self.rfile.readline().decode("latin-1").strip()
        headers = http.client.parse_headers(self.rfile)
        body = self.rfile.read(int(headers.get("Content-Length", 0)))
        self.server.requests.put(Request(time.monotonic(), line, headers, body))
        self.server.reply(self.server, self.request)


@contextlib.contextmanager
def listening(stub: Stub) -> Iterator[Stub]:
    thread = threading.Thread(target=stub.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.ended.set()
        stub.shutdown()
        stub.server_close()
        thread.join(PATIENCE)


def answers(*replies: bytes) -> Callable[[Stub, socket.socket], None]:
    """One reply after the other, the last for good."""
    left = list(replies)

    def reply(stub: Stub, sock: socket.socket) -> None:
        sock.sendall(left.pop(0) if len(left) > 1 else left[0])

    return reply


def http_reply(status: int, body: bytes = b"", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status} Stub", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def never(stub: Stub, sock: socket.socket) -> None:
    stub.ended.wait(PATIENCE)


def drips(first: bytes) -> Callable[[Stub, socket.socket], None]:
    """Sends `first`, then one byte at a time, each well within a socket's own timeout."""

    def reply(stub: Stub, sock: socket.socket) -> None:
        sock.sendall(first)
        while not stub.ended.wait(0.05):
            sock.sendall(b"x")

    return reply
