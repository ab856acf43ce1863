"""Disks as they may be after the power failed, made from a record of what a server wrote, synced and answered."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, Mapping

from recorder import Entry

# What a disk writes whole.
SECTOR = 512
REQUEST = b"x-request-id: "


@dataclass
class Disk:
    """What is safe of each file, and what was done to it since its last sync."""

    safe: dict[str, bytearray] = field(default_factory=dict)
    waiting: dict[str, list[Entry]] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Disk:
        """A disk that was at rest."""
        return cls({path.name: bytearray(path.read_bytes()) for path in folder.iterdir()})

    def take(self, entry: Entry) -> None:
        kind, name = entry.kind, entry.name
        if kind == "A" or name.endswith("-shm"):
            # SQLite makes the shared memory anew when nobody holds it.
            return
        if kind == "S":
            for done in self.waiting.pop(name, []):
                carry_out(self.safe[name], done)
        elif kind == "U":
            self.safe.pop(name, None)
            self.waiting.pop(name, None)
        elif kind == "M":
            to = entry.data.decode()
            self.safe[to] = self.safe.pop(name)
            self.waiting[to] = self.waiting.pop(name, [])
        else:
            self.safe.setdefault(name, bytearray())
            if kind != "O":
                self.waiting.setdefault(name, []).append(entry)

    def cut(self, folder: Path, rng: random.Random) -> None:
        """Writes down what may be left: of what was not synced any part, in sectors, in any order."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        # Between nothing and everything, and often one of the two.
        survival = rng.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        for name, safe in self.safe.items():
            image = safe
            if waiting := self.waiting.get(name):
                image = bytearray(safe)
                for entry in waiting:
                    if rng.random() < survival:
                        carry_out(image, entry)
                    elif rng.random() < 0.2 and len(entry.data) > SECTOR:
                        sectors = rng.randrange(1, -(-len(entry.data) // SECTOR))
                        carry_out(image, entry._replace(data=entry.data[: sectors * SECTOR]))
            (folder / name).write_bytes(image)


def carry_out(image: bytearray, entry: Entry) -> None:
    if entry.kind == "W":
        if len(image) < entry.offset:
            image.extend(bytes(entry.offset - len(image)))
        image[entry.offset : entry.offset + len(entry.data)] = entry.data
    else:
        length = entry.offset if entry.kind == "R" else 0
        del image[length:]
        image.extend(bytes(length - len(image)))


def cuts(entries: list[Entry], count: int, seed: int) -> list[int]:
    """So many places in a record, half of them right after an answer, when most is at stake."""
    rng = random.Random(seed)
    answers = [index + 1 for index, entry in enumerate(entries) if entry.kind == "A"]
    places = [rng.choice(answers) if answers and turn % 2 else rng.randrange(len(entries)) for turn in range(count)]
    return sorted(places)


def disks(
    entries: list[Entry], places: list[int], answers: Mapping[str, tuple[str, int]], begin: Disk
) -> Iterator[tuple[Disk, dict[str, int]]]:
    """At each place the disk, and how much of each service was said yes to before.

    `answers` tells of what a request's id was the yes: observations of a service up to a number.
    """
    disk, acked, done = begin, dict[str, int](), 0
    for place in places:
        for entry in entries[done:place]:
            disk.take(entry)
            if entry.kind == "A" and (said := answers.get(request_id(entry.data))):
                service, number = said
                acked[service] = max(acked.get(service, 0), number)
        done = place
        yield disk, dict(acked)


def request_id(answer: bytes) -> str:
    _, found, rest = answer.partition(REQUEST)
    return rest[:16].decode("latin-1") if found else ""
