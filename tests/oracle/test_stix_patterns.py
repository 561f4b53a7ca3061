"""STIX patterns, held against the parser that OASIS publishes."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stix2patterns.exceptions import ParseException
from stix2patterns.v21.pattern import Pattern

from consilience.read.stix.pattern import comparisons

KINDS = {
    ("domain-name", "value"): "domain-name",
    ("ipv4-addr", "value"): "ipv4-addr",
    ("mutex", "name"): "mutex",
    ("file", "hashes", "MD5"): "file:md5",
    ("file", "hashes", "SHA-256"): "file:sha256",
    ("file", "parent_directory_ref", "path"): "file:path",
    ("email-message", "from_ref", "value"): "email-addr",
}
PATHS = (
    *("domain-name:value", "ipv4-addr:value", "mutex:name", "file:hashes.MD5", "file:hashes.'SHA-256'"),
    *("file:parent_directory_ref.path", "email-message:from_ref.value", "process:command_line", "file:size"),
    *("network-traffic:dst_port", "file:extensions.'windows-pebinary-ext'.sections[0].name", "x-ours:list[*].y"),
)
TEXTS = ("a.example", "192.0.2.1", "it's", "C:\\x", "] OR [", "NOT", "/* b */", "")
_SET = re.compile(r"[thb]?'(?:[^'\\]|\\.)*'|[^(),\s]+")

texts = st.sampled_from(TEXTS).map(lambda text: "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'")
literals = texts | st.sampled_from(["5", "-1", "1.5", "true", "t'2020-01-01T00:00:00Z'", "h'aa'", "b'YWI='"])
maybe_not = st.sampled_from(["", "", " NOT"])


@st.composite
def compared(draw):
    """One comparison of the standard, of any kind."""
    path, negated = draw(st.sampled_from(PATHS)), draw(maybe_not)
    form = draw(st.sampled_from(["=", "=", "==", "!=", "<>", "IN", "LIKE", "MATCHES", "ISSUBSET", ">", "EXISTS"]))
    if form == "EXISTS":
        return f"{negated} EXISTS {path}".strip()
    if form == "IN":
        return f"{path}{negated} IN ({', '.join(draw(st.lists(literals, min_size=1, max_size=3)))})"
    if form in ("LIKE", "MATCHES", "ISSUBSET"):
        return f"{path}{negated} {form} {draw(texts)}"
    return f"{path}{negated} {form} {draw(texts if form == '>' else literals)}"


expressions = st.recursive(
    compared(),
    lambda inner: st.tuples(inner, st.sampled_from([" AND ", " OR "]), inner).map("".join) | inner.map("({})".format),
    max_leaves=4,
)
observed = st.tuples(
    expressions, st.sampled_from(["", "", " WITHIN 5 SECONDS", " REPEATS 3 TIMES", " /* [mutex:name = 'c'] */"])
).map(lambda parts: f"[{parts[0]}]{parts[1]}")
patterns = st.recursive(
    observed,
    lambda inner: (
        st.tuples(inner, st.sampled_from([" AND ", " OR ", " FOLLOWEDBY "]), inner).map("".join)
        | inner.map("({})".format)
    ),
    max_leaves=3,
)


def parsed(pattern):
    """The comparisons in the parse tree of the oracle as (path, operator, literals); None where it has no tree."""
    try:
        found = Pattern(pattern).inspect().comparisons
    except ParseException:
        return None
    return [
        ((form, *path), operator, _SET.findall(value) if "IN" in operator.split() else [value])
        for form, rows in found.items()
        for path, operator, value in rows
    ]


def plain(literal):
    """The text of a text literal; None of others."""
    return re.sub(r"\\(.)", r"\1", literal[1:-1]) if literal.startswith("'") else None


def positive(rows):
    """What the parse tree compares for equality with a text, on paths that are a kind."""
    return {
        (KINDS[path], plain(literal))
        for path, operator, literals in rows
        if operator in ("=", "==", "IN") and path in KINDS
        for literal in literals
        if plain(literal)
    }


@given(patterns)
@settings(max_examples=400, deadline=None)
@example("[domain-name:value NOT = 'a.example']")
@example("[domain-name:value NOT IN ('a.example')]")
@example("[mutex:name = 'a'] FOLLOWEDBY [NOT EXISTS mutex:name]")
def test_shown_is_what_the_oracle_compares(pattern):
    """What is read of a valid pattern is what its parse tree compares for equality; the rest is counted."""
    rows = parsed(pattern)
    assert rows is not None
    found, missed = comparisons(pattern)
    assert set(found) == positive(rows)
    understood = sum(
        operator in ("=", "==", "IN") and path in KINDS and all(map(plain, literals))
        for path, operator, literals in rows
    )
    assert (missed > 0) == (understood < len(rows) or "EXISTS" in pattern)


@given(patterns, st.integers(0, 400), st.sampled_from(["", "NOT ", "(", ")", "[", "]", "'", " = ", "!", "\\", "AND "]))
@settings(max_examples=400, deadline=None)
@example("[domain-name:value = 'a.example']", 1, "NOT ")
@example("[domain-name:value = 'a.example']", 0, "NOT ")
@example("[domain-name:value = 'a.example' AND domain-name:value = t'2020-01-01T00:00:00Z']", 59, "")
def test_broken_patterns_show_nothing_else(pattern, place, inserted):
    """Of a pattern that is not of the standard nothing is read but from brackets that are."""
    place %= len(pattern)
    broken = pattern[:place] + inserted + pattern[place + (not inserted) :]
    found, _ = comparisons(broken)
    rows = parsed(broken)
    if rows is None:
        whole = (parsed(each) for each in re.findall(r"\[(?:'(?:[^'\\]|\\.)*'|\[(?:0|\*)\]|[^'\]])*\]", broken))
        rows = [row for each in whole for row in each or ()]
    assert set(found) <= positive(rows)


@pytest.mark.parametrize(
    "pattern",
    ["[NOT domain-name:value = 'a.example']", "NOT [domain-name:value = 'a.example']", "[mutex:name = 'a' NOT]"],
)
def test_nothing_negated_is_shown(pattern):
    """NOT where the standard has none leaves nothing to be read, and is counted."""
    assert parsed(pattern) is None
    assert comparisons(pattern) == ((), 1)


@pytest.mark.parametrize("text", ["[domain-name:value = '" + "\\'" * 200_000, "'" * 400_000, "[file:hashes.'" * 30_000])
def test_unterminated_text_takes_linear_time(text):
    """A text without end is met once, and not again from each of its quotes."""
    begin = time.process_time()
    comparisons(text)
    assert time.process_time() - begin < 5
