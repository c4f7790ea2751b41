"""Tensor operations that repeat, turn around or move elements along axes, and borders."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import Axes, PosInt
from specmodel.layers.operation import Number, Operation, axes_of, constant_beside
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.shape import concat, expand, expand_dims, flip, pad, repeat, reshape, slice_axis
from specmodel.ops.value import Value
from specmodel.types.bounds import at_least
from specmodel.types.dim import Dim, unknown
from specmodel.types.formula import described
from specmodel.types.tensor import product


class Flip(Operation):
    """The elements backwards along axes."""

    axis: Axes | None = Field(None, description="Along which axes; the batch axis is 0, null means all.")

    examples = (
        Example({"axis": 1}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"axis": [1, -1]}, inputs=((None, 4, 3),), output=(None, 4, 3), params=0),
        Example({}, inputs=((2, 3),), output=(2, 3), params=0),
        Example({"axis": 2}, inputs=((None, 4),), error="`axis` 2 is no axis of an input of rank 2"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input turned around."""
        for axis in axes_of(b, self.axis, x.rank):
            x = flip(x, axis)
        return x


class Roll(Operation):
    """The elements moved along axes; what leaves at the end comes in at the start."""

    shift: Axes = Field(description="How far; a negative one moves to the front.")
    axis: Axes | None = Field(
        None, description="Along which axes, one for each shift; null moves through all elements."
    )

    examples = (
        Example({"shift": 1, "axis": 1}, inputs=((None, 5),), output=(None, 5), params=0),
        Example({"shift": [-2, 1], "axis": [1, 2]}, inputs=((None, "h", "w"),), output=(None, "h", "w"), params=0),
        Example({"shift": 2}, inputs=((2, 3),), output=(2, 3), params=0),
        Example(
            {"shift": [1, 2], "axis": 1}, error="`axis` of Roll must name an axis for each of the 2 shifts, found 1"
        ),
    )

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        wanted = len(self.axis) if self.axis is not None else 1
        if len(self.shift) not in (1, wanted):
            message = f"`axis` of Roll must name an axis for each of the {len(self.shift)} shifts, found {wanted}"
            raise refuse(message, None, ("axis",))
        return self

    def build(self, b: Scope, x: Value) -> Value:
        """The end of each axis put in front of its start."""
        if self.axis is None:
            return reshape(_rolled(b, reshape(x, (product(x.shape),)), 0, self.shift[0]), x.shape)
        shifts = self.shift * (len(self.axis) if len(self.shift) == 1 else 1)
        for axis, shift in zip(self.axis, shifts, strict=True):
            x = _rolled(b, x, b.axis(axis, x.rank), shift)
        return x


def _rolled(b: Scope, x: Value, axis: int, shift: int) -> Value:
    length = x.shape[axis]
    moved: Dim
    if isinstance(length, int):
        moved = shift % length
    elif at_least(length, abs(shift) + 1):
        moved = shift if shift >= 0 else length + shift
    else:
        b.leave_open("how often Roll goes round, the size of the axis decides")
        moved = unknown(f"{shift} % {length}")
    if moved == 0:
        return x
    return concat([slice_axis(x, axis, length - moved, moved), slice_axis(x, axis, 0, length - moved)], axis)


