"""The warm processes in which programs and archives are parsed, the first started at the first that is read."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Sequence
from dataclasses import replace

from consilience.analyse.archive.rules import MAX_RATIO, MAX_UNPACKED
from consilience.decode.decoding import FoundConfigurations
from consilience.decode.descriptions import DecoderDescription
from consilience.decode.sandboxed import PARSER, pack_request
from consilience.model.units import MIB
from consilience.read.samples.configuration_observations import configurations_of_analysis, find_configurations
from consilience.sandbox import Analysis, Limits, Pool, SharedMemory

PARSERS = {
    "both": "consilience.decode.whole_sample:analyse_and_decode",
    "both, described": "consilience.decode.whole_sample:analyse_and_decode_by",
    "program": "consilience.analyse.sample:analyse",
    "bytes": "consilience.analyse.sample:analyse_bytes",
    "archive": "consilience.analyse.archive.tree:unpack",
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
        self._making = threading.Lock()
        self._pool: Pool | None = None

    def sample(
        self, data: bytes | memoryview, name: str, descriptions: Sequence[DecoderDescription] = ()
    ) -> tuple[Analysis, FoundConfigurations]:
        """How the analysis of a program ended, the answer that of `measured.analyse`, and the configurations in it.

        These are found by the descriptions `descriptions`, the shipped ones where there are none, in the same process.
        """
        if len(data) > LARGEST:
            return Analysis(failed=f"it is longer than {LARGEST:,} bytes"), FoundConfigurations(())
        if descriptions:
            both = self.worker().analyse("both, described", pack_request(bytes(data), descriptions), name)
        else:
            both = self.worker().analyse("both", data, name)
        if both.failed:
            return self._apart(both, data, name, descriptions)
        try:
            program, found = _part(both, "program"), _part(both, "configurations")
        except (LookupError, TypeError, ValueError):
            return replace(both, answer=None, failed="the answer is not what an answer must be"), FoundConfigurations(
                ()
            )
        return program, configurations_of_analysis(found)

    def _apart(
        self, both: Analysis, data: bytes | memoryview, name: str, descriptions: Sequence[DecoderDescription]
    ) -> tuple[Analysis, FoundConfigurations]:
        """What is left of a sample of which not both could be read: what fails by itself costs the other nothing."""
        configurations = find_configurations(self.worker(), descriptions, bytes(data), name)
        if configurations.notes and not configurations.records:
            return self.worker().analyse("program", data, name), configurations
        return both, configurations

    def rows(self, data: bytes, name: str) -> Analysis:
        """How the analysis of bytes without a known beginning ended; the answer is that of `measured.analyse_bytes`."""
        return self.worker().analyse("bytes", data, name)

    def archive(self, data: bytes, name: str) -> tuple[Analysis, memoryview]:
        """How the unpacking of an archive ended, the answer that of `tree.unpack`, and the memory it speaks of."""
        if len(data) > MAX_UNPACKED:
            return Analysis(failed=f"it is longer than {MAX_UNPACKED:,} bytes"), memoryview(b"")
        try:
            with SharedMemory(min(MAX_UNPACKED, MAX_RATIO * len(data))) as memory:
                found = self.worker().analyse("archive", data, name, shared=memory.descriptor, limits=UNPACKING)
                return found, memory.view()
        except OSError as fault:
            return Analysis(failed=f"no memory for its members could be made: {fault.strerror or fault}"), memoryview(
                b""
            )

    def worker(self) -> Pool:
        """The processes, started as they are needed. Raises InputError where this system has none."""
        with self._making:
            if self._pool is None:
                self._pool = Pool(PARSERS, LIMITS)
                atexit.register(self._pool.close)
            return self._pool


def _part(both: Analysis, name: str) -> Analysis:
    """One of the two answers. Raises ValueError and the like when there is none."""
    part = both.answer[name]
    if set(part) == {"failed"} and isinstance(part["failed"], str):
        return replace(both, answer=None, failed=part["failed"] or "it failed")
    return replace(both, answer=part)


ANALYSER = Analyser()
