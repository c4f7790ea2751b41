"""The order in which a tensor keeps a value's axes, and how far it carries.

ONNX has the channels of images in front, Keras has them last. No lowering transposes on its own account: a value is
held in whatever order it was made in, what follows works in that order where it can, and a transposition is emitted
only where an operator needs another one.
"""

from collections.abc import Sequence
from itertools import pairwise

from specmodel.convert.onnx.ir import Tensor
from specmodel.record import Record
from specmodel.types.dim import Dim, divide

Order = tuple[int, ...]
"""Which axis of the value each axis of the tensor is."""


class Held(Record):
    """A value as a tensor: its axis i is the value's axis `order[i]`."""

    tensor: Tensor
    order: Order


def plain(rank: int) -> Order:
    """The value's own order."""
    return tuple(range(rank))


def channels_second(rank: int) -> Order:
    """(batch, …, channels) with the channels behind the batch, as ONNX has images."""
    return (0, rank - 1, *range(1, rank - 1))


def arranged(shape: Sequence[Dim], order: Order) -> tuple[Dim, ...]:
    """The sizes of a value's axes in another order."""
    return tuple(shape[axis] for axis in order)


def permutation(before: Order, after: Order) -> Order:
    """What `Transpose` is given to get from one order to another."""
    return tuple(before.index(axis) for axis in after)


def moves_nothing(shape: Sequence[Dim], perm: Order) -> bool:
    """Whether a transposition leaves all elements in their places: only axes of size 1 move."""
    return all(one < other for one, other in pairwise(axis for axis in perm if shape[axis] != 1))


def without(order: Order, axes: Sequence[int]) -> Order:
    """The order of what is left when axes go."""
    left = [axis for axis in order if axis not in axes]
    return tuple(sorted(left).index(axis) for axis in left)


def reshaped(shape: Sequence[Dim], order: Order, wanted: Sequence[Dim]) -> Order | None:
    """The order that a reshape of a value to `wanted` gives it, done in place on a tensor of this order.

    None where elements would have to move. A reshape splits axes and merges neighbours, group by group; a tensor can
    follow where the axes of each group are neighbours in it too.
    """
    found: list[int] = []
    position = {axis: number for number, axis in enumerate(order)}
    placed: list[tuple[int, list[int]]] = []
    last = -1
    for old, new in _groups(shape, wanted):
        places = [position[axis] for axis in old if shape[axis] != 1]
        if any(other != one + 1 for one, other in pairwise(places)):
            between = {place for one, other in pairwise(places) for place in range(one + 1, other)}
            if sorted(places) != places or any(shape[order[place]] != 1 for place in between):
                return None
        last = places[0] if places else last
        placed.append((last, new))
    for _, new in sorted(placed, key=lambda pair: pair[0]):
        found.extend(new)
    return tuple(found)


def _groups(before: Sequence[Dim], after: Sequence[Dim]) -> list[tuple[list[int], list[int]]]:
    """The axes before and after a reshape in the smallest groups of as many elements."""
    groups: list[tuple[list[int], list[int]]] = []
    i = j = 0
    while i < len(before) or j < len(after):
        if i < len(before) and before[i] == 1 and not (j < len(after) and after[j] == 1):
            groups.append(([i], []))
            i += 1
            continue
        if j < len(after) and after[j] == 1 and not (i < len(before) and before[i] == 1):
            groups.append(([], [j]))
            j += 1
            continue
        old, new = [i] if i < len(before) else [], [j] if j < len(after) else []
        left: Dim = before[i] if old else 1
        right: Dim = after[j] if new else 1
        i, j = i + 1, j + 1
        while left != right:
            grow_old = _is_multiple(right, left) and i < len(before)
            if not grow_old and (j >= len(after) or not _is_multiple(left, right)):
                if i >= len(before) and j >= len(after):
                    break
                grow_old = i < len(before)
            if grow_old:
                left, old, i = left * before[i], [*old, i], i + 1
            else:
                right, new, j = right * after[j], [*new, j], j + 1
        groups.append((old, new))
    return groups


def _is_multiple(size: Dim, of: Dim) -> bool:
    if isinstance(size, int) and isinstance(of, int):
        return size > of
    return divide(size, of) is not None
