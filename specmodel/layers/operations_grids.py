"""Tensor operations on grids: coordinates, blocks of pixels as channels, windows of a sequence."""

from typing import Annotated, Literal

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import DataFormat, IntList, PosInt
from specmodel.layers.images import DATA_FORMAT
from specmodel.layers.operation import Operation
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import binary
from specmodel.ops.shape import expand, reshape, transpose
from specmodel.ops.signal import Frames
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.formula import described
from specmodel.types.tensor import product


class Meshgrid(Operation):
    """The coordinates of a grid whose lines are at the places that vectors hold: an output for each vector."""

    indexing: Literal["xy", "ij"] = Field(
        "xy", description="`xy` swaps the first two axes of the outputs; `ij` does not."
    )

    takes_list = True
    examples = (
        Example({}, inputs=((3,), (4,)), output=((4, 3), (4, 3)), params=0),
        Example({"indexing": "ij"}, inputs=((3,), ("n",)), output=((3, "n"), (3, "n")), params=0),
        Example({}, inputs=((2, 3), (4,)), error="expected vectors, found (2, 3)"),
    )

    def build(self, b: Scope, x: list[Value]) -> tuple[Value, ...]:
        """Each vector repeated along the axes of the others."""
        for one in x:
            b.require(one.rank <= 1, f"expected vectors, found {one.type}", code=codes.WRONG_RANK)
        order = list(range(len(x)))
        if self.indexing == "xy" and len(x) > 1:
            order[:2] = [1, 0]
        sizes = [product(one.shape) for one in x]
        shape = [sizes[place] for place in order]
        forms = [[size if order[at] == number else 1 for at, size in enumerate(shape)] for number in range(len(x))]
        return tuple(expand(reshape(one, form), shape) for one, form in zip(x, forms, strict=True))


class UnravelIndex(Operation):
    """The indices along each axis of a shape of elements that are counted in row-major order: an output each."""

    shape: IntList = Field(description="The shape whose elements are counted.")

    examples = (
        Example({"shape": [3, 4]}, inputs=((None, "seq"),), dtypes=("int32",), output=((None, "seq"),) * 2, params=0),
        Example({"shape": [5]}, inputs=((None,),), dtypes=("int32",), output=(None,), params=0),
        Example({"shape": [3, 4]}, inputs=((None,),), error="UnravelIndex takes integers, found (None,) of float32"),
    )

    def build(self, b: Scope, indices: Value) -> Value | tuple[Value, ...]:
        """What is left of floor divisions by the sizes behind."""
        message = f"UnravelIndex takes integers, found {indices.type} of {indices.dtype}"
        b.require("int" in indices.dtype, message, code=codes.WRONG_DTYPE, help="put `Cast: int32` before it")
        made: list[Value] = []
        for size in reversed(self.shape):
            made.insert(0, binary("Mod", indices, size))
            indices = binary("FloorDiv", indices, size)
        return tuple(made) if len(made) > 1 else made[0]


class _Blocks(Operation):
    block_size: Annotated[int, Field(gt=1, le=2**15)] = Field(description="Height and width of a block of pixels.")
    data_format: DataFormat = DATA_FORMAT

    def parts(self, b: Scope, x: Value) -> tuple[Dim, Dim, Dim, Dim]:
        """Batch, height, width, channels."""
        form = "(batch, channels, height, width)" if self._first else "(batch, height, width, channels)"
        b.require_rank(x, 4, form)
        batch, *others = x.shape
        channels, height, width = others if self._first else (others[2], *others[:2])
        return batch, height, width, channels

    @property
    def _first(self) -> bool:
        return self.data_format == "channels_first"


class DepthToSpace(_Blocks):
    """Channels as blocks of pixels: each group of `block_size ** 2` channels becomes a square."""

    examples = (
        Example({"block_size": 2}, inputs=((None, "h", "w", 12),), output=(None, "2*h", "2*w", 3), params=0),
        Example(
            {"block_size": 2, "data_format": "channels_first"},
            inputs=((None, 8, 3, 5),),
            output=(None, 2, 6, 10),
            params=0,
        ),
        Example({"block_size": 2}, inputs=((None, 4, 4, 6),), error="6 channels are no multiple of 4"),
        Example({"block_size": 1}, error="`block_size` of DepthToSpace must be greater than 1, found 1"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The axes of each block moved behind those of the pixels."""
        batch, height, width, channels = self.parts(b, x)
        n = self.block_size
        message = f"{described(channels)} channels are no multiple of {n * n}"
        left = b.assume.divisible(
            channels, n * n, codes.BAD_SIZE, message, reason="channels make blocks", field="block_size"
        )
        if self._first:
            apart = transpose(reshape(x, (batch, left, n, n, height, width)), (0, 1, 4, 2, 5, 3))
            return reshape(apart, (batch, left, height * n, width * n))
        apart = transpose(reshape(x, (batch, height, width, n, n, left)), (0, 1, 3, 2, 4, 5))
        return reshape(apart, (batch, height * n, width * n, left))


class SpaceToDepth(_Blocks):
    """Blocks of pixels as channels: each square of `block_size ** 2` pixels becomes one pixel."""

    examples = (
        Example({"block_size": 2}, inputs=((None, 4, "2*w", 3),), output=(None, 2, "w", 12), params=0),
        Example(
            {"block_size": 3, "data_format": "channels_first"},
            inputs=((None, 2, 3, 6),),
            output=(None, 18, 1, 2),
            params=0,
        ),
        Example({"block_size": 2}, inputs=((None, 5, 4, 3),), error="the height 5 is no multiple of 2"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The axes of each block moved to the channels."""
        batch, height, width, channels = self.parts(b, x)
        n = self.block_size
        rows, columns = (
            b.assume.divisible(
                size,
                n,
                codes.BAD_SIZE,
                f"the {name} {described(size)} is no multiple of {n}",
                reason="images are cut into blocks",
                field="block_size",
            )
            for name, size in (("height", height), ("width", width))
        )
        if self._first:
            apart = transpose(reshape(x, (batch, channels, rows, n, columns, n)), (0, 1, 3, 5, 2, 4))
            return reshape(apart, (batch, channels * n * n, rows, columns))
        apart = transpose(reshape(x, (batch, rows, n, columns, n, channels)), (0, 1, 3, 2, 4, 5))
        return reshape(apart, (batch, rows, columns, channels * n * n))


class ExtractSequences(Operation):
    """Windows along the last axis, each so far behind the one before, as a new last axis."""

    sequence_length: PosInt = Field(description="How many elements a window has.")
    sequence_stride: PosInt = Field(description="How far windows are apart.")

    examples = (
        Example({"sequence_length": 4, "sequence_stride": 2}, inputs=((None, 10),), output=(None, 4, 4), params=0),
        Example(
            {"sequence_length": 3, "sequence_stride": 3}, inputs=((None, "seq"),), output=(None, "seq//3", 3), params=0
        ),
        Example(
            {"sequence_length": 4, "sequence_stride": 1},
            inputs=((None, 3),),
            error="a window of 4 does not fit into axis 1",
        ),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The windows."""
        b.require(x.rank > 0, "expected a sequence, found a number", code=codes.WRONG_RANK)
        return Frames(self.sequence_length, self.sequence_stride)(x)
