"""What a rule does to arrays. Each step tells the shapes it makes before any array is read."""

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from specmodel.layers.fields import IntList, PosInt
from specmodel.layers.objects import Config, Family

if TYPE_CHECKING:
    import numpy as np

    Arrays = list[np.ndarray[Any, Any]]

Shape = tuple[int, ...]


class MisfitError(Exception):
    """A step cannot be done to arrays of these shapes; the text says why."""


class Step(Config):
    """A step takes a list of arrays and gives another; `wanted` are the shapes that the spec has for the last."""

    def shapes(self, given: list[Shape], wanted: Sequence[Shape]) -> list[Shape]:
        """The shapes it makes of these; raises `MisfitError`."""
        raise NotImplementedError(type(self).__name__)

    def apply(self, arrays: "Arrays", wanted: Sequence[Shape]) -> "Arrays":
        """The arrays it makes of these, which have shapes that `shapes` takes."""
        raise NotImplementedError(type(self).__name__)


class Transpose(Step):
    """The axes in another order, of each array."""

    axes: IntList = Field(description="Where each axis of the result comes from: [2, 3, 1, 0] makes HWIO of OIHW.")

    def shapes(self, given: list[Shape], wanted: Sequence[Shape]) -> list[Shape]:
        """As many axes as there are."""
        for shape in given:
            if sorted(self.axes) != list(range(len(shape))):
                raise MisfitError(f"`transpose: {list(self.axes)}` takes {len(self.axes)} axes, the array is {shape}")
        return [tuple(shape[axis] for axis in self.axes) for shape in given]

    def apply(self, arrays: "Arrays", wanted: Sequence[Shape]) -> "Arrays":
        """Views."""
        return [array.transpose(self.axes) for array in arrays]


