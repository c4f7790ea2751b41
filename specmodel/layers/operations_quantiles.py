"""Tensor operations that find the elements below which given shares of all lie."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from specmodel.layers.base import Example
from specmodel.layers.operation import (
    Numbers,
    axes_of,
    floating,
    leaves,
    shape_of,
)
from specmodel.layers.operations_reduce import REDUCTION_EXAMPLES, Reduction
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast, unary, where
from specmodel.ops.order import order
from specmodel.ops.places import gather_along
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import reshape, transpose
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.tensor import product, promote

Method = Literal["linear", "lower", "higher", "midpoint", "nearest"]


class _Quantile(Reduction):
    """Numbers below which given shares of the elements along axes lie."""

    method: Method = Field("linear", description="What stands between two elements: a mixture, or one of both.")
    scale: ClassVar[float] = 1.0
    """What the shares are divided by."""
    skips_nan: ClassVar[bool] = False
    examples: ClassVar[tuple[Example, ...]] = ()

    def shares(self) -> Any:
        """The shares, a number or a list."""
        raise NotImplementedError(type(self).__name__)

    def build(self, b: Scope, x: Value) -> Value:
        """The elements in order, and those beside each place, mixed."""
        axes = axes_of(b, self.axis, x.rank)
        found = self._found(_flat(floating(x), axes))
        kept = [1 if axis in axes else size for axis, size in enumerate(x.shape) if self.keepdims or axis not in axes]
        alone = not isinstance(self.shares(), tuple)
        moved = found if alone else transpose(found, (found.rank - 1, *range(found.rank - 1)))
        return reshape(moved, kept if alone else (found.shape[-1], *kept))

    def _found(self, x: Value) -> Value:
        """The quantiles of the last axis: (…, shares)."""
        ordered, _ = order(x, -1)
        shares = tuple(share / self.scale for share in leaves(self.shares()))
        missing = unary("IsNaN", x)
        wide = promote(x.dtype, "float32")
        count = reduce("Sum", cast(unary("Not", missing), wide), -1, keepdims=True)
        if not self.skips_nan:
            count = count + reduce("Sum", cast(missing, wide), -1, keepdims=True)
        place = constant(shares, wide) * (count - 1.0)
        low, high = unary("Floor", place), unary("Ceil", place)
        share = place - low
        first, second = (gather_along(ordered, cast(ops.maximum(at, 0.0), "int32"), -1) for at in (low, high))
        mixed = self._mixed(first, second, cast(share, x.dtype))
        empty = reduce("Any" if not self.skips_nan else "All", missing, -1, keepdims=True)
        return where(empty, float("nan"), mixed)

    def _mixed(self, low: Value, high: Value, share: Value) -> Value:
        match self.method:
            case "lower":
                return low
            case "higher":
                return high
            case "nearest":
                return where(binary("LessEqual", share, 0.5), low, high)
            case "midpoint":
                return where(binary("Equal", share, 0.0), low, (low + high) * 0.5)
        return low * (1.0 - share) + high * share


def _flat(x: Value, axes: tuple[int, ...]) -> Value:
    """The axes as one, which stands last."""
    others = [axis for axis in range(x.rank) if axis not in axes]
    moved = transpose(x, [*others, *axes])
    return reshape(moved, (*moved.shape[: len(others)], product(moved.shape[len(others) :])))


def _shares(most: float) -> Any:
    def check(q: Any) -> Any:
        if len(shape_of(q)) > 1 or any(not 0 <= share <= most for share in leaves(q)):
            raise refuse(f"must be a number from 0 to {most:g}, or a list of such")
        return q

    return AfterValidator(check)


def _quantile_examples(share: float, wrong: float) -> tuple[Example, ...]:
    return (
        Example({"q": share, "axis": 1}, inputs=((None, "seq", 3),), output=(None, 3), params=0),
        Example({"q": [share, 0.0], "axis": -1, "keepdims": True}, inputs=((None, 4),), output=(2, None, 1), params=0),
        Example({"q": share, "axis": [1, 2], "method": "nearest"}, inputs=((None, 4, 3),), output=(None,), params=0),
        Example({"q": wrong}, error="`q` of"),
        Example({"q": share, "axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
    )


class Quantile(_Quantile):
    """The numbers below which the shares `q` of the elements along axes lie; several shares make a first axis."""

    q: Annotated[Numbers, _shares(1)] = Field(description="Shares from 0 to 1, one or a list.")

    examples = _quantile_examples(0.25, 1.5)

    def shares(self) -> Any:
        """The shares."""
        return self.q


class Percentile(_Quantile):
    """The numbers below which `q` hundredths of the elements along axes lie; several make a first axis."""

    q: Annotated[Numbers, _shares(100)] = Field(description="Hundredths from 0 to 100, one or a list.")

    scale = 100.0
    examples = _quantile_examples(25.0, 150.0)

    def shares(self) -> Any:
        """The hundredths."""
        return self.q


class Nanquantile(Quantile):
    """As `Quantile`, of the numbers alone: NaN is left out."""

    skips_nan = True


class Nanpercentile(Percentile):
    """As `Percentile`, of the numbers alone: NaN is left out."""

    skips_nan = True


class Median(_Quantile):
    """The middle element along axes in ascending order, or the mean of the two in the middle."""

    method: ClassVar[Method] = "midpoint"  # type: ignore[misc]  # no argument of this one

    examples = tuple(example for example in REDUCTION_EXAMPLES if example.error != "must be")

    def shares(self) -> Any:
        """One half."""
        return 0.5


class Nanmedian(Median):
    """As `Median`, of the numbers alone: NaN is left out."""

    skips_nan = True
