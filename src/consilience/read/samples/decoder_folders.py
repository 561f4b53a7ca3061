"""Descriptions of configurations from plug-ins and folders, beside those that ship."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from itertools import chain
from pathlib import Path
from types import ModuleType

from consilience.decode.checked_table import DecoderError
from consilience.decode.descriptions import (
    DecoderDescription,
    descriptions_below,
    descriptions_from,
    shipped_descriptions,
)
from consilience.model.errors import Refusal
from consilience.model.plugins import DECODERS, load_plugins

MOST_FILES = 256


def descriptions_in(folders: Sequence[str]) -> tuple[DecoderDescription, ...]:
    """The descriptions that ship, those of plug-ins and those of folders; a later one replaces one of its family.

    Raises DecoderError with everything that is wrong in any plug-in, or in any file of a folder.
    """
    found = _replacing(shipped_descriptions(), plugin_descriptions())
    for folder in folders:
        paths = sorted(Path(folder).glob("*.toml"))[: MOST_FILES + 1]
        if not Path(folder).is_dir() or len(paths) > MOST_FILES:
            what = f"holds more than {MOST_FILES} files" if paths else "is not a folder"
            raise DecoderError([Refusal(folder, 0, "", what, "name a folder of descriptions (.toml)")])
        found = _replacing(found, descriptions_from((str(path), path.read_bytes()) for path in paths))
    return found


def plugin_descriptions() -> tuple[DecoderDescription, ...]:
    """The descriptions of installed plug-ins: entry points that name a package with .toml files.

    Raises DecoderError with everything that is wrong in any plug-in: nothing is decoded with half of the descriptions.
    """
    plugins = load_plugins(DECODERS, _in_package)
    if plugins.faults:
        todo = "mend or uninstall it"
        raise DecoderError([Refusal(each.distribution, 0, each.name, each.what, todo) for each in plugins.faults])
    return tuple(chain.from_iterable(plugins.found))


def _in_package(name: str, package: object) -> tuple[DecoderDescription, ...]:
    if not isinstance(package, ModuleType) or not (found := descriptions_below(files(package))):
        raise TypeError("the entry point does not name a package with descriptions (.toml)")
    return found


def _replacing(
    earlier: Sequence[DecoderDescription], later: Sequence[DecoderDescription]
) -> tuple[DecoderDescription, ...]:
    families = {each.decoder.family for each in later}
    return (*(each for each in earlier if each.decoder.family not in families), *later)
