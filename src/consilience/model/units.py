"""Units of weight, and of memory."""

import math

DECIBANS = 10 / math.log(10)
"""Decibans of one unit of natural logarithm."""

MIB = 1024**2
"""Bytes of one mebibyte."""
