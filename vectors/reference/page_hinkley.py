"""An independent Page-Hinkley test with an exponentially weighted reference, in exact rational arithmetic.

Written from the textbook: with d_t the deviation from the reference before it learns x_t, the upward statistic is
m_t - min(m_0..m_t) with m_t the cumulated sum of d - delta, the downward one the same of -d - delta. It shares no
formula with the recursion in core. Prints the vectors as JSON.
"""

import json
import random
from fractions import Fraction


class PageHinkley:
    """The literal behaviour: the first sample seeds the reference, an alarm makes its value the new one."""

    def __init__(self, delta, threshold, alpha, direction, min_samples, scale):
        self.delta, self.threshold, self.alpha, self.scale = map(Fraction, (delta, threshold, alpha, scale))
        self.direction, self.min_samples = direction, min_samples
        self.reference, self.seen = None, 0
        self.forget()

    def forget(self):
        self.cumulated = {"up": [Fraction(0)], "down": [Fraction(0)]}

    def learn(self, x):
        self.reference = x if self.reference is None else (1 - self.alpha) * self.reference + self.alpha * x

    def score(self, value):
        x = Fraction(value)
        self.seen += 1
        if self.seen <= self.min_samples:
            self.learn(x)
            return None
        deviation = (x - self.reference) / self.scale
        statistics = []
        for side, sign in (("up", 1), ("down", -1)):
            sums = self.cumulated[side]
            sums.append(sums[-1] + sign * deviation - self.delta)
            if self.direction in (side, "both"):
                statistics.append(sums[-1] - min(sums))
        score = max(statistics) / self.threshold
        if score > 1:
            self.forget()
            self.reference = x
        else:
            self.learn(x)
        return float(score)


def values(kind, count):
    rng = random.Random(f"drift-sre {kind}")
    level = 20.0
    for t in range(count):
        if kind == "step" and t == count // 2:
            level += 9.0
        if kind == "ramp" and t > count // 3:
            level += 0.4
        if kind == "fall" and t == count // 2:
            level -= 30.0
        noise = rng.gauss(0, 2.0)
        if kind == "bytes":
            noise = rng.lognormvariate(11, 0.8)
        yield round(level + noise, 3)


def case(name, kind, count, **config):
    readme = {"delta": 0.05, "threshold": 50.0, "alpha": 0.1}
    settings = {**readme, "direction": "both", "min_samples": 30, "scale": 1.0, **config}
    detector, series = PageHinkley(**settings), list(values(kind, count))
    scores = [detector.score(x) for x in series]
    alarms = [t for t, score in enumerate(scores) if score is not None and score > 1]
    return {"name": name, "config": settings, "values": series, "scores": scores, "alarms": alarms}


def main():
    cases = [
        case("readme defaults, in control", "noise", 200),
        case("readme defaults, step", "step", 200),
        case("readme defaults, fall", "fall", 160),
        case("readme defaults, bytes per second", "bytes", 80),
        case("upward only, fall", "fall", 160, direction="up"),
        case("downward only, fall", "fall", 160, direction="down", threshold=20.0),
        case("slow reference, ramp", "ramp", 200, alpha=0.005, delta=0.25, scale=2.0),
        case("no warm-up", "step", 120, min_samples=1, threshold=10.0),
        case("fast reference", "ramp", 150, alpha=1.0, threshold=3.0, delta=0.0),
    ]
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")


main()
