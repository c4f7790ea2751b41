"""Layers that arrange the same elements in another shape: Flatten, Reshape, Permute, RepeatVector."""

from math import prod
from typing import Annotated

from pydantic import AfterValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import DataFormat, IntList, PosInt
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.shape import expand, expand_dims, reshape, transpose
from specmodel.ops.value import Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.formula import described
from specmodel.types.tensor import product


class Flatten(Layer):
    """One axis for all but the batch.

    Input (batch, …); output (batch, elements), with one element for an input (batch,).
    """

    data_format: DataFormat = Field(None, description="`channels_first`: the input's channels stand first and go last.")

    examples = (
        Example({}, inputs=((None, 4, 4, 64),), output=(None, 1024), params=0),
        Example({}, inputs=((None, "h", "w", 3),), output=(None, "3*h*w"), params=0),
        Example({"data_format": "channels_first"}, inputs=((None, 3, 5, 5),), output=(None, 75), params=0),
        Example({}, inputs=((None,),), output=(None, 1), params=0),
        Example({}, inputs=((None, None, 3),), output=(None, None), params=0),
        Example({"data_format": "last"}, error="`data_format` of Flatten must be `channels_last` or `channels_first`"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The elements of each sample in row-major order."""
        b.require(inputs.rank >= 1, "expected an input with a batch axis, found a number", code=codes.WRONG_RANK)
        x = inputs
        if self.data_format == "channels_first" and x.rank > 1:
            x = transpose(x, (0, *range(2, x.rank), 1))
        return reshape(x, (x.shape[0], product(x.shape[1:])))


def _check_target(target: tuple[int, ...]) -> tuple[int, ...]:
    wrong = next(((axis, size) for axis, size in enumerate(target) if size != -1 and size < 1), None)
    if wrong is not None:
        raise refuse(f"must be a positive size, or -1 for what is left, found {wrong[1]}", None, (wrong[0],))
    if target.count(-1) > 1:
        raise refuse(f"must have -1 at most once, found it {target.count(-1)} times", "say all sizes but one")
    return target


class Reshape(Layer):
    """The elements of each sample in row-major order under another shape.

    Input (batch, …); output (batch, *target_shape). One size may be -1: what is left for it.
    """

    target_shape: Annotated[IntList, AfterValidator(_check_target)] = Field(
        description="The sizes behind the batch axis; -1, at most once, for what the others leave."
    )

    examples = (
        Example({"target_shape": [7, 7, 64]}, inputs=((None, 3136),), output=(None, 7, 7, 64), params=0),
        Example({"target_shape": [-1, 64]}, inputs=((None, "h", "w", 64),), output=(None, "h*w", 64), params=0),
        Example({"target_shape": [-1, 9]}, inputs=((None, "seq", 3),), output=(None, "seq//3", 9), params=0),
        Example({"target_shape": [12]}, inputs=((None, "seq", 2),), output=(None, 12), params=0),
        Example(
            {"target_shape": [-1, -1, 5]}, error="`target_shape` of Reshape must have -1 at most once, found it 2 times"
        ),
        Example({"target_shape": [2, 0]}, error="`target_shape[1]` of Reshape must be a positive size, or -1"),
        Example({"target_shape": ["seq", 4]}, error="`target_shape[0]` of Reshape must be an integer"),
        Example({"target_shape": 10}, error="`target_shape` of Reshape must be a list, found 10"),
        Example(
            {"target_shape": [7, 7, 3]},
            inputs=((None, 4, 4),),
            error="`target_shape` (7, 7, 3) has 147 elements, a sample of the input (None, 4, 4) has 16",
        ),
        Example(
            {"target_shape": [-1, 64]},
            inputs=((None, 100),),
            error="`target_shape` (-1, 64) takes a multiple of 64 elements, a sample of the input (None, 100) has 100",
        ),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input under the target shape, with what is left put in for -1."""
        b.require(inputs.rank >= 1, "expected an input with a batch axis, found a number", code=codes.WRONG_RANK)
        left = self._left(inputs)
        return reshape(inputs, (inputs.shape[0], *(left if size == -1 else size for size in self.target_shape)))

    def _left(self, inputs: Value) -> Dim:
        """The size that -1 stands for; a `Fault` where the element counts certainly differ.

        What only data can decide is left to the op, which asks for the same.
        """
        elements = product(inputs.shape[1:])
        known = prod(size for size in self.target_shape if size != -1)
        found = f"a sample of the input {inputs.type} has {described(elements)}"
        if -1 in self.target_shape:
            message = f"`target_shape` {self.target_shape} takes a multiple of {known} elements, {found}"
            return Assume().divisible(elements, known, codes.RESHAPE_DOES_NOT_FIT, message, field="target_shape")
        message = f"`target_shape` {self.target_shape} has {known} elements, {found}"
        help = "write -1 for one of the sizes to put in what is left"
        Assume().equal(
            elements, known, code=codes.RESHAPE_DOES_NOT_FIT, message=message, field="target_shape", help=help
        )
        return 1


def _check_dims(dims: tuple[int, ...]) -> tuple[int, ...]:
    if sorted(dims) != list(range(1, len(dims) + 1)):
        message = f"must hold each axis from 1 to {len(dims)} once, found {list(dims)}"
        raise refuse(message, "axes count from 1, which is the first behind the batch")
    return dims


class Permute(Layer):
    """The axes in another order. Input (batch, …) with as many axes behind the batch as `dims` names."""

    dims: Annotated[IntList, AfterValidator(_check_dims)] = Field(
        description="Which input axis stands at each place of the output; axes count from 1, behind the batch."
    )

    examples = (
        Example({"dims": [2, 1]}, inputs=((None, 10, 64),), output=(None, 64, 10), params=0),
        Example({"dims": [3, 1, 2]}, inputs=((None, "h", "w", 3),), output=(None, 3, "h", "w"), params=0),
        Example({"dims": [1, 4, 2]}, error="`dims` of Permute must hold each axis from 1 to 3 once, found [1, 4, 2]"),
        Example({"dims": [0, 1, 2]}, error="`dims` of Permute must hold each axis from 1 to 3 once, found [0, 1, 2]"),
        Example({"dims": [2, 1]}, inputs=((None, 4, 4, 3),), error="expected an input of rank 3"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input transposed, the batch axis first."""
        names = ", ".join(f"axis {axis}" for axis in range(1, len(self.dims) + 1))
        b.require_rank(inputs, len(self.dims) + 1, f"(batch, {names})" if names else "(batch,)")
        return transpose(inputs, (0, *self.dims))


class RepeatVector(Layer):
    """Each sample `n` times in a row. Input (batch, features); output (batch, n, features)."""

    n: PosInt = Field(description="How many times.")

    examples = (
        Example({"n": 3}, inputs=((None, 32),), output=(None, 3, 32), params=0),
        Example({"n": 2}, inputs=((None, "features"),), output=(None, 2, "features"), params=0),
        Example({"n": 0}, error="`n` of RepeatVector must be greater than 0, found 0"),
        Example({"n": [3]}, error="`n` of RepeatVector must be an integer, found a list of 1"),
        Example({"n": 3}, inputs=((None, 4, 5),), error="expected an input of rank 2, (batch, features)"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """A steps axis, along which nothing changes."""
        b.require_rank(inputs, 2, "(batch, features)")
        batch, features = inputs.shape
        return expand(expand_dims(inputs, 1), (batch, self.n, features))
