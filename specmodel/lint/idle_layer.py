"""W710: a layer that changes nothing."""

from collections.abc import Iterator

from specmodel.diagnostics import codes
from specmodel.graph.graph import Node
from specmodel.layers.base import Layer
from specmodel.lint.edits import holder_of
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark
from specmodel.spec.expressions.substitute import has_expression
from specmodel.spec.model import ALL_OUTPUTS

_OFF: dict[str, dict[str, object]] = {
    **{kind: {"rate": 0} for kind in ("Dropout", "AlphaDropout", "GaussianDropout")},
    **{f"SpatialDropout{rank}D": {"rate": 0} for rank in (1, 2, 3)},
    "GaussianNoise": {"stddev": 0},
    "Activation": {"activation": "linear"},
    "Rescaling": {"scale": 1, "offset": 0},
    "LeakyReLU": {"negative_slope": 1},
}
"""Arguments with which a layer passes its input on."""
_FORM = ("Flatten", "Reshape")
_SIZES = {
    **{f"{kind}Pooling{rank}D": ("pool_size", 1) for kind in ("Max", "Average") for rank in (1, 2, 3)},
    **{f"UpSampling{rank}D": ("size", 1) for rank in (1, 2, 3)},
    **{
        f"{kind}{rank}D": (name, 0)
        for kind, name in (("Cropping", "cropping"), ("ZeroPadding", "padding"))
        for rank in (1, 2, 3)
    },
}
"""Arguments that say how far, and how far is not at all."""
_MERGING = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply")


def find(network: Network) -> Iterator[Remark]:
    """Layers that pass their input on, wherever the written one is used; where an expression decides, none is meant."""
    for node in network.of(*_OFF, *_SIZES, *_FORM, *_MERGING):
        if not _is_idle(network, node) or not all(_is_idle(network, one) for one in network.by_place[node.entry.place]):
            continue
        holder = holder_of(network.root, node.entry.place)
        if holder is not None and has_expression(holder.mapping):
            continue
        message = f"{kind_of(node.layer)} `{node.path}` passes its input on as it is"
        yield remark(node.entry, message, help="leave it out, or write `Identity` where a name is wanted")


def _is_idle(network: Network, node: Node) -> bool:
    layer, kind = node.layer, kind_of(node.layer)
    if kind in _OFF:
        return all(getattr(layer, name) == value for name, value in _OFF[kind].items())
    if kind in _SIZES:
        return _reaches_nowhere(layer, *_SIZES[kind])
    refs = node.entry.refs()
    if kind in _MERGING:
        return len(refs) == 1 and refs[0].index != ALL_OUTPUTS
    if kind in _FORM and len(refs) == 1:
        made_by = network.nodes.get(refs[0].target)
        outputs = made_by.outputs if made_by is not None else ()
        given = next((one.value for one in network.graph.inputs if one.spec.name == refs[0].target), None)
        read = outputs[refs[0].index].value if refs[0].index < len(outputs) else given
        return read is not None and read.shape == node.outputs[0].value.shape
    return False


def _reaches_nowhere(layer: Layer, name: str, nothing: int) -> bool:
    strides = getattr(layer, "strides", None)
    return all(size == nothing for size in _flat(getattr(layer, name))) and (
        strides is None or set(_flat(strides)) == {1}
    )


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        for inner in value:
            yield from _flat(inner)
    else:
        yield value


RULE = Rule(codes.IDLE_LAYER, network=find)
