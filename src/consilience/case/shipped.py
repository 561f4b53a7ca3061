"""What the package brings along: the published case of the demonstration, and every kind of trait."""

from __future__ import annotations

from importlib.resources import files

from consilience.model.json import JsonObject
from consilience.vocab import vocabulary

DEMO_PAIR = ("SentinelLabs/Sandman", "Microsoft/STORM-0866/Red Dev 40")
DEMO_AS_OF = "2023-12-11"


def demo_paths() -> list[str]:
    """The observation files of the packaged Sandman case."""
    folder = files("consilience").joinpath("examples/sandman")
    return sorted(str(entry) for entry in folder.iterdir() if entry.name.endswith(".jsonl"))


def kinds() -> list[JsonObject]:
    """Every kind of trait with its meaning."""
    return [
        {
            "kind": kind.name,
            "form": kind.form,
            "vertex": kind.vertex,
            "group": kind.group,
            "forging": kind.forging,
            "meaning": kind.because,
            "cap_operator": kind.cap_operator / 1000,
            "cap_other": kind.cap_other / 1000,
        }
        for kind in vocabulary().kinds.values()
    ]
