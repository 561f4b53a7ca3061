"""A case from end to end: read, keep, weigh, relate, assess, share. Composition only, no arithmetic.

`case` what can be asked of a case, one method for each verb · `intake` reading files · `feeds` collections elsewhere ·
`channels` what partners fetch and send · `disclosures` documents for partners · `subjects`, `counts` and `pairs` what a
snapshot says of one and of two · `attribution` and `lineage` which known subject an activity or a sample is of ·
`provenance` from a number to its sources · `history` the audit chain · `configurations` those of files · `shipped` what
the package brings along · `folders` and `cache` what lies in the folder of a case · `gc_pause` work without searches
for garbage.
"""

from consilience.case.attribution import Answered
from consilience.case.case import Case
from consilience.case.channels import PublicationCounts
from consilience.case.configurations import as_maco, compared, configurations_record, configured
from consilience.case.counts import counted, reference_corpus
from consilience.case.disclosures import Shared, SharedParcel
from consilience.case.intake import ReadResult
from consilience.case.pairs import assessment_in, relation_in
from consilience.case.shipped import DEMO_AS_OF, DEMO_PAIR, demo_paths, kinds
from consilience.case.subjects import known_subjects
from consilience.sandbox.protections import protections

__all__ = [
    "DEMO_AS_OF",
    "DEMO_PAIR",
    "Answered",
    "Case",
    "PublicationCounts",
    "ReadResult",
    "Shared",
    "SharedParcel",
    "as_maco",
    "assessment_in",
    "compared",
    "configurations_record",
    "configured",
    "counted",
    "demo_paths",
    "kinds",
    "known_subjects",
    "protections",
    "reference_corpus",
    "relation_in",
]
