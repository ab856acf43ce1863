"""Who is measured: peers as their users call them, drift_sre, and the limits that Python and memory set.

Thresholds are out of reach, so that nobody is timed while it alarms.
"""

import importlib
import itertools
import math
from collections import namedtuple

import numpy as np

from drift_sre import Adaptive, DriftMonitor, Fleet, PageHinkley, ZScore

NEVER = 1e9
WINDOW = 100
ROLLING = {"rolling": {"size": WINDOW, "min_samples": WINDOW, "max_age_secs": None}}
FEW, MANY, ROWS = 6, 1_024, 1_000


# One row of a table: what `run` does takes so many samples.
Contestant = namedtuple("Contestant", "name samples run")
# A peer that could not be imported, and why.
Missing = namedtuple("Missing", "name why")


class NumpyPageHinkley:
    """The two-sided Page-Hinkley test over many metrics, as one would write it with NumPy."""

    def __init__(self, metrics, delta=0.05, threshold=NEVER, alpha=0.1):
        self.delta, self.threshold, self.alpha = delta, threshold, alpha
        self.level = None
        self.up = np.zeros(metrics)
        self.down = np.zeros(metrics)

    def update(self, row):
        if self.level is None:
            self.level = row.copy()
        deviation = row - self.level
        self.up = np.maximum(0.0, self.up + deviation - self.delta)
        self.down = np.maximum(0.0, self.down - deviation - self.delta)
        self.level += self.alpha * deviation
        return (self.up > self.threshold) | (self.down > self.threshold)


def each(step, values):
    """Calls a function with every value, as a user's loop would."""

    def run():
        for value in values:
            step(value)

    return run


def imported(name, module, make):
    try:
        return make(importlib.import_module(module))
    except ImportError as error:
        return Missing(name, str(error))


def one_by_one(array):
    values = array[:200_000].tolist()
    some, few, fewest = values[:50_000], values[:10_000], values[:300]

    def river(name, taken, **settings):
        def make(drift):
            return Contestant(f"river {name}", len(taken), each(getattr(drift, name)(**settings).update, taken))

        return imported(f"river {name}", "river.drift", make)

    def gaussian(anomaly):
        scorer = anomaly.GaussianScorer(window_size=WINDOW)

        def step(value):
            scorer.score_one(None, value)
            scorer.learn_one(None, value)

        return Contestant("river GaussianScorer(100)", len(few), each(step, few))

    def frouros(name):
        def make(detectors):
            detector = getattr(detectors, name)(config=getattr(detectors, f"{name}Config")(lambda_=NEVER))
            return Contestant(f"frouros {name}", len(few), each(lambda value: detector.update(value=value), few))

        return imported(f"frouros {name}", "frouros.detectors.concept_drift", make)

    yield Contestant("empty loop", len(values), each_nothing(values))
    yield Contestant("math.isnan(x)", len(values), each(math.isnan, values))
    yield river("PageHinkley", some, threshold=NEVER)
    yield river("ADWIN", some, delta=1e-9)
    yield river("KSWIN", fewest, alpha=1e-9, seed=1)
    yield imported("river GaussianScorer(100)", "river.anomaly", gaussian)
    yield frouros("PageHinkley")
    yield frouros("CUSUM")
    yield Contestant("PageHinkley.update", len(values), each(PageHinkley(threshold=NEVER).update, values))
    learned = PageHinkley(0.25, NEVER, 0.005, scale="auto")
    yield Contestant("PageHinkley.update, scale auto", len(values), each(learned.update, values))
    windowed = ZScore(NEVER, baseline=ROLLING)
    yield Contestant("ZScore.update, window of 100", len(values), each(windowed.update, values))
    yield Contestant("Adaptive.update", len(some), each(Adaptive(1e9).update, some))
    monitor, times = DriftMonitor(metrics=["cpu"]), itertools.count()
    watched = each(lambda value: monitor.observe({"cpu": value}, at=next(times)), few)
    yield Contestant("DriftMonitor.observe, one metric", len(few), watched)
    yield Contestant("ZScore.update, window of 1,000", len(values), each(ZScore(NEVER).update, values))


def each_nothing(values):
    def run():
        for _ in values:
            pass

    return run


def batches(array):
    def rolling(pandas):
        series = pandas.Series(array)

        def run():
            window = series.rolling(WINDOW)
            return (series - window.mean()) / window.std()

        return Contestant("pandas rolling z(100)", len(array), run)

    detector, scorer = PageHinkley(threshold=NEVER), PageHinkley(threshold=NEVER)
    windowed, judged = ZScore(NEVER, baseline=ROLLING), ZScore(NEVER, baseline=ROLLING)
    yield Contestant("x.sum()", len(array), array.sum)
    yield imported("pandas rolling z(100)", "pandas", rolling)
    yield Contestant("PageHinkley.update_many", len(array), lambda: detector.update_many(array))
    yield Contestant("PageHinkley.score_many", len(array), lambda: scorer.score_many(array))
    adaptive = Adaptive(1e9)
    yield Contestant("Adaptive.update_many", len(array), lambda: adaptive.update_many(array))
    yield Contestant("ZScore.update_many, window of 100", len(array), lambda: windowed.update_many(array))
    yield Contestant("ZScore.score_many, window of 100", len(array), lambda: judged.score_many(array))


def fleets(array):
    few, many = array[: FEW * 3_000].reshape(-1, FEW), np.resize(array, (ROWS, MANY))
    for matrix in (few, many):
        rows, metrics = list(matrix), matrix.shape[1]
        by_hand = NumpyPageHinkley(metrics)
        yield Contestant(f"NumPy Page-Hinkley, {metrics:,} metrics", matrix.size, each(by_hand.update, rows))
        ticked = Fleet(PageHinkley(threshold=NEVER), metrics)
        yield Contestant(f"Fleet({metrics:,}).tick", matrix.size, each(ticked.tick, rows))
    fleet = Fleet(PageHinkley(threshold=NEVER), MANY)
    yield Contestant("Fleet(1,024).update_many", many.size, lambda: fleet.update_many(many))
    learned = Fleet(PageHinkley(0.25, NEVER, 0.005, scale="auto"), MANY)
    yield Contestant("Fleet(1,024).update_many, scale auto", many.size, lambda: learned.update_many(many))
    yield Contestant("X.sum()", many.size, many.sum)
