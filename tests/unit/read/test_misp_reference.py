"""The reference of MISP says what the tables do."""

from pathlib import Path

from consilience.vocab.misp import misp_tables

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "misp.md").read_text("utf-8")
ROWS = [
    [cell.strip().replace("\0", "|") for cell in line.replace("\\|", "\0").strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| `")
]


def test_every_type_has_its_row():
    """The page has a row for each type that is read, kept or passed over, with the kinds or the reason."""
    tables = misp_tables()
    read = [[f"`{name}`", ", ".join(f"`{kind}`" for kind in kinds)] for name, kinds in tables.read.items()]
    told = [[f"`{name}`", why] for name, why in (*tables.unweighed.items(), *tables.passed.items())]
    galaxies = [
        [f"`{name}`", "the subject" if means == "subject" else f"`{means}`"] for name, means in tables.galaxies.items()
    ]
    assert sorted(row for row in ROWS if len(row) == 2) == sorted(read + told + galaxies)


def test_every_kind_has_its_row():
    """The page has a row for each kind that is written, with its type, category and use by detectors."""
    written = [
        [f"`{kind}`", f"`{row.type}`", row.category, "yes" if row.detect else "no"]
        for kind, row in misp_tables().written.items()
    ]
    assert sorted(row for row in ROWS if len(row) == 4) == sorted(written)
