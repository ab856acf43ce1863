"""Load: as much as goes, at a pace, and in batches."""

import asyncio
import http.client
import random
import re
import subprocess
import threading
import time

import uvloop
from process import HERE


def flood(server, connections, seconds, script="post.lua", path=""):
    """As many requests as are answered; requests a second, p50 and p99 in ms, CPU us a request, how many failed."""
    before = server.cpu()
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script, server.url + path]
    said = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=seconds + 60, check=True).stdout
    requests, micros, failed, p50, p99 = map(int, re.search(r"RESULT (.*)", said)[1].split())
    return requests / micros * 1e6, p50 / 1e3, p99 / 1e3, (server.cpu() - before) / requests * 1e6, failed


class Caller(asyncio.Protocol):
    """One connection: a request at a time, an answer for each."""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.answer += data
        # Both servers' answers are one JSON object, and nothing of a head ends so.
        if self.answer.endswith(b"}"):
            self.answered.set_result(self.answer)

    def connection_lost(self, error):
        if not self.answered.done():
            self.answered.set_exception(error or ConnectionError("the server hung up"))

    async def ask(self, request):
        self.answered, self.answer = asyncio.get_running_loop().create_future(), b""
        self.transport.write(request)
        answer = await self.answered
        if not answer.startswith(b"HTTP/1.1 202"):
            raise RuntimeError(answer.decode())


def paced(server, rate, seconds):
    """p50 and p99 in ms at a steady rate, each counted from when the request was due."""
    body = b'{"service_id":"paced","latency_ms":150.5,"payload_kb":2.51}'
    head = ["POST /v1/telemetry HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    request = "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body

    async def run():
        loop = asyncio.get_running_loop()
        callers = asyncio.Queue()
        for _ in range(64):
            _, caller = await loop.create_connection(Caller, "127.0.0.1", server.port)
            callers.put_nowait(caller)
        times = []

        async def one(due):
            caller = await callers.get()
            await caller.ask(request)
            times.append(loop.time() - due)
            callers.put_nowait(caller)

        start, tasks = loop.time() + 0.1, []
        for i in range(rate * seconds):
            due = start + i / rate
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            tasks.append(asyncio.ensure_future(one(due)))
        await asyncio.gather(*tasks)
        return sorted(times)

    times = uvloop.run(asyncio.wait_for(run(), 20 * seconds))
    return times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3


def lines(events, services, seed):
    """Observations, one a line, with the decimals and times of a simulator at ten a second for each service."""
    draw = random.Random(seed)
    start = time.time() - events / services / 10
    made = []
    for i in range(events):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(start + i // services / 10))
        millis = int((start + i // services / 10) % 1 * 1000)
        latency, payload = max(1, draw.gauss(150, 25)), draw.lognormvariate(0.916, 0.32)
        made.append(
            f'{{"service_id":"service-{i % services}","latency_ms":{latency:.1f},"payload_kb":{payload:.2f},'
            f'"timestamp":"{at}.{millis:03d}Z"}}'
        )
    return "\n".join(made).encode()


def batches(server, bodies):
    """Events a second that are on disk when the last of these is answered, two sent at a time."""
    waiting, accepted = list(bodies), []

    def send():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        while True:
            try:
                body = waiting.pop()
            except IndexError:
                return
            connection.request("POST", "/v1/telemetry/batch", body, {"Content-Type": "application/x-ndjson"})
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 202:
                raise RuntimeError(said.decode())
            accepted.append(body.count(b"\n") + 1)

    threads = [threading.Thread(target=send) for _ in range(2)]
    start, cpu = time.monotonic(), server.cpu()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not waiting
    return sum(accepted) / (time.monotonic() - start), (server.cpu() - cpu) / sum(accepted) * 1e6
