"""Sockets that only take up room, driven by one thread."""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass

HEAD = b"POST /v1/telemetry HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
BODY = HEAD + b"Content-Length: 1000\r\n\r\n{"
# Much is asked for at once; the answers fill every buffer.
LARGE = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 4
KINDS = ("silent", "header drip", "body drip", "slow read")
# Whoever reads slowly has to be answered first, which takes a debug build some time.
ORDER = (*KINDS[:3] * 8, KINDS[3])
STEP_SECS = 0.25


@dataclass
class Slow:
    """One of them."""

    kind: str
    socket: socket.socket
    opened: float
    closed: float | None = None

    def begin(self) -> None:
        first = {"silent": b"", "header drip": HEAD, "body drip": BODY, "slow read": LARGE}[self.kind]
        self.socket.sendall(first)

    def go_on(self) -> None:
        """A byte more, where the other side still waits for one."""
        try:
            if self.kind == "header drip":
                self.socket.send(b"X")
            elif self.kind == "body drip":
                self.socket.send(b" ")
            elif self.kind == "slow read":
                # Enough that the window opens from time to time.
                self.socket.recv(64)
        except BlockingIOError:
            pass
        except OSError:
            self.end()

    def look(self, events: int) -> None:
        """Whether the other side has closed it."""
        try:
            if self.kind != "slow read":
                while self.socket.recv(4096):
                    pass
                self.end()
            elif events & (select.POLLHUP | select.POLLERR | select.POLLRDHUP):
                self.end()
        except BlockingIOError:
            pass
        except OSError:
            self.end()

    def end(self) -> None:
        if self.closed is None:
            self.closed = time.monotonic() - self.opened


def open_slow(port: int, kind: str) -> Slow:
    made = socket.socket()
    if kind == "slow read":
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(5)
    made.connect(("127.0.0.1", port))
    one = Slow(kind, made, time.monotonic())
    one.begin()
    made.setblocking(False)
    return one


def drive(ports: list[int], secs: float) -> list[Slow]:
    """Opens one for each port and keeps them slow until the other side closes them, each for so long at most."""
    poll, held, all_of_them = select.poll(), dict[int, Slow](), list[Slow]()
    waiting = list(enumerate(ports))[::-1]
    while waiting or any(time.monotonic() < one.opened + secs for one in held.values()):
        step = time.monotonic() + STEP_SECS
        for one in held.values():
            one.go_on()
        while waiting and time.monotonic() < step:
            number, port = waiting.pop()
            one = open_slow(port, ORDER[number % len(ORDER)])
            all_of_them.append(one)
            held[one.socket.fileno()] = one
            poll.register(one.socket, select.POLLIN | select.POLLRDHUP)
        while True:
            left = step - time.monotonic()
            for number, events in poll.poll(max(0.0, left) * 1000):
                held[number].look(events)
                # What waits to be read slowly must not wake this up again and again.
                poll.modify(number, select.POLLRDHUP)
            for number in [number for number, one in held.items() if one.closed is not None]:
                poll.unregister(number)
                held.pop(number).socket.close()
            if left <= 0:
                break
        for number, one in held.items():
            if one.kind != "slow read":
                poll.modify(number, select.POLLIN | select.POLLRDHUP)
    for one in held.values():
        one.socket.close()
    return all_of_them
