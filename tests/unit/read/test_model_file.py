"""A model file from disk: missing, damaged, or no object."""

import pytest

from consilience.model.errors import InputError, MissingInput
from consilience.read import read_model


def test_an_object_is_read(tmp_path):
    """A file with a JSON object gives that object."""
    file = tmp_path / "m.json"
    file.write_text('{"format": 1}', "utf-8")
    assert read_model(str(file)) == {"format": 1}


@pytest.mark.parametrize("raw", [b"", b'{"format": 1', b"[1]", b"\xff", b"[" * 99 + b"]" * 99, b'{"a": 1, "a": 2}'])
def test_anything_else_is_an_error(tmp_path, raw):
    """What is no JSON object is an error that names the file."""
    file = tmp_path / "m.json"
    file.write_bytes(raw)
    with pytest.raises(InputError, match=r"m\.json"):
        read_model(str(file))


def test_a_missing_file_is_said_so(tmp_path):
    """A file that is not there is missing input."""
    with pytest.raises(MissingInput, match="cannot be opened"):
        read_model(str(tmp_path / "none"))
