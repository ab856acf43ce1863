"""Sends telemetry to a drift-sre server and asks it how a service fares, without ever holding up the program."""

from .answers import Gate, Health, Outcome
from .client import DriftClient
from .server import DriftClientError

__all__ = ["DriftClient", "DriftClientError", "Gate", "Health", "Outcome"]
