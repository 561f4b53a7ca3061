"""A case from end to end: read, keep, weigh, relate, assess, share. Composition only, no arithmetic.

`case` what can be asked of a case, one method for each · `intake` reading files · `pairs` a pair in a snapshot ·
`configurations` those of files · `sharing` what leaves · `walking` from a number to its sources · `shipped` what the
package brings along · `cache` what was prepared for attribution, in the folder of the case · `sweeping`
work without searches of memory.
"""

from consilience.case.case import Answered, Case
from consilience.case.configurations import as_maco, compared, configurations_record, configured
from consilience.case.disclosures import Shared, SharedParcel
from consilience.case.intake import ReadResult
from consilience.case.pairs import assessment_in, counted, known_subjects, reference_corpus, relation_in
from consilience.case.shipped import DEMO_AS_OF, DEMO_PAIR, demo_paths, kinds
from consilience.sandbox.protections import protections

__all__ = [
    "DEMO_AS_OF",
    "DEMO_PAIR",
    "Answered",
    "Case",
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
