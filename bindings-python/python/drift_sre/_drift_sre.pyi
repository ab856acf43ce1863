"""The native half: detectors, monitors, windows and incidents in Rust."""

from typing import Any, Iterator, Literal, Mapping, Sequence, TypedDict, final

import numpy as np
import numpy.typing as npt

__all__ = [
    "Adaptive",
    "Change",
    "Correlator",
    "Cusum",
    "DriftScores",
    "Event",
    "Ewma",
    "Explanation",
    "Fleet",
    "Incident",
    "Intake",
    "Monitor",
    "PageHinkley",
    "Scenario",
    "Signal",
    "Trend",
    "Verdict",
    "Window",
    "WindowShift",
    "Windows",
    "ZScore",
    "error_drift_score",
    "explain_incident",
    "is_sustained_degradation",
    "latency_drift_score",
    "quantity",
    "traffic_anomaly_score",
]

_Direction = Literal["up", "down"]
_Baseline = Literal["exponential", "rolling", "fixed", "forgetting"] | Mapping[str, Mapping[str, Any]]
_Config = Literal["drift_sre", "drift_sre_literal", "driftwatch", "driftwatch_literal"] | Mapping[str, Any]
_GoldenSignal = Literal["latency", "errors", "traffic", "saturation"]
_Id = int | str | bytes
_Severity = Literal["info", "warning", "critical"]
_State = Literal["warming_up", "in_control", "warning", "drifting", "stale"]

