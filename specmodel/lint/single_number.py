"""W703: a softmax or normalization over a single number."""

from collections.abc import Iterator, Sequence

from specmodel.diagnostics import codes
from specmodel.layers.base import Layer
from specmodel.lint.activations import activation_of
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark
from specmodel.ops.reduce import LogSoftmax, Softmax, Sparsemax
from specmodel.ops.value import Op
from specmodel.types.dim import Dim
from specmodel.types.tensor import product

_BECOMES: dict[type[Op], str] = {Softmax: "1", Sparsemax: "1", LogSoftmax: "0"}
_NORMALIZATIONS = ("LayerNormalization", "GroupNormalization", "RMSNormalization", "UnitNormalization")


def find(network: Network) -> Iterator[Remark]:
    """Layers whose result does not depend on their input, because they compare a number with itself."""
    for node, call in network.calls(*_BECOMES):
        function = activation_of(node.layer)
        if function is not None and call.outputs[0].shape[getattr(call.op, "axis", -1)] == 1:
            name = f"`{function}` of {kind_of(node.layer)} `{node.path}`"
            message = f"{name} runs over an axis of size 1: it is always {_BECOMES[type(call.op)]}"
            help = "for one probability, write `sigmoid`; for several classes, give the axis their number"
            yield remark(node.entry, message, argument="activation", help=help)
    for node in network.of(*_NORMALIZATIONS):
        if len(node.entry.refs()) == 1 and _count(node.layer, node.outputs[0].value.shape) == 1:
            kind = kind_of(node.layer)
            becomes = "its sign" if kind in ("RMSNormalization", "UnitNormalization") else "0, before `beta`"
            message = f"{kind} `{node.path}` normalizes single numbers: each becomes {becomes}"
            help = "normalize along an axis with more than one number"
            yield remark(node.entry, message, argument="axis", help=help)


def _count(layer: Layer, shape: Sequence[Dim]) -> Dim:
    """How many numbers are normalized together."""
    axis = getattr(layer, "axis", -1)
    if kind_of(layer) == "GroupNormalization":
        channel, groups = axis % len(shape), getattr(layer, "groups", 1)
        features = shape[channel]
        if not isinstance(features, int):
            return 0
        others = [size for number, size in enumerate(shape) if number not in (0, channel)]
        return product((features // (groups if groups > 0 else features), *others))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return product(tuple(shape[one] for one in axes))


RULE = Rule(codes.SINGLE_NUMBER, network=find)
