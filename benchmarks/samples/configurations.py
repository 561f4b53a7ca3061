"""How long every shipped description takes on files of 5 MB, and what they find in a benign corpus: nothing.

`python -m benchmarks.samples.configurations [CORPUS]` writes results/configurations.md; a corpus is a folder of files.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from consilience.decode import configurations_in, shipped_descriptions

PAGE = Path(__file__).parent / "results" / "configurations.md"
SIZE = 5_000_000
ROUNDS = 3
RECORD = "WSS://104.24.0.0/14;103.22.200.0/22:443|7600|5|1|c2.example.org:443"
DECODERS = [each.decoder for each in shipped_descriptions()]


def filled(*pieces: bytes) -> bytes:
    """These pieces again and again, up to the size."""
    once = b"".join(pieces)
    return (once * (SIZE // len(once) + 1))[:SIZE]


def hidden(text: str, key: int) -> bytes:
    return bytes(byte ^ key for byte in text.encode())


def kinds_of_files() -> dict[str, bytes]:
    chance = random.Random(1).randbytes(SIZE)
    record = hidden(RECORD, 0x41) + bytes(32)
    return {
        "random bytes": chance,
        "one byte": bytes(SIZE),
        "random bytes with one record": chance[: -len(record)] + record,
        "beginnings of records only": filled(hidden("TCP://", 0x41)),
        "beginnings divided by random bytes": filled(hidden("TCP://", 0x41), chance[:64]),
        "records that lack a field": filled(hidden(RECORD.rpartition("|")[0], 0x41), b"\xfe\xff"),
        "the keyword of LuaDream in open elements": filled(b"<a>HTTPS2"),
    }


def seconds(data: bytes) -> tuple[float, int]:
    """The processor seconds of the fastest of some rounds, and how many records were found."""
    spent = []
    for _ in range(ROUNDS):
        started = time.process_time()
        found = configurations_in(data, DECODERS)
        spent.append(time.process_time() - started)
    return min(spent), len(found.records)


def over(corpus: Path) -> str:
    """How many files and MB were looked at, the time it took, and how many records were found in them."""
    paths = sorted(path for path in corpus.rglob("*") if path.is_file() and path.suffix != ".jsonl")
    size, found, spent = 0, 0, 0.0
    for path in paths:
        data = path.read_bytes()
        started = time.process_time()
        found += len(configurations_in(data, DECODERS).records)
        spent += time.process_time() - started
        size += len(data)
    per = spent / (size / 1e6)
    return f"{len(paths)} benign programs, {size / 1e6:.0f} MB: {found} configurations found, {per:.4f} seconds a MB.\n"


def run() -> None:
    rows = []
    for name, data in kinds_of_files().items():
        spent, found = seconds(data)
        rows.append(f"| {name} | {spent / (SIZE / 1e6):.4f} | {found} |")
    families = ", ".join(decoder.family for decoder in DECODERS)
    text = (
        "# Speed of decoding configurations\n\nMade by `python -m benchmarks.samples.configurations CORPUS`. "
        f"All shipped descriptions ({families}) on one file of 5 MB; the fastest of {ROUNDS}.\n\n"
        "| file of 5 MB | processor seconds a MB | records |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )
    if len(sys.argv) > 1:
        text += f"\n{over(Path(sys.argv[1]))}"
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    run()