class Reshape(Step):
    """The same numbers in another shape, of each array."""

    shape: Annotated[
        IntList | Literal["spec"],
        BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    ] = Field(description="The sizes, one of them -1 for what is left; `spec` for those of the weight.")

    def shapes(self, given: list[Shape], wanted: Sequence[Shape]) -> list[Shape]:
        """As many elements as there are."""
        targets = self._targets(given, wanted)
        for shape, target in zip(given, targets, strict=True):
            if prod(shape) != prod(target):
                raise MisfitError(f"an array of {shape} has no elements for {target}")
        return targets

    def apply(self, arrays: "Arrays", wanted: Sequence[Shape]) -> "Arrays":
        """Views where strides allow."""
        targets = self._targets([array.shape for array in arrays], wanted)
        return [array.reshape(target) for array, target in zip(arrays, targets, strict=True)]

    def _targets(self, given: Sequence[Shape], wanted: Sequence[Shape]) -> list[Shape]:
        if isinstance(self.shape, str):
            if len(given) != len(wanted):
                raise MisfitError(f"`reshape: spec` has {len(given)} arrays for {len(wanted)} weights")
            return list(wanted)
        known = prod(size for size in self.shape if size != -1)
        if self.shape.count(-1) > 1 or any(size < -1 for size in self.shape) or known == 0:
            raise MisfitError(f"`reshape: {list(self.shape)}` is no shape")
        return [tuple(prod(shape) // known if size == -1 else size for size in self.shape) for shape in given]


class Reorder(Step):
    """Equal blocks along an axis in another order, of each array: the gates of recurrent layers."""

    order: IntList = Field(description="The numbers of the blocks, in their new order.")
    axis: int = Field(0, description="The axis that the blocks lie along.")

    def shapes(self, given: list[Shape], wanted: Sequence[Shape]) -> list[Shape]:
        """The axis is a multiple of the blocks."""
        if sorted(self.order) != list(range(len(self.order))):
            raise MisfitError(f"`reorder` names each block once, from 0: {list(self.order)} does not")
        for shape in given:
            _divided(shape, self.axis, len(self.order), "reorder")
        return given

    def apply(self, arrays: "Arrays", wanted: Sequence[Shape]) -> "Arrays":
        """A copy."""
        import numpy as np

        parts = [np.split(array, len(self.order), self.axis) for array in arrays]
        return [np.concatenate([blocks[number] for number in self.order], self.axis) for blocks in parts]


class Split(Step):
    """One array into equal parts along an axis, as many as there are weights, or of the given sizes."""

    axis: int = Field(0, description="The axis to cut.")
    sizes: Annotated[tuple[PosInt, ...] | None, BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)] = (
        Field(None, description="The sizes of the parts; equal ones if left out.")
    )

    def shapes(self, given: list[Shape], wanted: Sequence[Shape]) -> list[Shape]:
        """The axis is a multiple of the parts, or the sum of the sizes."""
        shape = _only(given, "split")
        axis = _axis(shape, self.axis, "split")
        if self.sizes is None:
            size = _divided(shape, self.axis, len(wanted), "split")
            return [(*shape[:axis], size, *shape[axis + 1 :])] * len(wanted)
        if sum(self.sizes) != shape[axis]:
            raise MisfitError(f"the sizes {list(self.sizes)} of `split` do not add up to axis {axis} of {shape}")
        return [(*shape[:axis], size, *shape[axis + 1 :]) for size in self.sizes]

    def apply(self, arrays: "Arrays", wanted: Sequence[Shape]) -> "Arrays":
        """Views."""
        import numpy as np

        if self.sizes is None:
            return np.split(arrays[0], len(wanted), self.axis)
        ends = [sum(self.sizes[: number + 1]) for number in range(len(self.sizes) - 1)]
        return np.split(arrays[0], ends, self.axis)


class Concatenate(Step):
    """Several arrays as one, along an axis."""

    axis: int = Field(0, description="The axis to join along.")

    def shapes(self, given: list[Shape], wanted: Sequence[Shape]) -> list[Shape]:
        """The other sizes are the same."""
        axis = _axis(given[0], self.axis, "concatenate")
        rests = {(*shape[:axis], *shape[axis + 1 :]) for shape in given if len(shape) > axis}
        if len(rests) != 1 or any(len(shape) <= axis for shape in given):
            raise MisfitError(f"`concatenate: {self.axis}` cannot join {', '.join(map(str, given))}")
        total = sum(shape[axis] for shape in given)
        return [(*given[0][:axis], total, *given[0][axis + 1 :])]

    def apply(self, arrays: "Arrays", wanted: Sequence[Shape]) -> "Arrays":
        """A copy."""
        import numpy as np

        return [np.concatenate(arrays, self.axis)]


class Stack(Step):
    """Several arrays of one shape as one, along a new axis."""

    axis: int = Field(0, description="Where the new axis comes to stand.")

    def shapes(self, given: list[Shape], wanted: Sequence[Shape]) -> list[Shape]:
        """All shapes are the same."""
        _equal(given, "stack")
        axis = _axis((*given[0], 1), self.axis, "stack")
        return [(*given[0][:axis], len(given), *given[0][axis:])]

    def apply(self, arrays: "Arrays", wanted: Sequence[Shape]) -> "Arrays":
        """A copy."""
        import numpy as np

        return [np.stack(arrays, self.axis)]


class Sum(Step):
    """Several arrays of one shape, added: two biases that another framework keeps apart."""

    def shapes(self, given: list[Shape], wanted: Sequence[Shape]) -> list[Shape]:
        """All shapes are the same."""
        _equal(given, "sum")
        return given[:1]

    def apply(self, arrays: "Arrays", wanted: Sequence[Shape]) -> "Arrays":
        """A copy."""
        total = arrays[0].copy()
        for array in arrays[1:]:
            total += array
        return [total]


STEPS = Family(
    "step",
    "specmodel.weights.mapping.steps",
    {name.lower(): name for name in ("Transpose", "Reshape", "Reorder", "Split", "Concatenate", "Stack", "Sum")},
)
"""The steps by the words that rules use."""


def _only(given: Sequence[Shape], what: str) -> Shape:
    if len(given) != 1:
        raise MisfitError(f"`{what}` takes one array, and there are {len(given)}")
    return given[0]


def _equal(given: Sequence[Shape], what: str) -> None:
    if len(set(given)) > 1:
        raise MisfitError(f"`{what}` takes arrays of one shape, not {', '.join(map(str, given))}")


def _axis(shape: Shape, axis: int, what: str) -> int:
    if not -len(shape) <= axis < len(shape):
        raise MisfitError(f"axis {axis} of `{what}` is none of an array of {shape}")
    return axis % len(shape)


def _divided(shape: Shape, axis: int, parts: int, what: str) -> int:
    """The size of equal parts of an axis."""
    size = shape[_axis(shape, axis, what)]
    if size % parts:
        raise MisfitError(f"axis {axis} of {shape} cannot be cut into {parts} equal parts (`{what}`)")
    return size // parts
