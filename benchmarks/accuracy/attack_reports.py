"""Reports of an ATT&CK release through the product's own reader: what each citation says of each group."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from consilience.attribute.activity import Activity, activities
from consilience.attribute.pairs import techniques_of_tools
from consilience.model.observation import Observation
from consilience.model.subject import CLUSTER_TYPES
from consilience.read import read_path
from consilience.vocab import vocabulary

DEFAULT_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "attack"


@dataclass(frozen=True)
class Release:
    """One release: the reports of its groups, the techniques of its software, and what it was read from."""

    name: str
    sha256: str
    observations: tuple[Observation, ...]
    activities: tuple[Activity, ...]
    techniques: dict[str, frozenset[str]]


def release(folder: Path, name: str) -> Release:
    path = folder / f"attack-{name}.json.gz"
    observations = tuple(seen for reading in read_path(path, {}) for seen in reading.observations)
    of_clusters = tuple(seen for seen in observations if seen.subject.type in CLUSTER_TYPES)
    return Release(
        name=name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        observations=of_clusters,
        activities=activities(of_clusters, vocabulary()),
        techniques=techniques_of_tools(observations),
    )
