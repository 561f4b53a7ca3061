"""Names for the types of arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

Arrays = Mapping[str, NDArray[Any]]
"""Arrays of any type by name, as a cache stores them."""
