"""Blocks of maltrail's `apt_*` trails as observation files, one line an indicator.

python benchmarks/accuracy/maltrail_observations.py BLOCKS.jsonl.gz OUT.jsonl [--after DATE] [--to DATE]

A block is what one reference reports of one actor at one time. Its date is the stated one, or else the last day it
can have been (`not_after`). `unclassified` is no actor and is left out.
"""

import argparse
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

PUBLISHER = "maltrail"
NOBODY = frozenset({"unclassified"})
_ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}\Z")
_ENDPOINT = re.compile(r"[^/:]+:[0-9]{1,5}\Z")


def blocks(path: Path) -> list[dict]:
    """The blocks of known actors, each with `day` (stated or latest date) added, in the order of the file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return [{**block, "day": block["date"] or block["not_after"]} for block in read if block["actor"] not in NOBODY]


def form(indicator: str) -> tuple[str, str]:
    """The kind of trait an indicator is by the way it is written, and its value.

    >>> form("http://192.0.2.1"), form("192.0.2.1:8080"), form("/a/b.php"), form("a.example/b"), form("a.example")
    (('ipv4-addr', '192.0.2.1'), ('endpoint', '192.0.2.1:8080'), ('url:path', '/a/b.php'), ('url', 'a.example/b'), \
('domain-name', 'a.example'))
    """
    if indicator.startswith("/"):
        return "url:path", indicator
    bare = indicator.split("://", 1)[-1].rstrip("/")
    if _ADDRESS.match(bare):
        return "ipv4-addr", bare
    if _ENDPOINT.match(bare):
        return "endpoint", bare
    if "/" in bare or "?" in bare:
        return "url", indicator
    return "domain-name", bare


def lines(block: dict) -> Iterator[dict]:
    """The observation lines of a block; its first reference is the source."""
    for indicator in block["indicators"]:
        kind, value = form(indicator)
        yield {
            "publisher": PUBLISHER,
            "subject": block["actor"],
            "kind": kind,
            "value": value,
            "published": block["day"],
            "source": {"publisher": PUBLISHER, "id": block["references"][0], "url": block["references"][0]},
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blocks", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--after", default="", help="blocks after this date only")
    parser.add_argument("--to", default="9999", help="blocks up to this date only")
    options = parser.parse_args()
    chosen = [block for block in blocks(options.blocks) if options.after < block["day"] <= options.to]
    text = "".join(json.dumps(line) + "\n" for block in chosen for line in lines(block))
    options.out.write_text(text, "utf-8")
    print(f"{len(chosen)} blocks, {text.count(chr(10))} observations")


if __name__ == "__main__":
    main()
