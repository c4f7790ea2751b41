"""Working memory that shows when it is read before it is written, or copied when it should be seen."""

from typing import Any

import numpy as np

from specmodel.kernels import Array
from specmodel.plan.scratch import Pool


class Dirty(Pool):
    """Hands out arrays of NaNs."""

    def __call__(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array of a step."""
        found = super().__call__(shape, dtype)
        if found.dtype.kind == "f":
            found.fill(np.nan)
        return found
