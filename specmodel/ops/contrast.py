"""Contrast of images, a neighbourhood at a time."""

from collections.abc import Sequence

from specmodel.ops.value import Op
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType

LEVELS = 256


class EqualizeTiles(Op):
    """Contrast-limited adaptive histogram equalization of (batch, height, width, channels) with values from 0 to 255.

    Each channel is cut into `rows` * `columns` tiles, mirrored at the border to fill the last. In a tile, counts of
    values above `clip_limit` times their mean are spread over all values (0: none are); a value becomes the share of
    smaller ones, times 255. Between the middles of four tiles the four results are mixed.
    Source: K. Zuiderveld, Contrast limited adaptive histogram equalization, Graphics Gems IV, 1994.
    """

    rows: int
    columns: int
    clip_limit: float

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's shape, of float32."""
        return (TensorType(inputs[0].shape, "float32"),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Ten for each pixel (a count and three mixtures), ten for each value of each tile of an image."""
        batch, channels = inputs[0].shape[0], inputs[0].shape[3]
        return outputs[0].size * 10 + batch * channels * (10 * LEVELS * self.rows * self.columns)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Always: images do not see each other."""
        return True
