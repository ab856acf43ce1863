"""The rule of the request-log service on one metric's windows, from its description. Prints the vectors as JSON.

An exponentially weighted mean, weight .1, and variance v <- .9 (v + .1 e^2), e being the distance from the mean
before. From the eleventh window on, one that lies 1.5 deviations or more from the mean is an anomaly. All are learned.
"""

import json
import math
import random


def anomalies(values):
    mean, variance, found = values[0], 0.0, []
    for position, value in enumerate(values[1:], 1):
        deviation = math.sqrt(variance)
        if position >= 10 and deviation > 0 and abs(value - mean) / deviation >= 1.5:
            found.append(position)
        error = value - mean
        variance = 0.9 * (variance + 0.1 * error * error)
        mean = 0.9 * mean + 0.1 * value
    return found


def main():
    rng = random.Random("drift-sre degradation")
    stationary = [round(rng.gauss(120, 10), 3) for _ in range(600)]
    rising = [round(rng.gauss(120 + max(0, t - 100), 10), 3) for t in range(200)]
    errors = [round(max(0.0, rng.gauss(0.02 if t < 80 else 0.10, 0.004)), 5) for t in range(120)]
    named = (("stationary", stationary), ("rising latency", rising), ("errors", errors))
    cases = [{"name": name, "values": values, "anomalies": anomalies(values)} for name, values in named]
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")


main()
