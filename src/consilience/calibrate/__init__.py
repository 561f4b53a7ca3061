"""Cases with known answers: what the engine says of them, and where it misses."""

from consilience.calibrate.golden import Outcome, outcomes, read_cases

__all__ = ["Outcome", "outcomes", "read_cases"]
