"""Speed from Python beside peers, against the goals, and the memory of fleets: `python benches/compare.py`.

Every figure is the median of the rounds. All contestants take their turn in each round, so that a busy machine slows
them alike; ratios are what counts.
"""

import importlib.metadata
import multiprocessing
import os
import platform
import statistics
import time

import numpy as np
import psutil
from peers import NEVER, Missing, batches, fleets, one_by_one

from drift_sre import Fleet, PageHinkley, ZScore

SAMPLES = 1_000_000
ROUNDS = 7
SERIES = 10_000
PEER = "river PageHinkley"

# What is to be reached: (what, whose figure, beside whose, at least or at most so many times).
GOALS = [
    ("update() beside river", "PageHinkley.update", PEER, ">=", 18),
    ("update() beside frouros", "PageHinkley.update", "frouros PageHinkley", ">=", 90),
    ("update() beside math.isnan", "PageHinkley.update", "math.isnan(x)", "<=", 1.5),
    ("exact batch beside river", "PageHinkley.update_many", PEER, ">=", 70),
    ("fast batch beside river", "PageHinkley.update_many", PEER, ">=", 350),
    ("fast batch beside x.sum()", "PageHinkley.update_many", "x.sum()", "<=", 2),
    ("1,024 series beside river", "Fleet(1,024).update_many", PEER, ">=", 450),
    ("1,024 series beside NumPy", "Fleet(1,024).update_many", "NumPy Page-Hinkley, 1,024 metrics", ">=", 15),
    ("1,024 series beside X.sum()", "Fleet(1,024).update_many", "X.sum()", "<=", 1.5),
    ("z-score a call beside river", "ZScore.update, window of 100", "river GaussianScorer(100)", ">=", 140),
    ("z-score batch beside pandas", "ZScore.score_many, window of 100", "pandas rolling z(100)", ">=", 25),
    ("six-metric tick beside NumPy", "Fleet(6).tick", "NumPy Page-Hinkley, 6 metrics", ">=", 65),
]


def measured(tables):
    """Names by table, medians in nanoseconds a sample, and who is missing."""
    names = {}
    rivals = []
    missing = []
    for title, table in tables:
        names[title] = []
        for rival in table:
            if isinstance(rival, Missing):
                missing.append(rival)
            else:
                names[title].append(rival.name)
                rivals.append(rival)
    rounds = {rival.name: [] for rival in rivals}
    for _ in range(ROUNDS + 1):
        for name, samples, run in rivals:
            began = time.perf_counter_ns()
            run()
            rounds[name].append((time.perf_counter_ns() - began) / samples)
    # The first round fills windows and caches.
    return names, {name: statistics.median(times[1:]) for name, times in rounds.items()}, missing


def print_goals(medians):
    print(f"\n{'goal':<32}{'wanted':>10}{'reached':>10}")
    for what, ours, theirs, relation, wanted in GOALS:
        if ours not in medians or theirs not in medians:
            reached, verdict = "", "  NOT MEASURED"
        elif relation == ">=":
            ratio = medians[theirs] / medians[ours]
            reached, verdict = f"{ratio:.1f}x", "  reached" if ratio >= wanted else "  FALLS SHORT"
        else:
            ratio = medians[ours] / medians[theirs]
            reached, verdict = f"{ratio:.2f}x", "  reached" if ratio <= wanted else "  FALLS SHORT"
        print(f"{what:<32}{f'{relation} {wanted}x':>10}{reached:>10}{verdict}")


MEMORY = {
    "PageHinkley, given scale": lambda: PageHinkley(threshold=NEVER),
    "PageHinkley, learned scale": lambda: PageHinkley(0.25, NEVER, 0.005, scale="auto"),
    "ZScore, window of 1,000": lambda: ZScore(NEVER),
}


def memory(name):
    """Resident and saved bytes a series, in a process that has had no memory to use again."""
    rows = np.random.default_rng(1).normal(20, 5, (1_100, SERIES))
    process = psutil.Process()
    before = process.memory_info().rss
    fleet = Fleet(MEMORY[name](), SERIES)
    fleet.update_many(rows)
    resident = process.memory_info().rss - before
    return resident / SERIES, len(fleet.to_bytes()) / SERIES


def print_memory():
    print(f"\n{f'bytes a series, in a fleet of {SERIES:,}':<44}{'resident':>12}{'snapshot':>12}")
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for name, (resident, saved) in zip(MEMORY, pool.map(memory, MEMORY, chunksize=1)):
            print(f"{name:<44}{resident:>12.0f}{saved:>12.0f}")


def main():
    versions = {name: version(name) for name in ("drift-sre", "numpy", "river", "frouros", "pandas")}
    print(f"Python {platform.python_version()}, " + ", ".join(f"{name} {found}" for name, found in versions.items()))
    print(f"medians of {ROUNDS} interleaved rounds; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    array = np.random.default_rng(1).normal(20, 5, SAMPLES)
    names, medians, missing = measured(
        [("a call a sample", one_by_one(array)), ("1,000,000 samples", batches(array)), ("fleets", fleets(array))]
    )
    for title, rivals in names.items():
        print(f"\n{title:<44}{'ns a sample':>12}{'river / it':>12}")
        for name in rivals:
            ratio = f"{medians[PEER] / medians[name]:>11.1f}x" if PEER in medians else ""
            print(f"{name:<44}{medians[name]:>12.2f}{ratio}")
    for name, why in missing:
        print(f"NOT MEASURED: {name} ({why})")
    print_goals(medians)
    print_memory()


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "NOT INSTALLED"


if __name__ == "__main__":
    main()
