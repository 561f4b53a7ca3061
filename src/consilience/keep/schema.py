"""The tables of a case. Rows are only ever added; triggers refuse everything else.

`migrations/versions` says how a database comes to have these tables; a test holds the two equal.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

# No release had the tables of a number before these.
REVISIONS = ("0004",)
HEAD = REVISIONS[-1]

# Sorted by bytes on every machine: a locale's order would make digests and listings differ between databases.
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")

# PostgreSQL takes a number for every row offered, also for one the case has already, and so needs many.
_SEQ = Integer().with_variant(BigInteger(), "postgresql")

metadata = MetaData()


def _text(name: str, primary_key: bool = False, unique: bool = False) -> Column[str]:
    return Column(name, _TEXT, primary_key=primary_key, unique=unique or None, nullable=False)


imports = Table(
    "import",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("sha256"),
    _text("file"),
    _text("format"),
    _text("recorded"),
    Column("observations", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    _text("refusals"),
    Index("import_sha256", "sha256"),
)

# Bitemporal: `recorded` is when the case learned it, `published` and the dates in the record are the statement's own.
# `record` is the whole statement; `value` is the canonical value and `printed` says whether the statement had a
# printed one, which the record alone does not. Every further column costs two percent of the speed of an import.
observations = Table(
    "observation",
    metadata,
    Column("seq", _SEQ, primary_key=True),
    _text("id", unique=True),
    Column("import_id", Integer, ForeignKey("import.id"), nullable=False),
    _text("recorded"),
    _text("published"),
    _text("subject"),
    _text("kind"),
    _text("value"),
    Column("printed", Boolean, nullable=False),
    _text("record"),
    Index("observation_import", "import_id"),
    Index("observation_subject", "subject"),
    Index("observation_trait", "kind", "value"),
)

judgements = Table(
    "judgement",
    metadata,
    _text("id", primary_key=True),
    _text("a"),
    _text("b"),
    _text("recorded"),
    _text("record"),
    Index("judgement_a", "a"),
    Index("judgement_b", "b"),
)

results = Table(
    "result",
    metadata,
    Column("seq", Integer, primary_key=True),
    _text("id", unique=True),
    _text("document"),
)

# What people decided about who may know what; the policy is what all of them amount to, in this order.
rulings = Table(
    "ruling",
    metadata,
    Column("seq", Integer, primary_key=True),
    _text("id", unique=True),
    _text("kind"),
    _text("about"),
    _text("recorded"),
    _text("record"),
)

# The ledger: what was sent to whom.
disclosures = Table(
    "disclosure",
    metadata,
    Column("seq", Integer, primary_key=True),
    _text("id", unique=True),
    _text("partner"),
    _text("assessment"),
    _text("recorded"),
    _text("record"),
    Index("disclosure_partner", "partner"),
)

secrets = Table(
    "secret",
    metadata,
    _text("id", primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

# What a partner may fetch, by places that count from 1 for each partner. `id` is that of the act that added the row.
releases = Table(
    "release",
    metadata,
    _text("partner", primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("id"),
    _text("object"),
    _text("version"),
    _text("added"),
    _text("sha256"),
    _text("text"),
    Column("gone", Boolean, nullable=False),
    Index("release_id", "id"),
    Index("release_object", "partner", "object"),
)


def _states(name: str) -> Table:
    """States of named things, of which the newest of a name is the one that holds."""
    return Table(
        name,
        metadata,
        Column("seq", Integer, primary_key=True),
        _text("id", unique=True),
        _text("name"),
        _text("record"),
    )


keys = _states("api_key")

# What the code of samples is made of: `bytes` is a profile as `model.code` writes it, `sha256` names the sample.
codes = Table(
    "code",
    metadata,
    Column("seq", Integer, primary_key=True),
    _text("id", unique=True),
    Column("import_id", Integer, ForeignKey("import.id"), nullable=False),
    _text("recorded"),
    _text("publisher"),
    _text("subject"),
    _text("subject_type"),
    _text("sha256"),
    Column("bytes", LargeBinary, nullable=False),
    Index("code_import", "import_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("act"),
    _text("of"),
    _text("content"),
    _text("previous"),
    _text("hash"),
)

# The bytes that were read. A case in a folder keeps them as files instead, and leaves this table empty.
blobs = Table(
    "raw",
    metadata,
    _text("sha256", primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)
