"""Ops that move elements and compute nothing. Axes in attributes are non-negative."""

from collections.abc import Sequence

from specmodel.diagnostics.codes import RESHAPE_DOES_NOT_FIT
from specmodel.ops.elementwise import cast
from specmodel.ops.value import Op, Value
from specmodel.types.assume import Assume
from specmodel.types.broadcast import broadcast
from specmodel.types.dim import Dim, divide
from specmodel.types.fault import Fault
from specmodel.types.tensor import TensorType, product, promote


class _Movement(Op):
    takes_text = True

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """None: nothing is computed."""
        return 0


class Reshape(_Movement):
    """The same elements in row-major order under another shape."""

    shape: tuple[Dim, ...]

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The new shape, of as many elements."""
        (x,) = inputs
        result = TensorType(self.shape, x.dtype)
        if isinstance(x.size, int) and isinstance(result.size, int) and x.size != result.size:
            message = f"{x.size} elements of shape {x} do not fit the shape {result} of {result.size}"
            raise Fault(RESHAPE_DOES_NOT_FIT, message)
        same = _common_prefix(x.shape, self.shape)  # of a batch of unknown size, one sample is looked at
        before, after = product(x.shape[same:]), product(self.shape[same:])
        known = product(tuple(size for size in self.shape[same:] if isinstance(size, int)))
        reason = "the element counts before and after a reshape"
        if isinstance(known, int) and known > 1 and after == before // known * known:
            assume.divisible(before, known, RESHAPE_DOES_NOT_FIT, reason=reason)
        else:
            assume.equal(before, after, reason, code=RESHAPE_DOES_NOT_FIT)
        return (result,)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Row-major order keeps each sample's elements together where the first sizes are multiples of each other."""
        before, after = inputs[0].shape[:1], outputs[0].shape[:1]
        if not before or not after:
            return False
        return before == after or divide(before[0], after[0]) is not None or divide(after[0], before[0]) is not None


class Transpose(_Movement):
    """Axis i of the output is axis `perm[i]` of the input."""

    perm: tuple[int, ...]

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The sizes in their new order."""
        (x,) = inputs
        return (TensorType(tuple(x.shape[axis] for axis in self.perm), x.dtype),)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Where the first axis stays first."""
        return self.perm[:1] == (0,)


class Expand(_Movement):
    """Repeat along axes of size one, and in front, to reach a shape."""

    shape: tuple[Dim, ...]

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The shape asked for."""
        broadcast(assume, inputs[0].shape, self.shape)
        return (TensorType(self.shape, inputs[0].dtype),)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Where no axis comes in front of the rows."""
        return len(inputs[0].shape) == len(self.shape)


class Concat(_Movement):
    """Inputs one after the other along an axis."""

    axis: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The sum of sizes along the axis; the other sizes are equal."""
        shape = list(inputs[0].shape)
        for kind in inputs[1:]:
            for axis, size in enumerate(kind.shape):
                if axis == self.axis:
                    shape[axis] = shape[axis] + size
                else:
                    shape[axis] = assume.equal(
                        shape[axis], size, f"axis {axis} of the arrays joined along axis {self.axis}"
                    )
        return (TensorType(tuple(shape), inputs[0].dtype),)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Where all have rows, and another axis grows."""
        return self.axis != 0 and all(rows)


class Slice(_Movement):
    """Elements `start, start + step, …` along one axis: `size` of them; a negative step goes backwards.

    Where only data tells which these are, `size` is an unknown size of its own, `start` means nothing, and `between`
    has the start and the stop in Python's sense.
    """

    axis: int
    start: Dim
    size: Dim
    step: int = 1
    between: tuple[int | None, int | None] | None = None

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's shape with the axis cut to `size`."""
        (x,) = inputs
        return (TensorType((*x.shape[: self.axis], self.size, *x.shape[self.axis + 1 :]), x.dtype),)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the rows themselves are cut."""
        return self.axis != 0


class Pad(_Movement):
    """A border around the array: `pads` are (before, after) of each axis, filled with `value`."""

    takes_text = False

    pads: tuple[tuple[int, int], ...]
    value: float = 0.0

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """Each size with its border."""
        (x,) = inputs
        shape = tuple(size + before + after for size, (before, after) in zip(x.shape, self.pads, strict=True))
        return (TensorType(shape, x.dtype),)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Where the batch has no border."""
        return self.pads[0] == (0, 0)


