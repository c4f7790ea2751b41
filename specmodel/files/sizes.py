"""How many bytes an array takes, in exact integers, within limits that keep every later product exact."""

from collections.abc import Sequence

from specmodel.files.malformed import MalformedError, shown

MOST_AXES = 8
LARGEST_AXIS = 2**31 - 1
LARGEST_ARRAY = 2**63 - 1


def array_bytes(shape: Sequence[int], item_bytes: int) -> int:
    """The bytes of an array of this shape; MalformedError where it is beyond the limits.

    An axis of size 0 does not excuse the others: NumPy, too, refuses (0, 2**31, 2**31, 2**31).
    """
    if len(shape) > MOST_AXES:
        raise MalformedError(f"the array has {len(shape)} axes, and {MOST_AXES} is the limit")
    total = item_bytes
    for size in shape:
        if size > LARGEST_AXIS:
            raise MalformedError(f"an axis of size {shown(str(size))} is above the limit of {LARGEST_AXIS:,}")
        total *= max(size, 1)
    if total > LARGEST_ARRAY:
        raise MalformedError(f"an array of shape {tuple(shape)} is larger than any memory")
    return 0 if 0 in shape else total
