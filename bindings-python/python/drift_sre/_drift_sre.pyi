"""The native half: detectors, monitors, windows and incidents in Rust."""

from typing import Any, Iterable, Iterator, Literal, Mapping, Sequence, TypedDict, final

import numpy as np
import numpy.typing as npt

__all__ = [
    "Adaptive",
    "AnchorVerdict",
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
    "NoveltyIndex",
    "PageHinkley",
    "PrimedZstd",
    "RecordCalibration",
    "RecordMetrics",
    "RecordMonitor",
    "RecordVerdict",
    "RecordWindow",
    "Scenario",
    "SessionMonitor",
    "SessionVerdict",
    "Signal",
    "Trend",
    "Verdict",
    "Window",
    "WindowShift",
    "Windows",
    "ZScore",
    "compression_ratio",
    "conditional",
    "entropy",
    "error_drift_score",
    "explain_incident",
    "is_sustained_degradation",
    "latency_drift_score",
    "ncd",
    "quantity",
    "traffic_anomaly_score",
]

_Direction = Literal["up", "down"]
_Baseline = Literal["exponential", "rolling", "fixed", "forgetting"] | Mapping[str, Mapping[str, Any]]
_Config = Literal["drift_sre", "drift_sre_literal", "driftwatch", "driftwatch_literal"] | Mapping[str, Any]
_GoldenSignal = Literal["latency", "errors", "traffic", "saturation"]
_Id = int | str | bytes
_Profile = Literal["sensitive", "balanced", "strict"] | Mapping[str, Any]
_Compressor = Literal["deflate", "lz4", "zstd", "direct"]
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

class _Thresholds(TypedDict):
    ncd_threshold: float
    p_value_threshold: float

class _WindowTest(TypedDict):
    statistic: float
    p_value: float
    detected: bool

class _Culprit(TypedDict):
    id: int
    score: float
    text: str

class _Outlier(TypedDict):
    field_path: str
    value: float
    expected_mean: float
    std_dev: float
    z_score: float
    sample_count: int

class _Anchor(TypedDict):
    set_at: int
    event_count: int
    baseline_entropy: float
    baseline_compression_ratio: float

class _FeedbackStats(TypedDict):
    total_feedback: int
    false_positives: int
    confirmed: int
    dismissed: int
    false_positive_rate: float

@final
class RecordMonitor:
    """Watches the records of one stream: says which are odd, and which windows of them."""

    def __new__(cls, profile: _Profile | None = None, **overrides: Any) -> RecordMonitor: ...
    @property
    def calibration(self) -> RecordCalibration:
        """How far calibration has come."""
    @property
    def templates(self) -> int:
        """Templates that are remembered."""
    @property
    def anchor(self) -> _Anchor | None:
        """What the anchor was taken from; None without one."""
    @property
    def tune_history(self) -> list[dict[str, Any]]:
        """Thresholds that feedback has moved, oldest first."""
    @property
    def thresholds(self) -> _Thresholds:
        """The thresholds as they hold now."""
    @property
    def config(self) -> dict[str, Any]:
        """The settings it runs with."""
    def update(self, event: str | bytes | dict[str, Any], source: str | None = None) -> RecordVerdict:
        """Takes one record: a text, bytes, or an event as a dict. Each source has its own context."""
    def update_many(self, events: Iterable[str | bytes | dict[str, Any]]) -> list[RecordVerdict]:
        """Takes many, as so many updates would. If one of them is no record, none is taken."""
    def metrics(self) -> RecordMetrics | None:
        """The newest window's content beside the baseline before it, in full."""
    def set_anchor(self) -> _Anchor:
        """Freezes the newest records as what the stream is compared with from now on."""
    def drop_anchor(self) -> bool:
        """Gives up the anchor; whether there was one."""
    def feedback(
        self, id: int, kind: Literal["false_positive", "confirmed", "dismissed"], at: float | None = None
    ) -> None:
        """Takes what someone says of a detection, at a time in seconds, now if not given."""
    def feedback_stats(self, at: float | None = None) -> _FeedbackStats:
        """What was said in the 30 days before a time, now if not given."""
    def snapshot(self) -> bytes:
        """What was learned, as bytes; the settings are not in it."""
    @classmethod
    def resume(cls, config: _Profile, snapshot: bytes) -> RecordMonitor:
        """A monitor that goes on from a snapshot, bit for bit under the same settings."""
    def __reduce__(self) -> tuple[Any, tuple[Any, bytes]]: ...

