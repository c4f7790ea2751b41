"""Layers that bring their input to mean 0 and variance 1, or to length 1.

Statistics are computed in float32 at least. Weights are not cast to the dtype the layer computes in, as in Keras.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Axes, Constraint, Initializer, Real, Regularizer
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import cast, minimum, rsqrt, square
from specmodel.ops.reduce import mean, reduce
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.types.tensor import promote

Epsilon = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_GIVE_SIZE = "give that axis a size where it comes from"


def _check_clipping(value: dict[str, float] | None) -> dict[str, float] | None:
    limits = value if value is not None else {}
    if "rmax" in limits and "rmin" in limits and limits["rmax"] < limits["rmin"]:
        raise refuse(f"`rmax` must be at least `rmin`, found rmax {limits['rmax']} and rmin {limits['rmin']}")
    if limits.get("dmax", 0) < 0:
        raise refuse(f"`dmax` must be at least 0, found {limits['dmax']}")
    return value


Clipping = Annotated[dict[Literal["rmax", "rmin", "dmax"], Real] | None, AfterValidator(_check_clipping)]


class BatchNormalization(Layer):
    """`gamma * (x - moving_mean) / sqrt(moving_variance + epsilon) + beta`, with weights for each index along one axis.

    Input of any shape with that axis known; output of the same shape.
    """

    axis: int = Field(-1, description="The axis of the features; the batch axis is 0.")
    momentum: Real = Field(0.99, description="Training only.")
    epsilon: Epsilon = Field(1e-3, description="Added to the variance.")
    center: bool = Field(True, description="Whether `beta` is added.")
    scale: bool = Field(True, description="Whether to multiply by `gamma`.")
    beta_initializer: Initializer = Field("zeros", description="Start of `beta`, (features,).")
    gamma_initializer: Initializer = Field("ones", description="Start of `gamma`, (features,).")
    moving_mean_initializer: Initializer = Field("zeros", description="Start of `moving_mean`, (features,).")
    moving_variance_initializer: Initializer = Field("ones", description="Start of `moving_variance`, (features,).")
    beta_regularizer: Regularizer = Field(None, description="Training only.")
    gamma_regularizer: Regularizer = Field(None, description="Training only.")
    beta_constraint: Constraint = Field(None, description="Training only.")
    gamma_constraint: Constraint = Field(None, description="Training only.")
    renorm: bool = Field(False, description="Training by batch renormalization: three more weights, unused here.")
    renorm_clipping: Clipping = Field(None, description="Training only: `rmax`, `rmin` and `dmax`.")
    renorm_momentum: Real = Field(0.99, description="Training only.")
    synchronized: bool = Field(False, description="Training only.")

    supports_masking = True
    examples = (
        Example({}, inputs=((None, 3),), output=(None, 3), params=12),
        Example({"axis": 1}, inputs=((None, 3, "h", "w"),), output=(None, 3, "h", "w"), params=12),
        Example({"scale": False, "center": False}, inputs=((None, "seq", 5),), output=(None, "seq", 5), params=10),
        Example({"renorm": True, "renorm_clipping": {"rmax": 3}}, inputs=((None, 4),), output=(None, 4), params=28),
        Example({}, inputs=((None, 4), (None, 4)), dtypes=("float32", "bool"), error="a mask of rank 1, one less than"),
        Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
        Example({}, inputs=((None, "seq"),), error="axis 1 of the input must be known"),
        Example({"renorm_clipping": {"rmax": 1, "rmin": 2}}, error="`rmax` must be at least `rmin`"),
        Example({"renorm_clipping": {"rmx": 1}}, error="`rmax`, `rmin` or `dmax`"),
    )

    def build(self, b: Scope, inputs: Value, mask: Value | None = None) -> Value:
        """`x * scale + shift`, both computed from weights alone; a mask has no say at inference."""
        if mask is not None:
            rank = inputs.rank - 1
            message = f"expected a mask of rank {rank}, one less than its input, found {mask.type} of rank {mask.rank}"
            b.require(mask.rank == rank, message, code=codes.WRONG_RANK)
        axis = b.axis(self.axis, inputs.rank)
        features = (b.known(inputs.shape[axis], f"axis {axis} of the input", _GIVE_SIZE),)
        dtype = promote(inputs.dtype, "float32")
        gamma, beta, moving_mean, moving_variance = self._weights_of(b, features, dtype)
        scale = rsqrt(moving_variance + self.epsilon)
        if gamma is not None:
            scale = scale * gamma
        shift = -moving_mean * scale
        if beta is not None:
            shift = shift + beta
        form = (*features, *(1,) * (inputs.rank - 1 - axis))
        y = cast(inputs, dtype) * reshape(scale, form) + reshape(shift, form)
        return cast(y, b.policy.compute)

    def _weights_of(self, b: Scope, shape: tuple[int], dtype: str) -> tuple[Value | None, Value | None, Value, Value]:
        gamma = _weight(b, "gamma", shape, self.gamma_initializer, dtype) if self.scale else None
        beta = _weight(b, "beta", shape, self.beta_initializer, dtype) if self.center else None
        still: dict[str, Any] = {"trainable": False}
        moving_mean = _weight(b, "moving_mean", shape, self.moving_mean_initializer, dtype, **still)
        moving_variance = _weight(b, "moving_variance", shape, self.moving_variance_initializer, dtype, **still)
        if self.renorm:
            # Keras starts the deviations at the root of the variance's start, which is the same for its default, ones.
            _weight(b, "moving_stddev", shape, self.moving_variance_initializer, dtype, **still)
            _weight(b, "renorm_mean", shape, self.moving_mean_initializer, dtype, **still)
            _weight(b, "renorm_stddev", shape, self.moving_variance_initializer, dtype, **still)
        return gamma, beta, moving_mean, moving_variance


class LayerNormalization(Layer):
    """`gamma * (x - mean) / sqrt(variance + epsilon) + beta`, mean and variance along one axis of a sample or several.

    Input with these axes known; output of the same shape.
    """

    axis: Axes = Field((-1,), description="The axis, or several; the batch axis is 0.")
    epsilon: Epsilon = Field(1e-3, description="Added to the variance.")
    center: bool = Field(True, description="Whether `beta` is added.")
    scale: bool = Field(True, description="Whether to multiply by `gamma`.")
    beta_initializer: Initializer = Field("zeros", description="Start of `beta`, of the sizes along `axis`.")
    gamma_initializer: Initializer = Field("ones", description="Start of `gamma`, of the sizes along `axis`.")
    beta_regularizer: Regularizer = Field(None, description="Training only.")
    gamma_regularizer: Regularizer = Field(None, description="Training only.")
    beta_constraint: Constraint = Field(None, description="Training only.")
    gamma_constraint: Constraint = Field(None, description="Training only.")
    rms_scaling: bool = Field(False, description="Deprecated: divide by the deviation, without mean and `beta`.")

    supports_masking = True
    autocast = False
    examples = (
        Example({}, inputs=((None, "seq", 4),), output=(None, "seq", 4), params=8),
        Example({"axis": [1, 2], "center": False}, inputs=((None, 3, 4),), output=(None, 3, 4), params=12),
        Example({"rms_scaling": True}, inputs=((None, 3),), output=(None, 3), params=3),
        Example({"scale": False, "center": False}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({"axis": [1, 2]}, inputs=((None, "seq", 4),), error="axis 1 of the input must be known"),
        Example({"axis": 3}, inputs=((None, 3, 4),), error="`axis` 3 is no axis of an input of rank 3"),
        Example({"axis": [1, -2]}, inputs=((None, 3, 4),), error="`axis` names axis 1 twice"),
        Example({"axis": "last"}, error="`axis` of LayerNormalization must be a list"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The centred input times `gamma / sqrt(variance + epsilon)`, plus `beta`."""
        axes = _axes(b, sorted(self.axis), inputs.rank)  # sorted as written: the order of the weights' axes in Keras
        x = cast(inputs, promote(inputs.dtype, "float32"))
        gamma, beta = self._weights_of(b, x, axes)
        centred = x - mean(x, axes, keepdims=True)
        factor = rsqrt(mean(square(centred), axes, keepdims=True) + self.epsilon)
        y = (x if self.rms_scaling else centred) * factor
        if gamma is not None:
            y = y * gamma
        if beta is not None:
            y = y + beta
        return cast(y, b.policy.compute)

    def _weights_of(self, b: Scope, x: Value, axes: Sequence[int]) -> tuple[Value | None, Value | None]:
        scaled, moved = self.scale or self.rms_scaling, self.center and not self.rms_scaling
        if not scaled and not moved:
            return None, None
        shape = _sizes(b, x, axes)
        form = tuple(x.shape[axis] if axis in axes else 1 for axis in range(min(axes), x.rank))
        gamma = _weight(b, "gamma", shape, self.gamma_initializer, x.dtype) if scaled else None
        beta = _weight(b, "beta", shape, self.beta_initializer, x.dtype) if moved else None
        return (None if gamma is None else reshape(gamma, form), None if beta is None else reshape(beta, form))


