"""The z-score rules of the latency service, written from their description. Prints the vectors as JSON.

A reference of the last 1,000 samples, from 100 on and computed anew after every 50: mean and standard deviation with
n - 1, drifted samples included. z of a sample against the reference before it. Drift: the 5 newest |z| all above 3, or
at least 10 of the 20 newest above 2.5. Recovery: no such rule holds and the 50 newest |z| are all at most 2.
"""

import json
import random
import statistics


def transitions(values):
    """The states a service goes through, as (sample, state)."""
    window, scores, reference, since = [], [], None, 0
    state, changes = "INSUFFICIENT_DATA", []

    def enter(t, new):
        nonlocal state
        state = new
        changes.append([t, new])

    for t, value in enumerate(values):
        if reference is not None:
            mean, deviation = reference
            scores.append(abs(value - mean) / deviation)
            severe = len(scores) >= 5 and all(z > 3.0 for z in scores[-5:])
            moderate = len(scores) >= 20 and sum(z > 2.5 for z in scores[-20:]) >= 10
            recovered = len(scores) >= 50 and all(z <= 2.0 for z in scores[-50:])
            if state == "STABLE" and (severe or moderate):
                enter(t, "DRIFT_DETECTED")
            elif state == "DRIFT_DETECTED" and recovered and not (severe or moderate):
                enter(t, "STABLE")
        window = [*window, value][-1000:]
        since += 1
        if len(window) >= 100 and (reference is None or since >= 50):
            since = 0
            reference = statistics.fmean(window), statistics.stdev(window)
        if state == "INSUFFICIENT_DATA" and reference is not None:
            enter(t, "STABLE")
    return changes


def normal(rng):
    return max(1.0, rng.gauss(150, 25))


def series(kind):
    """Latencies of the service's own simulator, ten a second."""
    rng = random.Random(f"drift-sre driftwatch {kind}")
    if kind == "spike":
        levels = [normal] * 400 + [lambda r: r.gauss(500, 75)] * 300 + [normal] * 600
    elif kind == "regression":
        levels = [normal] * 600 + [lambda r: r.gauss(500, 25)] * 1600
    elif kind == "flicker":
        levels = [normal] * 300 + [lambda r: r.gauss(190, 25), normal, lambda r: r.gauss(240, 10)] * 200
    else:
        levels = [normal] * 2500
    return [round(level(rng), 3) for level in levels]


def main():
    cases = []
    for kind in ("normal", "spike", "regression", "flicker"):
        values = series(kind)
        cases.append({"name": kind, "values": values, "transitions": transitions(values)})
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")


main()
