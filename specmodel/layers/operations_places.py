"""Tensor operations that read or write at places which other tensors say, and that find places."""

from typing import Literal

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import IntList
from specmodel.layers.operation import (
    Numbers,
    Operation,
    OptionalNumbers,
    needed,
    shape_of,
)
from specmodel.layers.scope import Scope
from specmodel.layers.slicing import require_within
from specmodel.ops.elementwise import binary, cast, where
from specmodel.ops.encoding import Digitize as DigitizeOp
from specmodel.ops.order import order
from specmodel.ops.places import gather_along
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import Gather, reshape, slice_axis
from specmodel.ops.source import constant, iota
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.formula import described
from specmodel.types.tensor import product

PLACES = OptionalNumbers


def _integers(b: Scope, name: str, x: Value) -> Value:
    message = f"`{name}` must be of integers, found {x.dtype}"
    b.require("int" in x.dtype, message, code=codes.WRONG_DTYPE, help="put `Cast: int32` before it")
    return x


def places_of(b: Scope, layer: Operation, name: str, x: Value | None) -> Value:
    """Places, given as an input or a constant."""
    return _integers(b, name, needed(b, layer, name, x, "int32"))


class TakeAlongAxis(Operation):
    """Elements along an axis at the places that another tensor holds, whose other axes fit those of the first.

    Negative places count from the end.
    """

    axis: int | None = Field(None, description="The axis; the batch axis is 0, null takes from all elements.")
    indices: PLACES = Field(None, description="Constants in place of the second input.")

    examples = (
        Example({"axis": 1}, inputs=((None, 5), (None, 2)), dtypes=("float32", "int32"), output=(None, 2), params=0),
        Example(
            {"axis": 1},
            inputs=((None, "seq", 3), (None, "k", 1)),
            dtypes=("float32", "int32"),
            output=(None, "k", 3),
            params=0,
        ),
        Example({"axis": 1, "indices": [[0, -1]]}, inputs=((None, 4),), output=(None, 2), params=0),
        Example({"axis": 1}, inputs=((None, 5), (None, 2)), error="`indices` must be of integers, found float32"),
        Example({"axis": 1}, inputs=((None, 5), (2,)), dtypes=("float32", "int32"), error="`indices` must have 2 axes"),
    )

    def build(self, b: Scope, x: Value, indices: Value | None = None) -> Value:
        """The elements at the places."""
        places = places_of(b, self, "indices", indices)
        if self.axis is None:
            return gather_along(reshape(x, (product(x.shape),)), reshape(places, (product(places.shape),)), 0)
        message = f"`indices` must have {x.rank} axes, as the input has, found {places.type}"
        b.require(places.rank == x.rank, message, field="indices", code=codes.WRONG_RANK)
        return gather_along(x, places, b.axis(self.axis, x.rank))


