"""Attention as one op. Layers write its products and the softmax between them; a pass puts them together."""

from collections.abc import Sequence

from specmodel.ops.value import Op
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType, product

Axes = tuple[int, ...]


class Attend(Op):
    """`softmax(q @ k.T) @ v` for each index of the batch axes; inputs q, k, v, and perhaps a mask of what is seen.

    `query`, `key`, `value` are the axes of the inputs in the order (batch…, positions, features), `output` those of the
    result. The mask broadcasts to the scores, (batch…, query positions, key positions); scores of what is not seen are
    `hidden`, and with `zeroed` their probabilities are 0.
    """

    query: Axes
    key: Axes
    value: Axes
    output: Axes
    hidden: float | None
    zeroed: bool

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """Batch axes and positions of the query, features of the value."""
        q, v = inputs[0], inputs[2]
        ordered = [*(q.shape[axis] for axis in self.query[:-1]), v.shape[self.value[-1]]]
        sizes = dict(zip(self.output, ordered, strict=True))
        return (TensorType(tuple(sizes[axis] for axis in range(len(sizes))), q.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Those of the two products, and five for each score."""
        q, k = inputs[:2]
        keys = k.shape[self.key[-2]]
        queries = product(tuple(q.shape[axis] for axis in self.query[:-1]))
        return keys * (2 * q.size + 2 * outputs[0].size + 5 * queries)
