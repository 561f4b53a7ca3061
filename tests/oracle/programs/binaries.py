"""Programs of every format that Python packages bring along; nothing of them is ever run."""

import sys
from functools import cache
from importlib.metadata import files
from pathlib import Path

PACKAGES = ("pip", "setuptools", "clr_loader", "pythonnet", "delocate", "numpy", "msgspec")
MAX_SIZE = 600_000
MAX_OF_A_KIND = 24


@cache
def binaries(*begins):
    """The different files of the packages that begin with one of these bytes, by their names; the smallest first."""
    found = {}
    for package in PACKAGES:
        for file in files(package) or ():
            path = Path(file.locate())
            if path.suffix in {".exe", ".dll", ".dylib", ".so", ".o"} and path.is_file():
                raw = path.read_bytes()
                if raw.startswith(begins) and len(raw) <= MAX_SIZE and raw not in found.values():
                    found[f"{package}/{path.name}"] = raw
    chosen = sorted(found.items(), key=lambda each: len(each[1]))
    return dict(chosen[:MAX_OF_A_KIND])


def elf_files():
    """Libraries of this machine."""
    return binaries(b"\x7fELF") if sys.platform == "linux" else {}


def pe_files():
    """Launchers for x86, x86-64 and AArch64, and libraries with .NET."""
    return binaries(b"MZ")


def macho_files():
    """Libraries for one machine, and universal ones."""
    return binaries(b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
