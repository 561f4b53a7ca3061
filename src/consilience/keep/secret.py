"""The secret of a case, with which it makes the pseudonyms of sources that must stay unknown."""

from __future__ import annotations

import secrets

PSEUDONYMS = "pseudonyms"
_BYTES = 32


def new_secret() -> bytes:
    """Bytes that nobody can guess."""
    return secrets.token_bytes(_BYTES)
