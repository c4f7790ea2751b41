"""W705: dropout behind the last layer."""

from collections.abc import Iterator

from specmodel.diagnostics import codes
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark

_RANDOM = {
    **dict.fromkeys(("Dropout", "AlphaDropout", "GaussianDropout"), "rate"),
    **dict.fromkeys(("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"), "rate"),
    "GaussianNoise": "stddev",
}
"""Layers that disturb what they read while a model is trained, and the argument that says how much."""


def find(network: Network) -> Iterator[Remark]:
    """Layers that disturb what the model gives out."""
    for output in dict.fromkeys(output.ref.target for output in network.graph.outputs):
        node = network.nodes.get(output)
        if node is None or not getattr(node.layer, _RANDOM.get(kind_of(node.layer), ""), 0):
            continue
        name = f"{kind_of(node.layer)} `{node.path}`"
        message = f"{name} is an output of the model: in training the answers themselves are disturbed"
        yield remark(node.entry, message, help="put it before the last layer that has weights, or leave it out")


RULE = Rule(codes.FINAL_DROPOUT, network=find)
