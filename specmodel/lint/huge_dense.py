"""W707: a Dense layer on a flattened image that holds nearly all weights."""

from collections.abc import Iterator
from math import prod

from specmodel.diagnostics import Note, codes
from specmodel.graph.graph import Node
from specmodel.lint.network import TRANSPARENT, Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark

MANY, SHARE = 10_000_000, 0.8
"""Weights of one layer from which on it is worth a word, and the share that they are of all: VGG-16 has 0.74."""


def find(network: Network) -> Iterator[Remark]:
    """Dense layers behind a Flatten that have so many weights."""
    if next(network.of("Flatten"), None) is None:
        return
    for node in network.of("Dense"):
        if _weights(node) < MANY:
            continue
        flat, total = _flattened(network, node), sum(_weights(one) for one in network)
        if flat is not None and _weights(node) > SHARE * total:
            own, features = _weights(node), node.weights[0].shape[0]
            message = (
                f"Dense `{node.path}` has {own:,} weights, {own / total:.0%} of all: "
                f"one for each of {features:,} flattened numbers and each unit"
            )
            note = Note(f"Flatten `{flat.path}` makes {flat.outputs[0].value.type} of it", flat.entry.place.span)
            help = "pool first: GlobalAveragePooling2D, or more strides before it"
            yield remark(node.entry, message, notes=(note,), help=help)


def _weights(node: Node) -> int:
    return sum(prod(weight.shape) for weight in node.weights)


def _flattened(network: Network, node: Node) -> Node | None:
    """The Flatten whose output a layer reads, with nothing between that has weights."""
    found = network.before(node)
    while found is not None and kind_of(found.layer) != "Flatten":
        found = network.before(found) if kind_of(found.layer) in TRANSPARENT or not found.weights else None
    return found


RULE = Rule(codes.HUGE_DENSE, network=find)
