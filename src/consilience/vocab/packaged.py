"""Tables that the package ships as TOML."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

Table = dict[str, Any]
"""A parsed TOML document, or a table within one."""


def packaged_table(name: str, package: str = "consilience.vocab") -> Table:
    """The TOML document of this name in a package, parsed anew at every call."""
    return tomllib.loads(files(package).joinpath(f"{name}.toml").read_text("utf-8"))
