"""Ops without inputs: where values come from."""

from specmodel.ops.value import Op, Value
from specmodel.record import Record
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType


class WeightSpec(Record):
    """A weight that a layer needs: `path` is the layer's path and Keras' name of the weight (`encoder/dense/kernel`).

    `initializer` is an initializer's name or declaration; `shape` has known sizes only.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    initializer: object
    trainable: bool = True

    @property
    def type(self) -> TensorType:
        """Shape and dtype."""
        return TensorType(self.shape, self.dtype)


class _Source(Op):
    def flops(self, inputs: object, outputs: object) -> Dim:
        """None: nothing is computed."""
        return 0


class Input(_Source):
    """An array the caller gives: an input of the model, or a parameter of a loop's body."""

    name: str
    type: TensorType

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The declared type."""
        return (self.type,)


class Weight(_Source):
    """An array of the model's own."""

    spec: WeightSpec

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The weight's type."""
        return (self.spec.type,)


class Constant(_Source):
    """A number, or nested tuples of numbers."""

    value: object
    type: TensorType

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The declared type."""
        return (self.type,)


class Iota(_Source):
    """The numbers 0, 1, 2 … along one axis of an array: `out[..., i, ...] = i`."""

    type: TensorType
    axis: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The declared type."""
        return (self.type,)


def constant(value: object, dtype: str) -> Value:
    """A constant of the shape that the nesting of tuples gives it: a number has the shape ()."""
    shape: list[int] = []
    level = value
    while isinstance(level, tuple):
        shape.append(len(level))
        level = level[0] if level else 0
    return Constant(value, TensorType(tuple(shape), dtype))()


def iota(shape: tuple[Dim, ...], axis: int, dtype: str = "int32") -> Value:
    """The index along `axis`, as an array of `shape`."""
    return Iota(TensorType(shape, dtype), axis)()
