"""Arrays whose elements take turns. Layers do not write it: a pass makes it of transposed convolutions."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from specmodel.ops.value import Op
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType


class Interleave(Op):
    """(batch, sizes…, features) of arrays (batch, …, features) that take turns along each axis between.

    Along an axis of the stride s, the element `i*s + r` is element i of an array whose place is r; the inputs stand in
    the row-major order of their places.
    """

    strides: tuple[int, ...]
    sizes: tuple[int, ...]

    def places(self) -> Iterator[tuple[slice, ...]]:
        """Where each input's elements stand, by axis."""
        for starts in product(*(range(stride) for stride in self.strides)):
            spatial = (slice(start, None, stride) for start, stride in zip(starts, self.strides, strict=True))
            yield (slice(None), *spatial, slice(None))

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """All sizes as given."""
        assert len(inputs) == prod(self.strides)
        for kind, place in zip(inputs, self.places(), strict=True):
            spatial = zip(kind.shape[1:-1], place[1:-1], self.sizes, strict=True)
            for size, taken, whole in spatial:
                assume.equal(size, len(range(*taken.indices(whole))), "the elements that take turns")
        return (TensorType((inputs[0].shape[0], *self.sizes, inputs[0].shape[-1]), inputs[0].dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """None: nothing is computed."""
        return 0
