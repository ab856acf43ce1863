"""``drift-sre`` beside the same endpoint in FastAPI, in one run, in turns; the last column has the goals."""

import statistics
import sys
import tempfile
from pathlib import Path

from load import batches, flood, lines, paced
from process import ours, peer

ROUNDS, SECONDS = 5, 4
EVENTS, SERVICES = 100_000, 100


def medians(rounds):
    return [statistics.median(column) for column in zip(*rounds)]


def tell(what, our, their="", goal=""):
    print(f"{what:<46}{our:>14}{their:>14}  {goal}", flush=True)


def floods(us, them, connections):
    measured = {us: [], them: []}
    for _ in range(ROUNDS):
        for server, rounds in measured.items():
            rounds.append(flood(server, connections, SECONDS))
    (rate, p50, p99, cpu, failed), other = medians(measured[us]), medians(measured[them])
    where = f"{connections} connections: "
    ratio, share = rate / other[0], other[3] / cpu
    tell(f"{where}req/s", f"{rate:,.0f}", f"{other[0]:,.0f}", f"{ratio:.1f} times; goal 15")
    tell(f"{where}p50 / p99, ms", f"{p50:.1f} / {p99:.1f}", f"{other[1]:.1f} / {other[2]:.1f}")
    tell(f"{where}CPU us a request", f"{cpu:.1f}", f"{other[3]:.1f}", f"1/{share:.1f}; goal 1/20")
    if failed or other[4]:
        tell(f"{where}failed requests", f"{failed:.0f}", f"{other[4]:.0f}", "goal 0")


def limit(us, connections):
    """What HTTP alone costs here: the same server, asked only whether it lives."""
    rounds = [flood(us, connections, SECONDS, "result.lua", "/livez") for _ in range(ROUNDS)]
    rate, _, _, cpu, _ = medians(rounds)
    tell(f"{connections} connections: GET /livez, req/s", f"{rate:,.0f}", goal="a limit: nothing to store")
    tell(f"{connections} connections: GET /livez, CPU us", f"{cpu:.1f}")


def paces(us, them):
    measured = {us: [], them: []}
    for _ in range(ROUNDS):
        for server, rounds in measured.items():
            rounds.append(paced(server, 2_000, SECONDS))
    (p50, p99), other = medians(measured[us]), medians(measured[them])
    tell("at 2,000 req/s: p50 / p99, ms", f"{p50:.2f} / {p99:.2f}", f"{other[0]:.1f} / {other[1]:.1f}", "goal p99 2")


def alone(program, folder):
    """What has no peer: batches, and how much room they take."""
    database = folder / "batches.db"
    bodies = [lines(EVENTS, SERVICES, seed) for seed in range(10)]
    with ours(program, database) as server:
        batches(server, bodies[:1])
        rounds = [batches(server, bodies[1:]) for _ in range(3)]
    rate, cpu = medians(rounds)
    tell("batches: events/s on disk when answered", f"{rate:,.0f}", goal="goal 1,000,000")
    tell("batches: CPU us an event", f"{cpu:.2f}")
    records = EVENTS * (1 + 9 * len(rounds))
    size = sum(path.stat().st_size for path in folder.glob("batches.db*"))
    tell("at rest: KB for 10,000 records", f"{size / records * 10:,.1f}", goal="goal 100")


def main(program):
    with tempfile.TemporaryDirectory(prefix="drift-sre-bench-") as name:
        folder = Path(name)
        tell("", "drift-sre", "FastAPI")
        with ours(program, folder / "ours.db") as us, peer(folder / "peer.db") as them:
            tell("memory at first, MiB", f"{us.rss():.1f}", f"{them.rss():.1f}", "goal 16")
            for connections in (64, 256):
                floods(us, them, connections)
            limit(us, 64)
            tell("memory after that, MiB", f"{us.rss():.1f}", f"{them.rss():.1f}", "goal 32")
            paces(us, them)
        alone(program, folder)


if __name__ == "__main__":
    main(sys.argv[1])
