"""One line of JSON is taken only when every program would read it alike."""

import json

import pytest

from consilience.model.errors import Rejected
from consilience.sandbox import strict_json
from consilience.sandbox.strict_json import strict_object


def refusal(line):
    with pytest.raises(Rejected) as caught:
        strict_object(line)
    return caught.value


def test_plain_object():
    """A plain object comes out as it stands."""
    assert strict_object(b'{"kind": "mutex", "source": {"title": "R", "tags": [1, {"a": null}]}}') == {
        "kind": "mutex",
        "source": {"title": "R", "tags": [1, {"a": None}]},
    }


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":1,"a":2}',
        b'{"a": 1, "a": 2}',
        b'{"a" :1,"b":2,"a"\t:3}',
        b'{"b":{"a":1,"\\u0061":2}}',
        b'{"b":[{"a":1,"a":1}]}',
        b'{"a":":x","a":"y\\":"}',
    ],
)
def test_key_named_twice(line):
    """A key that stands twice is refused however it is written and wherever it hides."""
    assert "twice" in refusal(line).what


@pytest.mark.parametrize("line", [b'{"a":":"}', b'{"a":"b\\":c"}', b'{"a" : "b"}', b'{"":1}'])
def test_colons_in_text_are_no_keys(line):
    """Text that looks like a key is not mistaken for one."""
    assert strict_object(line) == json.loads(line)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b'{"a":NaN}', "NaN"),
        (b'{"a":-Infinity}', "Infinity"),
        (b'{"a":1e999}', "out of range"),
        (b'{"a":' + b"9" * 5000 + b"}", "too long"),
        (b'{"a":"\xff"}', "UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "UTF-8"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"\\udc00":1}', "surrogate"),
        (b"[1]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"a":1', "not JSON"),
        (b'{"a":1}}', "not JSON"),
        (b'{"a":"x\ty"}', "not JSON"),
        (b"{'a':1}", "not JSON"),
    ],
)
def test_refused(line, word):
    """What other programs read in other ways, or not at all, is refused in words, with what to do."""
    fault = refusal(line)
    assert word in fault.what
    assert fault.todo


@pytest.mark.parametrize("line", [b'{"a":' * 33 + b"1" + b"}" * 33, b"[" * 500_000, b'{"a":' + b"[" * 40])
def test_depth(line):
    """Nesting beyond 32 levels is refused before anything recurses."""
    assert "nested deeper" in refusal(line).what


def test_depth_that_is_allowed():
    """32 levels are read, and brackets in text are no nesting."""
    assert strict_object(b'{"a":' * 32 + b"1" + b"}" * 32)
    assert strict_object(b'{"a":"' + b'[{\\"' * 100 + b'"}')


def test_size():
    """A line of more than a MiB is refused, one of a MiB is read."""
    line = b'{"a":"' + b"x" * (strict_json.MAX_LINE - 8) + b'"}'
    assert strict_object(line)
    assert "longer than" in refusal(line + b" ").what


def test_surrogate_pair():
    """A whole surrogate pair is one character."""
    assert strict_object(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}