class Repeat(Operation):
    """Each element so many times in a row."""

    repeats: PosInt = Field(description="How many times.")
    axis: int | None = Field(
        None, description="Along which axis; the batch axis is 0, null makes one axis of all elements."
    )

    examples = (
        Example({"repeats": 2, "axis": 1}, inputs=((None, "seq", 3),), output=(None, "2*seq", 3), params=0),
        Example({"repeats": 3}, inputs=((None, 2),), output=(None,), params=0),
        Example({"repeats": 0, "axis": 1}, error="`repeats` of Repeat must be greater than 0, found 0"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The elements repeated."""
        if self.axis is None:
            return repeat(reshape(x, (product(x.shape),)), 0, self.repeats)
        return repeat(x, b.axis(self.axis, x.rank), self.repeats)


class Tile(Operation):
    """The whole tensor so many times after itself, along each axis."""

    repeats: Axes = Field(description="How many times along each axis, the last one last; new axes come in front.")

    examples = (
        Example({"repeats": [1, 2]}, inputs=((None, 3),), output=(None, 6), params=0),
        Example({"repeats": [1, 3, 1]}, inputs=((None, "seq", 4),), output=(None, "3*seq", 4), params=0),
        Example({"repeats": 2}, inputs=((None, 3),), output=(None, 6), params=0),
        Example({"repeats": [2, 1, 1]}, inputs=((2, 3),), output=(2, 2, 3), params=0),
        Example({"repeats": [1, 0]}, error="`repeats[1]` of Tile must be at least 1, found 0"),
    )

    @model_validator(mode="after")
    def _some(self) -> Self:
        for place, count in enumerate(self.repeats):
            if count < 1:
                message = f"`repeats[{place}]` of Tile must be at least 1, found {count}"
                raise refuse(message, None, ("repeats", place))
        return self

    def build(self, b: Scope, x: Value) -> Value:
        """Copies of each axis, one after the other."""
        rank = max(x.rank, len(self.repeats))
        counts = (1,) * (rank - len(self.repeats)) + self.repeats
        x = reshape(x, (*(1,) * (rank - x.rank), *x.shape))
        for axis, count in enumerate(counts):
            if count > 1:
                size = x.shape[axis]
                copies = (*x.shape[:axis], count, size, *x.shape[axis + 1 :])
                x = reshape(expand(expand_dims(x, axis), copies), (*x.shape[:axis], count * size, *x.shape[axis + 1 :]))
        return x


def _pairs(value: Any) -> object:
    """Elements before and after each axis: one number or pair means the same for all."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value, value]
    if isinstance(value, list | tuple) and value and all(type(part) is int for part in value):
        if len(value) > 2:
            raise refuse(f"must hold a pair for each axis, found {shown(value)}", "for example [[0, 0], [1, 2]]")
        value = [[value[0], value[-1]]]
    pairs = value if isinstance(value, list | tuple) else [value]
    for place, pair in enumerate(pairs):
        if not isinstance(pair, list | tuple) or len(pair) != 2 or any(type(size) is not int for size in pair):
            raise refuse(f"must be two integers, found {shown(pair)}", "for example [[0, 0], [1, 2]]", (place,))
        if min(pair) < 0:
            raise refuse(f"must not be below 0, found {min(pair)}", None, (place,))
    return tuple(tuple(pair) for pair in pairs)


class Pad(Operation):
    """A border around the tensor, along every axis that is given one."""

    pad_width: Annotated[tuple[tuple[int, int], ...], BeforeValidator(_pairs), "list of pairs"] = Field(
        description="Elements before and after each axis, the batch axis first; one pair or number means all axes."
    )
    mode: Literal["constant", "edge", "reflect", "symmetric"] = Field(
        "constant",
        description="The constant, the outermost element, or a mirror image (with it or without).",
    )
    constant_values: Number = Field(0, description="The constant.")

    examples = (
        Example({"pad_width": [[0, 0], [1, 2]]}, inputs=((None, "seq"),), output=(None, "seq + 3"), params=0),
        Example(
            {"pad_width": [[0, 0], [1, 1], [2, 2], [0, 0]], "mode": "reflect"},
            inputs=((None, 4, "w", 3),),
            output=(None, 6, "w + 4", 3),
            params=0,
        ),
        Example({"pad_width": 1, "mode": "edge"}, inputs=((2, 3),), output=(4, 5), params=0),
        Example(
            {"pad_width": [[0, 0]] * 3},
            inputs=((None, 3),),
            error="`pad_width` has 3 pairs, the input (None, 3) has 2 axes",
        ),
        Example({"pad_width": [[0, 0], [0, -1]]}, error="`pad_width[1]` of Pad must not be below 0, found -1"),
        Example(
            {"pad_width": [[0, 0], [3, 0]], "mode": "reflect"},
            inputs=((None, 3),),
            error="3 elements mirrored at axis 1",
        ),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """Each axis with its border, one after the other, so that corners continue what is there."""
        pads = self.pad_width * (x.rank if len(self.pad_width) == 1 else 1)
        message = f"`pad_width` has {len(pads)} pairs, the input {x.type} has {x.rank} axes"
        b.require(len(pads) == x.rank, message, field="pad_width", code=codes.WRONG_RANK)
        if self.mode == "constant":
            made = constant_beside(b, self.constant_values, x.dtype, "constant_values")
            kept = x.dtype in (made.dtype, "bool")
            message = f"`constant_values` {self.constant_values} is no {x.dtype}, which the input is"
            b.require(kept, message, field="constant_values", code=codes.WRONG_DTYPE)
            return pad(x, pads, self.constant_values)
        for axis, (before, after) in enumerate(pads):
            parts = [self._border(b, x, axis, before, True), x, self._border(b, x, axis, after, False)]
            x = concat([part for part in parts if part is not None], axis)
        return x

    def _border(self, b: Scope, x: Value, axis: int, count: int, in_front: bool) -> Value | None:
        if count == 0:
            return None
        length = x.shape[axis]
        if self.mode == "edge":
            outermost = slice_axis(x, axis, 0 if in_front else length - 1, 1)
            return expand(outermost, (*x.shape[:axis], count, *x.shape[axis + 1 :]))
        inset = 1 if self.mode == "reflect" else 0
        message = f"{count} elements mirrored at axis {axis} need {count + inset}, it has {described(length)}"
        reason = f"Pad mirrors {count} elements of axis {axis}"
        b.assume.at_least(length, count + inset, codes.BAD_SIZE, message, reason=reason, field="pad_width")
        start = count - 1 + inset if in_front else length - 1 - inset
        return slice_axis(x, axis, start, count, -1)
