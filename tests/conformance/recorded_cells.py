"""The cells that Keras' tests of RNN define in Python, defined here as well: a spec cannot name them, a program can."""

from typing import Any

from pydantic import Field

from specmodel.layers.cells import Begun, Cell, States, features
from specmodel.layers.scope import Scope
from specmodel.ops.value import Value


class OneStateRNNCell(Cell):
    """`inputs @ kernel + state @ recurrent_kernel`."""

    units: int = Field(description="Size of the state.")
    state_size: Any = Field(None, description="The same, or a list of it.")

    def begin(self, b: Scope, inputs: Value) -> Begun:
        x = inputs @ b.weight("kernel", (features(b, inputs), self.units), "ones")
        recurrent = b.weight("recurrent_kernel", (self.units, self.units), "ones")

        def step(x: Value, states: States) -> tuple[Value, ...]:
            return (x + states[0] @ recurrent,)

        return Begun(x, ((self.units,),), step)


class TwoStatesRNNCell(OneStateRNNCell):
    """Two states, both made of the first; the output is their sum, and none of them."""

    state_names = ("first", "second")

    def begin(self, b: Scope, inputs: Value) -> Begun:
        square = (self.units, self.units)
        x = inputs @ b.weight("kernel", (features(b, inputs), self.units), "ones")
        kernels = [b.weight(f"recurrent_kernel_{number}", square, "ones") for number in (1, 2)]

        def step(x: Value, states: States) -> tuple[Value, ...]:
            first, second = (x + states[0] @ kernel for kernel in kernels)
            return first, second, first + second

        return Begun(x, ((self.units,), (self.units,)), step, 2, (self.units,))


class RNNCellWithDropout(OneStateRNNCell):
    """The same at inference."""

    dropout: float = Field(0.5, description="Training only.")
    recurrent_dropout: float = Field(0.5, description="Training only.")
    seed: int | None = Field(None, description="Training only.")


CELLS = {kind.__name__: kind for kind in (OneStateRNNCell, TwoStatesRNNCell, RNNCellWithDropout)}
