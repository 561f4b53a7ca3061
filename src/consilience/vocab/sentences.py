"""Every sentence that a result is printed in: templates by name, filled with named fields.

The templates stand in `sentences.toml`, grouped by where they appear, so that they can be reviewed and translated in
one place. They are words and no parameters: nothing of them is part of an id or a digest.
`python -m consilience.vocab.sentences` prints them all, each filled with example values.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from consilience.model.evidence import THIS_CASE, Rarity
from consilience.model.printable import escaped

PLURAL = "|"


@dataclass(frozen=True, slots=True)
class Sentences:
    """The templates by full name (`group.name`), where each group appears, and an example value for each field."""

    templates: Mapping[str, str]
    groups: Mapping[str, str]
    examples: Mapping[str, object]


class _Filled(string.Formatter):
    """Fills a template. Besides Python's own a field may have one of the forms of `FORMS`, or a plural.

    A plural is `{count:# item|# items}`: the first wording for exactly 1, the second for any other number, with the
    number in the place of #.
    """

    def format_field(self, value: object, format_spec: str) -> str:
        if PLURAL in format_spec:
            one, other = format_spec.split(PLURAL)
            return (one if value == 1 else other).replace("#", f"{value:,}")
        if format_spec in FORMS:
            return FORMS[format_spec](value)  # type: ignore[operator, no-any-return]
        return str(super().format_field(value, format_spec))


_FILLED = _Filled()


def sentence(name: str, /, **fields: object) -> str:
    """The text of a template, filled with exactly its fields.

    >>> sentence("notes.apart", days=93), sentence("notes.apart", days=1)
    ('seen 93 days apart', 'seen 1 day apart')
    """
    return _FILLED.vformat(sentences().templates[name], (), fields)


def words_or(name: str, otherwise: str) -> str:
    """The text of a template without fields, or something else where none has this name."""
    return sentences().templates.get(name, otherwise)


def kind_words(kind: str) -> str:
    """What a kind of trait is called in a sentence.

    >>> kind_words("ipv4-addr"), kind_words("their-own")
    ('IPv4 address', 'their-own')
    """
    return words_or(f"kinds.{kind}", kind)


def account(axis: str, hypothesis: str) -> str:
    """What a hypothesis says, as a clause that can follow *that*."""
    return words_or(f"axes.{axis}.{hypothesis}", hypothesis)


def question(axis: str) -> str:
    """The question that an axis answers."""
    return words_or(f"axes.{axis}.question", axis)


def rarity_words(rarity: Rarity) -> str:
    """How common a value is among others."""
    if not rarity.population:
        return sentence("rarity.uncounted", share=rarity.share)
    here = rarity.corpus == THIS_CASE
    corpus = sentence("rarity.this_case") if here else rarity.corpus
    if not rarity.holders:
        return sentence("rarity.nobody", population=rarity.population, corpus=corpus)
    return sentence("rarity.counted", holders=rarity.holders, population=rarity.population, corpus=corpus)


def percent(share: float) -> str:
    """A probability in whole per cent, with one place where it is small or near to certain.

    >>> percent(0.004), percent(0.2), percent(1.0), percent(0.00001)
    ('0.4%', '20%', '100%', 'under 0.1%')
    """
    if 0 < share < 0.0005:
        return "under 0.1%"
    if 0.9995 < share < 1:
        return "over 99.9%"
    return f"{share * 100:.1f}%" if 0 < share < 0.02 or 0.98 < share < 1 else f"{share * 100:.0f}%"


def decibans(value: float) -> str:
    """A weight with its sign and one place, without its unit.

    >>> decibans(-1.25), decibans(0)
    ('-1.2', '0.0')
    """
    printed = f"{value:+.1f}"
    return "0.0" if printed in ("+0.0", "-0.0") else printed


def _weight(value: float) -> str:
    return f"{decibans(value)} dB"


def value_words(text: str) -> str:
    """A value as it stands in a sentence: in quotes when it is more than one word."""
    plain = escaped(text)
    return f'"{plain}"' if " " in plain or not plain else plain


def _all_of(names: Iterable[str]) -> str:
    return _joined(names, " and ")


def _one_of(names: Iterable[str]) -> str:
    return _joined(names, " or ")


def _joined(names: Iterable[str], last: str) -> str:
    *first, final = list(names) or [""]
    return f"{', '.join(first)}{last}{final}" if first else final


FORMS = {
    "percent": percent,
    "dB": _weight,
    "value": value_words,
    "all of": _all_of,
    "one of": _one_of,
    "capital": lambda text: text[:1].upper() + text[1:],
}
"""The forms a field can have, each as it is written behind the colon."""


@lru_cache(maxsize=1)
def sentences() -> Sentences:
    """All templates of the package."""
    text = files("consilience.vocab").joinpath("sentences.toml").read_text("utf-8")
    document = tomllib.loads(text)
    examples = document.pop("examples")
    templates: dict[str, str] = {}
    groups: dict[str, str] = {}
    for group, rows in document.items():
        groups[group] = rows.pop("appears")
        templates.update(_flat(group, rows))
    return Sentences(templates, groups, examples)


def _flat(prefix: str, rows: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, row in rows.items():
        if isinstance(row, dict):
            yield from _flat(f"{prefix}.{name}", row)
        else:
            yield f"{prefix}.{name}", str(row)


def fields_of(template: str) -> dict[str, str]:
    """The fields of a template, each with the form it is printed in."""
    return {name: spec or "" for _, name, spec, _ in _FILLED.parse(template) if name is not None}


def page() -> str:
    """The page for review: every template, and what it prints with example values, with one and with several."""
    known = sentences()
    lines = [
        "# Sentences",
        "",
        "Every sentence that a result is printed in, with example values. Made by",
        "`python -m consilience.vocab.sentences`; the templates stand in `src/consilience/vocab/sentences.toml`.",
    ]
    for group, appears in known.groups.items():
        lines += ["", f"## {group}", "", appears, "", "| name | reads |", "| --- | --- |"]
        for name, template in known.templates.items():
            if name.startswith(f"{group}."):
                shown = "<br>".join(text.replace("|", "\\|").replace("<", "&lt;") for text in _shown(template))
                lines.append(f"| `{name.removeprefix(f'{group}.')}` | {shown} |")
    return "\n".join(lines) + "\n"


def _shown(template: str) -> list[str]:
    """A template filled with the examples; also with 1 in every plural where it has one."""
    fields = fields_of(template)
    values = {name: sentences().examples[name] for name in fields}
    plurals = {name for name, spec in fields.items() if PLURAL in spec}
    each = [values, values | dict.fromkeys(plurals, 1)] if plurals else [values]
    return [_FILLED.vformat(template, (), value) for value in each]


if __name__ == "__main__":
    print(page(), end="")
