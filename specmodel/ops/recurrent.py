"""The loops of recurrent layers as one op each. Layers do not write these: a pass makes them of `Scan`.

What the inputs make of themselves, `x`, is there for all steps. Where a sigmoid takes them, sums and products come
halved, since `sigmoid(s) = (tanh(s / 2) + 1) / 2`: powers of two change no digit.
"""

from collections.abc import Sequence

from specmodel.ops.value import Op
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType


class _Loop(Op):
    """Inputs: x (batch, steps, gates * units), the states (batch, units), the kernel, and if `masked` a mask.

    The kernel is that of the states, (units, gates * units), packed in groups of `width`, or as it is for None. The
    mask (batch, steps) tells the steps that count; in others the states stay. Outputs: the states as they end, and if
    `sequences` the first state after each step.
    """

    sequences: bool
    masked: bool
    width: int | None

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The states' types, then (batch, steps, units)."""
        x, *states = inputs[: len(inputs) - 1 - self.masked]
        batch, units = states[0].shape
        outputs = [TensorType((batch, x.shape[1], units), x.dtype)] if self.sequences else []
        return (*states, *outputs)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Two for each multiply-add with the kernel, and one for each gate's element."""
        x, state = inputs[0], outputs[0]
        return x.size * (2 * state.shape[-1] + 1)


class LSTMLoop(_Loop):
    """`c = f * c + i * g`, `h = o * tanh(c)` with the gates i, f, o, g of `x + h @ kernel`, in this order.

    i, f and o are halved in x; the kernel is halved, and once more for these three: the loop keeps h doubled.
    """


class GRULoop(_Loop):
    """`h = z * (h - g) + g` with `g = tanh(x_g + r * p_g)`, z and r of `x + p`, `p = h @ kernel`.

    The gates are z, r, g in this order; z and r are halved in x, and the whole kernel is halved. It may have a row
    more, which is added to every product.
    """
