"""How each field of an observation line is taken: what it may hold, and what is said when it holds something else."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from consilience.model.errors import Rejected
from consilience.model.marking import COLOURS, PAPS
from consilience.model.observation import KEY_ROLES, Polarity
from consilience.model.printable import quoted
from consilience.model.source import RELIABILITIES
from consilience.model.subject import SUBJECT_TYPES
from consilience.model.when import span

Value = str | bool | int
"""What a field holds once it is accepted."""

Form = Callable[[object], Value]
"""Takes the value of a field as a file has it; gives what the field holds, or raises Rejected."""

MAX_TEXT = 8_192
TLP = COLOURS
PAP = PAPS[1:]

# Control characters, ends of lines and paragraphs, marks that turn the direction of what follows, lone surrogates:
# a name that holds them is not the name that a reader sees.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_FREE_SPACE = re.compile("[\t\n\r\u2028\u2029]+")
_TIME = r"[T ](?:[01][0-9]|2[0-4]):[0-5][0-9](?::[0-6][0-9](?:[.,][0-9]+)?)?\s?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_DATE = re.compile(rf"([0-9]{{4}}(?:-[0-9]{{2}}){{0,2}})\Z|([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){_TIME}\Z", re.IGNORECASE)
_DIGIT = re.compile(r"[1-6]\Z")


def name(value: object) -> str:
    """A name or value: text in NFC without space around it and without characters that cannot be seen."""
    if type(value) is not str:
        raise Rejected(f"{quoted(value)} is not text", todo="write it in quotes")
    if value.isascii() and value.isprintable():
        text = value.strip()
    else:
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", value)).strip()
        if found := _REFUSED.search(text):
            raise Rejected(f"holds the control character U+{ord(found[0]):04X}", todo="take it out")
    if len(text) > MAX_TEXT:
        raise Rejected(f"is longer than {MAX_TEXT:,} characters", todo="shorten it, or give its hash")
    return text


def free(value: object) -> str:
    """Free text as `name`, ends of lines as spaces."""
    if type(value) is str and value.isprintable():
        return name(value)
    return name(_FREE_SPACE.sub(" ", value) if isinstance(value, str) else value)


def stated(value: object) -> str:
    """Text, or a number as its digits."""
    return free(number(value)) if isinstance(value, int | float) else free(value)


def number(value: float) -> str:
    """The digits of a number, a whole one without its point."""
    if isinstance(value, bool):
        raise Rejected(f"{quoted(value)} is neither text nor number", todo="write it in quotes")
    if isinstance(value, float) and not math.isfinite(value):
        raise Rejected(f"{value} is not a number", todo="leave the field out where nothing is known")
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(whole, int) and whole.bit_length() > 8 * MAX_TEXT // 3:
        raise Rejected("the number is too long", todo="write it as text, in quotes")
    return str(whole)


def publisher(value: object) -> str:
    """The name of a publisher, which holds no slash because a slash divides it from the subject."""
    text = name(value)
    if "/" in text:
        raise Rejected(
            f"the publisher {quoted(text)} holds a slash", todo="write publisher and subject in their own fields"
        )
    return text


def date(value: object) -> str:
    """An ISO date as printed: a year, month or day; of a full time the day."""
    try:
        return _day(stated(value))
    except ValueError:
        raise Rejected(f"{quoted(value)} is not a date", todo="write 2023, 2023-08 or 2023-08-09") from None


@lru_cache(maxsize=65_536)
def _day(text: str) -> str:
    if not text:
        return ""
    found = _DATE.match(text)
    if found is None:
        raise ValueError(text)
    day = found[1] or found[2]
    span(day)
    return day


def word(legal: tuple[str, ...], hints: Mapping[str, str] | None = None) -> Callable[[object], str]:
    """A taker of one word of a list, in any case; `hints` name the right word for wrong ones."""

    def take(value: object) -> str:
        text = name(value).lower()
        if text and text not in legal:
            meant = (hints or {}).get(text)
            raise Rejected(f"{quoted(text)} is not one of its words", todo=meant or "write one of: " + " ".join(legal))
        return text

    return take


def tlp(value: object) -> str:
    """A label of the Traffic Light Protocol, without its prefix; the old white is clear."""
    text = name(value).lower().removeprefix("tlp:").strip()
    label = "clear" if text == "white" else text
    if label and label not in TLP:
        raise Rejected(f"{quoted(text)} is not a TLP label", todo="write one of: " + " ".join(TLP))
    return label


def pap(value: object) -> str:
    """A label of the Permissible Actions Protocol, without its prefix; the old white is clear."""
    text = name(value).lower().removeprefix("pap:").strip()
    label = "clear" if text == "white" else text
    if label and label not in PAP:
        raise Rejected(f"{quoted(text)} is not a PAP label", todo="write one of: " + " ".join(PAP))
    return label


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Rejected(f"{quoted(value)} is neither true nor false", todo="write true or false without quotes")
    return value


def confidence(value: object) -> str:
    """A confidence as the source prints it: words, or a number from 0 to 100."""
    if isinstance(value, int | float) and not isinstance(value, bool) and not 0 <= value <= 100:
        raise Rejected(f"{value} is not a confidence", todo="write words, or a number from 0 to 100")
    return stated(value)


def reliability(value: object) -> str:
    """A letter A to F of the Admiralty scale."""
    text = name(value).upper()
    if text and (len(text) != 1 or text not in RELIABILITIES):
        raise Rejected(
            f"{quoted(text)} is not a reliability grade", todo="write one letter, A to F; F where it cannot be judged"
        )
    return text


def credibility(value: object) -> int:
    """A number 1 to 6 of the Admiralty scale."""
    if type(value) is int and 1 <= value <= 6:
        return value
    text = stated(value)
    if not _DIGIT.match(text):
        raise Rejected(
            f"{quoted(text)} is not a credibility grade", todo="write a number, 1 to 6; 6 where it cannot be judged"
        )
    return int(text)


LINE: Mapping[str, Form] = {
    "publisher": publisher,
    "subject": name,
    "subject_type": word(SUBJECT_TYPES, {"cluster": "a cluster is of type intrusion-set"}),
    "kind": name,
    "polarity": word(tuple(Polarity)),
    "first_seen": date,
    "last_seen": date,
    "published": date,
    "public_since": date,
    "object": name,
    "role": name,
    "key_role": word(KEY_ROLES),
    "exclusive": flag,
    "scope": free,
    "confidence": confidence,
    "note": free,
    "tlp": tlp,
    "pap": pap,
    "embargo": date,
    "recipients": free,
    "source_hidden": flag,
    "match_only": flag,
    "withheld_id": stated,
    "where": stated,
}
"""The fields of a line, but for `value`, which depends on its kind, and `source`, which is an object."""

SOURCE: Mapping[str, Form] = {
    "title": free,
    "url": name,
    "publisher": free,
    "reliability": reliability,
    "credibility": credibility,
    "id": stated,
    "derived_from": stated,
}
DATES = ("first_seen", "last_seen", "published", "public_since")
KNOWN = frozenset({*LINE, "value", "source"})
KNOWN_OF_SOURCE = frozenset(SOURCE)
