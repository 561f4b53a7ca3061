"""Files and folders: which are read, in which order, and by which reader."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from consilience.analyse.sample import BYTES
from consilience.decode import shipped_descriptions
from consilience.model.errors import InputError, MissingInput, Notice, Refusal
from consilience.model.plugins import Plugins
from consilience.model.protocols import Progress, Reader
from consilience.model.reading import Reading
from consilience.read.capa import CapaResult
from consilience.read.configuration_file import ConfigurationFile
from consilience.read.galaxy import MispGalaxy
from consilience.read.golden import GoldenFile
from consilience.read.indicator_list import IndicatorList
from consilience.read.line import DEFAULTS, observation_from_line
from consilience.read.maco import MacoRecords
from consilience.read.misp import MispEvents
from consilience.read.navigator import NavigatorLayer
from consilience.read.observation_file import ObservationFile
from consilience.read.parquet import ParquetFile
from consilience.read.plugin_reader import PluginReader, plugin_readers
from consilience.read.samples.archive_file import ArchiveFile
from consilience.read.samples.decoder_folders import descriptions_in
from consilience.read.samples.lua_file import LuaFile
from consilience.read.samples.program_file import ProgramFile
from consilience.read.samples.side_by_side import Job, in_order
from consilience.read.samples.unknown_file import UNKNOWN, UnknownFile
from consilience.read.stix import StixBundle
from consilience.read.table import TableFile
from consilience.sandbox.content import HEAD, head_of

READERS: tuple[Reader, ...] = (
    ProgramFile(),
    ArchiveFile(),
    ParquetFile(),
    GoldenFile(),
    StixBundle(),
    MispEvents(),
    MispGalaxy(),
    NavigatorLayer(),
    CapaResult(),
    MacoRecords(),
    ConfigurationFile(),
    ObservationFile(),
    TableFile(),
    IndicatorList(),
    LuaFile(),
    UnknownFile(),
)
"""The formats, asked in this order: first by content alone, then by name."""

SAMPLES = (ProgramFile.name, LuaFile.name, UnknownFile.name)
"""The formats that are read side by side. Archives are not: their own members are."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def readers_with(folders: Sequence[str]) -> Sequence[Reader]:
    """The formats, with the descriptions of decoders of plug-ins and of these folders beside the shipped ones.

    Raises DecoderError with everything that is wrong in any description.
    """
    known = all_readers()
    descriptions = descriptions_in(folders)
    if descriptions == shipped_descriptions():
        return known
    own: Mapping[str, Reader] = {
        "program": ProgramFile(descriptions),
        "archive": ArchiveFile(descriptions),
        "lua": LuaFile(descriptions),
        "specimen": UnknownFile(descriptions),
    }
    return tuple(own.get(each.name, each) for each in known)


def all_readers() -> tuple[Reader, ...]:
    """The formats, with those of plug-ins before the reader that takes whatever no other knows."""
    return (*READERS[:-1], *_plugins().found, READERS[-1])


def _plugins() -> Plugins[PluginReader]:
    return plugin_readers(frozenset(reader.name for reader in READERS))


def read_path(
    path: str | os.PathLike[str],
    defaults: Mapping[str, str],
    progress: Progress | None = None,
    readers: Sequence[Reader] = (),
) -> Iterator[Reading]:
    """The reading of a file, or of every file of a folder in the order of their names, hidden ones left out.

    A file of no known format is refused where it was named, and noticed where it was met in a folder. `defaults` may
    hold publisher, subject, subject_type and tlp; `readers` are all formats when empty. What is wrong with a plug-in is
    noticed with the first file.

    Raises:
        MissingInput: the path does not exist or cannot be opened.
        InputError: a default cannot be used.
    """
    stated = {key: value for key, value in defaults.items() if value}
    _check_defaults(stated)
    start = Path(path)
    if not start.exists():
        raise MissingInput("there is no such file or folder", str(start), "check the path")
    is_folder = start.is_dir()
    if not is_folder and not start.is_file():
        raise MissingInput("neither a file nor a folder", str(start), "copy its content into a file")
    if not os.access(start, os.R_OK | (os.X_OK if is_folder else 0)):
        raise MissingInput("cannot be opened", str(start), "ask its owner for the right to read it")
    readers = readers or all_readers()
    if is_folder:
        return _with_faults(_folder(start, stated, progress, readers), readers)
    return _with_faults([_file(start, stated, progress, readers)], readers)


def read_content(raw: bytes, name: str, defaults: Mapping[str, str]) -> Reading:
    """The reading of bytes under the name that they are to have; bytes of no known format are refused."""
    stated = {key: value for key, value in defaults.items() if value}
    _check_defaults(stated)
    head = head_of(raw[:HEAD])
    for reader in all_readers():
        if reader.recognises(head, ""):
            return reader.read(raw, name, stated, None)
    return _refused(Path(name), f"the format is unknown{_looks_like(head)}", _remedy(head))


def _with_faults(readings: Iterable[Reading], readers: Sequence[Reader]) -> Iterator[Reading]:
    """The readings, the first after a plug-in was found to be faulty with a notice that says so."""
    told: set[str] = set()
    loaded = [reader for reader in readers if isinstance(reader, PluginReader)]
    for reading in readings:
        faults = [*map(str, _plugins().faults), *(reader.fault for reader in loaded if reader.fault)]
        notices = [Notice(reading.file, 0, "plug-in", fault) for fault in faults if fault not in told]
        told.update(faults)
        yield replace(reading, notices=(*reading.notices, *notices)) if notices else reading


