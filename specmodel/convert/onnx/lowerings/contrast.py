"""Contrast of images: counts of values by scattering, tables of tiles, and what four of them give, mixed."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.sizes import scalar_size, sizes, span
from specmodel.ops import contrast as ops
from specmodel.ops.contrast import LEVELS
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.types.dim import Dim

_IMAGES = (0, 3, 1, 2)


class Side(Record):
    """How one axis is cut into `count` tiles, as in the kernel; each size and place is a tensor.

    `mirrored` is the element that stands at each place of the tiles. Each element lies between the tables `before` and
    `after`, `share` of the way from one to the other.
    """

    count: int
    tile: Tensor
    mirrored: Tensor
    before: Tensor
    after: Tensor
    share: Tensor


def equalize_tiles(op: ops.EqualizeTiles, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """The steps of the kernel, for all images and channels at once."""
    (x,), (out,) = inputs, outputs
    batch, height, width, channels = x.shape
    given = b.cast(b.read(x, _IMAGES), "int32")
    levels = b.cast(b.node("Clip", given, b.scalar(0, given), b.scalar(LEVELS - 1, given)), "int64")
    rows, columns = _side(b, height, op.rows), _side(b, width, op.columns)
    whole = _tables(b, op, levels, rows, columns, (batch, channels))
    tables = b.reshape(whole, (batch, channels, (op.rows + 2) * (op.columns + 2) * LEVELS))
    mixed = []
    for row in (rows.before, rows.after):
        left, right = (
            _looked_up(b, tables, levels, row, column, columns.count, x.shape)
            for column in (columns.before, columns.after)
        )
        mixed.append(_between(b, left, right, columns.share))
    b.hold(out, _between(b, mixed[0], mixed[1], b.reshape(rows.share, (height, 1))), _IMAGES)


def _side(b: Builder, size: Dim, count: int) -> Side:
    length, one = scalar_size(b, size), b.scalar(1, "int64")
    tiles = b.scalar(count, "int64")
    tile = b.node("Div", b.node("Add", length, b.scalar(count - 1, "int64")), tiles)
    places = b.node("Range", b.scalar(0, "int64"), b.node("Mul", tile, tiles), one)
    period = b.node("Add", length, length)
    place = b.node("Mod", places, period)
    reflected = b.node("Sub", b.node("Sub", period, one), place)
    mirrored = b.node("Where", b.node("Less", place, length, dtype="bool"), place, reflected, dtype="int64")
    wide = b.cast(tile, "float32")
    middle = b.node("Div", wide, b.scalar(2, wide))
    at = b.node("Div", b.node("Sub", b.cast(span(b, size), "float32"), middle), wide)
    at = b.node("Add", at, b.scalar(1, at))
    below = b.node("Floor", at)
    first, second = (
        b.node("Clip", b.cast(index, "int64"), b.scalar(0, "int64"), b.scalar(count + 1, "int64"), shape=(size,))
        for index in (below, b.node("Add", below, b.scalar(1, below)))
    )
    return Side(count, tile, mirrored, first, second, b.node("Sub", at, below, shape=(size,)))


def _tables(
    b: Builder, op: ops.EqualizeTiles, levels: Tensor, rows: Side, columns: Side, outer: tuple[Dim, Dim]
) -> Tensor:
    """The value that each level becomes in each tile, with the tiles at the border twice."""
    mirrored = b.node("Gather", b.node("Gather", levels, rows.mirrored, axis=2), columns.mirrored, axis=3)
    minus = b.ints([-1])
    cut = [sizes(b, outer), b.ints([rows.count]), minus, b.ints([columns.count]), b.reshape(columns.tile, (1,))]
    blocks = b.node("Reshape", mirrored, b.node("Concat", *cut, axis=0))
    tiles = b.node("Transpose", blocks, perm=[0, 1, 2, 4, 3, 5])
    count = rows.count * columns.count
    tiles = b.node("Reshape", tiles, b.node("Concat", sizes(b, outer), b.ints([count]), minus, axis=0))
    shape = (*outer, count, LEVELS)
    zeros = b.node("Expand", b.scalar(0, "float32"), sizes(b, shape), shape=shape)
    ones = b.node("Expand", b.scalar(1, "float32"), b.node("Shape", tiles, dtype="int64"))
    counts = b.node("ScatterElements", zeros, tiles, ones, axis=3, reduction="add")
    area = b.cast(b.node("Mul", rows.tile, columns.tile), "float32")
    last = b.ints([3])
    if op.clip_limit > 0:
        limit = b.node("Mul", b.cast(area, "float64"), b.scalar(op.clip_limit, "float64"))
        limit = b.cast(b.node("Div", limit, b.scalar(LEVELS, "float64")), "float32")
        clipped = b.node("Min", counts, limit)
        excess = b.node("ReduceSum", b.node("Sub", counts, clipped), last, keepdims=1)
        counts = b.node("Add", clipped, b.node("Div", excess, b.scalar(LEVELS, "float32")))
    below = b.node("CumSum", counts, b.scalar(3, "int64"))
    least = b.node("ReduceMin", below, last, keepdims=1)
    range_ = b.node("Sub", area, least)
    none = b.node("Equal", range_, b.scalar(0, range_), dtype="bool")
    range_ = b.node("Where", none, b.scalar(1, range_), range_, dtype="float32")
    stretched = b.node("Div", b.node("Mul", b.node("Sub", below, least), b.scalar(255, below)), range_)
    tables = b.node("Clip", stretched, b.scalar(0, below), b.scalar(255, below), shape=shape)
    apart = b.reshape(tables, (*outer, rows.count, columns.count, LEVELS))
    border = b.ints([0, 0, 1, 1, 0] * 2)
    return b.node("Pad", apart, border, mode="edge", shape=(*outer, rows.count + 2, columns.count + 2, LEVELS))


def _looked_up(
    b: Builder, tables: Tensor, levels: Tensor, row: Tensor, column: Tensor, count: int, shape: Sequence[Dim]
) -> Tensor:
    """What each pixel becomes by the tables of these rows and columns."""
    batch, height, width, channels = shape
    line = b.node("Mul", b.reshape(row, (height, 1)), b.scalar(count + 2, "int64"))
    table = b.node("Mul", b.node("Add", line, column), b.scalar(LEVELS, "int64"))
    places = b.node("Add", table, levels, shape=(batch, channels, height, width))
    flat = b.reshape(places, (batch, channels, height * width))
    return b.reshape(b.node("GatherElements", tables, flat, axis=2, shape=flat.shape), (batch, channels, height, width))


def _between(b: Builder, one: Tensor, other: Tensor, share: Tensor) -> Tensor:
    """`one * (1 - share) + other * share`."""
    rest = b.node("Sub", b.scalar(1, share), share, dtype="float32")
    return b.node("Add", b.node("Mul", one, rest), b.node("Mul", other, share))