class Repeat(_Movement):
    """Each element `count` times in a row along an axis."""

    axis: int
    count: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The axis `count` times as long."""
        (x,) = inputs
        size = x.shape[self.axis] * self.count
        return (TensorType((*x.shape[: self.axis], size, *x.shape[self.axis + 1 :]), x.dtype),)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the rows themselves are repeated."""
        return self.axis != 0


class Gather(_Movement):
    """Elements along an axis of a table, its rows by default: `table[indices]`, each index replaced by a row.

    An index outside the table is an error of the data.
    """

    axis: int = 0

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The table's shape with the indices' in the place of the axis."""
        table, indices = inputs
        shape = (*table.shape[: self.axis], *indices.shape, *table.shape[self.axis + 1 :])
        return (TensorType(shape, table.dtype),)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Where the one whose first axis comes first has the rows, and the other is the same for every sample."""
        return not rows[0] if self.axis == 0 else not rows[1]


def reshape(x: Value, shape: Sequence[Dim]) -> Value:
    """The value under another shape of as many elements; itself where the shape is the same."""
    wanted = tuple(shape)
    return x if wanted == x.shape else Reshape(wanted)(x)


def transpose(x: Value, perm: Sequence[int]) -> Value:
    """The value with its axes in another order; itself where the order is the same."""
    wanted = tuple(axis % x.rank for axis in perm)
    return x if wanted == tuple(range(x.rank)) else Transpose(wanted)(x)


def expand(x: Value, shape: Sequence[Dim]) -> Value:
    """The value repeated to a shape; itself where it has it."""
    wanted = tuple(shape)
    return x if wanted == x.shape else Expand(wanted)(x)


def expand_dims(x: Value, axis: int) -> Value:
    """The value with an axis of size one put in at `axis`, which may count from the end of the new shape."""
    at = axis % (x.rank + 1)
    return reshape(x, (*x.shape[:at], 1, *x.shape[at:]))


def concat(values: Sequence[Value], axis: int = -1) -> Value:
    """The values one after the other, in their common dtype."""
    dtype = promote(*(value.dtype for value in values))
    if len(values) == 1:
        return values[0]
    return Concat(axis % values[0].rank)(*(cast(value, dtype) for value in values))


def slice_axis(
    x: Value,
    axis: int,
    start: Dim,
    size: Dim,
    step: int = 1,
    between: tuple[int | None, int | None] | None = None,
) -> Value:
    """`size` elements along an axis, from `start` by `step`; see `Slice` for `between`."""
    at = axis % x.rank
    if start == 0 and step == 1 and size == x.shape[at]:
        return x
    return Slice(at, start, size, step, between)(x)


def pad(x: Value, pads: Sequence[tuple[int, int]], value: float = 0.0) -> Value:
    """The value with a border; itself where the border is empty."""
    wanted = tuple(pads)
    return x if all(pair == (0, 0) for pair in wanted) else Pad(wanted, value)(x)


def flip(x: Value, axis: int) -> Value:
    """The value backwards along an axis."""
    at = axis % x.rank
    return Slice(at, x.shape[at] - 1, x.shape[at], -1)(x)


def repeat(x: Value, axis: int, count: int) -> Value:
    """Each element `count` times in a row along an axis; the value itself for once."""
    return x if count == 1 else Repeat(axis % x.rank, count)(x)


def _common_prefix(a: Sequence[Dim], b: Sequence[Dim]) -> int:
    """How many sizes at the front are the same."""
    return next((i for i, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))
