"""Units of weight."""

import math

DECIBANS = 10 / math.log(10)
"""Decibans of one unit of natural logarithm."""
