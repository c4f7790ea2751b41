"""Layers that scale numbers: Normalization, Rescaling."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Axes
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.elementwise import cast, maximum, sqrt
from specmodel.ops.shape import reshape
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.fault import Fault

EPSILON = 1e-7
"""The smallest standard deviation that is divided by (keras.config.epsilon)."""


def _numbers(value: Any) -> Any:
    """A number, or nested lists of equal lengths as tuples; arrays come as their lists."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, bool) or not isinstance(value, int | float | list | tuple):
        raise refuse(f"must be a number or a list of numbers, found {shown(value)}")
    if isinstance(value, int | float):
        return value
    parts = tuple(_numbers(part) for part in value)
    if not parts or any(_sizes(part) != _sizes(parts[0]) for part in parts):
        raise refuse("must be a number or nested lists of equal lengths" if parts else "must not be an empty list")
    return parts


def _sizes(value: object) -> tuple[int, ...]:
    """The lengths of nested tuples, from the outside."""
    return (len(value), *_sizes(value[0])) if isinstance(value, tuple) else ()


Numbers = Annotated[Any, BeforeValidator(_numbers), "number or list of numbers"]


def _axes_or_none(value: object) -> object:
    return () if value is None else value


class Normalization(Layer):
    """Shifts and scales to mean 0 and variance 1: `(inputs - mean) / max(sqrt(variance), 1e-7)`.

    Mean and variance are arguments, or weights that Keras' `adapt` has found (`mean`, `variance`, and `count`, which
    nothing reads). Output: the input's shape.
    """

    axis: Annotated[
        Axes,
        BeforeValidator(_axes_or_none, json_schema_input_type=int | tuple[int, ...] | None),
        "axis, list of axes, or null",
    ] = Field((-1,), description="Axes along which each index has a mean of its own; null or none: one mean for all.")
    mean: Numbers = Field(None, description="The mean, a number or of the sizes of `axis`; null: a weight.")
    variance: Numbers = Field(None, description="The variance, of the same form as `mean`; null: a weight.")
    invert: bool = Field(False, description="Whether to go back: `mean + inputs * max(sqrt(variance), 1e-7)`.")

    supports_masking = True
    examples = (
        Example({}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=7),
        Example({"axis": None}, inputs=((None, "h", "w"),), output=(None, "h", "w"), params=3),
        Example({"mean": [1, 2], "variance": [4, 9]}, inputs=((None, 2),), output=(None, 2), params=0),
        Example(
            {"mean": 1.5, "variance": 2, "axis": None, "invert": True}, inputs=((None, 5),), output=(None, 5), params=0
        ),
        Example({"mean": 1.0}, error="`mean` and `variance` of Normalization must be given together"),
        Example({"mean": [1, 2], "variance": 1}, error="`variance` of Normalization must have the same form"),
        Example({"axis": None, "mean": [1], "variance": [1]}, error="`mean` of Normalization has more axes (1)"),
        Example({"axis": 2}, inputs=((None, 5),), error="`axis` 2 is no axis of an input of rank 2"),
        Example({}, inputs=((None, "n"),), error="the size of axis 1 must be known"),
        Example({"mean": [1, 2], "variance": [1, 1]}, inputs=((None, 3),), error="`mean` has the size 2 along axis 1"),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.mean is None) != (self.variance is None):
            given = "mean" if self.variance is None else "variance"
            raise refuse("`mean` and `variance` of Normalization must be given together", None, (given,))
        if _sizes(self.mean) != _sizes(self.variance):
            message = "`mean` and `variance` of Normalization must have the same form"
            found = f"{list(_sizes(self.mean))} and {list(_sizes(self.variance))}"
            raise refuse(f"{message}, found {found}", None, ("mean",))
        if len(_sizes(self.mean)) > len(self.axis):
            message = f"`mean` of Normalization has more axes ({len(_sizes(self.mean))}) than `axis` names"
            raise refuse(f"{message} ({len(self.axis)})", None, ("mean",))
        return self

    def build(self, b: Scope, inputs: Value) -> Value:
        """The numbers on the other scale."""
        x = cast(inputs, b.policy.compute)
        mean, variance = self._given(b, x) if self.mean is not None else self._found(b, x)
        deviation = maximum(sqrt(variance), EPSILON)
        return mean + x * deviation if self.invert else (x - mean) / deviation

    def _kept(self, b: Scope, x: Value) -> dict[int, int]:
        """The sizes of the axes that have means of their own."""
        axes = sorted(b.axis(axis, x.rank) for axis in self.axis)
        help = "give that axis a size where it comes from"
        return {axis: b.known(x.shape[axis], f"the size of axis {axis}", help) for axis in axes}

    def _found(self, b: Scope, x: Value) -> Iterator[Value]:
        kept = self._kept(b, x)
        shape = tuple(kept.values())
        mean = b.weight("mean", shape, "zeros", trainable=False)
        variance = b.weight("variance", shape, "ones", trainable=False)
        b.weight("count", (), "zeros", dtype="int32", trainable=False)
        aligned: list[Dim] = [kept.get(axis, 1) for axis in range(x.rank)]
        return (reshape(value, aligned) for value in (mean, variance))

    def _given(self, b: Scope, x: Value) -> Iterator[Value]:
        kept = self._kept(b, x)
        aligned: list[Dim] = [1] * x.rank
        for axis, size in zip(reversed(kept), reversed(_sizes(self.mean)), strict=False):
            message = f"`mean` has the size {size} along axis {axis}, where the input has {kept[axis]}"
            b.require(size in (1, kept[axis]), message, field="mean", code=codes.INCOMPATIBLE_SHAPES)
            aligned[axis] = size
        return (reshape(_constant(b, value), aligned) for value in (self.mean, self.variance))


class Rescaling(Layer):
    """Another scale: `inputs * scale + offset`. Output: the input's shape, in floating-point numbers."""

    scale: Numbers = Field(description="The factor: a number, or a list that lines up with the input's last axes.")
    offset: Numbers = Field(0.0, description="What is added, of the same forms.")

    supports_masking = True
    examples = (
        Example({"scale": 0.5, "offset": -1}, inputs=((None, "h", "w", 3),), output=(None, "h", "w", 3), params=0),
        Example({"scale": [1, 2, 3]}, inputs=((None, 4, 3),), dtypes=("uint8",), output=(None, 4, 3), params=0),
        Example({}, error="Rescaling needs the argument `scale`"),
        Example({"scale": "big"}, error="`scale` of Rescaling must be a number or a list of numbers"),
        Example({"scale": [1, 2]}, inputs=((None, 4, 3),), error="`scale` of the sizes [2] does not line up"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The numbers on the other scale."""
        x = cast(inputs, b.policy.compute)
        for field, number in (("scale", self.scale), ("offset", self.offset)):
            sizes = _sizes(number)
            message = f"`{field}` of the sizes {list(sizes)} does not line up with the input {inputs.type}"
            b.require(len(sizes) <= x.rank, message, field=field, code=codes.INCOMPATIBLE_SHAPES)
            try:
                x = x * _constant(b, number) if field == "scale" else x + _constant(b, number)
            except Fault:
                raise Fault(codes.INCOMPATIBLE_SHAPES, message, field=field) from None
        return x


def _constant(b: Scope, number: float | Sequence[Any]) -> Value:
    """A number, or nested tuples of them, in the dtype the layer computes in."""
    return cast(constant(number, "float64" if b.policy.compute == "float64" else "float32"), b.policy.compute)
