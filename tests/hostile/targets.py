"""What bytes of unknown origin are given to: each parser, in this process, with the errors that it may raise."""

import mmap
import tempfile
from pathlib import Path

from consilience.analyse.archive.tree import unpack
from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.lua import (
    DumpError,
    components,
    conformance,
    features,
    find_dumps,
    read_dump,
    read_source,
    source_features,
)
from consilience.analyse.sample import analyse
from consilience.model.errors import InputError, Rejected
from consilience.read import READERS, read_model, read_queries
from consilience.read.stix.pattern import comparisons
from consilience.sandbox.strict_json import strict_object

DEFAULTS = {"publisher": "P", "subject": "S"}
ROOM = mmap.mmap(-1, 1 << 20)
READER = {reader.name: reader for reader in READERS}


def _reader(name):
    def read(data):
        READER[name].recognises(data[:65_536], "file")
        READER[name].read(data, "file", DEFAULTS, None)

    return read


def _file(read):
    def target(data):
        with tempfile.NamedTemporaryFile() as file:
            Path(file.name).write_bytes(data)
            try:
                read(file.name)
            except InputError:
                return

    return target


def _program(data):
    try:
        analyse(data, "file")
    except Damaged:
        return


def _archive(data):
    unpack(data, "file", ROOM)


def _json(data):
    try:
        strict_object(data)
    except Rejected:
        return


def _pattern(data):
    comparisons(data.decode("utf-8", "replace"))


def _lua_dump(data):
    dump = read_dump(data)
    conformance(dump)
    components(dump)
    features(dump)


def _lua(data):
    for look in (_lua_dump, lambda each: list(find_dumps(each)), lambda each: source_features(read_source(each))):
        try:
            look(data)
        except DumpError:
            continue


TARGETS = {
    "stix": _reader("stix"),
    "misp": _reader("misp"),
    "galaxy": _reader("misp-galaxy"),
    "navigator": _reader("navigator"),
    "maco": _reader("maco"),
    "observations": _reader("jsonl"),
    "table": _reader("csv"),
    "list": _reader("indicators"),
    "golden": _reader("golden-case"),
    "parquet": _reader("parquet"),
    "query": _file(read_queries),
    "model": _file(read_model),
    "json": _json,
    "pattern": _pattern,
    "pe": _program,
    "elf": _program,
    "macho": _program,
    "dotnet": _program,
    "zip": _archive,
    "tar": _archive,
    "lua": _lua,
}
