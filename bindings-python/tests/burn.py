"""Loads every core for some seconds: `python burn.py [seconds]`. What a runaway process looks like to the monitor."""

import multiprocessing
import sys
import time


def spin(until):
    while time.monotonic() < until:
        pass


if __name__ == "__main__":
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    workers = [
        multiprocessing.Process(target=spin, args=(time.monotonic() + seconds,))
        for _ in range(multiprocessing.cpu_count())
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
