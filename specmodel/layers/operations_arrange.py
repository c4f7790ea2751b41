"""Tensor operations that turn, split, join and rearrange: shorter names for what several movements do."""

from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import IntList, PosInt
from specmodel.layers.operation import Constants, Operation
from specmodel.layers.operations_slicing import Split, joined
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.shape import flip, reshape, slice_axis, transpose
from specmodel.ops.value import Value
from specmodel.types.tensor import product


class Fliplr(Operation):
    """The second axis backwards: the columns of a matrix."""

    examples = (
        Example({}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({}, inputs=((None, 4, 3),), output=(None, 4, 3), params=0),
        Example({}, inputs=((None,),), error="expected an input of at least 2 axes, found (None,)"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input turned around."""
        b.require(x.rank >= 2, f"expected an input of at least 2 axes, found {x.type}", code=codes.WRONG_RANK)
        return flip(x, 1)


class Flipud(Operation):
    """The first axis, that of the batch, backwards."""

    examples = (
        Example({}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({}, inputs=((4,),), output=(4,), params=0),
        Example({}, inputs=((),), error="expected an input of at least 1 axis, found ()"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input turned around."""
        b.require(x.rank >= 1, f"expected an input of at least 1 axis, found {x.type}", code=codes.WRONG_RANK)
        return flip(x, 0)


def _check_plane(axes: tuple[int, ...]) -> tuple[int, ...]:
    if len(axes) != 2 or axes[0] == axes[1]:
        raise refuse(f"must be two different axes, found {list(axes)}")
    return axes


class Rot90(Operation):
    """Turned by so many right angles in the plane of two axes, from the first toward the second."""

    k: int = Field(1, description="How many right angles.")
    axes: Annotated[IntList, AfterValidator(_check_plane)] = Field((0, 1), description="The axes; the batch axis is 0.")

    examples = (
        Example({"axes": [1, 2]}, inputs=((None, "h", "w", 3),), output=(None, "w", "h", 3), params=0),
        Example({"k": 2, "axes": [1, 2]}, inputs=((None, 4, 5),), output=(None, 4, 5), params=0),
        Example({}, inputs=((2, 3),), output=(3, 2), params=0),
        Example({"axes": [1, 1]}, error="`axes` of Rot90 must be two different axes, found [1, 1]"),
    )

    def build(self, b: Scope, array: Value) -> Value:
        """The input turned around, or with both axes in each other's place."""
        one, other = (b.axis(axis, array.rank, "axes") for axis in self.axes)
        b.require(one != other, f"`axes` names axis {one} twice", field="axes", code=codes.BAD_AXIS)
        perm = list(range(array.rank))
        perm[one], perm[other] = other, one
        match self.k % 4:
            case 1:
                return transpose(flip(array, other), perm)
            case 2:
                return flip(flip(array, one), other)
            case 3:
                return flip(transpose(array, perm), other)
        return array


class Append(Constants):
    """The second operand behind the first, along an axis; without one, all elements of both."""

    axis: int | None = Field(None, description="The axis that grows; the batch axis is 0, null joins all elements.")

    examples = (
        Example({"axis": 1}, inputs=((None, 3), (None, 2)), output=(None, 5), params=0),
        Example({"x2": [1, 2]}, inputs=((4,),), output=(6,), params=0),
        Example({}, inputs=((2, 3), (2, 2)), output=(10,), params=0),
        Example({"axis": 2}, inputs=((None, 3), (None, 2)), error="`axis` 2 is no axis of an input of rank 2"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """Both operands joined."""
        pair = self.operands(b, x1, x2)
        if self.axis is None:
            return joined(b, [reshape(x, (product(x.shape),)) for x in pair], 0, pair, "joined")
        return joined(b, pair, b.axis(self.axis, pair[0].rank), pair, "joined")


class ArraySplit(Operation):
    """So many pieces along an axis, one output each; the first ones are longer by one where they cannot be equal."""

    indices_or_sections: PosInt = Field(description="How many pieces.")
    axis: int = Field(0, description="The axis to cut; the batch axis is 0.")

    examples = (
        Example(
            {"indices_or_sections": 3, "axis": 1},
            inputs=((None, 7),),
            output=((None, 3), (None, 2), (None, 2)),
            params=0,
        ),
        Example(
            {"indices_or_sections": 2, "axis": -1}, inputs=((None, "n", 4),), output=((None, "n", 2),) * 2, params=0
        ),
        Example({"indices_or_sections": 3, "axis": 1}, inputs=((None, "n"),), error="the size of axis 1 must be known"),
        Example(
            {"indices_or_sections": 4, "axis": 1},
            inputs=((None, 3),),
            error="axis 1 has 3 elements, too few for 4 pieces",
        ),
    )

    def build(self, b: Scope, x: Value) -> tuple[Value, ...]:
        """Each piece."""
        axis, count = b.axis(self.axis, x.rank), self.indices_or_sections
        length = b.known(x.shape[axis], f"the size of axis {axis}", "give that axis a size where it comes from")
        message = f"axis {axis} has {length} elements, too few for {count} pieces"
        b.require(length >= count, message, field="indices_or_sections", code=codes.BAD_SIZE)
        size, longer = divmod(length, count)
        starts = [number * size + min(number, longer) for number in range(count + 1)]
        return tuple(slice_axis(x, axis, start, stop - start) for start, stop in pairwise(starts))


class _SplitAlong(Operation):
    indices_or_sections: PosInt | IntList = Field(description="How many equal pieces, or the places to cut at.")

    along: ClassVar[int]

    def build(self, b: Scope, x: Value) -> tuple[Value, ...]:
        """Each piece."""
        axis = min(self.along, 0 if x.rank == 1 and self.along == 1 else self.along)
        b.require(
            x.rank > axis, f"expected an input of at least {axis + 1} axes, found {x.type}", code=codes.WRONG_RANK
        )
        return Split.declare({"indices_or_sections": self.indices_or_sections, "axis": axis}).build(b, x)


class Hsplit(_SplitAlong):
    """Pieces along the second axis, one output each; of a vector, along its axis."""

    along = 1
    examples = (
        Example({"indices_or_sections": 2}, inputs=((None, 6),), output=((None, 3), (None, 3)), params=0),
        Example({"indices_or_sections": [1]}, inputs=((None, 4, 2),), output=((None, 1, 2), (None, 3, 2)), params=0),
        Example({"indices_or_sections": 4}, inputs=((None, 6),), error="axis 1 has 6 elements: no 4 equal pieces"),
    )


class Vsplit(_SplitAlong):
    """Pieces along the first axis, that of the batch, one output each."""

    along = 0
    examples = (
        Example({"indices_or_sections": 2}, inputs=((6, "seq"),), output=((3, "seq"), (3, "seq")), params=0),
        Example({"indices_or_sections": [1]}, inputs=((4, 2),), output=((1, 2), (3, 2)), params=0),
        Example({"indices_or_sections": 0}, error="`indices_or_sections` of Vsplit must be greater than 0, found 0"),
    )


class Dsplit(_SplitAlong):
    """Pieces along the third axis, one output each."""

    along = 2
    examples = (
        Example({"indices_or_sections": 2}, inputs=((None, 3, 4),), output=((None, 3, 2), (None, 3, 2)), params=0),
        Example({"indices_or_sections": [1]}, inputs=((None, 3, 4),), output=((None, 3, 1), (None, 3, 3)), params=0),
        Example({"indices_or_sections": 2}, inputs=((None, 4),), error="expected an input of at least 3 axes"),
    )


class _Stacked(Operation):
    along: ClassVar[int]
    takes_list = True

    def shaped(self, x: Value) -> Value:
        """The value with the axes that joining needs."""
        raise NotImplementedError(type(self).__name__)

    def build(self, b: Scope, xs: list[Value]) -> Value:
        """The inputs joined."""
        made = [self.shaped(x) for x in xs]
        return joined(b, made, 0 if made[0].rank == 1 else self.along, xs, "joined")


class Hstack(_Stacked):
    """The inputs side by side along the second axis; vectors, one after the other."""

    along = 1
    examples = (
        Example({}, inputs=((None, 4), (None, 2)), output=(None, 6), params=0),
        Example({}, inputs=((3,), (2,)), output=(5,), params=0),
        Example({}, inputs=((None, 4), (None, 4, 1)), error="cannot be joined"),
    )

    def shaped(self, x: Value) -> Value:
        """Itself; a number as a vector of one."""
        return x if x.rank > 0 else reshape(x, (1,))


class Vstack(_Stacked):
    """The inputs one below the other along the first axis; vectors as rows."""

    along = 0
    examples = (
        Example({}, inputs=((3, 4), (2, 4)), output=(5, 4), params=0),
        Example({}, inputs=((4,), (4,)), output=(2, 4), params=0),
        Example({}, inputs=((2, 4), (2, 3)), error="cannot be joined"),
    )

    def shaped(self, x: Value) -> Value:
        """Itself; a vector as a row."""
        return x if x.rank > 1 else reshape(x, (1, product(x.shape)))


class Dstack(_Stacked):
    """The inputs one behind the other along the third axis, which is made where it is lacking."""

    along = 2
    examples = (
        Example({}, inputs=((None, 4), (None, 4)), output=(None, 4, 2), params=0),
        Example({}, inputs=((None, 4, 3), (None, 4, 1)), output=(None, 4, 4), params=0),
        Example({}, inputs=((2, 4), (2, 3)), error="cannot be joined"),
    )

    def shaped(self, x: Value) -> Value:
        """Itself; a matrix with a third axis, a vector as its row."""
        if x.rank >= 3:
            return x
        return reshape(x, (*x.shape, 1)) if x.rank == 2 else reshape(x, (1, product(x.shape), 1))
