"""Tensor operations that arrange the elements of one tensor in another shape or order."""

from math import prod
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import Axes, IntList
from specmodel.layers.operation import Operation, axes_of
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.shape import expand, expand_dims, reshape, transpose
from specmodel.ops.value import Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.formula import described
from specmodel.types.tensor import product


def _check_sizes(shape: tuple[int, ...]) -> tuple[int, ...]:
    wrong = next((axis for axis, size in enumerate(shape) if size < 1 and size != -1), None)
    if wrong is not None:
        raise refuse(f"must be a positive size, or -1, found {shape[wrong]}", None, (wrong,))
    if shape.count(-1) > 1:
        raise refuse(f"must have -1 at most once, found it {shape.count(-1)} times")
    return shape


class ReshapeOp(Operation):
    """The same elements under another shape, the batch axis included: unlike `Reshape`, which leaves it alone."""

    newshape: Annotated[IntList, AfterValidator(_check_sizes)] = Field(
        description="All sizes; -1, at most once, for what the others leave."
    )

    examples = (
        Example({"newshape": [-1, 16]}, inputs=((None, 4, 4),), output=(None, 16), params=0),
        Example({"newshape": [-1, 4]}, inputs=((None, 8),), output=(None, 4), params=0),
        Example({"newshape": [2, 3, -1]}, inputs=((6, "seq"),), output=(2, 3, "seq"), params=0),
        Example({"newshape": [-1, -1]}, error="`newshape` of ReshapeOp must have -1 at most once, found it 2 times"),
        Example({"newshape": [3, 0]}, error="`newshape[1]` of ReshapeOp must be a positive size, or -1, found 0"),
        Example(
            {"newshape": [5, 5]}, inputs=((4, 4),), error="`newshape` (5, 5) has 25 elements, the input (4, 4) has 16"
        ),
        Example({"newshape": [-1, 3]}, inputs=((4, 4),), error="`newshape` (-1, 3) takes a multiple of 3 elements"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input under the new shape, with what is left put in for -1."""
        elements, known = product(x.shape), prod(size for size in self.newshape if size != -1)
        found = f"the input {x.type} has {described(elements)}"
        code, left = codes.RESHAPE_DOES_NOT_FIT, elements
        if -1 in self.newshape:
            message = f"`newshape` {self.newshape} takes a multiple of {known} elements, {found}"
            left = Assume().divisible(elements, known, code, message, field="newshape")
        else:
            message = f"`newshape` {self.newshape} has {known} elements, {found}"
            Assume().equal(elements, known, code=code, message=message, field="newshape")
        return reshape(x, [left if size == -1 else size for size in self.newshape])


class Ravel(Operation):
    """All elements along one axis, those of all samples."""

    examples = (
        Example({}, inputs=((None, 3),), output=(None,), params=0),
        Example({}, inputs=((2, "seq"),), output=("2*seq",), params=0),
        Example({"axis": 0}, error="unknown argument `axis` of Ravel"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The elements in row-major order."""
        return reshape(x, (product(x.shape),))


class Transpose(Operation):
    """The axes in another order, the batch axis included."""

    axes: IntList | None = Field(
        None, description="Which axis stands at each place of the output; null turns all around."
    )

    examples = (
        Example({"axes": [0, 2, 1]}, inputs=((None, "seq", 8),), output=(None, 8, "seq"), params=0),
        Example({}, inputs=((None, 3, 4),), output=(4, 3, None), params=0),
        Example({"axes": [0, -1, 1]}, inputs=((None, 3, 4),), output=(None, 4, 3), params=0),
        Example(
            {"axes": [0, 1]},
            inputs=((None, 3, 4),),
            error="`axes` (0, 1) must name each of the 3 axes of the input once",
        ),
        Example({"axes": [0, 3, 1]}, inputs=((None, 3, 4),), error="`axes` 3 is no axis of an input of rank 3"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input transposed."""
        order = self.axes if self.axes is not None else tuple(reversed(range(x.rank)))
        perm = [b.axis(axis, x.rank, "axes") for axis in order]
        message = f"`axes` {order} must name each of the {x.rank} axes of the input once"
        b.require(sorted(perm) == list(range(x.rank)), message, field="axes", code=codes.BAD_AXIS)
        return transpose(x, perm)


class Swapaxes(Operation):
    """Two axes in each other's place."""

    axis1: int = Field(description="The one axis; the batch axis is 0.")
    axis2: int = Field(description="The other axis.")

    examples = (
        Example({"axis1": 1, "axis2": -1}, inputs=((None, "seq", 3, 8),), output=(None, 8, 3, "seq"), params=0),
        Example({"axis1": 1, "axis2": 3}, inputs=((None, 3, 4),), error="`axis2` 3 is no axis of an input of rank 3"),
        Example({"axis1": 1}, error="Swapaxes needs the argument `axis2`"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input transposed."""
        one, other = b.axis(self.axis1, x.rank, "axis1"), b.axis(self.axis2, x.rank, "axis2")
        perm = list(range(x.rank))
        perm[one], perm[other] = other, one
        return transpose(x, perm)


class Moveaxis(Operation):
    """Axes at other places, the others in their order."""

    source: Axes = Field(description="The axes to move; the batch axis is 0.")
    destination: Axes = Field(description="Where each of them goes.")

    examples = (
        Example({"source": 1, "destination": -1}, inputs=((None, 3, "h", "w"),), output=(None, "h", "w", 3), params=0),
        Example({"source": [1, 2], "destination": [2, 1]}, inputs=((None, 3, 4),), output=(None, 4, 3), params=0),
        Example({"source": [1, 2], "destination": 1}, error="as many places as `source` has axes, 2, found 1"),
        Example({"source": [1, 1], "destination": [1, 2]}, inputs=((None, 3, 4),), error="`source` names axis 1 twice"),
    )

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if len(self.source) != len(self.destination):
            found = f"{len(self.source)}, found {len(self.destination)}"
            message = f"`destination` of Moveaxis must name as many places as `source` has axes, {found}"
            raise refuse(message, None, ("destination",))
        return self

    def build(self, b: Scope, x: Value) -> Value:
        """The input transposed."""
        source = axes_of(b, self.source, x.rank, "source")
        places = dict(zip(axes_of(b, self.destination, x.rank, "destination"), source, strict=True))
        others = (axis for axis in range(x.rank) if axis not in source)
        return transpose(x, [places[place] if place in places else next(others) for place in range(x.rank)])


class ExpandDims(Operation):
    """New axes of size 1."""

    axis: Axes = Field(description="Where they stand in the output; the batch axis is 0.")

    examples = (
        Example({"axis": -1}, inputs=((None, "seq"),), output=(None, "seq", 1), params=0),
        Example({"axis": [1, 3]}, inputs=((None, 5),), output=(None, 1, 5, 1), params=0),
        Example({"axis": 3}, inputs=((None, 5),), error="`axis` 3 is no axis of an input of rank 3"),
        Example({}, error="ExpandDims needs the argument `axis`"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input with each axis put in."""
        for axis in sorted(axes_of(b, self.axis, x.rank + len(self.axis))):
            x = expand_dims(x, axis)
        return x


class Squeeze(Operation):
    """Axes of size 1 left out."""

    axis: Axes | None = Field(None, description="Which ones; null means all whose size is known to be 1.")

    examples = (
        Example({"axis": 1}, inputs=((None, 1, 5),), output=(None, 5), params=0),
        Example({}, inputs=((None, 1, "seq", 1),), output=(None, "seq"), params=0),
        Example({"axis": [1, -1]}, inputs=((None, 1, 4, 1),), output=(None, 4), params=0),
        Example({"axis": 1}, inputs=((None, 5),), error="axis 1 has the size 5 and cannot be left out"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input without these axes."""
        given = self.axis if self.axis is not None else tuple(axis for axis, size in enumerate(x.shape) if size == 1)
        axes = axes_of(b, given, x.rank)
        for axis in axes:
            message = f"axis {axis} has the size {described(x.shape[axis])} and cannot be left out"
            b.assume.equal(x.shape[axis], 1, "Squeeze leaves that axis out", message=message, field="axis")
        return reshape(x, [size for axis, size in enumerate(x.shape) if axis not in axes])


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _check_target(shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
    wrong = next((axis for axis, size in enumerate(shape) if size is not None and size < 1), None)
    if wrong is not None:
        raise refuse(f"must be a positive size, or null, found {shape[wrong]}", None, (wrong,))
    return shape


class BroadcastTo(Operation):
    """The elements repeated along axes of size 1, and new axes in front, to reach a shape."""

    shape: Annotated[
        tuple[int | None, ...], BeforeValidator(_as_tuple), AfterValidator(_check_target), "list of sizes or null"
    ] = Field(description="All sizes with the batch axis; null keeps the input's.")

    examples = (
        Example({"shape": [None, 4, 5]}, inputs=((None, 1, 5),), output=(None, 4, 5), params=0),
        Example({"shape": [None, None, 8]}, inputs=((None, "seq", 1),), output=(None, "seq", 8), params=0),
        Example({"shape": [3, 2, 5]}, inputs=((2, 5),), output=(3, 2, 5), params=0),
        Example({"shape": [None, 4]}, inputs=((None, 3),), error="axis 1 is 3 in the first and 4 in the second"),
        Example({"shape": [None, 4, 3]}, inputs=((2, 3),), error="`shape[0]` is a new axis and needs a size"),
        Example({"shape": [4]}, inputs=((2, 4),), error="`shape` (4,) has fewer axes than the input (2, 4)"),
        Example({"shape": [None, 1]}, inputs=((None, 3),), error="`shape[1]` is 1, the input's axis 1 has the size 3"),
        Example({"shape": [None, 0]}, error="`shape[1]` of BroadcastTo must be a positive size, or null, found 0"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input repeated."""
        message = f"`shape` {self.shape} has fewer axes than the input {x.type}"
        new = len(self.shape) - x.rank
        b.require(new >= 0, message, field="shape", code=codes.WRONG_RANK)
        sizes: list[Dim] = []
        for axis, size in enumerate(self.shape):
            b.require(size is not None or axis >= new, f"`shape[{axis}]` is a new axis and needs a size", field="shape")
            sizes.append(size if size is not None else x.shape[axis - new])
            if size == 1 and axis >= new:
                found = x.shape[axis - new]
                message = f"`shape[{axis}]` is 1, the input's axis {axis - new} has the size {described(found)}"
                b.assume.equal(found, 1, "BroadcastTo leaves that axis at 1", message=message, field="shape")
        return expand(x, sizes)
