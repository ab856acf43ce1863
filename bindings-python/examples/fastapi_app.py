"""A FastAPI application that watches its host and its routes: `uvicorn fastapi_app:app --workers 4`."""

import asyncio
from typing import Any, Dict, List

from fastapi import FastAPI

from drift_sre import Console
from drift_sre.integrations.fastapi import DriftSRE

app = FastAPI()
# Of the four workers one samples the host, and each its own requests.
drift = DriftSRE(app, per="host", notifiers=[Console()])


@drift.monitor.watch("warehouse")
async def in_stock(item: str) -> bool:
    await asyncio.sleep(0.001)
    return item != "moon"


@app.get("/items/{item}")
async def item(item: str) -> Dict[str, Any]:
    return {"item": item, "in_stock": await in_stock(item)}


@app.get("/drift")
def events() -> List[Dict[str, Any]]:
    return [event.as_dict() for event in drift.monitor.events()]
