"""The one warm process in which programs and archives are parsed, started at the first that is read."""

from __future__ import annotations

import atexit

from consilience.read.locked import Analysis, Limits, Room, Worker
from consilience.read.locked.limits import MIB
from consilience.read.sample.archive.rules import MAX_RATIO, MAX_UNPACKED
from consilience.read.sample.configuration.answer import PARSER

PARSERS = {
    "program": "consilience.read.sample.measured:analyse",
    "bytes": "consilience.read.sample.measured:analyse_bytes",
    "archive": "consilience.read.sample.archive.tree:unpack",
    "configurations": PARSER,
}
LARGEST = 128 * MIB
"""The most bytes of a program that is analysed."""

LIMITS = Limits(cpu=120, wall=240.0, memory=3072 * MIB, answer=96 * MIB)
"""An answer holds twelve bytes a feature, in base 64: some ten MiB for the largest programs people ship. It is still
checked column by column. Memory is for addresses, most of which the libraries of columns only set aside."""

UNPACKING = Limits(cpu=120, wall=240.0, memory=2560 * MIB, answer=4 * MIB)


class Analyser:
    """Analyses programs and unpacks archives, each in a locked process of its own."""

    def __init__(self) -> None:
        self._worker: Worker | None = None

    def program(self, data: bytes | memoryview, name: str) -> Analysis:
        """How the analysis of a program ended; the answer is that of `measured.analyse`."""
        if len(data) > LARGEST:
            return Analysis(failed=f"it is longer than {LARGEST:,} bytes")
        return self.worker().analyse("program", data, name)

    def rows(self, data: bytes, name: str) -> Analysis:
        """How the analysis of bytes without a known beginning ended; the answer is that of `measured.analyse_bytes`."""
        return self.worker().analyse("bytes", data, name)

    def archive(self, data: bytes, name: str) -> tuple[Analysis, memoryview]:
        """How the unpacking of an archive ended, the answer that of `tree.unpack`, and the memory it speaks of."""
        if len(data) > MAX_UNPACKED:
            return Analysis(failed=f"it is longer than {MAX_UNPACKED:,} bytes"), memoryview(b"")
        try:
            with Room(min(MAX_UNPACKED, MAX_RATIO * len(data))) as room:
                found = self.worker().analyse("archive", data, name, room=room.descriptor, limits=UNPACKING)
                return found, room.view()
        except OSError as fault:
            return Analysis(failed=f"no memory for its members could be made: {fault.strerror or fault}"), memoryview(
                b""
            )

    def worker(self) -> Worker:
        """The process. Raises InputError where this system has none."""
        if self._worker is None:
            self._worker = Worker(PARSERS, LIMITS)
            atexit.register(self._worker.close)
        return self._worker


ANALYSER = Analyser()
