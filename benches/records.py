"""Distances by compression beside Python's own compressors, in one run: `python benches/records.py`.

Rows are ways to say how much of an event is in a baseline of events. Every figure is the median of the rounds in
microseconds an event; all take their turn in each round, so ratios are what counts. `agreement` is Spearman's rank
correlation with what exact Zstandard adds to the baseline for the event.
"""

import random
import statistics
import time
import zlib

from drift_sre import NoveltyIndex, PrimedZstd, RecordMonitor, conditional

try:
    import zstandard
except ImportError:
    zstandard = None

SHAPES = [(100, 100), (100, 1_000), (500, 1_000), (2_048, 1_000)]
ROUNDS = 5
WORDS = ("user", "order", "item", "cache", "payment", "session", "queue", "worker", "replica", "ledger", "shipped")


def skeletons(size, dice):
    """Sorts of events: members of which some vary, until an event is so long."""
    found = []
    for _ in range(12):
        members = []
        while sum(map(len, members)) < size:
            value = dice.choice(["{n}", dice.choice(WORDS), f"{dice.choice(WORDS)} {dice.choice(WORDS)}", "{n} ms"])
            members.append(f'"{dice.choice(WORDS)}_{dice.choice(WORDS)}":"{value}",')
        found.append(members)
    return found


def event(sorts, dice, strange=0.0):
    """An event of one of the sorts; some of its members are of letters no one has seen."""
    members = []
    for member in dice.choice(sorts):
        if dice.random() < strange:
            members.append("".join(dice.choices("bcdfghjklmnpqrstvwz", k=len(member))))
        else:
            members.append(member.replace("{n}", str(dice.randrange(10_000))))
    return "".join(members).encode()


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for position in order[start:end]:
            found[position] = (start + end - 1) / 2
        start = end
    return found


def spearman(one, other):
    return statistics.correlation(ranks(one), ranks(other))


def distance(length, baseline, one):
    of_baseline, of_one = length(baseline), length(one)
    both = length(baseline + one)
    return (both - min(of_baseline, of_one)) / max(of_baseline, of_one)


def measure(size, count):
    dice = random.Random(size + count)
    sorts = skeletons(size, dice)
    baseline = [event(sorts, dice) for _ in range(count)]
    events = [event(sorts, dice, dice.random() ** 2) for _ in range(400)]
    text, few = b"\n".join(baseline), events[:8]
    index = NoveltyIndex(count, 16 << 20)
    index.learn_many(baseline)
    ways = {
        "Python zlib, naive NCD": (few, lambda: [distance(lambda x: len(zlib.compress(x)), text, one) for one in few]),
        "ours, deflate, conditional": (few, lambda: [conditional(one, text) for one in few]),
        "ours, zstd, conditional": (few, lambda: [conditional(one, text, "zstd") for one in few]),
        "ours, direct match": (events, lambda: index.novelty_many(events)),
    }
    primed = PrimedZstd(text)
    ways["ours, zstd primed"] = (events, lambda: primed.added_many(events))
    exact = None
    if zstandard:
        zstd = zstandard.ZstdCompressor(level=3)
        length = lambda x: len(zstd.compress(x))  # noqa: E731
        ways["Python zstd, naive NCD"] = (few, lambda: [distance(length, text, one) for one in few])
        alone = length(text)
        exact = [length(text + b"\n" + one) - alone for one in events]
    rounds = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, (asked, run) in ways.items():
            began = time.perf_counter_ns()
            run()
            rounds[way].append((time.perf_counter_ns() - began) / len(asked) / 1_000)
    agreement = spearman([index.bits(one) for one in events], exact) if exact else None
    mean = sum(map(len, events)) / len(events)
    return {way: statistics.median(times) for way, times in rounds.items()}, agreement, mean


def main():
    tables = [measure(size, count) for size, count in SHAPES]
    heads = [f"{size} B x {count:,}" for size, count in SHAPES]
    print(f"{'us an event':<30}" + "".join(f"{head:>16}" for head in heads))
    for way in sorted(tables[0][0], key=lambda way: -tables[0][0][way]):
        print(f"{way:<30}" + "".join(f"{times[way]:>16.3f}" for times, _, _ in tables))
    direct = "ours, direct match"
    print(f"{'direct, ns a byte':<30}" + "".join(f"{1e3 * t[direct] / mean:>16.2f}" for t, _, mean in tables))
    if zstandard:
        naive = "Python zstd, naive NCD"
        for name, way in (("direct", direct), ("primed", "ours, zstd primed")):
            ratios = "".join(f"{times[naive] / times[way]:>15.0f}x" for times, _, _ in tables)
            print(f"{name + ' beside naive zstd':<30}{ratios}")
        print(f"{'agreement with exact zstd':<30}" + "".join(f"{agreement:>16.3f}" for _, agreement, _ in tables))
    else:
        print("NOT MEASURED: zstandard is not installed: pip install zstandard")
    monitor = RecordMonitor()
    lines = [f"GET /items/{n} 200 {n % 97} ms from 10.0.{n % 7}.{n % 250}" for n in range(100_000)]
    began = time.perf_counter_ns()
    monitor.update_many(lines)
    print(f"RecordMonitor.update_many: {(time.perf_counter_ns() - began) / len(lines) / 1_000:.2f} us a line")


if __name__ == "__main__":
    main()
