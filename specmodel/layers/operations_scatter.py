"""Tensor operations that write where other tensors say."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import IntList, PosInt
from specmodel.layers.operation import (
    Operation,
    constant_beside,
)
from specmodel.layers.operations_places import PLACES, places_of
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.places import Reduction, scatter
from specmodel.ops.shape import expand, reshape
from specmodel.ops.value import Value
from specmodel.types.tensor import integer_range, is_floating


def _check_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    wrong = next((axis for axis, size in enumerate(shape) if size < 1), None)
    if wrong is not None:
        raise refuse(f"must be a positive size, found {shape[wrong]}", None, (wrong,))
    return shape


class Scatter(Operation):
    """Zeros of a shape, with values added at given places: indices (…, k) address the first k axes."""

    shape: Annotated[IntList, AfterValidator(_check_shape)] = Field(description="All sizes of the output.")
    indices: PLACES = Field(None, description="Constants in place of the input.")

    examples = (
        Example({"shape": [6]}, inputs=((None, 1), (None,)), dtypes=("int32", "float32"), output=(6,), params=0),
        Example({"shape": [4, 3], "indices": [[0], [2]]}, inputs=((2, 3),), call=("values",), output=(4, 3), params=0),
        Example({"shape": [6]}, inputs=((None, 1), (None,)), error="`indices` must be of integers, found float32"),
        Example({"shape": [0]}, error="`shape[0]` of Scatter must be a positive size, found 0"),
    )

    def build(self, b: Scope, indices: Value | None = None, values: Value | None = None) -> Value:
        """The sums of values at each place."""
        b.require(values is not None, "Scatter needs `values`", code=codes.CALL_ARGUMENTS)
        assert values is not None
        places = places_of(b, self, "indices", indices)
        return scatter(expand(constant_beside(b, 0, values.dtype, "shape"), self.shape), places, values, "add")


class ScatterUpdate(Operation):
    """A tensor in which elements at given places are replaced, or combined with updates.

    Indices (…, k) address the first k axes; updates are (…, the other axes).
    """

    reduction: Reduction | None = Field(
        None, description="How updates are combined with what is there; null replaces it."
    )
    indices: PLACES = Field(None, description="Constants in place of the input.")

    examples = (
        Example({}, inputs=((6, 3), (4, 1), (4, 3)), dtypes=("float32", "int32", "float32"), output=(6, 3), params=0),
        Example(
            {"indices": [[0], [2]], "reduction": "add"},
            inputs=((5, "n"), (2, "n")),
            call=("inputs", "updates"),
            output=(5, "n"),
            params=0,
        ),
        Example({"reduction": "mean"}, error="`reduction` of ScatterUpdate must be"),
    )

    def build(self, b: Scope, inputs: Value, indices: Value | None = None, updates: Value | None = None) -> Value:
        """The tensor, written into."""
        b.require(updates is not None, "ScatterUpdate needs `updates`", code=codes.CALL_ARGUMENTS)
        assert updates is not None
        return scatter(inputs, places_of(b, self, "indices", indices), updates, self.reduction)


class _Segments(Operation):
    num_segments: PosInt = Field(description="How many groups there are.")
    segment_ids: PLACES = Field(None, description="Constants in place of the second input.")
    sorted: bool = Field(False, description="Without effect: the result is the same.")

    reduction: ClassVar[Reduction]
    examples = (
        Example({"num_segments": 6}, inputs=((None, 4), (None,)), dtypes=("float32", "int32"), output=(6, 4), params=0),
        Example({"num_segments": 2, "segment_ids": [0, 1, 1]}, inputs=((3,),), output=(2,), params=0),
        Example({"num_segments": 0}, error="`num_segments` of"),
        Example(
            {"num_segments": 3},
            inputs=((None, 4), (None, 4)),
            dtypes=("float32", "int32"),
            error="`segment_ids` must have one axis",
        ),
    )

    def build(self, b: Scope, data: Value, segment_ids: Value | None = None) -> Value:
        """Each group's elements combined, group by group along the first axis."""
        ids = places_of(b, self, "segment_ids", segment_ids)
        b.require(ids.rank == 1, f"`segment_ids` must have one axis, found {ids.type}", code=codes.WRONG_RANK)
        start = constant_beside(b, self._neutral(data.dtype), data.dtype, "num_segments")
        base = expand(start, (self.num_segments, *data.shape[1:]))
        return scatter(base, reshape(ids, (ids.shape[0], 1)), data, self.reduction)

    def _neutral(self, dtype: str) -> float | int:
        """What an empty group gives."""
        if self.reduction in ("add", "mul"):
            whole = int(self.reduction == "mul")
            return whole if not is_floating(dtype) else float(whole)
        if is_floating(dtype):
            return float("-inf") if self.reduction == "max" else float("inf")
        return integer_range(dtype)[0 if self.reduction == "max" else 1]


class SegmentSum(_Segments):
    """The sum of the elements of each group along the first axis; 0 of an empty one."""

    reduction = "add"


class SegmentProd(_Segments):
    """The product of the elements of each group along the first axis; 1 of an empty one."""

    reduction = "mul"


class SegmentMax(_Segments):
    """The largest element of each group along the first axis; the smallest number of the dtype of an empty one."""

    reduction = "max"


class SegmentMin(_Segments):
    """The smallest element of each group along the first axis; the largest number of the dtype of an empty one."""

    reduction = "min"
