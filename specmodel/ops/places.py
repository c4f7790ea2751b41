"""Ops that read or write where other values say."""

from collections.abc import Sequence
from typing import Literal

from specmodel.diagnostics.codes import INCOMPATIBLE_SHAPES, UNKNOWN_SIZE
from specmodel.ops.elementwise import cast
from specmodel.ops.value import Op, Value
from specmodel.types.assume import Assume
from specmodel.types.broadcast import broadcast
from specmodel.types.dim import Dim
from specmodel.types.fault import Fault
from specmodel.types.tensor import TensorType

Reduction = Literal["add", "max", "min", "mul"]


class GatherAlong(Op):
    """Elements along an axis at given places: `out[i, j, …] = x[i, places[i, j, …], …]`, the other axes broadcast.

    A negative place counts from the end; one outside the axis is an error of the data.
    """

    axis: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The places' size along the axis, the broadcast sizes elsewhere."""
        x, places = inputs
        others = [kind.shape[: self.axis] + kind.shape[self.axis + 1 :] for kind in inputs]
        shape = broadcast(assume, *others)
        return (TensorType((*shape[: self.axis], places.shape[self.axis], *shape[self.axis :]), x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """None: nothing is computed."""
        return 0

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the rows themselves are picked, or one of the two has other rows."""
        return self.axis != 0 and all(by_row or kind.shape[0] == 1 for by_row, kind in zip(rows, inputs, strict=True))


class Scatter(Op):
    """A base with updates written into it, or combined with what is there by `reduction`.

    Indices are (…, k): each names a place along the first k axes of the base, from the end if negative. Updates are
    (…, the base's other axes). An index outside is an error of the data; of several updates of one place, the last one
    stays where nothing is combined.
    """

    reduction: Reduction | None = None

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The base's type."""
        base, indices, updates = inputs
        depth = indices.shape[-1]
        if not isinstance(depth, int):
            raise Fault(UNKNOWN_SIZE, "how many axes the indices address must be known")
        wanted = (*indices.shape[:-1], *base.shape[depth:])
        if depth > base.rank or len(wanted) != updates.rank:
            message = f"updates {updates} do not fit the indices {indices} into {base}"
            raise Fault(INCOMPATIBLE_SHAPES, message)
        for one, other in zip(wanted, updates.shape, strict=True):
            assume.equal(one, other, "there is an update for each index")
        return (base,)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """One for each update that is combined."""
        return 0 if self.reduction is None else inputs[2].size


def gather_along(x: Value, places: Value, axis: int) -> Value:
    """Elements along an axis at given places."""
    return GatherAlong(axis % x.rank)(x, places)


def scatter(base: Value, indices: Value, updates: Value, reduction: Reduction | None = None) -> Value:
    """The base with updates written into it, in its own dtype."""
    return Scatter(reduction)(base, indices, cast(updates, base.dtype))
