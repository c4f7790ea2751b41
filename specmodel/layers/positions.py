"""Values that depend on the position along a sequence alone, to be added to its features."""

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Initializer, NonNegInt, PosInt, PosReal
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import binary, cast, unary, where
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import expand, slice_axis
from specmodel.ops.source import iota
from specmodel.ops.value import Value

_HELP = "put Embedding, or another layer that makes features, before it"


class _Positions(Layer):
    """Base of the layers that look at the shape of their input alone: (batch, …, steps, features)."""

    call_only = ("start_index",)

    def _require_sequence(self, b: Scope, inputs: Value) -> None:
        message = f"expected an input of at least 2 axes, (batch, …, steps, features), found {inputs.type}"
        b.require(inputs.rank >= 2, message, code=codes.WRONG_RANK, help=_HELP)


class PositionEmbedding(_Positions):
    """A learned vector for each position of a sequence, as in KerasHub.

    Input (batch, …, steps, features), of which the shape alone counts; output of the same shape, to be added to it.
    """

    sequence_length: PosInt = Field(description="How many positions have a vector: the most steps there can be.")
    initializer: Initializer = Field(
        "glorot_uniform", description="Start of `embeddings`, (sequence_length, features)."
    )
    start_index: NonNegInt = Field(0, description="The position of the first step.")

    examples = (
        Example({"sequence_length": 10}, inputs=((None, 10, 16),), output=(None, 10, 16), params=160),
        Example({"sequence_length": 10}, inputs=((None, "seq", 4),), output=(None, "seq", 4), params=40),
        Example({"sequence_length": 8, "start_index": 3}, inputs=((None, 2, 5, 4),), output=(None, 2, 5, 4), params=32),
        Example(
            {"sequence_length": 4}, inputs=((None, 5, 3),), error="has 4 positions, the steps of (None, 5, 3) reach"
        ),
        Example({"sequence_length": 4}, inputs=((None, 3, None),), error="the input's last axis must be known"),
        Example({"sequence_length": 4}, inputs=((None,),), error="expected an input of at least 2 axes"),
        Example({"sequence_length": 0}, error="`sequence_length` of PositionEmbedding must be greater than 0, found 0"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The first rows of `embeddings`, the same for each sample."""
        self._require_sequence(b, inputs)
        features = b.known(inputs.shape[-1], "the input's last axis", "give that axis a size where it comes from")
        table = b.weight("embeddings", (self.sequence_length, features), self.initializer)
        steps = inputs.shape[-2]
        message = (
            f"`sequence_length` has {self.sequence_length} positions, the steps of {inputs.type} reach "
            f"to {self.start_index + steps}"
        )
        b.assume.at_least(
            self.sequence_length,
            self.start_index + steps,
            message=message,
            reason="each step needs a position",
            field="sequence_length",
        )
        return expand(slice_axis(table, 0, self.start_index, steps), inputs.shape)


class SinePositionEncoding(_Positions):
    """Sines and cosines of the position, in waves from 2 pi to about `2 pi * max_wavelength` steps long.

    Feature 2i of step t is `sin(t / max_wavelength**(2i / features))`, feature 2i + 1 the cosine of the same angle.
    Input (batch, …, steps, features), of which the shape alone counts; output of the same shape, to be added to it.
    Source: A. Vaswani et al., Attention is all you need, NIPS 2017.
    """

    max_wavelength: PosReal = Field(10000, description="The base of the wavelengths.")
    start_index: NonNegInt = Field(0, description="The position of the first step.")

    examples = (
        Example({}, inputs=((None, 10, 16),), output=(None, 10, 16), params=0),
        Example({"max_wavelength": 100}, inputs=((None, "seq", 5),), output=(None, "seq", 5), params=0),
        Example({}, inputs=((None, "seq", "width"),), output=(None, "seq", "width"), params=0),
        Example(
            {"max_wavelength": 0}, error="`max_wavelength` of SinePositionEncoding must be greater than 0, found 0"
        ),
        Example({}, inputs=((None,),), error="expected an input of at least 2 axes"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """Sines at even features, cosines at odd ones, the same for each sample."""
        self._require_sequence(b, inputs)
        dtype, steps, features = b.policy.compute, *inputs.shape[-2:]
        position = cast(iota((steps, 1), 0) + self.start_index, dtype)
        feature = iota((1, features), 1)
        odd = binary("Mod", feature, 2)
        width = cast(reduce("Max", feature, 1, keepdims=True) + 1, dtype)
        angle = position * binary("Pow", 1 / self.max_wavelength, cast(feature - odd, dtype) / width)
        return expand(where(cast(odd, "bool"), unary("Cos", angle), unary("Sin", angle)), inputs.shape)
