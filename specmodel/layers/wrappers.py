"""Layers around a layer: Bidirectional, TimeDistributed."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer, call_parameters, required_parameters
from specmodel.layers.fields import LayerArgument
from specmodel.layers.recurrence import Recurrent
from specmodel.layers.scope import Masked, Scope
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import cast
from specmodel.ops.shape import concat, flip, reshape
from specmodel.ops.value import Value
from specmodel.types.fault import Fault

COMMON = ("return_sequences", "return_state", "stateful")
"""What the two directions of a Bidirectional must agree on."""


class Bidirectional(Layer):
    """A recurrent layer run in both directions, and the two outputs merged.

    Input (batch, steps, features); output as that of `layer`, twice as wide where `merge_mode` is `concat`, two outputs
    where it is null. With `return_state` the last states follow, first those of the forward direction.
    """

    layer: LayerArgument = Field(description="The recurrent layer that goes forward.")
    merge_mode: Literal["sum", "mul", "concat", "ave"] | None = Field(
        "concat", description="How the outputs are merged."
    )
    backward_layer: LayerArgument | None = Field(None, description="The layer that goes backwards; null means a copy.")

    supports_masking = True
    examples = (
        Example({"layer": {"LSTM": 4}}, inputs=((None, 5, 3),), output=(None, 8), params=256),
        Example(
            {"layer": {"GRU": {"units": 4, "return_sequences": True}}, "merge_mode": "sum"},
            inputs=((None, "seq", 3),),
            output=(None, "seq", 4),
            params=216,
        ),
        Example(
            {"layer": {"LSTM": {"units": 4, "return_state": True}}, "merge_mode": None},
            inputs=((None, 5, 3),),
            output=((None, 4),) * 6,
            params=256,
        ),
        Example(
            {"layer": {"SimpleRNN": 4}, "backward_layer": {"GRU": {"units": 4, "go_backwards": True}}},
            inputs=((None, "seq", 3),),
            output=(None, 8),
            params=140,
        ),
        Example({"layer": {"Dense": 4}}, error="`layer` of Bidirectional must be a recurrent layer, found Dense"),
        Example({"layer": {"LSTM": 0}}, error="`units` of LSTM must be greater than 0, found 0"),
        Example({"layer": {"LSTN": 4}}, error="unknown layer `LSTN`"),
        Example({"layer": {"LSTM": {"units": 4, "go_backwards": True}}}, error="one layer must go forward"),
        Example(
            {
                "layer": {"LSTM": 4},
                "backward_layer": {"LSTM": {"units": 4, "go_backwards": True, "return_state": True}},
            },
            error="must have the same `return_state`",
        ),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for field in ("layer", "backward_layer"):
            found = getattr(self, field)
            if found is not None and not isinstance(found, Recurrent):
                message = f"`{field}` of Bidirectional must be a recurrent layer, found {type(found).__name__}"
                raise refuse(message, "LSTM, GRU, SimpleRNN, RNN or ConvLSTM1D to ConvLSTM3D", (field,))
        forward, backward = self._directions()
        if forward.go_backwards == backward.go_backwards:
            message = "of `layer` and `backward_layer`, one layer must go forward and one backwards"
            help = "take `go_backwards` out of `layer`, and write `go_backwards: true` in a `backward_layer` of its own"
            raise refuse(message, help, ("layer",) if self.backward_layer is None else ("backward_layer",))
        for name in COMMON:
            if getattr(forward, name) != getattr(backward, name):
                raise refuse(f"`layer` and `backward_layer` must have the same `{name}`", None, ("backward_layer",))
        return self

    def _directions(self) -> tuple[Recurrent, Recurrent]:
        """The two layers. Over a whole sequence, the output of a masked step is zero, as in Keras."""
        forward, backward = self.layer, self.backward_layer
        if backward is None:
            backward = forward.model_copy(update={"go_backwards": True})
        assert isinstance(forward, Recurrent)
        assert isinstance(backward, Recurrent)
        masked = {"zero_output_for_mask": forward.return_sequences}
        return forward.model_copy(update=masked), backward.model_copy(update=masked)

    def _names(self) -> tuple[str, str]:
        """The names of the two layers below this one; a backward layer that has a name keeps it."""
        forward, backward = f"forward_{self.layer.declared_name.removeprefix('forward_')}", self.backward_layer
        if backward is None:
            return forward, f"backward_{self.layer.declared_name.removeprefix('backward_')}"
        return forward, backward.own_name if backward.own_name is not None else f"backward_{backward.declared_name}"

    def build(
        self, b: Scope, sequences: Value, initial_state: "Value | list[Value] | None" = None, mask: Value | None = None
    ) -> Value | tuple[Value, ...]:
        """Both directions on the same sequence and mask; the first half of the states is the forward layer's."""
        states = initial_state if isinstance(initial_state, list) else [] if initial_state is None else [initial_state]
        half = len(states) // 2
        message = f"`initial_state` holds the states of both directions, an even number, found {len(states)}"
        b.require(2 * half == len(states), message, field="initial_state")
        results = []
        for layer, name, own in zip(self._directions(), self._names(), (states[:half], states[half:]), strict=True):
            arguments: dict[str, Any] = {"sequences": Masked(sequences)}
            arguments["initial_state"] = [Masked(state) for state in own] if own else None
            arguments["mask"] = Masked(mask) if mask is not None else None
            results.append([output.value for output in b.layer(layer, name, arguments)])
        (y, *forward_states), (back, *backward_states) = results
        if self._returns_sequences():
            back = flip(back, 1)
        outputs = self._merged(cast(y, b.policy.compute), cast(back, b.policy.compute))
        made = (*outputs, *forward_states, *backward_states)
        return made if len(made) > 1 else made[0]

    def _merged(self, y: Value, back: Value) -> tuple[Value, ...]:
        match self.merge_mode:
            case "sum":
                return (y + back,)
            case "mul":
                return (y * back,)
            case "ave":
                return ((y + back) * 0.5,)
            case "concat":
                return (concat([y, back], -1),)
        return y, back

    def _returns_sequences(self) -> bool:
        return self._directions()[0].return_sequences

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> "Value | tuple[Value | None, ...] | None":
        """The mask of the steps, if the output has steps: for each of two outputs where they are not merged."""
        found = mask[0] if isinstance(mask, list) else mask
        if not self._returns_sequences():
            return None
        return (found, found) if self.merge_mode is None else found


