"""Statements and assessments as MISP events.

`blocks` the parts of an event · `visible` what other readers of MISP see of a statement · `parcel` many statements ·
`losses` what such readers do not see · `pair` one assessment.
"""

from consilience.share.misp.pair import MispWriter
from consilience.share.misp.parcel import MispParcelWriter

__all__ = ["MispParcelWriter", "MispWriter"]
