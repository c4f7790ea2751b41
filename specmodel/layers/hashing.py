"""Layers that hash integers and texts into buckets: Hashing, HashedCrossing."""

from typing import Literal, Self

from pydantic import Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.encoding import encoded
from specmodel.layers.fields import PosInt
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.layers.vocabulary import SALT, SPARSE, Int64, OnlyFalse, Salt
from specmodel.ops.elementwise import binary, cast, where
from specmodel.ops.shape import reshape
from specmodel.ops.source import constant
from specmodel.ops.text import CrossHash, Hash
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating

_DTYPE = "the buckets are integers with `output_mode: int`: `dtype` must be int32 or int64 (the default)"


class Hashing(Layer):
    """Integers or texts as numbers of buckets: FarmHash's fingerprint of the text, or of the digits, modulo `num_bins`.

    Input (batch, …); output the same shape, int64 unless `dtype` says int32. `one_hot` gives (batch, …, num_bins), in
    place of a last axis of size 1; `multi_hot` and `count` drop axis 1 for a last axis of buckets; these are float32
    unless `dtype` says otherwise.
    """

    num_bins: PosInt = Field(description="How many buckets there are, that of `mask_value` included.")
    mask_value: Int64 | str | None = Field(None, description="An input that has bucket 0 for itself.")
    salt: Salt = Field(None, description=SALT)
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = Field(
        "int",
        description="`int`: the buckets; `one_hot`: a vector for each input; `multi_hot`: ones for all buckets that "
        "occur in a sample; `count`: how often they do.",
    )
    sparse: bool = Field(False, description="How Keras stores vectors; here they are dense in either case.")

    autocast = False
    integer_dtypes = True
    examples = (
        Example({"num_bins": 10}, inputs=((None, "n"),), dtypes=("string",), output=(None, "n"), params=0),
        Example({"num_bins": 10}, inputs=((None,),), dtypes=("int32",), output=(None,), params=0),
        Example(
            {"num_bins": 4, "salt": 133, "mask_value": "", "output_mode": "one_hot"},
            inputs=((None, 1),),
            dtypes=("string",),
            output=(None, 4),
            params=0,
        ),
        Example(
            {"num_bins": 4, "output_mode": "count"}, inputs=((None, 5),), dtypes=("int64",), output=(None, 4), params=0
        ),
        Example({"num_bins": 0}, error="`num_bins` of Hashing must be greater than 0, found 0"),
        Example({"num_bins": 3, "salt": [1, 2, 3]}, error="`salt` of Hashing must be"),
        Example(
            {"num_bins": 3, "mask_value": "x"},
            inputs=((None, 2),),
            dtypes=("int32",),
            error="`mask_value` must be an integer",
        ),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.sparse and self.output_mode == "int":
            raise refuse("`sparse` of Hashing needs another `output_mode` than `int`", None, ("sparse",))
        return self

    def build(self, b: Scope, inputs: Value) -> Value:
        """The buckets, encoded."""
        x = cast(inputs, "int64") if is_floating(inputs.dtype) else inputs
        if self.output_mode == "one_hot" and x.rank > 1 and x.shape[-1] == 1:
            x = reshape(x, x.shape[:-1])
        buckets = self._buckets(b, x)
        if self.output_mode == "int":
            return cast(buckets, _integers(b, self.own_dtype))
        dtype = b.policy.variable if self.own_dtype is not None else "float32"
        return encoded(b, buckets, self.output_mode, self.num_bins, dtype)

    def _buckets(self, b: Scope, x: Value) -> Value:
        mask = self.mask_value
        if mask is not None:
            wanted = "text" if x.dtype == "string" else "an integer"
            message = f"`mask_value` must be {wanted}, as the inputs are, found {shown(mask)}"
            b.require(isinstance(mask, str) == (x.dtype == "string"), message, field="mask_value")
        if mask is None or self.num_bins == 1:
            return Hash(self.num_bins, self.salt)(x)
        if isinstance(mask, str):
            masked = binary("Equal", x, constant(mask, "string"))
        else:
            masked = binary("Equal", cast(x, "int64"), mask)
        return where(masked, 0, Hash(self.num_bins - 1, self.salt)(x) + 1)


class HashedCrossing(Layer):
    """Several features as one: a hash of the integers or texts that belong together, modulo `num_bins`.

    Inputs: two or more of shape (batch,) or (batch, 1); output the same shape, int64 unless `dtype` says int32, or
    (batch, num_bins) with `one_hot`.
    """

    num_bins: PosInt = Field(description="How many buckets there are.")
    output_mode: Literal["int", "one_hot"] = Field(
        "int", description="`int`: the buckets; `one_hot`: a vector for each sample."
    )
    sparse: OnlyFalse = Field(False, description=SPARSE)

    autocast = False
    integer_dtypes = True
    takes_list = True
    examples = (
        Example({"num_bins": 5}, inputs=((None,), (None,)), dtypes=("int32", "string"), output=(None,), params=0),
        Example(
            {"num_bins": 5, "output_mode": "one_hot"},
            inputs=((None, 1), (None, 1), (None, 1)),
            dtypes=("string", "string", "int64"),
            output=(None, 5),
            params=0,
        ),
        Example({"num_bins": 5}, inputs=((None, 1),), dtypes=("int32",), error="at least 2 inputs, found 1"),
        Example(
            {"num_bins": 5}, inputs=((None, 2), (None, 2)), dtypes=("int32",) * 2, error="(batch,) or (batch, 1), found"
        ),
        Example({"num_bins": 5}, inputs=((None,), (None,)), error="integers or strings, found float32"),
    )

    def build(self, b: Scope, inputs: list[Value]) -> Value:
        """The buckets, encoded."""
        b.require(len(inputs) > 1, f"expected at least 2 inputs, found {len(inputs)}", code=codes.CALL_ARGUMENTS)
        first = inputs[0]
        for x in inputs:
            message = f"expected inputs of integers or strings, found {x.dtype}"
            b.require(x.dtype == "string" or "int" in x.dtype, message, code=codes.WRONG_DTYPE)
            message = f"expected inputs of one shape, (batch,) or (batch, 1), found {x.type}"
            b.require(x.rank == first.rank and x.rank in (1, 2), message, code=codes.WRONG_RANK)
            if x.rank == 2:
                b.assume.equal(x.shape[1], 1, "features to cross have one number for each sample", message=message)
        buckets = CrossHash(self.num_bins)(*inputs)
        if self.output_mode == "int":
            return cast(buckets, _integers(b, self.own_dtype))
        return encoded(b, reshape(buckets, first.shape[:1]), "one_hot", self.num_bins, b.policy.variable)


def _integers(b: Scope, own: str | None) -> str:
    """The dtype of numbers of buckets."""
    if own is None:
        return "int64"
    b.require(own in ("int32", "int64"), f"{_DTYPE}, found {own}")
    return own
