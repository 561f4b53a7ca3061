"""Names for the types of arrays that bytes are taken apart into; those of features are in `model.code`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

ByteArray = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]
