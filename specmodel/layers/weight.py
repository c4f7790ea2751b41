"""A weight as a layer of its own."""

from typing import Annotated

from pydantic import AfterValidator, Field

from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Initializer, IntList
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.shape import expand
from specmodel.ops.value import Value


def _check_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    for axis, size in enumerate(shape):
        if not 0 < size < 2**31:
            raise refuse(f"must be a positive size, found {size}", None, (axis,))
    return shape


class Weight(Layer):
    """A weight that is the same for every sample: a class token, learned positions. It takes no inputs.

    Output (batch, …shape), with the batch of the model's first input, so that it merges and joins like any other.
    """

    shape: Annotated[IntList, AfterValidator(_check_shape)] = Field(
        description="The sizes behind the batch axis; the weight `weight` has this shape."
    )
    initializer: Initializer = Field("zeros", description="Start of `weight`.")

    examples = (
        Example({"shape": [1, 64]}, output=(1, 1, 64), params=64),
        Example({"shape": [10], "initializer": {"RandomNormal": {"stddev": 0.02}}}, output=(1, 10), params=10),
        Example({"shape": []}, output=(1,), params=1),
        Example({"shape": [4, 0]}, error="`shape[1]` of Weight must be a positive size, found 0"),
        Example({"shape": 4}, error="`shape` of Weight must be a list, found 4"),
        Example({}, error="Weight needs the argument `shape`"),
        Example(
            {"shape": [4], "initializer": "orthogonal"}, error="of the shape (4,), makes weights of at least 2 axes"
        ),
    )

    def build(self, b: Scope) -> Value:
        """The weight, repeated for each sample."""
        weight = b.weight("weight", self.shape, self.initializer)
        return expand(weight, (b.batch, *self.shape))
