"""In which order of its axes each value will be wanted: what decides where tensors of different orders meet."""

from collections.abc import Mapping, Sequence

from specmodel.convert.onnx.fusions.reading import Fused
from specmodel.convert.onnx.layout import Order, channels_second, plain
from specmodel.ops.adaptive_pool import AdaptivePool
from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.linear import Einsum, MatMul
from specmodel.ops.pool import Pool
from specmodel.ops.shape import Reshape, Transpose
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction

_IMAGES = (Conv, DepthwiseConv, ConvTranspose, Pool, AdaptivePool)


def wanted_orders(instructions: Sequence[Instruction], fused: Mapping[Value, Fused]) -> dict[Value, Order]:
    """The order that the first instruction that cares wants of each value; what does not care passes on what is wanted.

    The instructions stand in the order in which they run.
    """
    found: dict[Value, Order] = {}
    for instruction in reversed(instructions):
        group = fused.get(instruction.outputs[0])
        for place, value in enumerate(group.reads if group is not None else instruction.inputs):
            if group is not None and group.wants is not None:
                order = group.wants if place == 0 else None
            else:
                order = _wanted(instruction, place, value, found)
            if order is not None:
                found[value] = order
    return found


def _wanted(instruction: Instruction, place: int, value: Value, found: Mapping[Value, Order]) -> Order | None:
    op, out = instruction.op, instruction.outputs[0]
    if isinstance(op, _IMAGES):
        return channels_second(value.rank) if place == 0 else None
    if isinstance(op, MatMul | Einsum | Reshape):
        return plain(value.rank)
    later = found.get(out)
    if later is None or value.rank != out.rank:
        return None
    return tuple(op.perm[axis] for axis in later) if isinstance(op, Transpose) else later
