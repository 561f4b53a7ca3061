"""Configurations in samples, by descriptions that are data: analysts add families without Python.

`description` what a decoder description says, as values · `checking` from TOML to these values, or everything that is
wrong with it · `folder` the shipped descriptions and those of a folder · `locating` where in the bytes · `steps` the
encodings undone, within a budget · `splitting` text into raw fields · `typed` raw fields into typed ones · `decoding`
all of it on one sample, in the locked process · `answer` what comes back from there, checked · `taking` records as
observations.
"""

from consilience.analyse.configuration.decoding import Decoded, Found, configurations_in
from consilience.analyse.configuration.descriptions import Described, described, shipped
from consilience.analyse.configuration.steps import rc4
from consilience.analyse.configuration.table import DecoderError

__all__ = [
    "Decoded",
    "DecoderError",
    "Described",
    "Found",
    "configurations_in",
    "described",
    "rc4",
    "shipped",
]
