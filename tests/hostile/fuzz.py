"""A coverage-guided search for bytes that break a parser: `make fuzz TARGET=stix SECONDS=120`, or all with TARGET=all.

It begins with the good file of the format and with damaged copies of it. What breaks a parser, takes more than five
seconds or more than 512 MiB is written beside as crash-DIGEST, and ends the run with an error.
"""

import random
import sys
import tempfile
from pathlib import Path

MEBIBYTES, LONGEST, LARGEST = 512, 5, 65_536
COPIES = 200


def corpus(name, folder):
    """A folder with a good file of the format and damaged copies of it."""
    from tests.hostile.damage import damaged_bytes, damaged_value
    from tests.hostile.seeds import DOCUMENTS, SEEDS

    chance = random.Random(0)
    made = SEEDS.get(name, b"\x1bLJ\x02\x02")
    copies = [made, *(damaged_bytes(made, chance) for _ in range(COPIES))]
    if name in DOCUMENTS:
        copies += [damaged_value(DOCUMENTS[name], chance) for _ in range(COPIES)]
    for number, copy in enumerate(copies):
        Path(folder, str(number)).write_bytes(copy)
    return folder


def main(name, seconds):
    """Search for so many seconds."""
    import atheris

    with atheris.instrument_imports(include=["consilience"]):
        from tests.hostile.targets import TARGETS
    limits = [f"-rss_limit_mb={MEBIBYTES}", f"-timeout={LONGEST}", f"-max_len={LARGEST}", "-verbosity=0"]
    with tempfile.TemporaryDirectory() as folder:
        atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", *limits, corpus(name, folder)], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
