"""From a description in TOML to a decoder, or everything that is wrong with the description."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from consilience.decode.checked_table import CheckedTable, DecoderError
from consilience.decode.description import (
    ENCODINGS,
    ENDS,
    LOCATES,
    LONGEST,
    NUMBERS,
    SPLITS,
    STEPS,
    TAKES,
    Decoder,
    DecodeStep,
    EntryRule,
    Field,
    Layout,
    Locate,
    Pattern,
    Publication,
)
from consilience.model.configuration import TYPES
from consilience.model.errors import Refusal
from consilience.model.observation import KEY_ROLES

FORMAT = 1
SHORTEST_HIDDEN = 4
"""A text of fewer characters is found by chance under some key."""

MOST_STEPS = 16
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_SLOT = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
_RANGE = re.compile(r"([0-9a-f]{2})-([0-9a-f]{2})\Z")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}\s*)+\Z")
_PRINTABLE = bytes(range(0x20, 0x7F))
_SETS = {
    "letters": b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "digits": b"0123456789",
    "printable": _PRINTABLE,
    "lines": b"\t\r\n",
    "high": bytes(range(0x80, 0x100)),
}
_BY_NAME = ("lines", "xml", "json")


def decoder_from(record: Mapping[str, object], file: str) -> Decoder:
    """The decoder that a description describes. Raises DecoderError with every fault at once."""
    faults: list[Refusal] = []
    found = _decoder(CheckedTable(record, file, "", faults), file)
    if faults:
        raise DecoderError(faults)
    return found


def _decoder(table: CheckedTable, file: str) -> Decoder:
    if table.number("format", None, 1, 99) != FORMAT:
        table.fault("format", f"this program knows format {FORMAT}", f"write format = {FORMAT}")
    family = table.text("family")
    sources = tuple(_published(each) for each in table.tables("source"))
    locate = _locate(table.table("locate"))
    steps = _steps(table, locate)
    how, repeat, separator, big = _split(table.table("split"))
    fields = dict(_field(name, each) for name, each in table.named("field"))
    layouts = tuple(_layout(each, how, fields, sources) for each in table.tables("layout"))
    entries = tuple(_made(each, fields) for each in table.tables("entry"))
    if len({each.name for each in layouts}) < len(layouts):
        table.fault("layout", "two have the same name", "name each by what tells it from the others")
    _unused(table, fields, entries)
    table.ended()
    return Decoder(
        family=family,
        file=file,
        sources=sources,
        locate=locate,
        steps=steps,
        split=how,
        layouts=layouts,
        fields=fields,
        entries=entries,
        repeat=repeat,
        separator=separator,
        big=big,
    )


def _published(table: CheckedTable) -> Publication:
    names = ("id", "publisher", "title", "date", "says")
    found = Publication(**{name: table.text(name) for name in names})
    table.ended()
    return found


def _hiding_keys(table: CheckedTable, texts: tuple[bytes, ...]) -> tuple[int, int] | None:
    """The keys under which texts are looked for, which must be too long to be found by chance."""
    keys = _keys(table)
    if any(len(each) < SHORTEST_HIDDEN or len(set(each)) == 1 for each in texts):
        todo = f"look for {SHORTEST_HIDDEN} characters or more, not all the same"
        table.fault("text", "is found by chance under some key", todo)
    return keys


def _steps(table: CheckedTable, locate: Locate) -> tuple[DecodeStep, ...]:
    """The steps of decoding, in their order; not more than can be tried."""
    steps = tuple(_step(each, locate) for each in table.tables("decode", required=False))
    if sum(each.tried for each in steps) > 1:
        table.fault("decode", "tries every key twice", "give one of the keys")
    if len(steps) > MOST_STEPS:
        table.fault("decode", f"has more than {MOST_STEPS} steps", "describe the outermost encodings only")
    return steps


def _split(table: CheckedTable) -> tuple[str, str, str, bool]:
    """How a text is divided: the way, what begins a record, what divides names from values, and big endian or not."""
    how = table.text("how", legal=SPLITS)
    repeat = table.text("repeat", "") if how == "form" else ""
    separator = table.text("separator", "=") if how == "lines" else "="
    big = table.flag("big_endian") if how == "struct" else False
    table.ended()
    return how, repeat, separator, big


def _patterns(table: CheckedTable) -> tuple[Pattern, ...]:
    """The patterns of bytes, those left out that have a fault."""
    patterns = [_pattern(table, each) for each in table.texts("bytes")]
    return tuple(each for each in patterns if each)


def _locate(table: CheckedTable) -> Locate:
    how = table.text("how", legal=LOCATES)
    texts = tuple(each.encode() for each in table.texts("text")) if how == "text" else ()
    patterns = _patterns(table) if how == "bytes" else ()
    keys = _hiding_keys(table, texts) if how == "text" and table.has("xor_keys") else None
    found = Locate(
        how=how,
        texts=texts,
        patterns=patterns,
        sections=table.texts("section") if how == "section" else (),
        keys=keys,
        take=table.text("take", "after", TAKES) if how in ("text", "bytes") else "after",
        offset=table.number("offset", 0, -LONGEST, LONGEST),
        longest=table.number("longest", 4096, 1, LONGEST),
    )
    table.ended()
    return found


def _keys(table: CheckedTable) -> tuple[int, int] | None:
    range_of_keys = _RANGE.match(table.text("xor_keys"))
    if range_of_keys is None or int(range_of_keys[1], 16) > int(range_of_keys[2], 16):
        table.fault("xor_keys", "is not a range of one-byte keys", 'write it as "01-ff"')
        return None
    return int(range_of_keys[1], 16), int(range_of_keys[2], 16)


def _pattern(table: CheckedTable, text: str) -> Pattern | None:
    """Bytes in hexadecimal with ?? for any byte."""
    parts = text.split()
    if not all(each == "??" or (len(each) == 2 and _HEX.match(each)) for each in parts):
        table.fault("bytes", f"{text[:60]!r} is not a pattern", 'write bytes with spaces between, as in "4D 5A ?? 00"')
        return None
    runs = re.finditer(r"(?:[0-9A-Fa-f]{2} ?)+", " ".join(parts))
    best = max(runs, key=lambda run: len(run[0].split()), default=None)
    anchor = bytes.fromhex(best[0]) if best else b""
    if best is None or len(anchor) < 2:
        table.fault("bytes", f"{text[:60]!r} has no two bytes in a row", "give more bytes that are always there")
        return None
    at = best.start() // 3
    inside = range(at, at + len(anchor))
    wanted = tuple((n, int(each, 16)) for n, each in enumerate(parts) if each != "??" and n not in inside)
    return Pattern(anchor=anchor, at=at, wanted=wanted, size=len(parts))


def _step(table: CheckedTable, locate: Locate) -> DecodeStep:
    step = DecodeStep(name=table.text("step", legal=STEPS))
    if step.name in ("xor", "rc4"):
        step = _with_key(step, table, locate)
    elif step.name == "skip":
        step = replace(step, count=table.number("bytes", None, 1, LONGEST))
    elif step.name == "text":
        step = replace(
            step,
            encoding=table.text("encoding", "ascii", ENCODINGS),
            alphabet=_alphabet(table),
            ends=table.texts("ends", required=False, legal=ENDS) or ("alphabet",),
        )
    table.ended()
    return step


def _with_key(step: DecodeStep, table: CheckedTable, locate: Locate) -> DecodeStep:
    if table.has("key_at"):
        key_at = table.number("key_at", None, -LONGEST, LONGEST)
        return replace(step, key_at=key_at, key_length=table.number("key_length", None, 1, 256))
    key = table.text("key")
    if key == "located" and step.name == "xor":
        if locate.keys is None:
            table.fault("key", "no key is located", "write xor_keys under [locate], or the key here")
        return replace(step, located=True)
    if key == "any" and step.name == "xor":
        return replace(step, tried=True)
    if not _HEX.match(key) or len(key) > 2 * 256:
        table.fault("key", f"{key[:40]!r} is not a key", "write it in hexadecimal, 256 bytes at most")
        return replace(step, key=b"\0")
    return replace(step, key=bytes.fromhex(key))


def _alphabet(table: CheckedTable) -> bytes:
    """The bytes that a text may hold: names of sets, and other characters as they are."""
    sets = table.texts("alphabet", required=False) or ("printable",)
    return bytes(sorted({byte for each in sets for byte in _SETS.get(each, each.encode())}))


def _field(name: str, table: CheckedTable) -> tuple[str, Field]:
    if not _NAME.match(name):
        table.fault("", "cannot name a field", "write small letters, digits and _, a letter first")
    bound = 1 << 63
    found = Field(
        name=name,
        types=table.texts("type", legal=TYPES) or ("text",),
        separator=table.text("list", ""),
        one_of=table.texts("one_of", required=False),
        least=table.number("least", 0, -bound, bound) if table.has("least") else None,
        most=table.number("most", 0, -bound, bound) if table.has("most") else None,
    )
    table.ended()
    return name, found


def _layout(table: CheckedTable, how: str, fields: Mapping[str, Field], sources: tuple[Publication, ...]) -> Layout:
    form, tail, further = _form(table) if how == "form" else ((), "", "")
    names = table.pairs("names") if how in _BY_NAME else ()
    packed = _packed(table) if how == "struct" else ()

    used = [*(name for _, name in form), *(name for name, _ in names), *(name for name, _, _ in packed)]
    _check_fields(table, "", used, fields)
    if len(set(used)) < len(used):
        table.fault("", "a field stands in it twice", "give each place a name of its own")
    source = table.text("source", legal=[each.id for each in sources])
    needs = table.texts("needs", required=False, legal=used) or tuple(used)
    found = Layout(
        name=table.text("name"),
        about=table.text("about"),
        source=source,
        form=form,
        tail=tail,
        further=further,
        names=names,
        packed=packed,
        needs=needs,
    )
    table.ended()
    return found


def _form(table: CheckedTable) -> tuple[tuple[tuple[str, str], ...], str, str]:
    """The literals of a form with the field behind each, the literal that ends it, and what divides further fields."""
    text = table.text("form")
    parts = _SLOT.split(text)
    form = tuple(zip(parts[0:-1:2], parts[1::2], strict=True))
    if not form or "{" in "".join(parts[::2]):
        table.fault("form", "has no field, or a brace without a field", "write each field as {name}")
    if not all(literal for literal, _ in form[1:]):
        table.fault("form", "two fields touch each other", "write the characters that divide them")
    return form, parts[-1], table.text("further", "")


def _packed(table: CheckedTable) -> tuple[tuple[str, str, int], ...]:
    found = []
    for described in table.texts("fields"):
        name, _, kind = described.partition(":")
        size = int(kind[5:]) if re.fullmatch(r"bytes[0-9]{1,4}", kind) else 0
        text = int(kind[4:]) if re.fullmatch(r"text[0-9]{1,4}", kind) else 0
        if kind not in NUMBERS and not size and not text:
            legal = f"one of {' '.join(NUMBERS)}, bytesN or textN"
            table.fault("fields", f"{described[:60]!r} has no size", f"write it as name:kind, the kind {legal}")
        else:
            found.append((name, "bytes" if size else "text" if text else kind, size or text))
    return tuple(found)


def _check_fields(table: CheckedTable, key: str, names: Iterable[str], fields: Mapping[str, Field]) -> None:
    """Adds a fault for every name that no field has."""
    for name in names:
        if name not in fields:
            table.fault(key, f"there is no field {name!r}", f"write [field.{name}] with its type")


def _entry_settings(table: CheckedTable) -> tuple[tuple[str, str], ...]:
    """The settings of an entry, each with its field: one without a name, or several with names."""
    if table.has("value"):
        return (("", table.text("value")),)
    return tuple((name, each[0]) for name, each in table.pairs("settings") if each)


def _made(table: CheckedTable, fields: Mapping[str, Field]) -> EntryRule:
    settings = _entry_settings(table)
    when = table.pairs("when", required=False)
    _check_fields(table, "settings", [*(field for _, field in settings), *(field for field, _ in when)], fields)
    if sum(bool(fields[field].separator) for _, field in settings if field in fields) > 1:
        table.fault("settings", "holds two lists", "one entry is made for each item of a list; write two [[entry]]")
    name = table.text("name")
    found = EntryRule(
        name=name,
        usage=table.text("usage", ""),
        settings=settings,
        when=when,
        fixed=tuple((key, values[0]) for key, values in table.pairs("fixed", required=False) if values),
        key_role=table.text("key_role", "", KEY_ROLES),
    )
    table.ended()
    return found


def _unused(table: CheckedTable, fields: Mapping[str, Field], entries: tuple[EntryRule, ...]) -> None:
    """A field that no entry takes would be lost without a word."""
    taken = {field for made in entries for _, field in made.settings}
    for name in sorted(set(fields) - taken):
        table.fault(f"field.{name}", "no [[entry]] takes it", "add it to the settings of one")
