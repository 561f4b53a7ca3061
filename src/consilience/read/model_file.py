"""A model file as a document; what it may hold is for those to say who use it."""

from __future__ import annotations

from pathlib import Path

from consilience.model.errors import InputError, MissingInput, Rejected
from consilience.sandbox.strict_json import is_too_deep, strict_value

LARGEST = 16 * 1024**2
AGAIN = "fit one with `consilience calibrate --fit FILE`, or leave --model out for the shipped model"


def read_model(path: str) -> dict[str, object]:
    """The JSON object in a file.

    Raises:
        MissingInput: there is no such file, or it cannot be opened.
        InputError: it is too large, no JSON, or no object.
    """
    try:
        with Path(path).open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except OSError as fault:
        raise MissingInput(f"cannot be opened: {fault.strerror}", path, "check the path and its rights") from None
    if len(raw) > LARGEST:
        raise InputError(f"is larger than {LARGEST:,} bytes and no model file", path, AGAIN)
    try:
        document = None if is_too_deep(raw) else strict_value(raw)
    except Rejected as unfit:
        raise InputError(f"is damaged, or no model file: {unfit.what}", path, AGAIN) from None
    if not isinstance(document, dict):
        raise InputError("is not a model file: it holds no JSON object", path, AGAIN)
    return document
