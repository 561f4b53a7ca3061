"""The reference corpus of group usage, made from an ATT&CK bundle.

python benchmarks/reference_corpus.py BUNDLE NAME    writes src/consilience/vocab/reference/attack-groups.json
"""

import hashlib
import json
import sys
from pathlib import Path

from consilience.model.names import family
from consilience.model.when import span
from consilience.read import read_path

OUT = Path(__file__).resolve().parents[1] / "src/consilience/vocab/reference/attack-groups.json"
SOFTWARE = ("malware", "tool")
UNDATED = 10**9


def corpus(observations, name):
    """The document of a corpus: groups with their first day and other names, and the holders of every value."""
    groups = sorted({seen.subject.name for seen in observations if seen.subject.type == "intrusion-set"})
    place = {group: number for number, group in enumerate(groups)}
    called = {}
    for seen in observations:
        if seen.trait.kind == "name:same-referent" and seen.present:
            called.setdefault((seen.subject.type, seen.subject.name), set()).add(
                seen.object.removeprefix(f"{seen.subject.publisher}/")
            )
    first, holders = {}, {}
    for seen in observations:
        if seen.subject.type != "intrusion-set" or not seen.present:
            continue
        day = span(seen.published).last if seen.published else UNDATED
        for kind, value in values(seen, called):
            days = holders.setdefault(kind, {}).setdefault(value, {})
            group = seen.subject.name
            days[place[group]] = min(day, days.get(place[group], UNDATED))
            first[group] = min(day, first.get(group, UNDATED))
    return {
        "name": name,
        "closed_kinds": ["attack-pattern"],
        "clusters": [
            [group, dated(first.get(group, UNDATED)), sorted(called.get(("intrusion-set", group), ()))]
            for group in groups
        ],
        "holders": {
            kind: {
                value: [[group, dated(day)] for group, day in sorted(days.items())]
                for value, days in sorted(rows.items())
            }
            for kind, rows in sorted(holders.items())
        },
    }


def dated(day):
    return 0 if day == UNDATED else day


def values(seen, called):
    """The kinds and values a statement counts for: parents of sub-techniques, and software under all its names."""
    kind, value = seen.trait.kind, seen.trait.value
    if kind == "attack-pattern":
        return {(kind, value), (kind, value.split(".")[0])}
    if kind in SOFTWARE:
        names = {value, *(name for each in SOFTWARE for name in called.get((each, seen.printed or value), ()))}
        return {(each, family(name)) for each in SOFTWARE for name in names}
    return set()


def main() -> None:
    path, name = sys.argv[1:]
    (reading,) = read_path(path, {})
    document = corpus(reading.observations, name)
    document["provenance"] = {
        "made_by": f"benchmarks/reference_corpus.py {Path(path).name} {name!r}",
        "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(),
        "licence": "ATT&CK terms of use; see NOTICE",
    }
    OUT.write_text(
        json.dumps(document, indent=None, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n", "utf-8"
    )
    print(f"{len(document['clusters'])} groups;", {kind: len(rows) for kind, rows in document["holders"].items()})


if __name__ == "__main__":
    main()
