"""How this room says that something cannot be taken."""

from __future__ import annotations

from typing import Any

from consilience.model.errors import InputError


class Unfit(InputError):
    """A line or a field cannot be taken; always caught here and shown as a refusal, so that good lines are kept."""


def shown(value: Any) -> str:
    """A value as a message may show it: in quotes, escaped, and short however long it is."""
    if isinstance(value, str | int | float) and (not isinstance(value, int) or value.bit_length() < 256):
        text = repr(value[:200] if isinstance(value, str) else value)
        return text if len(text) <= 80 else f"{text[:77]}..."
    return f"this {type(value).__name__}"


def printable(text: str) -> str:
    """Text that a terminal can show as it is, what it would obey escaped."""
    return text if text.isprintable() else repr(text)[1:-1]
