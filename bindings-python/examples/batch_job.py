"""A program without a framework: it watches a function, a queue of its own, and the host."""

import queue
import time

from drift_sre import Console, DriftMonitor

jobs: "queue.Queue[int]" = queue.Queue()
monitor = DriftMonitor(interval=0.05, notifiers=[Console()])
monitor.add_metric("backlog", jobs.qsize, unit="jobs", golden_signal="saturation", direction="up")


@monitor.watch("work")
def work(job: int) -> int:
    time.sleep(0.001)
    return job * job


def main(seconds: float = 0.5) -> None:
    end = time.monotonic() + seconds
    with monitor:
        while time.monotonic() < end:
            jobs.put(3)
            work(jobs.get())
        for name, status in monitor.status().items():
            print(f"{name:<16} {status.state:<12} {status.value}")


if __name__ == "__main__":
    main()
