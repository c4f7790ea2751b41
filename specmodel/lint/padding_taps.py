"""W711: weights of a convolution that only ever meet padding."""

from collections.abc import Iterator

from specmodel.diagnostics import codes
from specmodel.graph.graph import Node
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark
from specmodel.ops.conv import Conv, DepthwiseConv, taps_of
from specmodel.ops.value import Call
from specmodel.types.window import window_padding


def find(network: Network) -> Iterator[Remark]:
    """Convolutions whose padded window is so much larger than the axis that some of its taps are never inside."""
    for node, call in network.calls(Conv, DepthwiseConv):
        if getattr(call.op, "padding", None) != "valid":
            yield from _idle(node, call)


def _idle(node: Node, call: Call) -> Iterator[Remark]:
    op = call.op
    assert isinstance(op, Conv | DepthwiseConv)
    first = 2 if getattr(node.layer, "data_format", None) == "channels_first" else 1
    lines = zip(call.inputs[0].shape[1:-1], taps_of(call.inputs[1].type), op.strides, op.dilation, strict=True)
    for number, (size, taps, stride, rate) in enumerate(lines):
        if not isinstance(size, int) or taps == 1:
            continue
        before, _ = window_padding(size, taps, stride, op.padding, rate)
        starts = range(-before, -(-size // stride) * stride - before, stride)
        idle = sum(not any(0 <= start + tap * rate < size for start in starts) for tap in range(taps))
        if idle:
            name, meet = f"{kind_of(node.layer)} `{node.path}`", "meets" if idle == 1 else "meet"
            message = (
                f"{idle} of the {taps} taps of {name} along axis {first + number} only ever {meet} padding: "
                f"the axis has the size {size}"
            )
            yield remark(node.entry, message, argument="kernel_size", help="a smaller kernel computes the same")
            return


RULE = Rule(codes.PADDING_TAPS, network=find)
