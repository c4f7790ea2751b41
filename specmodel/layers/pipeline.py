"""A layer that holds layers: Pipeline."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.layers.base import Example, Layer, call_parameters, required_parameters
from specmodel.layers.fields import LayerArgument
from specmodel.layers.scope import Masked, Scope
from specmodel.layers.validation import refuse
from specmodel.ops.value import Value


class Pipeline(Layer):
    """Layers applied one after the other, in Keras mostly to images before a model.

    The first layer sees the input, each of the others what the one before it makes.
    """

    layers: Annotated[
        tuple[LayerArgument, ...],
        BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
        "list of layers",
    ] = Field(description="The layers, each of one input and one output.")

    autocast = False
    examples = (
        Example(
            {"layers": ["AutoContrast", {"Resizing": {"height": 4, "width": 5}}]},
            inputs=((None, "h", "w", 3),),
            output=(None, 4, 5, 3),
            params=0,
        ),
        Example({"layers": [{"Dense": 2}, {"Dense": 3}]}, inputs=((None, 4),), output=(None, 3), params=19),
        Example({"layers": []}, inputs=((None, 4),), output=(None, 4), params=0),
        Example({}, error="Pipeline needs the argument `layers`"),
        Example({"layers": [{"Dense": 0}]}, error="`units` of Dense must be greater than 0, found 0"),
        Example({"layers": ["Add"]}, error="`layers[0]` of Pipeline must be a layer of one input, found Add"),
    )

    @model_validator(mode="after")
    def _each_takes_one_input(self) -> Self:
        for number, layer in enumerate(self.layers):
            kind = type(layer)
            if kind.takes_list or len(required_parameters(kind)) != 1:
                message = f"`layers[{number}]` of Pipeline must be a layer of one input, found {kind.__name__}"
                raise refuse(message, None, ("layers", number))
        return self

    def build(self, b: Scope, inputs: Value, mask: Value | None = None) -> Value | tuple[Value, ...]:
        """What the last layer makes."""
        outputs: tuple[Masked, ...] = (Masked(inputs, mask),)
        used: dict[str, int] = {}
        for layer in self.layers:
            name = layer.declared_name
            used[name] = used.get(name, -1) + 1
            message = f"the layer before `{name}` makes {len(outputs)} outputs, of which a Pipeline can pass on none"
            b.require(len(outputs) == 1, message, field="layers")
            arguments: dict[str, Any] = {call_parameters(type(layer))[0]: outputs[0]}
            outputs = b.layer(layer, f"{name}_{used[name]}" if used[name] else name, arguments)
        made = tuple(output.value for output in outputs)
        return made if len(made) > 1 else made[0]
