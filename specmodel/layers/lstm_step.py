"""What the cells of LSTM and ConvLSTM share: the gates, behind the products that make them."""

from typing import TYPE_CHECKING, ClassVar, Literal

from specmodel.layers.cells import Cell, activated, columns
from specmodel.layers.objects import Named, Pieces
from specmodel.layers.scope import Scope
from specmodel.ops.value import Value


class LSTMStep(Cell):
    """A cell with a hidden and a carry state, whose last axis is input, forget, candidate and output gates in a row."""

    state_names = ("hidden", "carry")
    size_field: ClassVar[str] = "units"
    """The argument that is the size of each gate."""

    if TYPE_CHECKING:  # each cell declares these where Keras has them
        activation: str | Named
        recurrent_activation: str | Named
        bias_initializer: str | Named
        unit_forget_bias: bool

    @property
    def size(self) -> int:
        """The size of each gate and state."""
        return int(getattr(self, self.size_field))

    def bias_start(self) -> str | Named | Pieces:
        """The initializer of the bias: the forget gate's part may start with ones."""
        if not self.unit_forget_bias:
            return self.bias_initializer
        start, size = self.bias_initializer, self.size
        return Pieces(((start, size), ("ones", size), (start, 2 * size)))

    def states_of(self, b: Scope, z: Value, carry: Value) -> tuple[Value, Value]:
        """The new hidden and carry states, of the sums `z` that the gates are made of."""
        i, f, candidate, o = self._gates(b, z)
        carry = f * carry + i * candidate
        return o * self.activated(b, "activation", carry), carry

    def activated(self, b: Scope, field: Literal["activation", "recurrent_activation"], x: Value) -> Value:
        """The activation function that is the argument `field`, applied to a value."""
        return activated(b, getattr(self, field), x, field)

    def _gates(self, b: Scope, z: Value) -> tuple[Value, ...]:
        i, f, candidate, o = columns(z, self.size, 4)
        return (
            self.activated(b, "recurrent_activation", i),
            self.activated(b, "recurrent_activation", f),
            self.activated(b, "activation", candidate),
            self.activated(b, "recurrent_activation", o),
        )
