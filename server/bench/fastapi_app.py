"""The peer: the same endpoint as a competent FastAPI application, whose yes waits for the disk as ours does.

One thread writes: all that waits goes into one transaction of SQLite with ``synchronous=FULL``, and its requests are
answered when that is done. It stores; it learns nothing.
"""

import asyncio
import os
import queue
import sqlite3
import threading
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from typing import Annotated, Optional

import orjson
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

SCHEMA = """
CREATE TABLE IF NOT EXISTS telemetry (
    id INTEGER PRIMARY KEY, service_id TEXT NOT NULL, at_ms INTEGER NOT NULL, latency_ms REAL NOT NULL,
    payload_kb REAL NOT NULL
)
"""
INSERT = "INSERT INTO telemetry (service_id, at_ms, latency_ms, payload_kb) VALUES (?, ?, ?, ?)"
TOGETHER = 4096


class Telemetry(BaseModel):
    service_id: Annotated[str, Field(min_length=1, max_length=64)]
    latency_ms: Annotated[float, Field(ge=0, le=300_000, allow_inf_nan=False)]
    payload_kb: Annotated[float, Field(ge=0, le=1_048_576, allow_inf_nan=False)]
    timestamp: Optional[datetime] = None


class Writer:
    def __init__(self, path):
        self.loop = asyncio.get_running_loop()
        self.queue = queue.SimpleQueue()
        self.thread = threading.Thread(target=self.run, args=(path,), daemon=True)
        self.thread.start()

    async def add(self, row):
        done = self.loop.create_future()
        self.queue.put((row, done))
        await done

    def run(self, path):
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute(SCHEMA)
        while True:
            waiting = [self.queue.get()]
            while len(waiting) < TOGETHER and not self.queue.empty():
                waiting.append(self.queue.get())
            database.execute("BEGIN IMMEDIATE")
            database.executemany(INSERT, [row for row, _ in waiting])
            database.execute("COMMIT")
            self.loop.call_soon_threadsafe(self.answer, [done for _, done in waiting])

    @staticmethod
    def answer(waiting):
        for done in waiting:
            if not done.done():
                done.set_result(None)


@asynccontextmanager
async def lifespan(app):
    app.state.writer = Writer(os.environ["DATABASE_PATH"])
    yield


app = FastAPI(lifespan=lifespan)
TOLERANCE = timedelta(hours=1)


@app.post("/v1/telemetry")
async def take(request: Request):
    # Straight from the bytes: pydantic's own parser, the fastest way that FastAPI leaves open.
    try:
        told = Telemetry.model_validate_json(await request.body())
    except ValidationError as error:
        raise HTTPException(422, error.errors(include_context=False)) from None
    now = datetime.now(timezone.utc)
    at = told.timestamp or now
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    if abs(at - now) > TOLERANCE:
        raise HTTPException(422, "timestamp out of range")
    row = (told.service_id, int(at.timestamp() * 1000), told.latency_ms, told.payload_kb)
    await request.app.state.writer.add(row)
    body = {"status": "accepted", "service_id": told.service_id, "timestamp": at, "message": "stored"}
    return Response(orjson.dumps(body), 202, media_type="application/json")
