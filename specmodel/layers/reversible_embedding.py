"""ReversibleEmbedding: a table of rows, read both ways."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Constraint, Initializer, PosInt, PosReal, Real, Regularizer
from specmodel.layers.lora import LORA_ALPHA_UNUSED, LORA_RANK, adapted, require_unconstrained
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import binary, cast, tanh
from specmodel.ops.shape import Gather, transpose
from specmodel.ops.value import Value


class ReversibleEmbedding(Layer):
    """Rows of a table, and with `reverse` the way back: a score for each row.

    Input (batch, …) of integers below `input_dim`, output (batch, …, output_dim); with `reverse` input (batch, …,
    output_dim), output (batch, …, input_dim). An entry that reuses another with `reverse: true` shares its table.
    """

    input_dim: PosInt = Field(description="Number of rows: the largest integer plus one.")
    output_dim: PosInt = Field(description="Size of a row.")
    tie_weights: bool = Field(True, description="Whether both ways share one table, or `reverse` has its own.")
    embeddings_initializer: Initializer = Field(
        "uniform", description="Start of `embeddings`, (input_dim, output_dim), and of `reverse_embeddings`."
    )
    embeddings_regularizer: Regularizer = Field(None, description="Training only.")
    embeddings_constraint: Constraint = Field(None, description="Training only.")
    mask_zero: bool = Field(
        False, description="Whether 0 stands for padding: a mask then travels to the layers after it."
    )
    reverse_dtype: Literal["float16", "bfloat16", "float32", "float64"] | None = Field(
        None, description="What `reverse` computes in; null means the layer's own dtype."
    )
    logit_soft_cap: PosReal | None = Field(
        None, description="`reverse` gives `tanh(scores / cap) * cap`, within this limit; null for no limit."
    )
    lora_rank: PosInt | None = Field(None, description=LORA_RANK.format("embeddings"))
    lora_alpha: Real | None = Field(None, description=LORA_ALPHA_UNUSED)
    quantization_config: None = Field(None, description="Not supported; null.")
    reverse: bool = Field(False, description="Whether rows go in and scores come out.")

    autocast = False
    call_only = ("reverse",)
    examples = (
        Example(
            {"input_dim": 10, "output_dim": 4},
            inputs=((None, "seq"),),
            dtypes=("int32",),
            output=(None, "seq", 4),
            params=40,
        ),
        Example(
            {"input_dim": 10, "output_dim": 4, "reverse": True, "logit_soft_cap": 5},
            inputs=((None, "seq", 4),),
            output=(None, "seq", 10),
            params=40,
        ),
        Example(
            {"input_dim": 10, "output_dim": 4, "tie_weights": False, "mask_zero": True},
            inputs=((None, 6),),
            dtypes=("int32",),
            output=(None, 6, 4),
            params=80,
        ),
        Example({"input_dim": 0, "output_dim": 4}, error="`input_dim` of ReversibleEmbedding must be greater than 0"),
        Example(
            {"input_dim": 10, "output_dim": 4, "lora_rank": 2, "tie_weights": False},
            error="`lora_rank` adapts the table that both ways share",
        ),
        Example(
            {"input_dim": 10, "output_dim": 4, "logit_soft_cap": 0}, error="`logit_soft_cap` of ReversibleEmbedding"
        ),
        Example(
            {"input_dim": 10, "output_dim": 4, "reverse": True},
            inputs=((None, 6, 5),),
            error="`reverse` takes rows of `output_dim`, 4, numbers, found (None, 6, 5)",
        ),
    )

    @model_validator(mode="after")
    def _lora_goes_alone(self) -> Self:
        owner = "ReversibleEmbedding"
        require_unconstrained(owner, self.lora_rank, "embeddings_constraint", self.embeddings_constraint)
        if self.lora_rank is not None and not self.tie_weights:
            message = "`lora_rank` adapts the table that both ways share, and `tie_weights: false` gives each its own"
            raise refuse(message, "remove one of them", ("tie_weights",))
        return self

    @property
    def supports_masking(self) -> bool:  # type: ignore[override]  # as in Keras, it depends on an argument
        """Whether padding is marked."""
        return self.mask_zero

    def build(self, b: Scope, inputs: Value) -> Value:
        """`embeddings[inputs]`, or the products of the inputs with every row."""
        shape, free = (self.input_dim, self.output_dim), self.lora_rank is None
        table = b.weight("embeddings", shape, self.embeddings_initializer, trainable=free)
        table = adapted(b, "lora_embeddings", table, self.lora_rank)
        back = None
        if not self.tie_weights:
            back = b.weight("reverse_embeddings", (self.output_dim, self.input_dim), self.embeddings_initializer)
        if self.reverse:
            return self._scores(b, inputs, transpose(table, (1, 0)) if back is None else back)
        return Gather()(table, inputs if inputs.dtype in ("int32", "int64") else cast(inputs, "int32"))

    def _scores(self, b: Scope, inputs: Value, kernel: Value) -> Value:
        message = f"`reverse` takes rows of `output_dim`, {self.output_dim}, numbers, found {inputs.type}"
        b.require(inputs.rank >= 2, message, field="reverse", code=codes.WRONG_RANK)
        b.assume.equal(inputs.shape[-1], self.output_dim, "`reverse` takes rows", message=message, field="reverse")
        if self.reverse_dtype is not None:
            inputs, kernel = cast(inputs, self.reverse_dtype), cast(kernel, self.reverse_dtype)
        elif inputs.dtype == "float64" != b.policy.compute:  # Keras takes all other floats as they are
            inputs = cast(inputs, "float32")
        scores = inputs @ kernel
        if self.logit_soft_cap is None:
            return scores
        return tanh(scores / self.logit_soft_cap) * self.logit_soft_cap

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value | None:
        """True where the integer is not 0; scores have no mask."""
        inputs: Value = values["inputs"]
        return None if self.reverse else binary("NotEqual", inputs, 0)