def _check_defaults(defaults: Mapping[str, str]) -> None:
    if unknown := sorted(defaults.keys() - set(DEFAULTS)):
        raise InputError(f"there is no default for {unknown[0]}", "defaults", "one of: " + " ".join(DEFAULTS))
    probe = {"publisher": "P", "subject": "S", "kind": "mutex", "value": "v", **defaults}
    found = observation_from_line(probe, "", 0, {})
    if isinstance(found, list):
        raise InputError(found[0].what, f"default {found[0].field}", found[0].todo)


def _file(path: Path, defaults: Mapping[str, str], progress: Progress | None, readers: Sequence[Reader]) -> Reading:
    try:
        reader, head = _recognised(path, readers)
        raw = path.read_bytes() if reader else b""
    except OSError as fault:
        raise MissingInput(
            f"cannot be opened: {fault.strerror}", _name(path), "check the path and its rights"
        ) from None
    reading = reader.read(raw, _name(path), defaults, progress) if reader else None
    if reading is None or reading.format == UNKNOWN:
        return _refused(path, f"the format is unknown{_looks_like(head)}", _remedy(head))
    if progress is not None:
        progress(len(reading.raw), len(reading.raw))
    return reading


def _folder(
    folder: Path, defaults: Mapping[str, str], progress: Progress | None, readers: Sequence[Reader]
) -> Iterator[Reading]:
    files = list(_files(folder))
    done, total = 0, sum(size for _, size, _ in files)
    jobs = _jobs(files, defaults, progress, readers)
    for (_, size, _), reading in zip(files, in_order(jobs), strict=True):
        yield reading
        done += size
        if progress is not None:
            progress(done, total)


def _jobs(
    files: Sequence[tuple[Path, int, str]],
    defaults: Mapping[str, str],
    progress: Progress | None,
    readers: Sequence[Reader],
) -> Iterator[Job[Reading]]:
    """The reading of each file; samples are read early, and tell nothing on the way, because others are before them."""
    done, total = 0, sum(size for _, size, _ in files)
    for path, size, fault in files:
        if fault:
            yield Job(partial(_refused, path, fault, "ask its owner for the right to read it"), early=False)
        elif _is_sample(path, readers):
            yield Job(partial(_member, path, defaults, None, readers), size)
        else:
            here = progress and _shifted(progress, done, total)
            yield Job(partial(_member, path, defaults, here, readers), early=False)
        done += size


def _is_sample(path: Path, readers: Sequence[Reader]) -> bool:
    """Whether a file is read in a locked process, by itself, so that others may be read beside it."""
    try:
        reader, _ = _recognised(path, readers)
    except OSError:
        return False
    return reader is not None and reader.name in SAMPLES


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    """Word on one file as word on the whole folder."""
    return lambda here, _: progress(before + here, total)


def _member(path: Path, defaults: Mapping[str, str], progress: Progress | None, readers: Sequence[Reader]) -> Reading:
    """The reading of a file met in a folder; what cannot be opened never keeps the others from being read."""
    try:
        reader, _ = _recognised(path, readers)
        reading = reader.read(path.read_bytes(), _name(path), defaults, progress) if reader else None
        if reading is not None and reading.format != UNKNOWN and not _is_only_bytes(reading):
            return reading
    except OSError as fault:
        return _refused(path, f"cannot be opened: {fault.strerror}", "ask its owner for the right to read it")
    notice = Notice(_name(path), 0, "format", "the format is unknown and the file was not read")
    return Reading(file=_name(path), format=UNKNOWN, raw=b"", observations=(), notices=(notice,))


def _is_only_bytes(reading: Reading) -> bool:
    """Whether of a file only rows of bytes can be compared: in a folder that may be a picture, and is not read."""
    return any(code.profile.format == BYTES for code in reading.codes) and len(reading.observations) == 1


def _files(folder: Path) -> Iterator[tuple[Path, int, str]]:
    """The files below a folder with their sizes, sorted by name level by level; links to folders are not followed.

    A folder that cannot be opened comes with what is wrong with it.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            if here is not folder and here.is_file():
                yield here, here.stat().st_size, ""
                continue
            entries = sorted(here.iterdir(), key=lambda entry: entry.name, reverse=True)
        except OSError as fault:
            yield here, 0, f"cannot be opened: {fault.strerror}"
            continue
        waiting += [entry for entry in entries if not entry.name.startswith(".") and _is_worth(entry)]


def _is_worth(entry: Path) -> bool:
    return entry.is_file() or (entry.is_dir() and not entry.is_symlink())


def _recognised(path: Path, readers: Sequence[Reader]) -> tuple[Reader | None, bytes]:
    """The reader whose format a file is of, if any, and its first unpacked bytes; a specimen is never too large."""
    is_large = path.stat().st_size > UnknownFile.largest
    with path.open("rb") as file:
        head = head_of(file.read(HEAD))
    for name in ("", path.name):
        for reader in readers:
            if reader.recognises(head, name) and not (is_large and reader.name == UnknownFile.name):
                return reader, head
    return None, head


def _name(path: Path) -> str:
    """The path as text that every program can write, also where the name is in no known encoding."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _refused(path: Path, what: str, todo: str) -> Reading:
    refusal = Refusal(_name(path), 0, "", what, todo)
    return Reading(file=_name(path), format=UNKNOWN, raw=b"", observations=(), refusals=(refusal,))


def _looks_like(head: bytes) -> str:
    if not head:
        return ": the file is empty"
    return ": it looks like UTF-16" if head.startswith(_UTF16) else ""


def _remedy(head: bytes) -> str:
    if head.startswith(_UTF16):
        return "save it as UTF-8"
    return (
        "give observations (.jsonl, .parquet, .csv), a STIX bundle, MISP events, a MISP galaxy, a list of indicators"
        ", a program or an archive of programs"
    )
