"""The native half: detectors and monitors in Rust."""

from typing import Any, Literal, Mapping, final

import numpy as np
import numpy.typing as npt

__all__ = ["Event", "Monitor", "PageHinkley", "Verdict", "quantity"]

_Direction = Literal["up", "down"]
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
class Monitor:
    """Watches one series. `config` has the keys of the core's MonitorConfig."""

    def __new__(cls, config: Mapping[str, Any]) -> Monitor: ...
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
    def update(self, value: float, at: float) -> Verdict: ...
    def advance(self, at: float) -> Event | None: ...
    def accept(self) -> Event | None: ...
    def reset(self) -> Event | None: ...
    def reconfigure(self, config: Mapping[str, Any]) -> None: ...
    def snapshot(self) -> bytes: ...
    @staticmethod
    def resume(config: Mapping[str, Any], snapshot: bytes) -> Monitor: ...

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
    def explain(self, name: str, unit: str) -> str: ...

def quantity(value: float, unit: str) -> str:
    """A value with its unit, to three significant digits."""
