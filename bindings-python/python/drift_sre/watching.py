"""Watches calls: a decorator for functions and a context manager for blocks."""

from __future__ import annotations

import functools
import inspect
import time
from types import TracebackType
from typing import Any, Callable, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

Record = Callable[[str, float, bool], None]


class Watch:
    """Records how long a call or a block took and whether it raised an Exception."""

    def __init__(self, record: Record, name: str) -> None:
        self._record = record
        self._name = name
        self._began: list[float] = []

    def __call__(self, function: _Function) -> _Function:
        """The function, watched; a coroutine function until its coroutine ends."""
        watch = self._coroutine if inspect.iscoroutinefunction(function) else self._plain
        return watch(function)  # type: ignore[return-value]

    def _plain(self, function: Callable[..., Any]) -> Callable[..., Any]:
        record, name, clock = self._record, self._name, time.perf_counter

        @functools.wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            began = clock()
            try:
                answer = function(*args, **kwargs)
            except BaseException as error:
                # A task that was cancelled, or an interpreter that ends, is nobody's failure.
                record(name, clock() - began, isinstance(error, Exception))
                raise
            record(name, clock() - began, False)
            return answer

        return watched

    def _coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        record, name, clock = self._record, self._name, time.perf_counter

        @functools.wraps(function)
        async def watched(*args: Any, **kwargs: Any) -> Any:
            began = clock()
            try:
                answer = await function(*args, **kwargs)
            except BaseException as error:
                record(name, clock() - began, isinstance(error, Exception))
                raise
            record(name, clock() - began, False)
            return answer

        return watched

    def __enter__(self) -> None:
        self._began.append(time.perf_counter())

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        failed = kind is not None and issubclass(kind, Exception)
        self._record(self._name, time.perf_counter() - self._began.pop(), failed)
