"""The basic layers: Dense, Embedding, Identity, Masking."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Activation, Constraint, Initializer, PosInt, Real, Regularizer
from specmodel.layers.lora import LORA_ALPHA_UNUSED, LORA_RANK, adapted, require_unconstrained
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import binary, cast
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import Gather, expand_dims
from specmodel.ops.source import constant
from specmodel.ops.value import Value


class Dense(Layer):
    """Fully connected: `activation(inputs @ kernel + bias)` over the last axis.

    Input (batch, …, features), features known; output (batch, …, units).
    """

    units: PosInt = Field(description="Size of the output's last axis.")
    activation: Activation = Field("linear", description="Applied to the sum.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: Initializer = Field("glorot_uniform", description="Start of `kernel`, (features, units).")
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (units,).")
    kernel_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")
    kernel_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")
    lora_rank: PosInt | None = Field(None, description=LORA_RANK.format("kernel"))
    lora_alpha: Real | None = Field(None, description=LORA_ALPHA_UNUSED)
    quantization_config: None = Field(None, description="Not supported; null.")

    supports_masking = True
    examples = (
        Example({"units": 4}, inputs=((None, 3),), output=(None, 4), params=16),
        Example({"units": 4, "use_bias": False}, inputs=((None, 7, 3),), output=(None, 7, 4), params=12),
        Example({"units": 2, "activation": "relu"}, inputs=((None, "seq", 3),), output=(None, "seq", 2), params=8),
        Example({"units": 4, "lora_rank": 2}, inputs=((None, 3),), output=(None, 4), params=16 + 3 * 2 + 2 * 4),
        Example(
            {"units": 4, "lora_rank": 2, "kernel_constraint": "non_neg"},
            error="`lora_rank` of Dense and `kernel_constraint` exclude each other",
        ),
        Example({"units": 0}, error="`units` of Dense must be greater than 0, found 0"),
        Example({"units": 4}, inputs=((None, None),), error="the input's last axis must be known"),
        Example({"units": 4}, inputs=((None,),), error="expected an input of at least 2 axes"),
    )

    @model_validator(mode="after")
    def _lora_is_unconstrained(self) -> Self:
        require_unconstrained("Dense", self.lora_rank, "kernel_constraint", self.kernel_constraint)
        return self

    def build(self, b: Scope, inputs: Value) -> Value:
        """`inputs @ kernel + bias`, then the activation."""
        message = f"expected an input of at least 2 axes, (batch, …, features), found {inputs.type}"
        b.require(
            inputs.rank >= 2, message, code="E303", help="give the input one more size (the batch axis is not written)"
        )
        features = b.known(inputs.shape[-1], "the input's last axis", "give that axis a size where it comes from")
        kernel = b.weight("kernel", (features, self.units), self.kernel_initializer, trainable=self.lora_rank is None)
        bias = b.weight("bias", (self.units,), self.bias_initializer) if self.use_bias else None
        y = inputs @ adapted(b, "lora_kernel", kernel, self.lora_rank)
        if bias is not None:
            y = y + bias
        return b.activation(self.activation, y)


class Embedding(Layer):
    """Rows of a table: each integer is replaced by the row it numbers.

    Input (batch, …) of integers below `input_dim`; output (batch, …, output_dim).
    """

    input_dim: PosInt = Field(description="Number of rows: the largest integer plus one.")
    output_dim: PosInt = Field(description="Size of a row.")
    embeddings_initializer: Initializer = Field(
        "uniform", description="Start of `embeddings`, (input_dim, output_dim)."
    )
    embeddings_regularizer: Regularizer = Field(None, description="Training only.")
    embeddings_constraint: Constraint = Field(None, description="Training only.")
    mask_zero: bool = Field(
        False, description="Whether 0 stands for padding: a mask then travels to the layers after it."
    )
    lora_rank: PosInt | None = Field(None, description=LORA_RANK.format("embeddings"))
    lora_alpha: Real | None = Field(None, description=LORA_ALPHA_UNUSED)
    quantization_config: None = Field(None, description="Not supported; null.")

    autocast = False  # a large index is no exact 16-bit number
    examples = (
        Example(
            {"input_dim": 10, "output_dim": 4}, inputs=((None, 6),), dtypes=("int32",), output=(None, 6, 4), params=40
        ),
        Example(
            {"input_dim": 10, "output_dim": 4, "mask_zero": True},
            inputs=((None, "seq"),),
            dtypes=("int32",),
            output=(None, "seq", 4),
            params=40,
        ),
        Example(
            {"input_dim": 10, "output_dim": 4, "lora_rank": 2},
            inputs=((None, 6),),
            dtypes=("int32",),
            output=(None, 6, 4),
            params=40 + 10 * 2 + 2 * 4,
        ),
        Example({"input_dim": 10}, error="Embedding needs the argument `output_dim`"),
    )

    @model_validator(mode="after")
    def _lora_is_unconstrained(self) -> Self:
        require_unconstrained("Embedding", self.lora_rank, "embeddings_constraint", self.embeddings_constraint)
        return self

    @property
    def supports_masking(self) -> bool:  # type: ignore[override]  # as in Keras, it depends on an argument
        """Whether padding is marked."""
        return self.mask_zero

    def build(self, b: Scope, inputs: Value) -> Value:
        """`embeddings[inputs]`; float indices are cut to integers, as in Keras."""
        shape, free = (self.input_dim, self.output_dim), self.lora_rank is None
        table = b.weight("embeddings", shape, self.embeddings_initializer, trainable=free)
        table = adapted(b, "lora_embeddings", table, self.lora_rank)
        indices = inputs if "int" in inputs.dtype else cast(inputs, "int32")
        return Gather()(table, indices)

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value:
        """True where the integer is not 0."""
        inputs: Value = values["inputs"]
        return binary("NotEqual", inputs, 0)


class Identity(Layer):
    """The input, unchanged."""

    supports_masking = True
    examples = (Example({}, inputs=((None, 3, "seq"),), output=(None, 3, "seq"), params=0),)

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input itself."""
        return inputs


class Masking(Layer):
    """Steps whose features all equal `mask_value` are set to 0, and masked for the layers after it.

    Input (batch, steps, features); output the same shape.
    """

    mask_value: Real = Field(0.0, description="The value that marks a step as padding.")

    supports_masking = True
    examples = (Example({"mask_value": -1.0}, inputs=((None, 5, 3),), output=(None, 5, 3), params=0),)

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input times its mask."""
        return inputs * cast(expand_dims(self._kept(inputs), -1), inputs.dtype)

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value:
        """True where some feature differs from `mask_value`."""
        return self._kept(values["inputs"])

    def _kept(self, inputs: Value) -> Value:
        return reduce("Any", binary("NotEqual", inputs, constant(self.mask_value, inputs.dtype)), -1)
