"""A metric of one's own that a test can follow and wait for."""

import threading


class Sampled:
    """A metric of one's own that tells how often it was asked, and lets a test wait for that."""

    def __init__(self, answer):
        self.answer = answer
        self.calls = 0
        self.changed = threading.Condition()

    def __call__(self):
        with self.changed:
            self.calls += 1
            self.changed.notify_all()
        return self.answer(self.calls)

    def wait_for(self, calls):
        with self.changed:
            assert self.changed.wait_for(lambda: self.calls >= calls, timeout=10), self.calls