def _not_none(groups: int) -> int:
    if groups == 0:
        raise refuse("must be a positive integer, or -1, found 0")
    return groups


class GroupNormalization(Layer):
    """As layer normalization, with mean and variance over each group of features and all other axes of a sample.

    Input of at least 2 axes with that axis known; output of the same shape.
    """

    groups: Annotated[int, Field(ge=-1, le=2**31 - 1), AfterValidator(_not_none)] = Field(
        32, description="How many; -1 for as many as features."
    )
    axis: int = Field(-1, description="The axis of the features, not the batch.")
    epsilon: Epsilon = Field(1e-3, description="Added to the variance.")
    center: bool = Field(True, description="Whether `beta` is added.")
    scale: bool = Field(True, description="Whether to multiply by `gamma`.")
    beta_initializer: Initializer = Field("zeros", description="Start of `beta`, (features,).")
    gamma_initializer: Initializer = Field("ones", description="Start of `gamma`, (features,).")
    beta_regularizer: Regularizer = Field(None, description="Training only.")
    gamma_regularizer: Regularizer = Field(None, description="Training only.")
    beta_constraint: Constraint = Field(None, description="Training only.")
    gamma_constraint: Constraint = Field(None, description="Training only.")

    supports_masking = True
    autocast = False
    examples = (
        Example({"groups": 2}, inputs=((None, "h", "w", 4),), output=(None, "h", "w", 4), params=8),
        Example({"groups": -1, "axis": 1}, inputs=((None, 4, "seq"),), output=(None, 4, "seq"), params=8),
        Example({"groups": 2, "center": False}, inputs=((None, 8),), output=(None, 8), params=8),
        Example({"groups": 5}, inputs=((None, 2, 4),), error="4 features cannot be split into 5 groups"),
        Example({"groups": 3}, inputs=((None, 2, 4),), error="4 features cannot be split into 3 groups"),
        Example({"groups": -2}, error="`groups` of GroupNormalization must be at least -1, found -2"),
        Example({"groups": 0}, error="`groups` of GroupNormalization must be a positive integer, or -1, found 0"),
        Example({}, inputs=((None, 2, "c"),), error="axis 2 of the input must be known"),
        Example({"axis": 0}, inputs=((None, 4),), error="`axis` 0 is the batch"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input with its features split into groups, normalized, and put together again."""
        message = "`groups` must be at least 1, or -1 for as many as features, found 0"
        b.require(self.groups != 0, message, field="groups")
        axis = b.axis(self.axis, inputs.rank)
        b.require(axis != 0, "`axis` 0 is the batch: groups are made of features", field="axis", code=codes.BAD_AXIS)
        features = b.known(inputs.shape[axis], f"axis {axis} of the input", _GIVE_SIZE)
        groups = features if self.groups == -1 else self.groups
        message = f"{features} features cannot be split into {groups} groups of one size"
        b.require(features % groups == 0, message, field="groups", help=f"`groups` divides {features}")
        dtype = promote(inputs.dtype, "float32")
        split = (groups, features // groups)
        x = reshape(cast(inputs, dtype), (*inputs.shape[:axis], *split, *inputs.shape[axis + 1 :]))
        axes = [other for other in range(1, x.rank) if other != axis]
        centred = x - mean(x, axes, keepdims=True)
        y = centred * rsqrt(mean(square(centred), axes, keepdims=True) + self.epsilon)
        form = (*split, *(1,) * (x.rank - axis - 2))
        if self.scale:
            y = y * reshape(_weight(b, "gamma", (features,), self.gamma_initializer, dtype), form)
        if self.center:
            y = y + reshape(_weight(b, "beta", (features,), self.beta_initializer, dtype), form)
        return cast(reshape(y, inputs.shape), b.policy.compute)


class RMSNormalization(Layer):
    """`scale * x / sqrt(mean(x ** 2) + epsilon)`, the mean along the last axis of each sample, or the last few.

    Input with these axes known; output of the same shape. Other axes are refused: Keras takes them for the mean,
    not for `scale`.
    """

    axis: Axes = Field((-1,), description="The last axis, or the last few.")
    epsilon: Epsilon = Field(1e-6, description="Added to the mean square.")

    examples = (
        Example({}, inputs=((None, "seq", 4),), output=(None, "seq", 4), params=4),
        Example({"axis": [-2, -1]}, inputs=((None, 3, 4),), output=(None, 3, 4), params=12),
        Example({"axis": 1}, inputs=((None, 3, 4),), error="`axis` [1] must be the last axes of an input of rank 3"),
        Example({}, inputs=((None, "seq"),), error="axis 1 of the input must be known"),
        Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The input over its root mean square, times `scale`."""
        axes = _axes(b, sorted(self.axis), x.rank)
        message = f"`axis` {list(self.axis)} must be the last axes of an input of rank {x.rank}, for `scale` spans them"
        b.require(axes == list(range(x.rank - len(axes), x.rank)), message, field="axis", code=codes.BAD_AXIS)
        scale = b.weight("scale", _sizes(b, x, axes), "ones")
        wide = cast(x, promote(x.dtype, "float32"))
        y = wide * rsqrt(mean(square(wide), axes, keepdims=True) + self.epsilon)
        return cast(y * cast(scale, wide.dtype), b.policy.compute)


class UnitNormalization(Layer):
    """The input scaled to length 1 along one axis, or several together; zeros stay zeros. Output of the same shape."""

    axis: Axes = Field((-1,), description="The axis, or several; the batch axis is 0.")

    supports_masking = True
    examples = (
        Example({}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({"axis": [1, 2]}, inputs=((None, "h", "w", 4),), output=(None, "h", "w", 4), params=0),
        Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
        Example({"axis": {"axis": -1}}, error="`axis` of UnitNormalization must be a list"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input times one over its length."""
        axes = _axes(b, self.axis, inputs.rank)
        return inputs * minimum(rsqrt(reduce("Sum", square(inputs), axes, keepdims=True)), 1e12)


def _weight(
    b: Scope, name: str, shape: tuple[int, ...], initializer: Any, dtype: str, *, trainable: bool = True
) -> Value:
    """The weight as it is kept, in the dtype of the computation."""
    return cast(b.weight(name, shape, initializer, trainable=trainable, autocast=False), dtype)


def _axes(b: Scope, given: Sequence[int], rank: int) -> list[int]:
    """The axes counted from the front, in the order given."""
    b.require(bool(given), "`axis` names no axis", field="axis")
    axes = [b.axis(axis, rank) for axis in given]
    for number, axis in enumerate(axes):
        b.require(axis not in axes[:number], f"`axis` names axis {axis} twice", field="axis", code=codes.BAD_AXIS)
    return axes


def _sizes(b: Scope, x: Value, axes: Sequence[int]) -> tuple[int, ...]:
    return tuple(b.known(x.shape[axis], f"axis {axis} of the input", _GIVE_SIZE) for axis in axes)