class Searchsorted(Operation):
    """Where each value would stand in a sequence in ascending order, as int32."""

    sorted_sequence: OptionalNumbers = Field(None, description="Constants in place of the first input.")
    side: Literal["left", "right"] = Field("left", description="Whether before or behind elements that are equal.")

    examples = (
        Example({}, inputs=((5,), (None, "seq")), output=(None, "seq"), params=0),
        Example({"sorted_sequence": [1, 2, 4], "side": "right"}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({}, inputs=((2, 3), (None, 3)), error="expected a sequence, found (2, 3)"),
    )

    def build(self, b: Scope, sorted_sequence: Value | None = None, values: Value | None = None) -> Value:
        """How many elements of the sequence are below."""
        if self.sorted_sequence is not None and values is None:
            sorted_sequence, values = None, sorted_sequence
        b.require(values is not None, "Searchsorted needs `values`", code=codes.CALL_ARGUMENTS)
        assert values is not None
        line = needed(b, self, "sorted_sequence", sorted_sequence, values.dtype)
        b.require(line.rank == 1, f"expected a sequence, found {line.type}", code=codes.WRONG_RANK)
        others = reshape(line, (*(1,) * values.rank, line.shape[0]))
        below = binary("Less" if self.side == "left" else "LessEqual", others, reshape(values, (*values.shape, 1)))
        return reduce("Sum", cast(below, "int32"), -1)


class Digitize(Operation):
    """The number of the interval between boundaries in which each element lies, as int32."""

    bins: Numbers = Field(description="The boundaries, in ascending order.")

    examples = (
        Example({"bins": [0.0, 3.0, 4.5]}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({"bins": [1]}, inputs=((None, 2, 3),), output=(None, 2, 3), params=0),
        Example({}, error="Digitize needs the argument `bins`"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """How many boundaries are not above the element."""
        b.require(len(shape_of(self.bins)) == 1, "`bins` must be a list of numbers", field="bins")
        return DigitizeOp(tuple(float(edge) for edge in self.bins))(x)


class SliceOp(Operation):
    """A part of a tensor: as many elements along each axis as `shape` says, from `start_indices` on.

    A part that reaches beyond the end begins so much earlier where it begins at an input's numbers; otherwise it is
    refused.
    """

    shape: IntList = Field(description="The sizes of the part, the batch axis included; -1 takes what is left.")
    start_indices: PLACES = Field(None, description="Constants in place of the second input: an index for each axis.")

    examples = (
        Example({"start_indices": [0, 1], "shape": [-1, 3]}, inputs=((None, 5),), output=(None, 3), params=0),
        Example(
            {"start_indices": [0, 2], "shape": [-1, -1]}, inputs=((None, "seq"),), output=(None, "seq - 2"), params=0
        ),
        Example({"shape": [2, 3]}, inputs=((4, 5), (2,)), dtypes=("float32", "int32"), output=(2, 3), params=0),
        Example(
            {"start_indices": [0, 4], "shape": [-1, 3]},
            inputs=((None, 5),),
            error="3 elements from 4 on reach beyond axis 1",
        ),
        Example(
            {"start_indices": [0], "shape": [1, 1]},
            inputs=((2, 5),),
            error="`start_indices` must name an index for each of 2 axes",
        ),
    )

    def build(self, b: Scope, inputs: Value, start_indices: Value | None = None) -> Value:
        """The part, cut axis by axis."""
        message = f"`shape` must have a size for each of {inputs.rank} axes, found {len(self.shape)}"
        b.require(len(self.shape) == inputs.rank, message, field="shape", code=codes.WRONG_RANK)
        starts = _starts(b, self, inputs, start_indices)
        for axis, size in enumerate(self.shape):
            inputs = _cut(b, inputs, axis, starts, size)
        return inputs


def _starts(b: Scope, layer: "SliceOp | SliceUpdate", x: Value, given: Value | None) -> tuple[int, ...] | Value:
    """Where a part begins along each axis: numbers, or a vector of them."""
    message = f"`start_indices` must name an index for each of {x.rank} axes"
    numbers = layer.start_indices
    if given is None and isinstance(numbers, tuple):
        b.require(len(numbers) == x.rank, message, field="start_indices", code=codes.WRONG_RANK)
        fits = all(type(number) is int and number >= 0 for number in numbers)
        b.require(fits, "`start_indices` must be integers from 0 on", field="start_indices")
        return numbers
    places = places_of(b, layer, "start_indices", given)
    b.require(places.rank == 1 and places.shape[0] == x.rank, message, field="start_indices", code=codes.WRONG_RANK)
    return places


def _cut(b: Scope, x: Value, axis: int, starts: tuple[int, ...] | Value, size: int) -> Value:
    length = x.shape[axis]
    if isinstance(starts, tuple):
        start = starts[axis]
        kept: Dim = length - start if size == -1 else size
        message = f"{size} elements from {start} on reach beyond axis {axis}, which has the size {described(length)}"
        enough = start + 1 if size == -1 else start + size
        b.assume.at_least(length, enough, codes.BAD_SIZE, message, reason="the part lies within", field="shape")
        return slice_axis(x, axis, start, kept)
    message = f"`shape[{axis}]` is -1, and how much is left only data would tell"
    b.require(size != -1 or isinstance(length, int), message, field="shape", code=codes.UNKNOWN_SIZE)
    kept = length if size == -1 else size
    b.assume.at_least(length, kept, codes.BAD_SIZE, reason="the part lies within", field="shape")
    places = iota((kept,), 0) + _first(starts, axis, _count(x.shape[axis]), _last_start(x, axis, kept))
    return Gather(axis)(x, places)


def _first(starts: Value, axis: int, length: Value, last: Value) -> Value:
    """Where the part begins along an axis, from the end if negative, moved so that it lies within."""
    start = cast(slice_axis(starts, 0, axis, 1), "int32")
    start = where(start < 0, start + length, start)
    return binary("Min", binary("Max", start, 0), last)


def _last_start(x: Value, axis: int, kept: Dim) -> Value:
    """The last place at which so many elements can begin."""
    length = x.shape[axis]
    if isinstance(length, int) and isinstance(kept, int):
        return constant((length - kept,), "int32")
    return _count(length) - _count(kept)


def _count(size: Dim) -> Value:
    if isinstance(size, int):
        return constant((size,), "int32")
    return reduce("Max", iota((size,), 0), 0, keepdims=True) + 1


class SliceUpdate(Operation):
    """A tensor in which a part is replaced: `updates` stand from `start_indices` on."""

    start_indices: PLACES = Field(None, description="Constants in place of the input: an index for each axis.")

    examples = (
        Example({"start_indices": [0, 1]}, inputs=((None, 5), (None, 2)), output=(None, 5), params=0),
        Example(
            {},
            inputs=((4, 5), (2, 3), (2,)),
            call=("inputs", "updates", "start_indices"),
            dtypes=("float32", "float32", "int32"),
            output=(4, 5),
            params=0,
        ),
        Example(
            {"start_indices": [0, 1]},
            inputs=((None, 5), (None, 2, 1)),
            error="`updates` must have 2 axes, found (None, 2, 1)",
        ),
        Example(
            {"start_indices": [0, 4]}, inputs=((None, 5), (None, 2)), error="2 elements from 4 on reach beyond axis 1"
        ),
    )

    def build(self, b: Scope, inputs: Value, start_indices: Value | None = None, updates: Value | None = None) -> Value:
        """Where a place lies in the part, the update that belongs there."""
        if self.start_indices is not None and updates is None:
            start_indices, updates = None, start_indices
        b.require(updates is not None, "SliceUpdate needs `updates`", code=codes.CALL_ARGUMENTS)
        assert updates is not None
        message = f"`updates` must have {inputs.rank} axes, found {updates.type}"
        b.require(updates.rank == inputs.rank, message, field="updates", code=codes.WRONG_RANK)
        starts = _starts(b, self, inputs, start_indices)
        placed, inside = cast(updates, inputs.dtype), None
        for axis, length in enumerate(inputs.shape):
            size = updates.shape[axis]
            if size == length:
                continue
            place = iota((length,), 0) - self._start(b, inputs, axis, starts, size)
            last = constant((size - 1,), "int32") if isinstance(size, int) else _count(size) - 1
            within = binary("GreaterEqual", place, 0) & binary("LessEqual", place, last)
            within = reshape(within, [length if at == axis else 1 for at in range(inputs.rank)])
            inside = within if inside is None else inside & within
            placed = Gather(axis)(placed, binary("Min", binary("Max", place, 0), last))
        return placed if inside is None else where(inside, placed, inputs)

    def _start(self, b: Scope, x: Value, axis: int, starts: tuple[int, ...] | Value, size: Dim) -> Value:
        length = x.shape[axis]
        if not isinstance(starts, tuple):
            b.assume.at_least(length, size, codes.BAD_SIZE, reason="the updates lie within", field="updates")
            return _first(starts, axis, _count(length), _last_start(x, axis, size))
        start = starts[axis]
        reached = f"{described(size)} elements from {start} on"
        message = f"{reached} reach beyond axis {axis}, which has the size {described(length)}"
        b.assume.at_least(
            length, size + start, codes.BAD_SIZE, message, reason="the updates lie within", field="start_indices"
        )
        return constant((start,), "int32")


class Argpartition(Operation):
    """Places of the elements along an axis, those of the `kth` smallest and of all smaller ones first, as int32.

    They come in ascending order of the elements, which is one of the orders that Keras may give.
    """

    kth: int = Field(description="The place up to which elements are in order.")
    axis: int | None = Field(-1, description="The axis; the batch axis is 0, null means all elements.")

    examples = (
        Example({"kth": 1}, inputs=((None, 5),), output=(None, 5), params=0),
        Example({"kth": 0, "axis": 1}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"kth": 5}, inputs=((None, 5),), error="index 5 is outside axis 1, which has the size 5"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The places of the elements in order."""
        if self.axis is None:
            x = reshape(x, (product(x.shape),))
        axis = b.axis(self.axis, x.rank) if self.axis is not None else 0
        require_within(b, x, axis, self.kth, "kth")
        return order(x, axis)[1]
