"""Shows a monitor to Prometheus: `REGISTRY.register(DriftCollector(monitor))`."""

from __future__ import annotations

from typing import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..events import MetricStatus
from ..monitor import DriftMonitor

_Read = Callable[[MetricStatus], "float | None"]
_STATES = ("warming_up", "in_control", "warning", "drifting", "stale", "unavailable")


class DriftCollector(Collector):
    """Each metric's value, baseline, score and state, and how the monitor itself fares, as they are when scraped."""

    def __init__(self, monitor: DriftMonitor) -> None:
        self._monitor = monitor

    def collect(self) -> Iterator[Metric]:
        """What is exposed."""
        status = list(self._monitor.status().values())
        yield _gauge("value", "Newest sample, in the metric's unit", status, lambda each: each.value)
        yield _gauge("baseline", "What is normal, in the metric's unit", status, lambda each: each.baseline)
        yield _gauge("score", "Evidence of a drift, 1 being the alarm line", status, lambda each: each.score)
        yield from self._states(status)
        yield from self._itself()

    def describe(self) -> list[Metric]:
        """Nothing: names of series come and go, and to ask for them would sample a monitor that is being made."""
        return []

    def _states(self, status: list[MetricStatus]) -> Iterator[Metric]:
        states = GaugeMetricFamily("drift_sre_state", "1 for the state of the metric", labels=["metric", "state"])
        samples = CounterMetricFamily("drift_sre_samples", "Samples taken", labels=["metric"])
        for each in status:
            samples.add_metric([each.metric], each.samples)
            for state in _STATES:
                states.add_metric([each.metric, state], float(each.state == state))
        yield states
        yield samples

    def _itself(self) -> Iterator[Metric]:
        stats = self._monitor.stats()
        for name, text, value in (
            ("events", "Drifts that opened or closed", stats["events"]),
            ("ticks", "Samplings", stats["ticks"]),
            ("late_ticks", "Samplings that began more than an interval late", stats["late"]),
            ("overflowed", "Requests and calls counted under no name of their own", stats["overflowed"]),
            ("cpu_seconds", "CPU time of the sampling thread", stats["cpu_seconds"]),
            ("callback_errors", "Exceptions of on_drift", stats["callback_errors"]),
        ):
            yield CounterMetricFamily(f"drift_sre_{name}", text, value=value)
        yield GaugeMetricFamily("drift_sre_leader", "1 if this process samples the host", value=float(stats["leader"]))
        failed = CounterMetricFamily(
            "drift_sre_failed_readings", "Readings that gave nothing", labels=["metric", "why"]
        )
        for metric, count in stats["errors"].items():
            failed.add_metric([metric, "error"], count)
        for metric, count in stats["blocked"].items():
            failed.add_metric([metric, "blocked"], count)
        yield failed
        notices = CounterMetricFamily(
            "drift_sre_notices", "Messages, and what became of them", labels=["notifier", "fate"]
        )
        fates: dict[tuple[str, str], int] = {}
        for notifier in stats["notifiers"]:
            for fate in ("sent", "suppressed", "dropped", "failed"):
                key = (notifier["name"], fate)
                fates[key] = fates.get(key, 0) + notifier[fate]
        for (name, fate), count in fates.items():
            notices.add_metric([name, fate], count)
        yield notices


def _gauge(name: str, text: str, status: list[MetricStatus], read: _Read) -> Metric:
    gauge = GaugeMetricFamily(f"drift_sre_{name}", text, labels=["metric", "unit", "golden_signal"])
    for each in status:
        value = read(each)
        if value is not None:
            gauge.add_metric([each.metric, each.unit, each.golden_signal or ""], value)
    return gauge
