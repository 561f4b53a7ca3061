"""Raw fields as typed ones, and as the entries of a record. With a needed value of a wrong type it is not a record."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping

from consilience.decode.description import Decoder, EntryRule, Field, Layout
from consilience.decode.splitting import FURTHER, RawFields
from consilience.model.configuration import Entry, Setting
from consilience.model.errors import Rejected
from consilience.vocab import canonical
from consilience.vocab.indicator import kind_of

LONGEST_VALUE = 2_048
MOST_VALUES = 256
MOST_ENTRIES = 512
MAX_DIGITS = 20

TypedFields = dict[str, list[Setting]]


def typed_fields(raw: RawFields, decoder: Decoder, layout: Layout) -> TypedFields | None:
    """The settings of each field; None where a field that the layout needs is missing or of another type."""
    found: TypedFields = {}
    for name, values in raw.items():
        if name == FURTHER and name not in decoder.fields:
            found[name] = _unnamed_settings(values)
            continue
        field = decoder.fields[name]
        texts = _listed(values, field)
        settings = _settings(texts[: MOST_VALUES + 1], field)
        if name in layout.needs and not (0 < len(settings) <= MOST_VALUES and _is_whole(texts, settings, decoder)):
            return None
        if settings:
            found[name] = settings
    return found if set(layout.needs) <= set(found) else None


def _unnamed_settings(values: list[str]) -> list[Setting]:
    """The settings of fields that the description does not name."""
    return [Setting("", "text", value) for value in values if _text(value)]


def _listed(values: list[str], field: Field) -> list[str]:
    """The texts of a field, each value that is a list taken apart."""
    if not field.separator:
        return values
    return [each for value in values for each in value.split(field.separator)]


def _settings(texts: list[str], field: Field) -> list[Setting]:
    """The settings of those texts that are of a type of their field."""
    return [setting for each in texts if (setting := _setting(each, field)) is not None]


def _is_whole(texts: list[str], settings: list[Setting], decoder: Decoder) -> bool:
    """Whether every value became a setting; among names that only look alike, one is enough."""
    return len(texts) == len(settings) or decoder.split in ("xml", "json", "lines")


def _setting(value: str, field: Field) -> Setting | None:
    """A value under the first type of its field that it is of; None where it is of none, or out of bounds."""
    if len(value) > LONGEST_VALUE or (field.one_of and value not in field.one_of):
        return None
    for kind in field.types:
        text = _TYPES[kind](value)
        if not text:
            continue
        if kind not in ("number", "port") or _is_within(int(text), field):
            return Setting("", kind, text)
    return None


def _is_within(number: int, field: Field) -> bool:
    return (field.least is None or number >= field.least) and (field.most is None or number <= field.most)


def _text(value: str) -> str:
    return value if value.isprintable() and value.strip() == value else ""


def _number(value: str) -> str:
    digits = value.removeprefix("-")
    return value if digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS else ""


def _flag(value: str) -> str:
    return {"0": "false", "1": "true"}.get(value, value.lower() if value.lower() in ("true", "false") else "")


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return ""


def _host(value: str) -> str:
    kind = kind_of(value) if value.isascii() else ""
    if kind in ("ipv4-addr", "ipv6-addr"):
        return _address(value)
    return canonical.host(value) if kind == "domain-name" and "[" not in value else ""


def _port(value: str) -> str:
    return value if _number(value) and len(value) <= 5 and value[0] != "0" and 0 < int(value) < 65_536 else ""


def _cidr(value: str) -> str:
    if "/" not in value:
        return ""
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return ""


def _url(value: str) -> str:
    scheme, mark, rest = value.partition("://")
    try:
        return value if mark and scheme.isalnum() and _text(value) and canonical.url(rest) else ""
    except Rejected:
        return ""


def _protocol(value: str) -> str:
    return value if value.isascii() and value.isalnum() and len(value) <= 16 else ""


_TYPES: Mapping[str, Callable[[str], str]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "host": _host,
    "address": _address,
    "port": _port,
    "cidr": _cidr,
    "url": _url,
    "key": _text,
    "protocol": _protocol,
}


def entries_of(found: TypedFields, decoder: Decoder) -> tuple[Entry, ...]:
    """The entries that a description makes of typed fields; of a list one entry for each item."""
    entries: list[Entry] = []
    for rule in decoder.entries:
        if _applies(rule, found):
            entries += _entries_by(rule, found)
    entries += [Entry(FURTHER, (each,)) for each in found.get(FURTHER, []) if FURTHER not in decoder.fields]
    return tuple(entries[:MOST_ENTRIES])


def _applies(rule: EntryRule, found: TypedFields) -> bool:
    """Whether all fields of a rule were found, and the values under which it makes an entry."""
    if not rule.settings or not all(field in found for _, field in rule.settings):
        return False
    return all(field in found and found[field][0].value in legal for field, legal in rule.when)


def _entries_by(rule: EntryRule, found: TypedFields) -> Iterator[Entry]:
    for place in range(max(len(found[field]) for _, field in rule.settings)):
        settings = [_named(found[field], name, place) for name, field in rule.settings]
        settings += [Setting(name, "text", value) for name, value in rule.fixed]
        yield Entry(rule.name, tuple(settings), rule.usage, rule.key_role)


def _named(settings: list[Setting], name: str, place: int) -> Setting:
    each = settings[min(place, len(settings) - 1)]
    return Setting(name, each.type, each.value)
