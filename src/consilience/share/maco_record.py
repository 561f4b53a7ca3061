"""A configuration as one MACO record that reads back as it was.

MACO has no order across its lists and no types beside its own: the fields that it names are filled for everybody, and
the whole configuration stands under `other`, with a digest of those fields, so that a reader sees whether they still
belong together.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from consilience.model.configuration import Configuration, Entry, Setting
from consilience.model.digest import digest
from consilience.model.json import Json, JsonObject, list_in
from consilience.vocab.maco import OURS, maco_tables

_WIDEST = 19
_RESERVED = ("tlp", OURS)


def maco_record(configuration: Configuration) -> JsonObject:
    """The MACO record of a configuration."""
    other: JsonObject = {}
    record: JsonObject = {"family": configuration.family, "other": other}
    for entry in configuration.entries:
        for name, value in _put(record, entry):
            list_in(other, f"{name} " if name in _RESERVED else name).append(value)
    other[OURS] = {"configuration": configuration.as_record(), "stands_for": digest(record)}
    return record


def _put(record: JsonObject, entry: Entry) -> Iterator[tuple[str, str]]:
    """Puts an entry where MACO has a place for it; gives the names and values for which it has none."""
    tables = maco_tables()
    name = entry.name
    plain = [each for each in entry.settings if not each.name and each.value]
    if name in tables.lists and len(plain) == len(entry.settings):
        list_in(record, name).extend(each.value for each in plain)
        return
    if name in tables.single and len(plain) == len(entry.settings) == 1 and name not in record:
        if name == "version":
            record[name] = plain[0].value
            return
        if _is_whole(plain[0].value):
            record[name] = int(plain[0].value)
            return
    made: JsonObject = {}
    for each in entry.settings:
        field = _field(entry, each)
        is_known = field in tables.objects.get(name, ()) and f"{name}.{field}" not in tables.own
        if is_known and field not in made and _fits(field, each):
            made[field] = _value(field, each)
        elif each.value:
            yield (f"{name}.{each.name}" if each.name else name), each.value
    if made:
        if entry.usage in tables.usages_of(name):
            made["usage"] = entry.usage
        list_in(record, name).append(made)


def _field(entry: Entry, each: Setting) -> str:
    """The field of a setting: a server that is an address has one of its own."""
    if entry.name in ("tcp", "udp") and each.name == "server_domain" and _is_address(each.value):
        return "server_ip"
    return each.name


def _fits(field: str, each: Setting) -> bool:
    return bool(each.value) and field != "headers" and (field not in maco_tables().numbers or _is_whole(each.value))


def _value(field: str, each: Setting) -> Json:
    tables = maco_tables()
    if field in tables.numbers:
        return int(each.value)
    return [each.value] if field in tables.many else each.value


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < _WIDEST


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
