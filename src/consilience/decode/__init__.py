"""Configurations in samples, by descriptions that are data: analysts add families without Python.

`description` holds what a description says · `checking` (over `checked_table`) makes it from TOML, or lists everything
that is wrong · `descriptions` has those that ship, and any others · `locating` finds where a configuration may lie ·
`steps` undoes encodings, within a budget · `splitting` divides text into raw fields · `typed_fields` gives them types ·
`decoding` does all of it on one sample · `sandboxed` is the way into the locked process and out again, over `record` ·
`whole_sample` analyses a sample and decodes its configurations in one go.
"""

from consilience.decode.checked_table import DecoderError
from consilience.decode.decoding import DecodedConfiguration, FoundConfigurations, configurations_in
from consilience.decode.descriptions import DecoderDescription, descriptions_from, shipped_descriptions
from consilience.decode.steps import rc4

__all__ = [
    "DecodedConfiguration",
    "DecoderDescription",
    "DecoderError",
    "FoundConfigurations",
    "configurations_in",
    "descriptions_from",
    "rc4",
    "shipped_descriptions",
]
