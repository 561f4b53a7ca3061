"""What other tools say of the same files: TLSH, ssdeep and the import hash, nearest file first."""

from __future__ import annotations

import numpy as np
from benchmarks.samples.corpus import File

from consilience.analyse.marks.pe import import_hash
from consilience.analyse.sample import image_of


def tlsh_values(queries: list[File], known: list[File]) -> np.ndarray:
    """One less the distance, so that more is nearer."""
    import tlsh

    theirs = [tlsh.hash(each.path.read_bytes()) for each in known]
    return np.array(
        [[-tlsh.diff(mine, other) for other in theirs] for mine in (tlsh.hash(q.path.read_bytes()) for q in queries)],
        dtype=float,
    )


def ssdeep_values(queries: list[File], known: list[File]) -> np.ndarray:
    """The likeness of 0 to 100 of the pure Python version, which is slow."""
    import ppdeep

    theirs = [ppdeep.hash(each.path.read_bytes()) for each in known]
    ours = [ppdeep.hash(each.path.read_bytes()) for each in queries]
    return np.array([[ppdeep.compare(mine, other) for other in theirs] for mine in ours], dtype=float)


def import_hash_values(queries: list[File], known: list[File]) -> np.ndarray:
    """Whether the import hashes are equal."""
    theirs = [import_hash(image_of(each.path.read_bytes()).imports) for each in known]
    ours = [import_hash(image_of(each.path.read_bytes()).imports) for each in queries]
    return np.array([[mine != "" and mine == other for other in theirs] for mine in ours], dtype=float)
