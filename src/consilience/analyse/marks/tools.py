"""What is publicly known of Microsoft's tools, from `tools.toml`: which linker is which, and when each came out."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Release:
    """A release of the linker: the first build of it, and the first day of the month in which it came out."""

    linker: Version
    build: int
    day: str


@dataclass(frozen=True, slots=True)
class Tools:
    """`linkers` by product of the Rich header; `releases` by version and build; the first linker that knows each
    library of the `runtimes` and writes each kind of row of the `debug` directory."""

    linkers: dict[int, Version]
    releases: tuple[Release, ...]
    runtimes: dict[str, Version]
    debug: dict[int, Version]

    def release(self, product: int, build: int) -> Release | None:
        """The release that a linker of the Rich header belongs to; None when it is older or newer than what is known.

        Builds after the last known release may be of a release that is not known here.
        """
        version = self.linkers.get(product)
        if version is None:
            return None
        known = self._releases_of(version)
        if version[0] >= 14 and build - known[-1].build > LAST_RELEASE_BUILDS:
            return None
        fitting = [each for each in known if each.build <= build]
        return fitting[-1] if fitting else None

    def _releases_of(self, version: Version) -> list[Release]:
        """The releases that a linker may belong to: of its version, or from 14 on of its major version."""
        if version[0] < 14:
            return [each for each in self.releases if each.linker == version]
        return [each for each in self.releases if each.linker[0] == version[0]]


LAST_RELEASE_BUILDS = 150
"""Up to this many builds after the first one of the last known release count as of it."""


@cache
def tools() -> Tools:
    """What is known of the tools."""
    tables = tomllib.loads(files("consilience.analyse.marks").joinpath("tools.toml").read_text("utf-8"))
    return Tools(
        linkers={int(product): _version(numbers) for product, numbers in tables["linkers"].items()},
        releases=tuple(
            Release(_version(row["linker"]), row["build"], f"{row['month']}-01") for row in tables["releases"]
        ),
        runtimes={name: _version(numbers) for name, numbers in tables["runtimes"].items()},
        debug={int(kind): _version(numbers) for kind, numbers in tables["debug"].items()},
    )


def _version(numbers: list[int]) -> Version:
    first, second = numbers
    return first, second
