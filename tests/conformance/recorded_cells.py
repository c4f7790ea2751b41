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


class RNNCellWithDropout(OneStateRNNCell):
    """The same at inference."""

    dropout: float = Field(0.5, description="Training only.")
    recurrent_dropout: float = Field(0.5, description="Training only.")
    seed: int | None = Field(None, description="Training only.")


CELLS = {kind.__name__: kind for kind in (OneStateRNNCell, RNNCellWithDropout)}