class TimeDistributed(Layer):
    """A layer applied to every step by itself, with the same weights.

    Input (batch, steps, …), the layer sees (batch, …); output (batch, steps, …) of what it makes.
    """

    layer: LayerArgument = Field(description="The layer for one step.")

    supports_masking = True
    examples = (
        Example({"layer": {"Dense": 4}}, inputs=((None, "seq", 3),), output=(None, "seq", 4), params=16),
        Example(
            {"layer": {"Dense": {"units": 4, "use_bias": False}}},
            inputs=((None, 6, 5, 3),),
            output=(None, 6, 5, 4),
            params=12,
        ),
        Example({"layer": {"LSTM": 4}}, inputs=((None, "seq", "word", 3),), output=(None, "seq", 4), params=128),
        Example({"layer": {"Dense": {"unitz": 4}}}, error="unknown argument `unitz` of Dense"),
        Example({"layer": 4}, error="a layer is a name or one key with its arguments, found 4"),
        Example({"layer": {"Dense": 4}}, inputs=((None, 3),), error="expected an input of at least 3 axes"),
    )

    @model_validator(mode="after")
    def _takes_one_input(self) -> Self:
        kind = type(self.layer)
        if kind.takes_list or len(required_parameters(kind)) != 1:
            message = f"`layer` of TimeDistributed must be a layer of one input, found {kind.__name__}"
            raise refuse(message, None, ("layer",))
        return self

    def build(self, b: Scope, inputs: Value, mask: Value | None = None) -> Value | tuple[Value, ...]:
        """The steps of all samples as one large batch, the layer on it, the steps again."""
        message = f"expected an input of at least 3 axes, (batch, steps, …), found {inputs.type}"
        b.require(
            inputs.rank >= 3, message, code=codes.WRONG_RANK, help="the layer inside sees each step as (batch, …)"
        )
        batch, steps = inputs.shape[:2]
        first = call_parameters(type(self.layer))[0]
        arguments = {first: Masked(reshape(inputs, (batch * steps, *inputs.shape[2:])))}
        if mask is not None:
            self._check_mask(b, inputs, mask)
            if "mask" in call_parameters(type(self.layer)):
                arguments["mask"] = Masked(reshape(mask, (batch * steps, *mask.shape[2:])))
        try:
            made = [output.value for output in b.layer(self.layer, self.layer.declared_name, arguments)]
        except Fault as fault:
            message = f"on one step, {type(self.layer).__name__}: {fault.message}"
            raise fault.of_argument(message, "layer") from None
        outputs = tuple(reshape(y, (batch, steps, *y.shape[1:])) for y in made)
        return outputs if len(outputs) > 1 else outputs[0]

    def _check_mask(self, b: Scope, inputs: Value, mask: Value) -> None:
        message = f"`mask` must begin with the axes (batch, steps) of the input {inputs.type}, found {mask.type}"
        b.require(mask.rank >= 2, message, field="mask")
        for found, size in zip(mask.shape[:2], inputs.shape, strict=False):
            b.assume.equal(found, size, "`mask` marks each step", message=message, field="mask")
