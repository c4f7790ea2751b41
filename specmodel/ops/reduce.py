"""Reductions, and functions that normalise along axes."""

from collections.abc import Sequence

from specmodel.ops.elementwise import cast, square
from specmodel.ops.value import Op, Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType, is_floating

REDUCTIONS = frozenset("Sum Mean Max Min Prod Any All ArgMax ArgMin".split())


class Reduce(Op):
    """One number for all elements along `axes` (non-negative, ascending); `function` is one of `REDUCTIONS`."""

    function: str
    axes: tuple[int, ...]
    keepdims: bool = False

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's shape without the axes, or with ones in their place."""
        (x,) = inputs
        if self.keepdims:
            shape = tuple(1 if axis in self.axes else size for axis, size in enumerate(x.shape))
        else:
            shape = tuple(size for axis, size in enumerate(x.shape) if axis not in self.axes)
        return (TensorType(shape, "int32" if self.function.startswith("Arg") else x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """One for each input element."""
        return inputs[0].size

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the first axis is reduced."""
        return 0 not in self.axes


class _AlongAxis(Op):
    axis: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's type."""
        return (inputs[0],)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless it works along the first axis."""
        return self.axis != 0


class Softmax(_AlongAxis):
    """`exp(x - max(x)) / sum(exp(x - max(x)))` along a non-negative axis."""

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Five for each element: maximum, difference, exponential, sum, quotient."""
        return 5 * outputs[0].size


class LogSoftmax(_AlongAxis):
    """`x - max(x) - log(sum(exp(x - max(x))))` along a non-negative axis."""

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Five for each element."""
        return 5 * outputs[0].size


class Sparsemax(_AlongAxis):
    """The point of the probability simplex that is nearest to the elements along a non-negative axis.

    Source: A. Martins, R. Astudillo, From softmax to sparsemax, ICML 2016.
    """

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Six for each element, sorting not counted: sum, difference, quotient, maximum, difference, maximum."""
        return 6 * outputs[0].size


class Standardize(Op):
    """`(x - mean) / sqrt(variance + epsilon)` over the last `axes` axes; 0 is taken for the mean unless `centred`.

    Layers write it in several ops, which a pass makes one.
    """

    axes: int
    epsilon: float
    centred: bool

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's type."""
        return (inputs[0],)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Five for each element, three without a mean."""
        return (5 if self.centred else 3) * outputs[0].size


class CumSum(_AlongAxis):
    """The running sum along a non-negative axis."""


class CumProd(_AlongAxis):
    """The running product along a non-negative axis."""


def reduce(function: str, x: Value, axes: int | Sequence[int], keepdims: bool = False) -> Value:
    """Reduce along axes, which may count from the end."""
    given = (axes,) if isinstance(axes, int) else tuple(axes)
    wanted = tuple(sorted({axis % x.rank for axis in given}))
    if function in ("Any", "All"):
        x = cast(x, "bool")
    elif function == "Mean" and not is_floating(x.dtype):
        x = cast(x, "float32")
    return Reduce(function, wanted, keepdims)(x)


def mean(x: Value, axes: int | Sequence[int], keepdims: bool = False) -> Value:
    """The arithmetic mean along axes."""
    return reduce("Mean", x, axes, keepdims)


def variance(x: Value, axes: int | Sequence[int], keepdims: bool = False) -> Value:
    """The population variance along axes: the mean square distance from the mean."""
    return mean(square(x - mean(x, axes, keepdims=True)), axes, keepdims)


def softmax(x: Value, axis: int = -1) -> Value:
    """Exponentials that sum to one along an axis."""
    return Softmax(axis % x.rank)(x)


def log_softmax(x: Value, axis: int = -1) -> Value:
    """The logarithm of the softmax."""
    return LogSoftmax(axis % x.rank)(x)
