"""A sample and the configurations in it at once, in the locked process: what it shows, and what decoders find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from consilience.analyse.sample import analyse
from consilience.analyse.sample import prepare as prepare_analysis
from consilience.decode.description import Decoder
from consilience.decode.descriptions import shipped_descriptions
from consilience.decode.sandboxed import decode_as_json, unpack_request

MAX_FAILED = 400


def prepare() -> None:
    """Read what analysis and decoders need; a locked process can open no file."""
    prepare_analysis()
    shipped_descriptions()


def analyse_and_decode(data: bytes, name: str) -> dict[str, Any]:
    """What a sample shows by itself, and what the shipped descriptions of configurations find in it, as JSON.

    `program` is the answer of `analyse`, `configurations` that of the decoders; either may say how it `failed`.
    """
    return _both(data, name, [each.decoder for each in shipped_descriptions()])


def analyse_and_decode_by(data: bytes, name: str) -> dict[str, Any]:
    """As `analyse_and_decode`, of a sample that comes behind the descriptions to use."""
    sample, decoders = unpack_request(data)
    return _both(sample, name, decoders)


def _both(data: bytes, name: str, decoders: Sequence[Decoder]) -> dict[str, Any]:
    parts: dict[str, Callable[[], Any]] = {
        "program": lambda: analyse(data, name),
        "configurations": lambda: decode_as_json(data, decoders),
    }
    return {part: _answered(answer) for part, answer in parts.items()}


def _answered(answer: Callable[[], Any]) -> Any:
    try:
        return answer()
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        # What keeps one part from being read says nothing about the other.
        return {"failed": f"{type(error).__name__}: {error}"[:MAX_FAILED]}
