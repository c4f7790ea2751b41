"""Products of matrices. A sum of products in Einstein's notation is one too, once its axes stand in groups."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import Order, plain
from specmodel.ops import linear as ops
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.tensor import product


def mat_mul(op: ops.MatMul, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator. A matrix on the right leaves the rows of the left in the order in which they are held."""
    (x, y), (out,) = inputs, outputs
    order = rows_order(b, x) if y.rank == 2 else plain(out.rank)
    left = b.read(x, order) if y.rank == 2 else b.read(x)
    right = b.read(y)
    b.hold(out, b.computed(left, out.dtype, lambda given: b.node("MatMul", given, b.cast(right, given.dtype))), order)


def rows_order(b: Builder, x: Value) -> Order:
    """The order to multiply a value in from the right: as it is held, if its last axis is the last."""
    order = b.held(x).order
    return order if order[-1] == x.rank - 1 else plain(x.rank)


def einsum(op: ops.Einsum, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A sum, or products of two operands at a time, from left to right."""
    operands, result = op.equation.split("->")
    terms = list(zip(operands.split(","), inputs, strict=True))
    made = [_Term(indices, b.read(value), value.shape) for indices, value in terms]
    total = made[0]
    for number, other in enumerate(made[1:], start=1):
        later = set(result).union(*(term.indices for term in made[number + 1 :]))
        total = _multiplied(b, total, other, later)
    total = _summed(b, total, set(result))
    order = tuple(result.index(index) for index in total.indices)
    b.hold(outputs[0], total.tensor, order)


class _Term:
    """A tensor whose axes have the letters of an equation."""

    def __init__(self, indices: str, tensor: Tensor, shape: Sequence[Dim]) -> None:
        self.indices = indices
        self.tensor = tensor
        self.sizes = dict(zip(indices, shape, strict=True))

    def grouped(self, b: Builder, batch: Sequence[str], groups: Sequence[Sequence[str]]) -> Tensor:
        """The batch axes, then one axis for each group."""
        order = [*batch, *(index for group in groups for index in group)]
        moved = b.transposed(self.tensor, tuple(self.indices.index(index) for index in order))
        sizes = tuple(self.sizes[index] for index in batch)
        return b.reshape(moved, (*sizes, *(product(tuple(self.sizes[i] for i in group)) for group in groups)))


def _summed(b: Builder, term: _Term, kept: set[str]) -> _Term:
    """The term without the axes that nobody asks for."""
    axes = [axis for axis, index in enumerate(term.indices) if index not in kept]
    if not axes:
        return term
    left = "".join(index for index in term.indices if index in kept)
    shape = [term.sizes[index] for index in left]
    return _Term(left, _reduced(b, term.tensor, axes, shape), shape)


def _reduced(b: Builder, x: Tensor, axes: Sequence[int], shape: Sequence[Dim]) -> Tensor:
    return b.computed(x, x.dtype, lambda given: b.node("ReduceSum", given, b.ints(axes), keepdims=0, shape=shape))


def _multiplied(b: Builder, left: _Term, right: _Term, later: set[str]) -> _Term:
    """The product of two terms, summed over the axes that both have and nobody asks for later."""
    left, right = _summed(b, left, later | set(right.indices)), _summed(b, right, later | set(left.indices))
    batch = [index for index in left.indices if index in right.indices and index in later]
    rows = [index for index in left.indices if index not in right.indices]
    columns = [index for index in right.indices if index not in left.indices]
    over = [index for index in left.indices if index in right.indices and index not in later]
    groups = [rows] if batch or not rows else [[row] for row in rows]  # axes in front of a matrix need no merging
    one, other = left.grouped(b, batch, (*groups, over)), right.grouped(b, batch, (over, columns))
    sizes = {**left.sizes, **right.sizes}
    made = b.computed(one, one.dtype, lambda given: b.node("MatMul", given, b.cast(other, given.dtype)))
    indices = "".join((*batch, *rows, *columns))
    shape = [sizes[index] for index in indices]
    made.shape = tuple(product(tuple(sizes[i] for i in group)) for group in ([*([i] for i in batch), *groups, columns]))
    return _Term(indices, b.reshape(made, shape), shape)
