"""The native half: detectors and monitors in Rust."""

from typing import Any, Iterator, Literal, Mapping, final

import numpy as np
import numpy.typing as npt

__all__ = ["Cusum", "Event", "Ewma", "Fleet", "Monitor", "PageHinkley", "Scenario", "Verdict", "ZScore", "quantity"]

_Direction = Literal["up", "down"]
_Baseline = Literal["exponential", "rolling", "fixed", "forgetting"] | Mapping[str, Mapping[str, Any]]
_Config = Literal["drift_sre", "drift_sre_literal", "driftwatch", "driftwatch_literal"] | Mapping[str, Any]
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
    def kind(self) -> Literal["opened", "closed"]: ...
    @property
    def cause(self) -> str: ...
    @property
    def direction(self) -> _Direction: ...
    @property
    def severity(self) -> Literal["info", "warning", "critical"]: ...
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
