"""Names the array types that every step computes with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
TextArray = Any  # a pyarrow StringArray of n; pyarrow ships no types
