"""Shows a monitor to OpenTelemetry, through its API alone: the application chooses what becomes of the metrics."""

from __future__ import annotations

import weakref
from typing import Callable, Iterable

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation, get_meter

from ..events import MetricStatus
from ..monitor import DriftMonitor

_Read = Callable[[MetricStatus], "float | None"]


def instrument(monitor: DriftMonitor, meter_provider: MeterProvider | None = None) -> None:
    """Makes gauges of each metric's value, baseline, score and state, and counters of what the monitor does.

    They do not keep the monitor alive.
    """
    meter = get_meter("drift_sre", meter_provider=meter_provider)
    watched = weakref.ref(monitor)

    def each(read: _Read) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_: CallbackOptions) -> list[Observation]:
            monitor = watched()
            status = {} if monitor is None else monitor.status()
            values = ((read(metric), metric) for metric in status.values())
            return [Observation(value, _attributes(metric)) for value, metric in values if value is not None]

        return observe

    def count(name: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_: CallbackOptions) -> list[Observation]:
            monitor = watched()
            return [] if monitor is None else [Observation(monitor.stats()[name])]  # type: ignore[literal-required]

        return observe

    for name, text, read in (
        ("value", "Newest sample, in the metric's unit", lambda each: each.value),
        ("baseline", "What is normal, in the metric's unit", lambda each: each.baseline),
        ("score", "Evidence of a drift, 1 being the alarm line", lambda each: each.score),
        ("drifting", "1 while the metric drifts", lambda each: int(each.state == "drifting")),
    ):
        meter.create_observable_gauge(f"drift_sre.{name}", [each(read)], description=text)
    for name, text in (("events", "Drifts that opened or closed"), ("ticks", "Samplings")):
        meter.create_observable_counter(f"drift_sre.{name}", [count(name)], description=text)


def _attributes(status: MetricStatus) -> dict[str, str]:
    given = {"metric": status.metric, "unit": status.unit, "golden_signal": status.golden_signal}
    return {name: value for name, value in given.items() if value}
