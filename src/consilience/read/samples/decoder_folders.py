"""Descriptions of configurations from folders, beside those that are shipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from consilience.analyse.configuration.checked_table import DecoderError
from consilience.analyse.configuration.descriptions import DecoderDescription, descriptions_from, shipped_descriptions
from consilience.model.errors import Refusal

MOST_FILES = 256


def descriptions_in(folders: Sequence[str]) -> tuple[DecoderDescription, ...]:
    """The shipped descriptions and those of folders; one of the same family as an earlier one takes its place.

    Raises DecoderError with everything that is wrong in any file.
    """
    found = [*shipped_descriptions()]
    for folder in folders:
        paths = sorted(Path(folder).glob("*.toml"))[: MOST_FILES + 1]
        if not Path(folder).is_dir() or len(paths) > MOST_FILES:
            what = f"holds more than {MOST_FILES} files" if paths else "is no folder"
            raise DecoderError([Refusal(folder, 0, "", what, "name a folder of descriptions (.toml)")])
        ours = descriptions_from((str(path), path.read_bytes()) for path in paths)
        named = {each.decoder.family for each in ours}
        found = [*(each for each in found if each.decoder.family not in named), *ours]
    return tuple(found)
