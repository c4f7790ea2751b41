"""W706: a stride that passes over the last pixels."""

from collections.abc import Iterator

from specmodel.diagnostics import codes
from specmodel.graph.graph import Node
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark
from specmodel.ops.conv import Conv, DepthwiseConv, taps_of
from specmodel.ops.elementwise import Cast
from specmodel.ops.pool import Pool
from specmodel.ops.shape import Pad
from specmodel.ops.value import Call, Value
from specmodel.types.window import window_extent


def find(network: Network) -> Iterator[Remark]:
    """Windows without padding that do not reach the end of an axis; that only zeros are left out is no matter."""
    for node, call in network.calls(Pool, Conv, DepthwiseConv):
        if getattr(call.op, "padding", None) == "valid":
            yield from _left_out(node, call)


def _left_out(node: Node, call: Call) -> Iterator[Remark]:
    x, op = call.inputs[0], call.op
    assert isinstance(op, Pool | Conv | DepthwiseConv)
    taps = op.window if isinstance(op, Pool) else taps_of(call.inputs[1].type)
    dilation = (1,) * len(taps) if isinstance(op, Pool) else op.dilation
    first = 2 if getattr(node.layer, "data_format", None) == "channels_first" else 1
    for number, (kernel, stride, rate) in enumerate(zip(taps, op.strides, dilation, strict=True)):
        size, extent = x.shape[number + 1], window_extent(kernel, rate)
        if not isinstance(size, int) or extent < stride:  # windows with gaps between them leave out pixels everywhere
            continue
        rest = (size - extent) % stride
        if rest > _zeros_behind(x, number + 1):
            lost = "element" if rest == 1 else f"{rest} elements"
            message = (
                f"{kind_of(node.layer)} `{node.path}` never sees the last {lost} of axis {first + number}: windows of "
                f"{extent} with strides of {stride} end {rest} before {size}"
            )
            beyond = f" + {extent % stride}" if extent % stride else ""
            help = f"pad it, choose `padding: same`, or a size of {stride}*n{beyond}"
            yield remark(node.entry, message, argument="strides", help=help)
            return


def _zeros_behind(x: Value, axis: int) -> int:
    """How many zeros a padding has put at the end of an axis."""
    while isinstance(x.call.op, Cast):
        x = x.call.inputs[0]
    return x.call.op.pads[axis][1] if isinstance(x.call.op, Pad) else 0


RULE = Rule(codes.DROPPED_BORDER, network=find)
