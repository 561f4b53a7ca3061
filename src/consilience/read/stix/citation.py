"""Citations: what the external references of a bundle say of the documents that its statements rest on."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from consilience.model.when import span
from consilience.read.stix.objects import ExternalReference
from consilience.vocab.stix import stix_tables

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = "|".join(_MONTHS)
_CITED = re.compile(
    r"(?P<author>[^()]{1,300}?(?:\([^()]{1,80}\)[^()]{0,60}?){0,5})[.,]?\s*"
    rf"\(\s*(?P<date>(?:[12][0-9]{{3}}|n\.\s?d\.?|,|null|(?i:{_MONTH_NAMES})[a-z]*\.?\s)[^()]{{0,40}})\)"
    r"[.,]?\s*(?P<rest>.*)\Z",
    re.DOTALL,
)
_CITED_BARE = re.compile(
    r"(?P<author>[^0-9]{2,120}?),?\s(?P<date>(?:19|20)[0-9]{2}(?:,\s[A-Z][a-z]{2,8}(?:\s[0-9]{2})?)?)\s"
    r"(?P<rest>.*?\sRetrieved\.? [0-9/]{8,10})\s*\Z",
    re.DOTALL,
)
_RETRIEVED = re.compile(r"\s*(?:Retrieved|Accessed)\.?(?: on)?:? .{0,60}\Z|\s*Retrieved\.?\Z", re.DOTALL)
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_MONTH = re.compile(rf"\b({_MONTH_NAMES})[a-z]*\b", re.IGNORECASE)
_DAY = re.compile(r"(?<![0-9])([0-3]?[0-9])(?:st|nd|rd|th)?(?![0-9])", re.IGNORECASE)
_NUMERIC = re.compile(r"\s*((?:19|20)[0-9]{2})-([01][0-9])(?:-([0-3][0-9]))?\s*\Z")
_NAMED = re.compile(r"\(Citation:\s*")
_BRACKET = re.compile(r"[()]")
_NAME_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Citation:
    """A cited document: its author or publisher, title, address, the name it is cited by, and its date as printed."""

    publisher: str
    title: str
    url: str
    id: str
    published: str

    def source(self) -> dict[str, str]:
        """The document as the source of an observation line."""
        return {"publisher": self.publisher, "title": self.title, "url": self.url, "id": self.id}


def named_citations(description: str, known: Container[str] = ()) -> list[str]:
    """The names that a description cites in its text, as `(Citation: NAME)`.

    A name may hold brackets of its own, and not all of them are closed: the longest name that is `known` is meant,
    else the text up to where the brackets balance, else up to and with the first that closes.

    >>> named_citations("It did.(Citation: CERT Alert (TA00-000A))(Citation: Doe: Part 1) of 2)", {"Doe: Part 1) of 2"})
    ['CERT Alert (TA00-000A)', 'Doe: Part 1) of 2']
    """
    starts = (start.end() for start in _NAMED.finditer(description))
    found = (_named(description[start : start + _NAME_LENGTH], known) for start in starts)
    return [name for name in found if name]


def _named(text: str, known: Container[str]) -> str:
    """The name at the start of a text, empty where none ends; see `named_citations`."""
    following = _NAMED.search(text)
    text = text[: following.start()] if following else text
    ends: list[int] = []
    balanced, depth = 0, 1
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] == "(" else -1
        if bracket[0] == ")":
            ends += (bracket.start(), bracket.end())
            balanced = balanced or (0 if depth else bracket.start())
    meant = next((name for end in reversed(ends) if (name := _plain(text[:end])) in known), "")
    # Where the brackets never balance, the one that closes is the name's own, and that of the citation is missing.
    return meant or _plain(text[: balanced or next(iter(ends[1:]), 0)])


def parsed(description: str) -> tuple[str, str, str]:
    """Author, date and title of a description like `Author. (2018, March 7). Title. Retrieved ...`, else all empty.

    >>> parsed("Doe, J. et al. (2018, March 7). A Title. Retrieved May 1, 2019.")
    ('Doe, J. et al', '2018-03-07', 'A Title')
    """
    text = description.strip()
    found = _CITED.match(text) or _CITED_BARE.match(text)
    if found is None:
        return "", "", ""
    author = " ".join(found["author"].split()).rstrip(" .,")
    title = " ".join(_RETRIEVED.sub("", found["rest"]).split()).rstrip(" .")
    return (author, printed_date(found["date"]), title) if author else ("", "", "")


def printed_date(text: str) -> str:
    """The ISO date, as precise as it is printed, of `2018, March 7`, `March 2018`, `2018`; empty of `n.d.`

    >>> printed_date("2018, March 7"), printed_date("2018, Mar"), printed_date("n.d.")
    ('2018-03-07', '2018-03', '')
    """
    if numeric := _NUMERIC.match(text):
        return _checked("-".join(part for part in numeric.groups() if part))
    year = _YEAR.search(text)
    if year is None:
        return ""
    month = _MONTH.search(text)
    if month is None:
        return year[0]
    number = _MONTHS.index(month[1].lower()) + 1
    day = _DAY.search(text[: year.start()] + text[year.end() :])
    whole = f"{year[0]}-{number:02d}"
    return (_checked(f"{whole}-{int(day[1]):02d}") or whole) if day else whole


def citations(references: Iterable[tuple[ExternalReference, bool]]) -> Mapping[tuple[str, str], Citation]:
    """The cited documents by name and address, each as the most complete reference to it describes it.

    Each reference comes with whether a name stands for one document, as in ATT&CK, whatever address stands beside it.
    Else a name under which several addresses are given is that of a publisher, and each address is a document.
    """
    best: dict[tuple[str, str], ExternalReference] = {}
    # Bundles repeat a reference with each statement that rests on it, so that most of them are equal.
    for each, by_name in dict.fromkeys(references):
        if is_citation(each):
            key = (_plain(each.source_name), "" if by_name else each.url)
            best[key] = max(best.get(key, each), each, key=_completeness)
    addresses: dict[str, set[str]] = {}
    for name, url in best:
        addresses.setdefault(name, set()).add(url)
    return {
        (name, url): _citation(each, len(addresses[name]) == 1 or not url) for (name, url), each in sorted(best.items())
    }


def is_citation(reference: ExternalReference) -> bool:
    """Whether a reference points to a document, and not to an entry of a register."""
    return bool(reference.source_name.strip()) and reference.source_name not in stix_tables().registers


def cited_by(
    references: Iterable[ExternalReference], description: str, known: Container[str] = ()
) -> Iterator[tuple[str, str]]:
    """The names and addresses of what an object cites, in its references and in its text; `known` as they name it."""
    yield from ((_plain(each.source_name), each.url) for each in references if is_citation(each))
    yield from ((name, "") for name in named_citations(description, known))


def _completeness(reference: ExternalReference) -> tuple[bool, bool, int, str, str]:
    return (
        any(parsed(reference.description)),
        bool(reference.url),
        len(reference.description),
        reference.description,
        reference.url,
    )


def _citation(reference: ExternalReference, is_one: bool) -> Citation:
    author, published, title = parsed(reference.description)
    return Citation(
        publisher=author or _plain(reference.source_name),
        title=title or _untitled(reference.description),
        url=reference.url,
        id=_plain(reference.source_name) if is_one else reference.url,
        published=published,
    )


def _untitled(description: str) -> str:
    """What stands for the title in a description of no known form, unless it only cites another or is an address."""
    if _NAMED.search(description) or "://" in description.split(" ", 1)[0]:
        return ""
    return description


def _plain(name: str) -> str:
    return " ".join(name.split())


def _checked(day: str) -> str:
    try:
        span(day)
    except ValueError:
        return ""
    return day