@final
class PageHinkley:
    """Page-Hinkley test against an exponentially weighted reference."""

    def __new__(
        cls,
        delta: float = 0.05,
        threshold: float = 50.0,
        alpha: float = 0.1,
        *,
        direction: Literal["up", "down", "both"] = "both",
        min_samples: int = 30,
        scale: float | Literal["auto"] | None = None,
    ) -> PageHinkley: ...
    @property
    def drift_detected(self) -> bool:
        """Whether the newest value alarmed."""
    @property
    def score(self) -> float | None:
        """Score of the newest value, 1.0 being the alarm line; None in the warm-up."""
    @property
    def direction(self) -> _Direction | None:
        """Which way the newest score leans; None in the warm-up."""
    @property
    def baseline(self) -> float | None:
        """The reference that values are compared with; None in the warm-up."""
    def update(self, x: float, /) -> bool:
        """Takes one value; True if it alarms. A value that is not finite changes nothing."""
    def update_many(self, values: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Takes many values; the positions of those that alarm."""
    def score_many(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Takes many values; their scores, NaN meaning that there is none yet."""
    def reset(self) -> None:
        """Forgets all it has seen; the parameters stay."""
    def to_bytes(self) -> bytes:
        """Parameters and state as bytes."""
    @classmethod
    def from_bytes(cls, data: bytes) -> PageHinkley:
        """The detector that `to_bytes` wrote, which goes on bit for bit."""
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...
    def __copy__(self) -> PageHinkley: ...
    def __deepcopy__(self, memo: Any) -> PageHinkley: ...

@final
class ZScore:
    """Distance of a value from the baseline."""

    def __new__(
        cls,
        threshold: float = 3.0,
        *,
        direction: Literal["up", "down", "both"] = "both",
        baseline: _Baseline | None = None,
    ) -> ZScore: ...
    @property
    def drift_detected(self) -> bool:
        """Whether the newest value alarmed."""
    @property
    def score(self) -> float | None:
        """Score of the newest value, 1.0 being the alarm line; None in the warm-up."""
    @property
    def direction(self) -> _Direction | None:
        """Which way the newest score leans; None in the warm-up."""
    @property
    def baseline(self) -> float | None:
        """The reference that values are compared with; None in the warm-up."""
    def update(self, x: float, /) -> bool:
        """Takes one value; True if it alarms. A value that is not finite changes nothing."""
    def update_many(self, values: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Takes many values; the positions of those that alarm."""
    def score_many(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Takes many values; their scores, NaN meaning that there is none yet."""
    def reset(self) -> None:
        """Forgets all it has seen; the parameters stay."""
    def to_bytes(self) -> bytes:
        """Parameters and state as bytes."""
    @classmethod
    def from_bytes(cls, data: bytes) -> ZScore:
        """The detector that `to_bytes` wrote, which goes on bit for bit."""
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...
    def __copy__(self) -> ZScore: ...
    def __deepcopy__(self, memo: Any) -> ZScore: ...

@final
class Adaptive:
    """Finds drifts and point anomalies in any metric, whose only knob is how often it may cry wolf."""

    def __new__(
        cls,
        arl0: float = 10_000,
        *,
        season: Literal["auto"] | float | tuple[float, float] | None = "auto",
        interval: float | None = None,
        direction: Literal["up", "down", "both"] = "both",
        compact: bool = False,
        adopt_after: int = 10_000,
        idle_secs: float | None = None,
    ) -> Adaptive: ...
    @property
    def drift_detected(self) -> bool:
        """Whether the newest value alarmed."""
    @property
    def score(self) -> float | None:
        """Score of the newest value, 1.0 being the alarm line; None in the warm-up."""
    @property
    def direction(self) -> _Direction | None:
        """Which way the newest score leans; None in the warm-up."""
    @property
    def kind(self) -> Literal["level", "spread", "point"] | None:
        """What the last alarm was about; a point anomaly is no drift. None before the first."""
    @property
    def onset(self) -> float | None:
        """The most likely time of the first sample of what the last alarm was about; None before the first."""
    @property
    def band(self) -> tuple[float, float] | None:
        """Between what bounds the newest value was expected; None in the warm-up."""
    @property
    def event(self) -> Event | None:
        """What there was to tell of the newest value."""
    @property
    def baseline(self) -> float | None:
        """The level that values return to by themselves, season included; None in the warm-up."""
    @property
    def period(self) -> float | None:
        """The period of the season, if one is known."""
    @property
    def state(self) -> _State:
        """Where the series stands."""
    @property
    def samples(self) -> int:
        """Usable values seen since the start or the last reset."""
    def update(self, x: float, at: float | None = None) -> bool:
        """Takes one value; True if it alarms. A value that is not finite changes nothing."""
    def update_many(self, values: npt.ArrayLike, times: npt.ArrayLike | None = None) -> npt.NDArray[np.intp]:
        """Takes many values; the positions of those that alarm."""
    def score_many(self, values: npt.ArrayLike, times: npt.ArrayLike | None = None) -> npt.NDArray[np.float64]:
        """Takes many values; their scores, NaN meaning that there is none."""
    def advance(self, at: float) -> Event | None:
        """Lets time pass without a sample; past `idle_secs` the series goes stale, which closes an open drift."""
    def reconfigure(self, *, idle_secs: float | None) -> None:
        """From the next value on, how long a silence makes the series stale; None for never."""
    def accept(self) -> Event | None:
        """Declares the present level normal, which closes an open drift."""
    def reset(self) -> Event | None:
        """Forgets all it has seen, which closes an open drift."""
    def to_bytes(self) -> bytes:
        """Parameters and state as bytes."""
    @classmethod
    def from_bytes(cls, data: bytes, interval: float | None = None) -> Adaptive:
        """The detector that `to_bytes` wrote, which goes on bit for bit."""
    def __reduce__(self) -> tuple[Any, tuple[bytes, float | None]]: ...
    def __copy__(self) -> Adaptive: ...
    def __deepcopy__(self, memo: Any) -> Adaptive: ...

@final
class Cusum:
    """Cumulated sums of what exceeds a slack."""

    def __new__(
        cls,
        slack: float = 0.5,
        threshold: float = 5.0,
        *,
        direction: Literal["up", "down", "both"] = "both",
        baseline: _Baseline | None = None,
    ) -> Cusum: ...
    @property
    def drift_detected(self) -> bool:
        """Whether the newest value alarmed."""
    @property
    def score(self) -> float | None:
        """Score of the newest value, 1.0 being the alarm line; None in the warm-up."""
    @property
    def direction(self) -> _Direction | None:
        """Which way the newest score leans; None in the warm-up."""
    @property
    def baseline(self) -> float | None:
        """The reference that values are compared with; None in the warm-up."""
    def update(self, x: float, /) -> bool:
        """Takes one value; True if it alarms. A value that is not finite changes nothing."""
    def update_many(self, values: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Takes many values; the positions of those that alarm."""
    def score_many(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Takes many values; their scores, NaN meaning that there is none yet."""
    def reset(self) -> None:
        """Forgets all it has seen; the parameters stay."""
    def to_bytes(self) -> bytes:
        """Parameters and state as bytes."""
    @classmethod
    def from_bytes(cls, data: bytes) -> Cusum:
        """The detector that `to_bytes` wrote, which goes on bit for bit."""
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...
    def __copy__(self) -> Cusum: ...
    def __deepcopy__(self, memo: Any) -> Cusum: ...

@final
class Ewma:
    """Weighted mean of residuals against its own control limits."""

    def __new__(
        cls,
        weight: float = 0.1,
        threshold: float = 2.814,
        *,
        direction: Literal["up", "down", "both"] = "both",
        baseline: _Baseline | None = None,
    ) -> Ewma: ...
    @property
    def drift_detected(self) -> bool:
        """Whether the newest value alarmed."""
    @property
    def score(self) -> float | None:
        """Score of the newest value, 1.0 being the alarm line; None in the warm-up."""
    @property
    def direction(self) -> _Direction | None:
        """Which way the newest score leans; None in the warm-up."""
    @property
    def baseline(self) -> float | None:
        """The reference that values are compared with; None in the warm-up."""
    def update(self, x: float, /) -> bool:
        """Takes one value; True if it alarms. A value that is not finite changes nothing."""
    def update_many(self, values: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Takes many values; the positions of those that alarm."""
    def score_many(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Takes many values; their scores, NaN meaning that there is none yet."""
    def reset(self) -> None:
        """Forgets all it has seen; the parameters stay."""
    def to_bytes(self) -> bytes:
        """Parameters and state as bytes."""
    @classmethod
    def from_bytes(cls, data: bytes) -> Ewma:
        """The detector that `to_bytes` wrote, which goes on bit for bit."""
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...
    def __copy__(self) -> Ewma: ...
    def __deepcopy__(self, memo: Any) -> Ewma: ...

@final
class WindowShift:
    """The newest `size` values together against the baseline: their mean, and how widely they scatter."""

    def __new__(
        cls,
        size: int = 60,
        *,
        min_samples: int = 30,
        effect: float | None = 0.5,
        significance: float | None = 5.0,
        spread_above: float | None = 2.0,
        spread_below: float | None = 0.5,
        cap: float | None = 5.0,
        direction: Literal["up", "down", "both"] = "both",
        baseline: _Baseline | None = None,
    ) -> WindowShift: ...
    @property
    def drift_detected(self) -> bool:
        """Whether the newest value alarmed."""
    @property
    def score(self) -> float | None:
        """Score of the newest value, 1.0 being the alarm line; None in the warm-up."""
    @property
    def direction(self) -> _Direction | None:
        """Which way the newest score leans; None in the warm-up."""
    @property
    def baseline(self) -> float | None:
        """The reference that values are compared with; None in the warm-up."""
    def update(self, x: float, /) -> bool:
        """Takes one value; True if it alarms. A value that is not finite changes nothing."""
    def update_many(self, values: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Takes many values; the positions of those that alarm."""
    def score_many(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Takes many values; their scores, NaN meaning that there is none yet."""
    def reset(self) -> None:
        """Forgets all it has seen; the parameters stay."""
    def to_bytes(self) -> bytes:
        """Parameters and state as bytes."""
    @classmethod
    def from_bytes(cls, data: bytes) -> WindowShift:
        """The detector that `to_bytes` wrote, which goes on bit for bit."""
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...
    def __copy__(self) -> WindowShift: ...
    def __deepcopy__(self, memo: Any) -> WindowShift: ...

@final
class Trend:
    """A line through the means of the last `blocks` blocks of `block` values: what creeps."""

    def __new__(
        cls,
        block: int = 600,
        blocks: int = 12,
        *,
        threshold: float = 6.0,
        rise: float = 1.0,
        direction: Literal["up", "down", "both"] = "both",
        baseline: _Baseline | None = None,
    ) -> Trend: ...
    @property
    def drift_detected(self) -> bool:
        """Whether the newest value alarmed."""
    @property
    def score(self) -> float | None:
        """Score of the newest value, 1.0 being the alarm line; None in the warm-up."""
    @property
    def direction(self) -> _Direction | None:
        """Which way the newest score leans; None in the warm-up."""
    @property
    def baseline(self) -> float | None:
        """The reference that values are compared with; None in the warm-up."""
    def update(self, x: float, /) -> bool:
        """Takes one value; True if it alarms. A value that is not finite changes nothing."""
    def update_many(self, values: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Takes many values; the positions of those that alarm."""
    def score_many(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Takes many values; their scores, NaN meaning that there is none yet."""
    def reset(self) -> None:
        """Forgets all it has seen; the parameters stay."""
    def to_bytes(self) -> bytes:
        """Parameters and state as bytes."""
    @classmethod
    def from_bytes(cls, data: bytes) -> Trend:
        """The detector that `to_bytes` wrote, which goes on bit for bit."""
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...
    def __copy__(self) -> Trend: ...
    def __deepcopy__(self, memo: Any) -> Trend: ...

@final
class Fleet:
    """The same detector over many series, a row of values at a time."""

    def __new__(cls, detector: PageHinkley | ZScore | Cusum | Ewma, series: int) -> Fleet: ...
    def tick(self, row: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Takes one value for each series; the series that alarm."""
    def update_many(self, matrix: npt.ArrayLike) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Takes a row for each moment, a column for each series; rows and series of all alarms."""
    def __len__(self) -> int: ...
    def reset(self) -> None:
        """Forgets all that was seen; the parameters stay."""
    def to_bytes(self) -> bytes:
        """Parameters and states as bytes."""
    @classmethod
    def from_bytes(cls, data: bytes) -> Fleet:
        """The fleet that `to_bytes` wrote, which goes on bit for bit."""
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...

@final
class Monitor:
    """Watches one series: learns what is normal, scores each sample, and announces drifts."""

    def __new__(cls, config: _Config | None = None) -> Monitor: ...
    @property
    def state(self) -> _State: ...
    @property
    def samples(self) -> int: ...
    @property
    def score(self) -> float | None: ...
    @property
    def direction(self) -> _Direction | None: ...
    @property
    def baseline(self) -> float | None: ...
    def update(self, value: float, at: float | None = None) -> Verdict:
        """Takes one sample. A value that is not finite is a gap: it changes nothing."""
    def update_many(self, values: npt.ArrayLike, times: npt.ArrayLike | None = None) -> list[tuple[int, Event]]:
        """Takes many samples; what they give rise to, as pairs of position and event."""
    def advance(self, at: float) -> Event | None:
        """Lets time pass without a sample; past `idle_secs` the series goes stale."""
    def accept(self) -> Event | None:
        """Declares the present level normal, which closes an open drift."""
    def reset(self) -> Event | None:
        """Forgets all it has seen, which closes an open drift."""
    def reconfigure(self, config: _Config) -> None:
        """Changes settings from the next sample on; what was learned and accumulated stays."""
    def snapshot(self) -> bytes:
        """What was learned, as bytes; the settings are not in it."""
    @staticmethod
    def resume(config: _Config | None, snapshot: bytes) -> Monitor:
        """A monitor that goes on from a snapshot, bit for bit under the same settings."""

@final
class Scenario:
    """A seeded signal that knows when it is out of control: pairs of time and value, None for a gap."""

    def __new__(cls, config: str | Mapping[str, Any], seed: int) -> Scenario: ...
    @staticmethod
    def presets() -> list[str]:
        """The names of all presets."""
    def truth(self) -> list[tuple[float, float, Literal["shift", "ramp", "spread", "shape"]]]:
        """When it is out of control: start, end, kind. Samples at the end are as they should be."""
    def times(self) -> npt.NDArray[np.float64]:
        """The times of all samples, in seconds."""
    def values(self) -> npt.NDArray[np.float64]:
        """The values of all samples, NaN for a gap. Other threads run meanwhile."""
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[float, float | None]]: ...

@final
class Verdict:
    """The answer to one sample."""

    @property
    def state(self) -> _State: ...
    @property
    def score(self) -> float | None: ...
    @property
    def direction(self) -> _Direction | None: ...
    @property
    def event(self) -> Event | None: ...

@final
class Event:
    """What is announced: a drift that opens or closes."""

    @property
    def kind(self) -> Literal["opened", "closed", "outlier"]: ...
    @property
    def cause(self) -> str: ...
    @property
    def aspect(self) -> Literal["level", "spread", "trend", "point"]: ...
    @property
    def direction(self) -> _Direction: ...
    @property
    def severity(self) -> _Severity: ...
    @property
    def onset(self) -> float: ...
    @property
    def at(self) -> float: ...
    @property
    def value(self) -> float: ...
    @property
    def baseline(self) -> float: ...
    @property
    def level(self) -> float: ...
    @property
    def sigmas(self) -> float: ...
    @property
    def samples(self) -> int: ...
    @property
    def score(self) -> float: ...
    @property
    def id(self) -> int:
        """The same samples give the same id, however often they are replayed."""
    def explain(self, name: str, unit: str) -> str:
        """One sentence in English about a series of this name and unit."""

def quantity(value: float, unit: str) -> str:
    """A value with its unit, to three significant digits."""

class _Counts(TypedDict):
    accepted: int
    duplicate: int
    late: int
    unusable: int
    lost: int

@final
class Windows:
    """Tumbling and rolling windows over the events of one source."""

    def __new__(cls, config: Mapping[str, Any] | None = None) -> Windows: ...
    @property
    def watermark(self) -> float | None:
        """The time before which everything is settled; None before anything was seen."""
    @property
    def counts(self) -> _Counts:
        """How many observations there were, by what became of them."""
    @property
    def kept(self) -> int:
        """How many observations are kept."""
    @property
    def config(self) -> dict[str, Any]:
        """The settings they run with."""
    def update(
        self, at: float, value: float | None = None, *, failed: bool | None = None, id: _Id | None = None
    ) -> Intake:
        """Takes one event, or without a value a heartbeat. `id` tells an event from all others: a whole number below
        2^64, or a text (as UTF-8) or bytes, of which the 64-bit FNV-1a hash is taken."""
    def update_many(
        self,
        times: npt.ArrayLike,
        values: npt.ArrayLike | Sequence[float | None] | None = None,
        failed: npt.ArrayLike | Sequence[bool | None] | None = None,
        ids: npt.ArrayLike | Sequence[_Id | None] | None = None,
    ) -> list[Window]:
        """Takes many, as so many updates would; all windows that they closed. Arrays of float64 (times, values), bool
        (failed) and uint64 (ids) are read where they lie. NaN is no heartbeat, as None is, but unusable."""
    def rolling(self, secs: float) -> Window | None:
        """The window of so many seconds that ends with the newest time seen; None for a length that is not configured,
        and where the source was not heard in it."""
    def settled(self, secs: float) -> Window | None:
        """The window of so many seconds that ends at the watermark, which nothing can change any more."""
    def snapshot(self) -> bytes:
        """All that was seen and still matters, as bytes; the settings are not in it."""
    @classmethod
    def resume(cls, config: Mapping[str, Any] | None, snapshot: bytes) -> Windows:
        """Windows that go on from a snapshot, bit for bit under the same settings."""
    def __reduce__(self) -> tuple[Any, tuple[dict[str, Any], bytes]]: ...

@final
class Intake:
    """What became of an observation, and what it closed."""

    @property
    def admission(self) -> Literal["accepted", "duplicate", "late", "unusable"]: ...
    @property
    def closed(self) -> list[Window]:
        """The tumbling windows that it closed, by their end, then by their length."""

@final
class Window:
    """What happened at one source in a span of event time; numbers that there are no values for are None."""

    @property
    def secs(self) -> float: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def count(self) -> int:
        """How many events there were; heartbeats are none."""
    @property
    def average(self) -> float | None: ...
    @property
    def variance(self) -> float | None:
        """With divisor n."""
    @property
    def sd(self) -> float | None: ...
    @property
    def p50(self) -> float | None: ...
    @property
    def p95(self) -> float | None: ...
    @property
    def p99(self) -> float | None: ...
    @property
    def rate(self) -> float:
        """Events per second of the window's whole length."""
    @property
    def judged(self) -> int:
        """How many events told whether they failed."""
    @property
    def failures(self) -> int: ...
    @property
    def error_rate(self) -> float | None:
        """The share of failures among the events that told."""
    @property
    def missing(self) -> int:
        """How many windows of this length before it nothing is known of, since the one told last."""
    @property
    def complete(self) -> bool:
        """Whether the source had been heard by its start, and no observation of it was lost for want of capacity."""
    def as_dict(self) -> dict[str, Any]:
        """The window as plain data, ready for JSON."""

@final
class Signal:
    """One metric of one source that left its normal range in one window of time."""

    def __new__(
        cls,
        *,
        source: str,
        metric: str,
        golden_signal: _GoldenSignal,
        unit: str = "",
        baseline: float,
        current: float,
        score: float,
        severity: _Severity = "warning",
        window_start: float,
        window_end: float,
    ) -> Signal: ...
    @property
    def source(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def golden_signal(self) -> _GoldenSignal: ...
    @property
    def unit(self) -> str: ...
    @property
    def baseline(self) -> float: ...
    @property
    def current(self) -> float: ...
    @property
    def score(self) -> float: ...
    @property
    def severity(self) -> _Severity: ...
    @property
    def window_start(self) -> float: ...
    @property
    def window_end(self) -> float: ...
    @property
    def deviation_ratio(self) -> float:
        """The change as a share of what was normal; from 0 it is 1 upwards and -1 downwards."""
    @property
    def direction(self) -> _Direction | None: ...

@final
class Correlator:
    """Turns signals into incidents."""

    def __new__(cls, config: Mapping[str, Any] | None = None) -> Correlator: ...
    def correlate(self, signals: Sequence[Signal]) -> list[Incident]:
        """The incidents in signals that come in any order. Signals that moved for the better, or that cannot be read,
        count for nothing."""

@final
class Incident:
    """What went wrong with one source in one window."""

    @property
    def source(self) -> str: ...
    @property
    def window_start(self) -> float: ...
    @property
    def window_end(self) -> float: ...
    @property
    def severity(self) -> _Severity: ...
    @property
    def signals(self) -> list[Signal]:
        """The signals it rests on, by metric; each metric once."""
    def has(self, golden_signal: _GoldenSignal) -> bool:
        """Whether one of its signals is of this type."""

@final
class Explanation:
    """What changed, how certain that is, what it may mean and what to do about it."""

    @property
    def source(self) -> str | None: ...
    @property
    def duration_secs(self) -> float: ...
    @property
    def changes(self) -> list[Change]:
        """Changes of at least 1 %, by type, then metric."""
    @property
    def confidence(self) -> Literal["uncertain", "low", "moderate", "high"]: ...
    @property
    def text(self) -> str:
        """What changed where, from what to what, by how much, over how long, and how certain that is."""
    @property
    def insights(self) -> dict[str, str]:
        """What it may mean: the name of each insight and its sentence."""
    @property
    def recommendations(self) -> dict[str, str]:
        """What to do, the most urgent first: the name of each recommendation and its sentence."""

@final
class Change:
    """What one metric of an incident did."""

    @property
    def golden_signal(self) -> _GoldenSignal: ...
    @property
    def metric(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def from_(self) -> float:
        """What was normal."""
    @property
    def to(self) -> float: ...
    @property
    def ratio(self) -> float: ...
    @property
    def percent(self) -> float | None:
        """The change in percent of what was normal; None where that was 0."""
    @property
    def direction(self) -> _Direction: ...

@final
class DriftScores:
    """The drift scores of one source, 0 to 1 each; None while there are fewer than three points."""

    def __new__(
        cls, latency: float | None = None, errors: float | None = None, traffic: float | None = None
    ) -> DriftScores: ...
    @staticmethod
    def of(latency_ms: npt.ArrayLike, error_shares: npt.ArrayLike, requests: npt.ArrayLike) -> DriftScores:
        """All three scores of one source: one point a window, the newest last."""
    @property
    def latency(self) -> float | None: ...
    @property
    def errors(self) -> float | None: ...
    @property
    def traffic(self) -> float | None: ...
    @property
    def degradation(self) -> float:
        """The higher one of latency and errors; 0 if neither is known."""

def explain_incident(
    incident: Incident | None, scores: DriftScores | None = None, age_secs: float = 0.0
) -> Explanation:
    """Explains an incident; without one, that nothing was found. An age of NaN leaves out how urgent it is."""

def latency_drift_score(points: npt.ArrayLike) -> float | None:
    """How far latency drifts, 0 to 1, from points in milliseconds, the newest last; None of fewer than three."""

def error_drift_score(points: npt.ArrayLike) -> float | None:
    """How far errors drift, 0 to 1, from shares of failed requests, the newest last; None of fewer than three."""

def traffic_anomaly_score(points: npt.ArrayLike) -> float | None:
    """How far traffic moved, 0 to 1, from requests a window, the newest last; None of fewer than three."""

def is_sustained_degradation(
    scores: DriftScores, z_scores: npt.ArrayLike, times: npt.ArrayLike, now: float, run: int | None = None
) -> bool:
    """Whether a degradation has come to stay: a latency score above 0.6, an error score above 0.5, or `run` windows in
    a row, three unless told otherwise, whose z-scores in the hour up to `now` were above 2."""
