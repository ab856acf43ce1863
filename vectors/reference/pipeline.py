"""The window rules of the stream pipeline, written from their description. Prints the vectors as JSON.

A window of the last 30 s of event time. Once it holds 100 samples, its mean and standard deviation (n - 1, at least
.001) are the reference for good. From then on, at most once in 5 s: a violation if the window's mean lies more than 3
reference deviations from the reference, or its standard deviation (n) is more than twice the reference's.
Three violations in a row start a drift, three evaluations without one end it.
"""

import json
import random
import statistics


def events(samples):
    """Position of the sample and what was written."""
    window, reference, evaluated, hits, calm, drifting, written = [], None, None, 0, 0, False, []
    for position, (at, value) in enumerate(samples):
        window.append((at, value))
        window = [(then, old) for then, old in window if at - then <= 30.0]
        values = [old for _, old in window]
        if len(values) < 100:
            continue
        if reference is None:
            reference = statistics.fmean(values), max(statistics.stdev(values), 0.001)
            evaluated = at
            continue
        if at - evaluated < 5.0:
            continue
        evaluated = at
        mean, deviation = reference
        shifted = abs(statistics.fmean(values) - mean) / deviation > 3.0
        if shifted or statistics.pstdev(values) / deviation > 2.0:
            hits, calm = hits + 1, 0
        else:
            hits, calm = 0, calm + 1
        if not drifting and hits >= 3:
            drifting, calm = True, 0
            written.append([position, "DRIFT_START"])
        elif drifting and calm >= 3:
            drifting, hits = False, 0
            written.append([position, "DRIFT_END"])
    return written


def series(kind):
    """CPU shares of one source, some ten a second at uneven times, taken over from 60 s to 90 s."""
    rng = random.Random(f"drift-sre pipeline {kind}")
    taken_over = {
        "normal": (0.30, 0.05),
        "mean_shift": (0.70, 0.06),
        "variance_increase": (0.30, 0.15),
        "below three sigma": (0.42, 0.05),
        "at three sigma": (0.455, 0.05),
    }[kind]
    at, samples = 0.0, []
    while at < 180.0:
        mean, deviation = taken_over if 60.0 <= at < 90.0 else (0.30, 0.05)
        samples.append((round(at, 3), round(min(1.0, max(0.0, rng.gauss(mean, deviation))), 4)))
        at += rng.uniform(0.05, 0.15)
    return samples


def main():
    cases = []
    for kind in ("normal", "mean_shift", "variance_increase", "below three sigma", "at three sigma"):
        samples = series(kind)
        cases.append({"name": kind, "samples": samples, "events": events(samples)})
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")


main()
