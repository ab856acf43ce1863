"""The recorder of recorder.c: built, loaded, read back, and told which faults to make."""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
from pathlib import Path
from typing import Iterator, NamedTuple

SOURCE = Path(__file__).with_name("recorder.c")
CONTROL = struct.Struct("<6Q")


def build(folder: Path) -> Path:
    library = folder / "recorder.so"
    compiler = os.environ.get("CC", "cc")
    command = [compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True)
    return library


class Entry(NamedTuple):
    """`W`rite, t`R`uncate, `O`pen (`T` when that empties it), `S`ync, `U`nlink, `M`ove, or what was `A`nswered."""

    kind: str
    name: str
    offset: int
    data: bytes


def read(log: Path) -> Iterator[Entry]:
    """Every whole entry; one that is cut by a kill is the last."""
    record = log.read_bytes()
    place = 0
    while place + 24 <= len(record):
        head, offset, length = struct.unpack_from("<QQQ", record, place)
        place += 24
        name = record[place : place + (head >> 8)].decode()
        place += head >> 8
        if place + length > len(record):
            return
        yield Entry(chr(head & 0xFF), name, offset, record[place : place + length])
        place += length


class Faults:
    """What the recorder is told, and what it counts, while the server runs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "control"
        self.path.write_bytes(bytes(CONTROL.size))
        with self.path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), CONTROL.size)

    def close(self) -> None:
        self._shared.close()

    def _put(self, position: int, value: int) -> None:
        struct.pack_into("<Q", self._shared, 8 * position, value)

    @property
    def syncs(self) -> int:
        return int(CONTROL.unpack_from(self._shared)[0])

    @property
    def writes(self) -> int:
        return int(CONTROL.unpack_from(self._shared)[1])

    def fail_sync(self, which: int) -> None:
        """The how-manieth sync fails, once."""
        self._put(2, which)

    def fail_write(self, which: int) -> None:
        self._put(3, which)

    def cut_write(self, which: int) -> None:
        self._put(4, which)

    def fill_disk(self, full: bool) -> None:
        """While it is full no file grows."""
        self._put(5, int(full))


def loaded(library: Path, data: Path, log: Path | None = None, faults: Faults | None = None) -> dict[str, str]:
    """The environment that loads it for the files below `data`."""
    environment = {"LD_PRELOAD": str(library), "REC_DIR": str(data)}
    if log is not None:
        environment["REC_LOG"] = str(log)
    if faults is not None:
        environment["REC_CONTROL"] = str(faults.path)
    return environment
