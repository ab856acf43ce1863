"""Samples from a step of 3 sigma to its announcement, over enough independent runs to trust the tails.

The step comes after an hour of AR(1) noise at 1 Hz; not found within another hour, it is missed. The second table
pauses learning at half of the alarm line instead of at the default, to show what the pause is worth.
"""

import numpy as np

from drift_sre import Monitor

ONSET = LIMIT = 3600
DEFAULT = {"detector": {"page_hinkley": {"direction": "up"}}}
LATE_PAUSE = {**DEFAULT, "decision": {"warn": 0.5}}


def series(phi, runs):
    """One run a row."""
    rng = np.random.default_rng(12345)
    noise = rng.normal(size=runs)
    columns = np.empty((ONSET + LIMIT, runs))
    for t in range(ONSET + LIMIT):
        noise = phi * noise + np.sqrt(1 - phi * phi) * rng.normal(size=runs)
        columns[t] = 100 + 10 * noise
    columns[ONSET:] += 30
    return np.ascontiguousarray(columns.T)


def delay(config, values):
    events = Monitor(config).update_many(values)
    return next((t - ONSET + 1 for t, event in events if event.kind == "opened" and t >= ONSET), LIMIT)


def main():
    for title, config, rows in (
        ("default", DEFAULT, ((0.0, 1000), (0.5, 1000), (0.9, 2000), (0.95, 2000), (0.97, 2000))),
        ("learning pauses at .5 only", LATE_PAUSE, ((0.9, 2000),)),
    ):
        print(f"{title:<28}{'runs':>6}{'median':>8}{'95 %':>8}{'missed, %':>11}")
        for phi, runs in rows:
            delays = np.array([delay(config, values) for values in series(phi, runs)])
            median, late = np.quantile(delays, [0.5, 0.95])
            print(f"{f'phi {phi}':<28}{runs:>6}{median:>8.0f}{late:>8.0f}{100 * np.mean(delays == LIMIT):>11.2f}")


if __name__ == "__main__":
    main()
