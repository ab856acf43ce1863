"""Windows in event time, in exact rational arithmetic and in the plainest way: sieve, sort, group, compute.

Written from the definitions, with all events at hand: what lies behind the watermark when it comes is late; of those
with one id the first in time counts; a window holds the events of [n length, (n + 1) length), and is told once the
watermark has reached its end. Prints the vectors as JSON.
"""

import json
import random
from fractions import Fraction
from math import floor
from statistics import mean, pvariance


def percentile(values, percent):
    """Linear between the two values next to rank (n - 1) percent / 100."""
    ordered = sorted(values)
    rank = Fraction((len(ordered) - 1) * percent, 100)
    below = floor(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


def sieve(events, lateness):
    """The events that count, the number of late ones and of duplicates, and the last watermark."""
    newest, counted, late, duplicate = None, {}, 0, 0
    for number, event in enumerate(events):
        at = Fraction(event["at"])
        key = event["id"] if event["id"] is not None else f"event {number}"
        known = counted.get(key)
        if known is not None:
            duplicate += 1
        elif newest is not None and at < newest - lateness:
            late += 1
            continue
        if known is None or (at < Fraction(known["at"]) and at >= newest - lateness):
            counted[key] = event
        newest = at if newest is None else max(newest, at)
    return sorted(counted.values(), key=lambda event: event["at"]), late, duplicate, newest - lateness


def summary(length, number, events, missing):
    values = [Fraction(event["value"]) for event in events if event["value"] is not None]
    judged = [event["failed"] for event in events if event["value"] is not None and event["failed"] is not None]
    numbers = {
        "average": mean(values) if values else None,
        "variance": pvariance(values) if values else None,
        "p50": percentile(values, 50) if values else None,
        "p95": percentile(values, 95) if values else None,
        "p99": percentile(values, 99) if values else None,
        "rate": len(values) / Fraction(length),
        "error_rate": Fraction(sum(judged), len(judged)) if judged else None,
    }
    rounded = {name: None if exact is None else float(exact) for name, exact in numbers.items()}
    span = {"secs": length, "start": number * length, "end": (number + 1) * length}
    return {**span, "count": len(values), "missing": missing, **rounded}


def number_of(at, length):
    """The window whose bounds, as the floats in which they are told, hold a time."""
    near = floor(at / length)
    return next(n for n in (near - 1, near, near + 1) if n * length <= at < (n + 1) * length)


def windows(lengths, events, watermark):
    told = []
    for length in lengths:
        groups = {}
        for event in events:
            groups.setdefault(number_of(event["at"], length), []).append(event)
        last = None
        for number in sorted(groups):
            if (number + 1) * length <= watermark:
                told.append(summary(length, number, groups[number], 0 if last is None else number - last - 1))
                last = number
    return sorted(told, key=lambda window: (window["end"], window["secs"]))


def case(name, lengths, lateness, count, gap, delay=0.0, again=0.0, heartbeats=0.0):
    """Events some `gap` seconds apart, each delivered after up to `delay` seconds, some again."""
    rng = random.Random(f"drift-sre {name}")
    at, deliveries = 1_000.0, []
    for number in range(count):
        at += rng.choice([0.0, 0.25, 1.0, 3.0]) * gap
        if number == count // 2:
            at += 3 * max(lengths)
        value = None if rng.random() < heartbeats else round(rng.lognormvariate(3, 1), 3)
        failed = rng.choice([None, False, False, False, True])
        event = {"at": at, "value": value, "failed": failed, "id": number if again and value is not None else None}
        copies = 2 if event["id"] is not None and rng.random() < again else 1
        deliveries += [(at + rng.uniform(0, delay), event) for _ in range(copies)]
    deliveries.sort(key=lambda delivery: delivery[0])
    events = [event for _, event in deliveries]
    counted, late, duplicate, watermark = sieve(events, Fraction(lateness))
    return {
        "name": name,
        "config": {"window_secs": lengths, "lateness_secs": lateness},
        "observations": events,
        "late": late,
        "duplicate": duplicate,
        "windows": windows(lengths, counted, watermark),
    }


def main():
    cases = [
        case("in order", [60.0], 0.0, 200, 1.0),
        case("three lengths", [60.0, 300.0, 900.0], 0.0, 300, 8.0),
        case("out of order", [60.0], 20.0, 200, 1.0, delay=20.0),
        case("some too late", [60.0], 5.0, 200, 1.0, delay=20.0),
        case("delivered again", [30.0, 120.0], 20.0, 200, 1.0, delay=15.0, again=0.3),
        case("mostly heartbeats", [10.0], 2.0, 120, 1.0, delay=2.0, heartbeats=0.8),
        case("length that is no sum of powers of two", [0.7], 0.5, 80, 1.0, delay=0.4),
    ]
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")


main()
