"""Page-Hinkley from Python, one sample at a time and in batches, beside river and beside a C call that does nothing.

Every figure is the median of the rounds; all rounds of all contestants are interleaved, so that a busy machine
slows them alike. Ratios are what counts.
"""

import math
import statistics
import sys
import time

import numpy as np

from drift_sre import DriftMonitor, Fleet, PageHinkley

SAMPLES = 100_000
ROUNDS = 7


def each(function):
    """Calls a function with every value, as a user's loop would."""

    def run(values, _array):
        for value in values:
            function(value)

    return run


def contestants():
    yield "empty loop", 1, lambda values, _array: [None for _ in values] and None
    yield "math.isnan(x)", 1, each(math.isnan)
    yield "drift_sre PageHinkley.update", 1, each(PageHinkley(threshold=1e9).update)
    yield "drift_sre PageHinkley.update, auto", 1, each(PageHinkley(0.25, 1e9, 0.005, scale="auto").update)
    batch, scores = PageHinkley(threshold=1e9), PageHinkley(threshold=1e9)
    yield "drift_sre PageHinkley.update_many", 20, lambda _values, array: batch.update_many(array)
    yield "drift_sre PageHinkley.score_many", 20, lambda _values, array: scores.score_many(array)
    yield "numpy sum", 20, lambda _values, array: array.sum()
    fleet, width = Fleet(PageHinkley(threshold=1e9), 1_000), 1_000
    yield "drift_sre Fleet of 1,000", 20, lambda _values, array: fleet.update_many(array.reshape(-1, width))
    monitor = DriftMonitor(metrics=["cpu"])
    times = iter(range(10**9))
    yield "drift_sre DriftMonitor.observe", 0.1, each(lambda value: monitor.observe({"cpu": value}, at=next(times)))
    try:
        from river import drift
    except ImportError:
        print("NOT MEASURED: river is not installed (it needs Python 3.11)", file=sys.stderr)
        return
    river = drift.PageHinkley(threshold=1e9)
    yield "river PageHinkley.update", 0.5, each(river.update)


def main():
    array = np.random.default_rng(1).normal(20, 5, SAMPLES)
    rivals = [(name, share, run) for name, share, run in contestants()]
    rounds = {name: [] for name, _, _ in rivals}
    for _ in range(ROUNDS):
        for name, share, run in rivals:
            count = int(SAMPLES * share)
            values = np.resize(array, count)
            listed = values.tolist() if share <= 1 else None
            began = time.perf_counter_ns()
            run(listed, values)
            rounds[name].append((time.perf_counter_ns() - began) / count)
    medians = {name: statistics.median(times) for name, times in rounds.items()}
    peer = medians.get("river PageHinkley.update")
    print(f"{'':<38}{'ns a sample':>12}{'river / it':>12}")
    for name, median in medians.items():
        print(f"{name:<38}{median:>12.2f}" + (f"{peer / median:>11.1f}x" if peer else ""))


main()
