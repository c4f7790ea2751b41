"""SpectralNormalization: a layer around a layer, whose kernel training keeps small."""

from typing import Any, Self

from pydantic import Field, model_validator

from specmodel.layers.base import Example, Layer, call_parameters, required_parameters
from specmodel.layers.fields import LayerArgument, PosInt
from specmodel.layers.objects import Named
from specmodel.layers.scope import Masked, Scope
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import cast
from specmodel.ops.source import Weight, WeightSpec
from specmodel.ops.value import Value
from specmodel.types.fault import Fault

VECTOR_START = Named("truncated_normal", (("stddev", 0.02),))


class SpectralNormalization(Layer):
    """A layer with a `kernel` or `embeddings`, which training divides by their largest singular value.

    After training it is the layer itself; `vector_u`, (1, columns of the kernel), is kept beside its weights. Input as
    the layer's; output too, in the dtype of the input.
    T. Miyato and others, Spectral Normalization for Generative Adversarial Networks (2018).
    """

    layer: LayerArgument = Field(description="The layer with the kernel.")
    power_iterations: PosInt = Field(1, description="Training only.")

    examples = (
        Example({"layer": {"Dense": 4}}, inputs=((None, "seq", 3),), output=(None, "seq", 4), params=16 + 4),
        Example(
            {"layer": {"Conv2D": {"filters": 2, "kernel_size": 3}}},
            inputs=((None, "h", "w", 1),),
            output=(None, "h - 2", "w - 2", 2),
            params=20 + 2,
        ),
        Example(
            {"layer": {"Dense": 4}, "power_iterations": 0}, error="`power_iterations` of SpectralNormalization must"
        ),
        Example(
            {"layer": "Flatten"}, inputs=((None, 3),), error="`layer` must have a `kernel` or `embeddings`, Flatten"
        ),
        Example({"layer": "Add"}, error="`layer` of SpectralNormalization must be a layer of one input, found Add"),
    )

    @model_validator(mode="after")
    def _takes_one_input(self) -> Self:
        kind = type(self.layer)
        if kind.takes_list or len(required_parameters(kind)) != 1:
            message = f"`layer` of SpectralNormalization must be a layer of one input, found {kind.__name__}"
            raise refuse(message, None, ("layer",))
        return self

    def build(self, b: Scope, inputs: Value, mask: Value | None = None) -> Any:
        """The layer inside, with the mask that it gives its output; as in Keras, another dtype loses it."""
        name, kind = self.layer.declared_name, type(self.layer)
        try:
            output = b.layer(self.layer, name, {call_parameters(kind)[0]: Masked(inputs, mask)})[0]
        except Fault as fault:
            message = f"in {kind.__name__}: {fault.message}"
            raise fault.of_argument(message, "layer") from None
        self._keep_vector(b, f"{b.path}/{name}")
        return output if output.value.dtype == inputs.dtype else Masked(cast(output.value, inputs.dtype))

    def _keep_vector(self, b: Scope, below: str) -> None:
        """Declare `vector_u`, which Keras lists behind the kernel and before the layer's other weights."""
        path = next((path for name in ("kernel", "embeddings") if (path := f"{below}/{name}") in b.declared), None)
        message = f"`layer` must have a `kernel` or `embeddings`, {type(self.layer).__name__} has none"
        b.require(path is not None, message, field="layer")
        assert path is not None
        kernel = _spec_of(b.declared[path])
        others = [name for name in b.declared if name.startswith(f"{below}/") and name != path]
        b.weight("vector_u", (1, kernel.shape[-1]), VECTOR_START, dtype=kernel.dtype, trainable=False)
        for name in others:
            b.declared[name] = b.declared.pop(name)


def _spec_of(value: Value) -> WeightSpec:
    assert isinstance(value.call.op, Weight)
    return value.call.op.spec
