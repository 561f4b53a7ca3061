"""One document cannot make a value common by itself."""

from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.vocab import vocabulary
from consilience.weigh import Corpus, counts_of

VOCAB = vocabulary()
MOST = VOCAB.counting["counted"]["one_document"]
VALUE = ("mutex", "m")


def said(subject, document):
    source = Source(publisher="P", id=document)
    return Observation(subject=Subject("P", subject), trait=Trait(*VALUE), source=source)


def counting(rows):
    counts = counts_of(snapshot_of(rows), Corpus("none"), 0, VOCAB)
    assert len(counts.holders[VALUE]) == len({seen.subject for seen in rows})
    return len(counts.counting(*VALUE))


def test_many_holders_of_one_document_count_as_few():
    """A thousand holders on one document's word count as ten; what a second document says of some counts too."""
    crowd = [said(f"G{n}", "one") for n in range(1000)]
    assert counting(crowd) == MOST
    assert counting([*crowd, *(said(f"G{n}", "two") for n in range(400, 430))]) == MOST + 30


def test_as_many_documents_as_holders_count_in_full():
    """Holders that each have a document of their own all count, and so do a few of one document."""
    assert counting([said(f"G{n}", f"on {n}") for n in range(60)]) == 60
    assert counting([said(f"G{n}", "one") for n in range(MOST)]) == MOST
