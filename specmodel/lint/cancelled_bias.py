"""W701: a bias that the normalization behind it takes away again."""

from collections.abc import Iterator

from specmodel.diagnostics import Fix, Note, codes
from specmodel.graph.graph import Node
from specmodel.lint.edits import holder_of, with_argument
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark

_SUBTRACTING = ("BatchNormalization", "GroupNormalization", "LayerNormalization")
_BIASED = (
    "Dense",
    *(f"Conv{rank}D{suffix}" for rank in (1, 2, 3) for suffix in ("", "Transpose")),
    *("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"),
)


def find(network: Network) -> Iterator[Remark]:
    """Layers with a bias and no activation, all of whose readers subtract a mean of each feature.

    A network whose weights are given has been trained, and one that is frozen keeps its mean: both are passed over.
    """
    if network.spec.weights is not None:
        return
    before = (network.before(node) for node in network.of(*_SUBTRACTING))
    for node in {node.path: node for node in before if node is not None}.values():
        if kind_of(node.layer) in _BIASED and _is_cancelled(network, node):
            reader = network.readers[node.path][0]
            place = reader.entry.place
            note = Note(f"{kind_of(reader.layer)} `{reader.path}` subtracts the mean of each feature", place.span)
            name = f"{kind_of(node.layer)} `{node.path}`"
            message = f"the bias of {name} has no effect: the normalization behind it takes it away"
            found = remark(node.entry, message, argument="use_bias", notes=(note,), help="write `use_bias: false`")
            yield found.replace(fix=_fix(network, node))


def _is_cancelled(network: Network, node: Node) -> bool:
    """Whether all that read any call of the layer subtract its features' means."""
    layer = node.layer
    if not getattr(layer, "use_bias", False) or getattr(layer, "activation", "linear") != "linear":
        return False
    for call in network.by_owner[node.entry.owner]:
        readers = network.readers.get(call.path)
        if not readers or call.path in network.outputs or not all(_cancels(reader, call) for reader in readers):
            return False
    return not node.entry.reused


def _cancels(reader: Node, node: Node) -> bool:
    """Whether a layer subtracts from each feature of another's output the mean that it has."""
    rank = node.outputs[0].value.rank
    feature = 1 if getattr(node.layer, "data_format", None) == "channels_first" else rank - 1
    layer, kind = reader.layer, kind_of(reader.layer)
    if kind == "BatchNormalization":
        return layer.own_trainable and getattr(layer, "axis", -1) % rank == feature
    if kind == "GroupNormalization" and getattr(layer, "axis", -1) % rank == feature:
        features = node.outputs[0].value.shape[feature]
        return rank > 2 and getattr(layer, "groups", 0) in (-1, features)
    if kind == "LayerNormalization":
        axes = [axis % rank for axis in getattr(layer, "axis", ())]
        return feature not in axes and not getattr(layer, "rms_scaling", False)
    return False


def _fix(network: Network, node: Node) -> Fix | None:
    """`use_bias: false`, if it holds for all that the written layer has become and changes no initial number."""
    alike = network.by_place[node.entry.place]
    if getattr(node.layer, "bias_initializer", None) != "zeros" or not all(
        _is_cancelled(network, one) for one in alike
    ):
        return None
    holder = holder_of(network.root, node.entry.place)
    if holder is None:
        return None
    edit = with_argument(holder, type(node.layer).positional()[0], "use_bias", "false")
    return Fix("write `use_bias: false`", (edit,)) if edit is not None else None


RULE = Rule(codes.CANCELLED_BIAS, network=find)