@final
class RecordVerdict:
    """The answer to one record."""

    @property
    def id(self) -> int:
        """The record's number, from 0."""
    @property
    def ready(self) -> bool:
        """Whether the monitor is calibrated; until then nothing is judged."""
    @property
    def score(self) -> float | None:
        """How odd the record is: 0 where 1 in 100 lies above; None until calibrated."""
    @property
    def p_value(self) -> float | None:
        """The share of the newest 1,000 records that were at least so odd; None until calibrated."""
    @property
    def confidence(self) -> float | None:
        """One less the p-value; None until calibrated."""
    @property
    def detected(self) -> bool:
        """Whether the record alarms."""
    @property
    def why(self) -> str | None:
        """Why the record or its window was detected, in words; None if neither was."""
    @property
    def text(self) -> str | None:
        """The record without secrets and masked, where it is detected."""
    @property
    def parts(self) -> dict[str, float]:
        """What the score is made of, in bits."""
    @property
    def familiarity(self) -> dict[str, Any]:
        """What was known of records like it."""
    @property
    def outliers(self) -> list[_Outlier]:
        """Numbers far from those of their field."""
    @property
    def metrics(self) -> RecordMetrics | None:
        """The content of the window that was compared last, beside the baseline before it."""
    @property
    def window(self) -> RecordWindow | None:
        """The newest window, where one was judged: every `hop_size` records."""
    @property
    def anchor(self) -> AnchorVerdict | None:
        """Where the stream stands against its anchor, where a window was judged."""
    @property
    def truncated(self) -> bool:
        """Whether the record was longer than what is looked at."""
    def as_dict(self) -> dict[str, Any]:
        """The verdict as plain data, ready for JSON."""

@final
class RecordWindow:
    """The newest records, as a window."""

    @property
    def records(self) -> int: ...
    @property
    def isolated(self) -> _WindowTest:
        """One record that stands out."""
    @property
    def episode(self) -> _WindowTest:
        """Many records that are odd together."""
    @property
    def p_value(self) -> float:
        """Of either of the two: twice the smaller p-value."""
    @property
    def detected(self) -> bool:
        """Whether that is seldom enough, or the content is another."""
    @property
    def content_detected(self) -> bool:
        """Whether the content is another."""
    @property
    def culprits(self) -> list[_Culprit]:
        """The oddest records, where the window is detected."""
    def as_dict(self) -> dict[str, Any]:
        """The window as plain data, ready for JSON."""

@final
class RecordMetrics:
    """How a window's content compares with the baseline before it; what was not computed is None."""

    @property
    def ncd(self) -> float:
        """The compression distance corrected for size: 0 is usual, 1 is nothing in common."""
    @property
    def ncd_raw(self) -> float | None:
        """The normalised compression distance as it is, which depends on the sizes."""
    @property
    def novelty(self) -> float:
        """The conditional novelty that the distance comes from."""
    @property
    def p_value(self) -> float:
        """How often windows of the past were at least so novel."""
    @property
    def null_size(self) -> int:
        """How many windows that is of."""
    @property
    def confidence_level(self) -> float: ...
    @property
    def is_statistically_significant(self) -> bool: ...
    @property
    def composite(self) -> float: ...
    @property
    def baseline_compression_ratio(self) -> float | None: ...
    @property
    def window_compression_ratio(self) -> float | None: ...
    @property
    def compression_ratio_change(self) -> float | None: ...
    @property
    def baseline_entropy(self) -> float | None: ...
    @property
    def window_entropy(self) -> float | None: ...
    @property
    def entropy_change(self) -> float | None: ...
    def as_dict(self) -> dict[str, Any]:
        """The metrics as plain data, ready for JSON."""

@final
class RecordCalibration:
    """How far calibration has come."""

    @property
    def status(self) -> Literal["calibrating", "ready"]: ...
    @property
    def events_ingested(self) -> int: ...
    @property
    def events_needed(self) -> int: ...
    @property
    def min_baseline_size(self) -> int: ...
    @property
    def progress_percent(self) -> int: ...
    @property
    def detection_ready(self) -> bool:
        """Whether records and windows are judged."""
    @property
    def detection_events_needed(self) -> int: ...
    @property
    def detection_min_events(self) -> int: ...
    def as_dict(self) -> dict[str, Any]:
        """The calibration as plain data, ready for JSON."""

