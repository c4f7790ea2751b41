"""Tensor operations that take pieces out of a tensor, or put pieces together."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import IntList, PosInt
from specmodel.layers.operation import Operation, OptionalNumbers, leaves
from specmodel.layers.scope import Scope
from specmodel.layers.slicing import Span, parts_of, require_within, sliced, written_key
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import cast, where
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import Gather, concat, expand_dims, reshape, slice_axis
from specmodel.ops.source import constant, iota
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.fault import Fault
from specmodel.types.formula import described
from specmodel.types.tensor import product


def _not_zero(step: int) -> int:
    if step == 0:
        raise refuse("must not be 0: a slice goes forward or backwards")
    return step


class Slice(Operation):
    """The elements `start, start + step, …` before `stop` along one axis, as Python's slices mean them."""

    axis: int = Field(description="The axis to cut; the batch axis is 0.")
    start: int | None = Field(
        0, description="The first element; from the end if negative, null for the end to begin at."
    )
    stop: int | None = Field(None, description="The element to stop before; from the end if negative, null for none.")
    step: Annotated[int, AfterValidator(_not_zero)] = Field(1, description="How far to go; backwards if negative.")

    examples = (
        Example({"axis": 1, "stop": 3}, inputs=((None, 5, 4),), output=(None, 3, 4), params=0),
        Example({"axis": -1, "start": 1, "step": 2}, inputs=((None, "seq", 6),), output=(None, "seq", 3), params=0),
        Example({"axis": 1, "start": 1}, inputs=((None, "seq", 6),), output=(None, "seq - 1", 6), params=0),
        Example({"axis": 1, "start": None, "step": -1}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({"axis": 1, "stop": 512}, inputs=((None, "seq"),), output=(None, None), params=0),
        Example({"axis": 1, "start": 5}, inputs=((None, 5),), error="the slice 5: keeps nothing of axis 1"),
        Example({"axis": 2}, inputs=((None, 5),), error="`axis` 2 is no axis of an input of rank 2"),
        Example({"axis": 1, "step": 0}, error="`step` of Slice must not be 0"),
        Example({}, error="Slice needs the argument `axis`"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The slice."""
        return sliced(b, x, b.axis(self.axis, x.rank), Span(self.start, self.stop, self.step), "start")


class GetItem(Operation):
    """What indexing gives in Python: `x[key]`, with integers, slices, `...` and `null` for an axis of size 1."""

    key: Annotated[
        str,
        BeforeValidator(written_key, json_schema_input_type=str | int | list[str | int | None] | None),
        "index text, integer, or list of these",
    ] = Field(description="What stands between the brackets; the batch axis comes first: `:, 0` is the first step.")

    examples = (
        Example({"key": ":, 0"}, inputs=((None, "seq", 8),), output=(None, 8), params=0),
        Example({"key": "..., 1:-1"}, inputs=((None, 4, "w"),), output=(None, 4, "w - 2"), params=0),
        Example({"key": ":, null, ::2"}, inputs=((None, 5),), output=(None, 1, 3), params=0),
        Example({"key": [":", -1]}, inputs=((None, "seq", 8),), output=(None, 8), params=0),
        Example({"key": ":, 5"}, inputs=((None, 5),), error="index 5 is outside axis 1, which has the size 5"),
        Example(
            {"key": ":, :, 0"}, inputs=((None, 5),), error="the key `:, :, 0` takes 3 axes, the input (None, 5) has 2"
        ),
        Example({"key": "a"}, error="`key` of GetItem must hold integers, slices, `...` and `null`, found `a`"),
        Example({"key": "..., ..."}, error="`key` of GetItem must hold `...` at most once"),
        Example({"key": "::0"}, error="`key` of GetItem must hold slices with a step, found `::0`"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """One axis after the other: integers take their axis away, slices cut it."""
        parts = parts_of(self.key)
        taken = sum(part not in (..., None) for part in parts)
        message = f"the key `{self.key}` takes {taken} axes, the input {x.type} has {x.rank}"
        b.require(taken <= x.rank, message, field="key", code=codes.WRONG_RANK)
        if ... not in parts:
            parts.append(...)
        shape: list[Dim] = []
        axis = 0
        for part in parts:
            if part is None:
                shape.append(1)
            elif isinstance(part, int):
                x = self._item(b, x, axis, part)
                axis += 1
            elif isinstance(part, Span):
                x = sliced(b, x, axis, part, "key")
                shape.append(x.shape[axis])
                axis += 1
            else:
                shape += x.shape[axis : axis + x.rank - taken]
                axis += x.rank - taken
        return reshape(x, shape)

    def _item(self, b: Scope, x: Value, axis: int, index: int) -> Value:
        require_within(b, x, axis, index, "key")
        return slice_axis(x, axis, index if index >= 0 else x.shape[axis] + index, 1)


class Split(Operation):
    """Pieces along an axis, one output each: `split`, `split/1`, …"""

    indices_or_sections: PosInt | IntList = Field(
        description="How many equal pieces, or the places to cut at: [2, 5] gives :2, 2:5 and 5:."
    )
    axis: int = Field(0, description="The axis to cut; the batch axis is 0.")

    examples = (
        Example({"indices_or_sections": 2, "axis": 1}, inputs=((None, 6),), output=((None, 3), (None, 3)), params=0),
        Example(
            {"indices_or_sections": [1, 4], "axis": -1},
            inputs=((None, "seq", 5),),
            output=((None, "seq", 1), (None, "seq", 3), (None, "seq", 1)),
            params=0,
        ),
        Example(
            {"indices_or_sections": 3, "axis": 1}, inputs=((None, "seq"),), output=((None, "seq//3"),) * 3, params=0
        ),
        Example(
            {"indices_or_sections": 4, "axis": 1}, inputs=((None, 6),), error="axis 1 has 6 elements: no 4 equal pieces"
        ),
        Example({"indices_or_sections": [4, 2]}, error="`indices_or_sections` of Split must hold places that grow"),
        Example({"indices_or_sections": 0}, error="`indices_or_sections` of Split must be greater than 0, found 0"),
        Example({"indices_or_sections": [2, 7], "axis": 1}, inputs=((None, 6),), error="keeps nothing of axis 1"),
    )

    @field_validator("indices_or_sections")
    @classmethod
    def _growing(cls, places: object) -> object:
        if isinstance(places, tuple) and any(first >= second for first, second in pairwise((0, *places))):
            raise refuse(f"must hold places that grow, from 1 on, found {list(places)}")
        return places

    def build(self, b: Scope, x: Value) -> tuple[Value, ...]:
        """Each piece."""
        axis = b.axis(self.axis, x.rank)
        if isinstance(self.indices_or_sections, tuple):
            cuts = (0, *self.indices_or_sections, None)
            return tuple(sliced(b, x, axis, Span(start, stop), "indices_or_sections") for start, stop in pairwise(cuts))
        count, length = self.indices_or_sections, x.shape[axis]
        message = f"axis {axis} has {described(length)} elements: no {count} equal pieces"
        reason = f"Split makes {count} equal pieces"
        size = b.assume.divisible(length, count, codes.BAD_SIZE, message, reason=reason, field="indices_or_sections")
        return tuple(slice_axis(x, axis, number * size, size) for number in range(count))


class Unstack(Operation):
    """The elements along an axis, one output each, without that axis: `unstack`, `unstack/1`, …"""

    num: PosInt | None = Field(None, description="How many there are; needed only where the axis has no known size.")
    axis: int = Field(0, description="The axis to take apart; the batch axis is 0.")

    examples = (
        Example({"axis": 1}, inputs=((None, 2, 5),), output=((None, 5), (None, 5)), params=0),
        Example({"num": 6, "axis": -1}, inputs=((None, "seq", None),), output=((None, "seq"),) * 6, params=0),
        Example({"axis": 1}, inputs=((None, "seq"),), error="the size of axis 1 must be known"),
        Example({"num": 3, "axis": 1}, inputs=((None, 2),), error="axis 1 has 2 elements, `num` is 3"),
    )

    def build(self, b: Scope, x: Value) -> tuple[Value, ...]:
        """Each element along the axis."""
        axis = b.axis(self.axis, x.rank)
        length = x.shape[axis]
        if self.num is not None:
            message = f"axis {axis} has {described(length)} elements, `num` is {self.num}"
            b.assume.equal(length, self.num, "Unstack gives that many outputs", message=message, field="num")
        count = self.num if self.num is not None else b.known(length, f"the size of axis {axis}", "give `num`")
        shape = (*x.shape[:axis], *x.shape[axis + 1 :])
        return tuple(reshape(slice_axis(x, axis, number, 1), shape) for number in range(count))


class Stack(Operation):
    """The inputs, all of one shape, along a new axis."""

    axis: int = Field(0, description="Where the new axis stands in the output; the batch axis is 0.")

    takes_list = True
    examples = (
        Example({"axis": 1}, inputs=((None, 5), (None, 5), (None, 5)), output=(None, 3, 5), params=0),
        Example({"axis": -1}, inputs=((None, "seq"), (None, "seq")), output=(None, "seq", 2), params=0),
        Example({"axis": 3}, inputs=((None, 5), (None, 5)), error="`axis` 3 is no axis of an input of rank 3"),
        Example({"axis": 1}, inputs=((None, 5), (None, 4)), error="cannot be stacked"),
    )

    def build(self, b: Scope, x: list[Value]) -> Value:
        """The inputs with an axis of size 1 each, joined along it."""
        axis = b.axis(self.axis, x[0].rank + 1)
        return joined(b, [expand_dims(one, axis) for one in x], axis, x, "stacked")


class ConcatenateOp(Operation):
    """The inputs one after the other along an axis, as `Concatenate` does; the first by default, and without masks."""

    axis: int = Field(0, description="The axis that grows; the batch axis is 0.")

    takes_list = True
    examples = (
        Example({"axis": -1}, inputs=((None, "seq", 4), (None, "seq", 2)), output=(None, "seq", 6), params=0),
        Example({}, inputs=((2, 4), (3, 4)), output=(5, 4), params=0),
        Example({"axis": 1}, inputs=((None, 4), (None, 4, 1)), error="cannot be joined"),
        Example({"axis": 2}, inputs=((None, 4), (None, 4)), error="`axis` 2 is no axis of an input of rank 2"),
    )

    def build(self, b: Scope, xs: list[Value]) -> Value:
        """The inputs joined."""
        return joined(b, xs, b.axis(self.axis, xs[0].rank), xs, "joined")


class Take(Operation):
    """The elements at given places along an axis: the second input, or a constant. Negative ones count from the end."""

    axis: int | None = Field(
        None, description="The axis to take from; the batch axis is 0, null takes from all elements."
    )
    indices: OptionalNumbers = Field(None, description="Constant numbers in place of the second input.")

    examples = (
        Example({"axis": 1, "indices": [0, 2]}, inputs=((None, 5, 4),), output=(None, 2, 4), params=0),
        Example({"axis": 2, "indices": -1}, inputs=((None, "seq", 6),), output=(None, "seq"), params=0),
        Example({"axis": 1}, inputs=((None, 9), (2, 3)), dtypes=("float32", "int32"), output=(None, 2, 3), params=0),
        Example({"axis": 1}, inputs=((None, 5),), error="Take needs the second input `indices`, or the constant"),
        Example({"axis": 1, "indices": 0.5}, error="`indices` of Take must be integers"),
        Example({"axis": 1, "indices": [0, 5]}, inputs=((None, 5),), error="index 5 is outside axis 1"),
    )

    @field_validator("indices")
    @classmethod
    def _whole(cls, indices: object) -> object:
        if indices is not None and any(
            type(leaf) is not int or not -(2**31) <= leaf < 2**31 for leaf in leaves(indices)
        ):
            raise refuse("must be integers of at most 31 bits")
        return indices

    def build(self, b: Scope, x: Value, indices: Value | None = None) -> Value:
        """The elements, each number replaced by what stands there."""
        message = "Take needs the second input `indices`, or the constant"
        b.require((indices is None) != (self.indices is None), message, code=codes.CALL_ARGUMENTS)
        if self.axis is None:
            x = reshape(x, (product(x.shape),))
        axis = b.axis(self.axis, x.rank) if self.axis is not None else 0
        if indices is None:
            for leaf in leaves(self.indices):
                require_within(b, x, axis, leaf, "indices")
            indices = constant(self.indices, "int32")
        indices = indices if "int" in indices.dtype else cast(indices, "int32")
        if not indices.dtype.startswith("u"):
            length = reduce("Max", iota((x.shape[axis],), 0, indices.dtype), 0) + 1
            indices = where(indices < 0, indices + length, indices)
        return Gather(axis)(x, indices)


def joined(b: Scope, values: Sequence[Value], axis: int, written: Sequence[Value], verb: str) -> Value:
    """The values joined along an axis; a `Fault` in terms of the inputs where they do not fit."""
    shapes = " and ".join(f"`{x.type}`" for x in written)
    message = f"inputs of the shapes {shapes} cannot be {verb} along axis {axis}"
    b.require(len({x.rank for x in values}) == 1, message, code=codes.INCOMPATIBLE_SHAPES)
    try:
        return concat(values, axis)
    except Fault as fault:
        raise Fault(fault.code, f"{message}: {fault.message}") from None
