"""Convolutions of three taps by minimal filtering. Layers do not write it: a pass makes it of other convolutions."""

from collections.abc import Sequence
from math import prod

from specmodel.ops.value import Op
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType


class Winograd(Op):
    """A convolution of three taps along each axis, stride 1, that makes tiles of `side` elements along each at a time.

    The input is as large as the tiles and two elements more along each axis; `sizes` are those of the output, which the
    last tiles may go beyond. The kernel is given transformed and packed: a matrix (channels, filters) for each of the
    `(side + 2) ** axes` products of a tile, as one matrix in groups of `width` columns.

    Source: S. Winograd, Arithmetic Complexity of Computations (1980); A. Lavin and S. Gray, Fast Algorithms for
    Convolutional Neural Networks (2015).
    """

    side: int
    sizes: tuple[int, ...]
    filters: int
    width: int

    @property
    def tiles(self) -> tuple[int, ...]:
        """How many there are along each axis."""
        return tuple(-(-size // self.side) for size in self.sizes)

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(batch, …, channels) and a flat kernel give (batch, sizes…, filters)."""
        x, kernel = inputs
        for size, count in zip(x.shape[1:-1], self.tiles, strict=True):
            assume.equal(size, count * self.side + 2, "the elements that tiles see")
        products = (self.side + 2) ** len(self.sizes)
        assume.equal(products * self.filters * x.shape[-1], kernel.size, "the elements of a transformed kernel")
        return (TensorType((x.shape[0], *self.sizes, self.filters), x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Those of the convolution: two for each multiply-add that it would take."""
        return 2 * outputs[0].size * int(prod(3 for _ in self.sizes)) * inputs[0].shape[-1]