@final
class AnchorVerdict:
    """Where a stream stands against its anchor."""

    @property
    def drift_score(self) -> float:
        """Size-corrected distance of the window from the anchor."""
    @property
    def p_value(self) -> float:
        """How often windows of the anchor itself are so far from the rest of it."""
    @property
    def drift_detected(self) -> bool: ...
    def as_dict(self) -> dict[str, Any]:
        """The verdict as plain data, ready for JSON."""

@final
class SessionMonitor:
    """Watches records that are made of several lines: jobs, requests, blocks."""

    def __new__(cls, profile: _Profile | None = None, **overrides: Any) -> SessionMonitor: ...
    @property
    def sessions(self) -> int:
        """Sessions taken."""
    @property
    def config(self) -> dict[str, Any]:
        """The settings it runs with."""
    def update(self, lines: Iterable[str | bytes]) -> SessionVerdict:
        """Takes the lines of one session."""
    def snapshot(self) -> bytes:
        """What was learned, as bytes; the settings are not in it."""
    @classmethod
    def resume(cls, config: _Profile, snapshot: bytes) -> SessionMonitor:
        """A monitor that goes on from a snapshot, bit for bit under the same settings."""
    def __reduce__(self) -> tuple[Any, tuple[Any, bytes]]: ...

@final
class SessionVerdict:
    """The answer to one session."""

    @property
    def id(self) -> int: ...
    @property
    def ready(self) -> bool: ...
    @property
    def score(self) -> float:
        """How odd its counts of lines are, in bits."""
    @property
    def p_value(self) -> float | None: ...
    @property
    def detected(self) -> bool: ...
    @property
    def unknown(self) -> int:
        """Kinds of lines in it that no session had before."""
    @property
    def missing(self) -> int:
        """Kinds of lines that most sessions have and it has not."""
    @property
    def why(self) -> str | None: ...
    def as_dict(self) -> dict[str, Any]:
        """The verdict as plain data, ready for JSON."""

@final
class NoveltyIndex:
    """The newest texts, indexed: how much of another is new, whatever there is of them."""

    def __new__(cls, texts: int = 1_000, capacity: int = 262_144) -> NoveltyIndex: ...
    def learn(self, text: str | bytes) -> None:
        """Adds a text, and forgets the oldest there is no room for."""
    def learn_many(self, texts: Iterable[str | bytes]) -> None:
        """Adds many. Other threads run meanwhile."""
    def novelty(self, text: str | bytes) -> float:
        """Share of a text that is new, 0 to 1."""
    def novelty_many(self, texts: Iterable[str | bytes]) -> list[float]:
        """The same of many. Other threads run meanwhile."""
    def bits(self, text: str | bytes) -> int:
        """What a text takes where the kept texts are known, in bits."""
    def __len__(self) -> int: ...

@final
class PrimedZstd:
    """How much of a text is new where a baseline is known, exactly, without reading the baseline again."""

    def __new__(cls, baseline: str | bytes) -> PrimedZstd: ...
    def added(self, text: str | bytes) -> int:
        """Bytes that a text takes where the baseline is known."""
    def conditional(self, text: str | bytes) -> float:
        """How much of a text is new, as a share of what it takes alone."""
    def added_many(self, texts: Iterable[str | bytes]) -> list[int]:
        """`added` of many. Other threads run meanwhile."""

def ncd(x: str | bytes, y: str | bytes, compressor: _Compressor = "deflate") -> float:
    """The normalised compression distance of two texts: 0 is the same, 1 nothing shared."""

def conditional(x: str | bytes, baseline: str | bytes, compressor: _Compressor = "deflate") -> float:
    """How much of a text is new where a baseline is known, as a share of what it takes alone."""

def entropy(data: str | bytes) -> float:
    """Shannon's entropy in bits a byte, 0 to 8."""

def compression_ratio(data: str | bytes, compressor: _Compressor = "deflate") -> float:
    """How many times shorter the data become."""
