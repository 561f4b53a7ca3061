"""Program files: each is one sample, or for a universal file one for each machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from consilience.analyse.containers.recognised import is_program
from consilience.decode.descriptions import DecoderDescription
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.reading_builder import ReadingBuilder
from consilience.read.samples.archive_file import ArchiveFile
from consilience.read.samples.sample_observations import OWN, SampleCollection, add_program
from consilience.sandbox.content import GZIP_MAGIC


class ProgramFile:
    """Reads a PE, ELF or Mach-O. The subject is the one named, or the sample itself under its SHA-256.

    `descriptions` are the descriptions of configurations, the shipped ones where there are none.
    """

    name = "program"

    def __init__(self, descriptions: Sequence[DecoderDescription] = ()) -> None:
        self._descriptions = descriptions

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the first bytes are those of a program."""
        return is_program(head)

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The marks of a program and its configurations as observations, and its code profile.

        A program that cannot be analysed keeps its bytes and digests, and a refusal says why. One that gzip packed is
        unpacked as archives are.
        """
        if raw.startswith(GZIP_MAGIC):
            whole = ArchiveFile(self._descriptions).read(raw, filename, defaults, progress)
            return replace(whole, format=f"{self.name}.gz")
        builder, samples = (
            ReadingBuilder(filename, {"publisher": OWN, **defaults}),
            SampleCollection(self._descriptions),
        )
        add_program(builder, samples, raw, filename)
        return replace(builder.reading(self.name, raw), codes=tuple(samples.codes), parts=samples.parts)
