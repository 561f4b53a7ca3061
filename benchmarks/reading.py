"""How long a STIX bundle of 100,000 objects takes to read, its peak memory, and a plain json.loads of the same bytes.

With the paths of other files, those are read instead.
"""

import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from consilience.read import read_path

OBJECTS = 100_000
SUBJECTS = 2_000
TECHNIQUES = 900
DOCUMENTS = 5_000
INDICATORS = 15_000
OBSERVABLES = 15_000
WHEN = "2024-02-03T04:05:06.000Z"
WORDS = "The group has been seen to do this in several intrusions, of which the report tells the first in full. "


def bundle():
    """A bundle of as many objects as OBJECTS, most of them relationships that cite a document or two."""

    def thing(kind, place, **more):
        name = f"{kind}--{uuid.uuid5(uuid.NAMESPACE_OID, f'{kind} {place}')}"
        common = {"type": kind, "spec_version": "2.1", "id": name, "created": WHEN, "modified": WHEN}
        return {**common, "created_by_ref": maker, "description": WORDS, **more}

    def cited(place):
        return {
            "source_name": f"Document {place}",
            "url": f"https://reports.example/{place}",
            "description": f"Author {place % 300}. (2021, May {1 + place % 28}). Title {place}. Retrieved June 2022.",
        }

    maker = f"identity--{uuid.UUID(int=1)}"
    kinds = ("intrusion-set", "malware", "tool", "campaign")
    subjects = [
        thing(kinds[place % 4], place, name=f"Name {place}", aliases=[f"Other {place}"], is_family=True)
        for place in range(SUBJECTS)
    ]
    techniques = [
        thing(
            "attack-pattern",
            place,
            name=f"Technique {place}",
            external_references=[{"source_name": "mitre-attack", "external_id": f"T{1000 + place}"}],
        )
        for place in range(TECHNIQUES)
    ]
    observables = [
        {
            "type": "ipv4-addr",
            "id": f"ipv4-addr--{uuid.UUID(int=place)}",
            "value": f"198.{18 + place // 65536}.{place // 256 % 256}.{place % 256}",
        }
        for place in range(OBSERVABLES)
    ]
    indicators = [
        thing("indicator", place, pattern=f"[domain-name:value = 'd{place}.example']", pattern_type="stix")
        for place in range(INDICATORS)
    ]
    objects = [{"type": "identity", "id": maker, "created": WHEN, "name": "Maker"}]
    objects += [*subjects, *techniques, *observables, *indicators]
    ends = [
        *((subjects[place % SUBJECTS], "communicates-with", each) for place, each in enumerate(observables)),
        *((each, "indicates", subjects[place % SUBJECTS]) for place, each in enumerate(indicators)),
    ]
    for place in range(OBJECTS - len(objects)):
        if place < len(ends):
            source, kind, target = ends[place]
        else:
            source, kind, target = subjects[place % SUBJECTS], "uses", techniques[place * 7 % TECHNIQUES]
        references = [cited(place * 3 % DOCUMENTS), cited(place * 11 % DOCUMENTS)][: 1 + place % 2]
        ref = {"source_ref": source["id"], "target_ref": target["id"], "relationship_type": kind}
        objects.append(thing("relationship", place, external_references=references, **ref))
    return {"type": "bundle", "id": f"bundle--{uuid.UUID(int=2)}", "objects": objects}


def measured(path):
    """Seconds and peak memory of reading a file, and the seconds of json.loads, in this process."""
    start = time.perf_counter(), time.process_time()
    (reading,) = read_path(path, {"publisher": "P", "subject": "S"})
    counts = {"observations": len(reading.observations), "refused": len(reading.refusals)}
    return {**spent(start), **counts}


def plainly(path):
    """Seconds and peak memory of json.loads of the same bytes, in this process."""
    raw = Path(path).read_bytes()
    raw = gzip.decompress(raw) if path.endswith(".gz") else raw
    start = time.perf_counter(), time.process_time()
    json.loads(raw)
    return spent(start)


def spent(start):
    """Seconds on the clock and of the processor since a start, and the peak memory of this process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.perf_counter() - start[0], "cpu": time.process_time() - start[1], "mib": peak}


def apart(how, path):
    """What a measurement gives in a process of its own, so that nothing else counts to its memory."""
    done = subprocess.run([sys.executable, __file__, how, str(path)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def report(path):
    read, plain = apart("--measured", path), apart("--plainly", path)
    print(
        f"{Path(path).name}: {Path(path).stat().st_size / 1e6:.1f} MB, {read['observations']:,} observations, "
        f"{read['refused']} refused\n  reading: {told(read)}\n  json.loads: {told(plain)}\n"
        f"  {read['cpu'] / plain['cpu']:.1f} x json.loads by processor, "
        f"{read['seconds'] / plain['seconds']:.1f} x by clock"
    )


def told(figures):
    return f"{figures['seconds']:.2f} s ({figures['cpu']:.2f} s of the processor), peak {figures['mib']:.0f} MiB"


def main() -> None:
    if sys.argv[1:2] in (["--measured"], ["--plainly"]):
        print(json.dumps({"--measured": measured, "--plainly": plainly}[sys.argv[1]](sys.argv[2])))
    elif sys.argv[1:]:
        for path in sys.argv[1:]:
            report(path)
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"bundle of {OBJECTS} objects.json"
            path.write_text(json.dumps(bundle()), "utf-8")
            report(path)


if __name__ == "__main__":
    main()
