"""Configurations out of records as JSON, in the form of `Configuration.as_record`; another form is an error."""

from __future__ import annotations

from collections.abc import Mapping

from consilience.model.configuration import TYPES, Configuration, Entry, Setting

MOST_ENTRIES = 4_096
LONGEST_TEXT = 8_192


def configuration_from(record: Mapping[str, object]) -> Configuration:
    """The configuration of a record, as of `Configuration.as_record`. Raises ValueError when it is not one.

    >>> configuration_from({"family": "Beak", "entries": [{"name": "sleep", "settings": [["", "number", "5"]]}]}).family
    'Beak'
    """
    entries = record.get("entries")
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise ValueError("the entries are not a list, or too many")
    family = short_text(record.get("family"))
    if not family.strip():
        raise ValueError("the family has no name")
    return Configuration(family, tuple(map(_entry, entries)), short_text(record.get("layout", "")))


def _entry(record: object) -> Entry:
    listed = record.get("settings") if isinstance(record, Mapping) else None
    if not isinstance(record, Mapping) or not isinstance(listed, list):
        raise ValueError("an entry is not an object with a list of settings")
    if len(listed) > MOST_ENTRIES:
        raise ValueError("an entry has too many settings")
    settings = tuple(map(_setting, listed))
    usage, role = short_text(record.get("usage", "")), short_text(record.get("key_role", ""))
    return Entry(short_text(record.get("name")), settings, usage, role)


def _setting(record: object) -> Setting:
    if not isinstance(record, list) or len(record) != 3:
        raise ValueError("a setting is not a list of name, type and value")
    found = Setting(*map(short_text, record))
    if found.type not in TYPES:
        raise ValueError(f"{found.type[:40]!r} is not a type of a setting")
    return found


def short_text(value: object) -> str:
    """The text, if it is one and not too long. Raises ValueError when it is not one."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError("a text is missing, or too long")
    return value
