"""W713: two linear layers in a row."""

from collections.abc import Iterator
from math import prod

from specmodel.diagnostics import Note, codes
from specmodel.graph.graph import Node
from specmodel.lint.activations import activation_of
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark

_LINEAR = ("Dense", "Conv1D", "Conv2D", "Conv3D")
WORTH = 10_000
"""Weights that one layer would do without: below it a toy is a toy."""


def find(network: Network) -> Iterator[Remark]:
    """Linear layers read by another one alone, where one layer computes the same with fewer weights.

    A narrow layer between two wide ones is a way to save weights, and one that is frozen stays what it is.
    """
    if network.spec.weights is not None:
        return
    for node in network.of(*_LINEAR):
        inner = network.before(node)
        if inner is None or kind_of(inner.layer) not in _LINEAR or not inner.weights or not node.weights:
            continue
        before, after = inner.weights[0].shape, node.weights[0].shape
        spared = _weights(inner) + _weights(node) - (before[-2] + 1) * after[-1]
        if min(before[-2], after[-1]) <= before[-1] and spared >= WORTH and _are_one(network, inner, node):
            message = (
                f"nothing bends between {kind_of(inner.layer)} `{inner.path}` and {kind_of(node.layer)} `{node.path}`: "
                f"one layer computes the same with {spared:,} weights less"
            )
            note = Note(f"{kind_of(inner.layer)} `{inner.path}` has no activation", inner.entry.place.span)
            yield remark(node.entry, message, notes=(note,), help=f"give `{inner.path}` an activation, or leave it out")


def _are_one(network: Network, inner: Node, outer: Node) -> bool:
    """Whether nothing else reads the inner layer, and both could be a single matrix product."""
    if activation_of(inner.layer) is not None or inner.path in network.outputs or len(network.readers[inner.path]) > 1:
        return False
    return all(_is_product(one) and len(network.by_owner[one.path]) == 1 for one in (inner, outer))


def _is_product(node: Node) -> bool:
    """Whether a layer is a matrix product over the last axis, and its weights are trained."""
    layer = node.layer
    if not layer.own_trainable or getattr(layer, "lora_rank", None):
        return False
    if kind_of(layer) == "Dense":
        return True
    if prod(node.weights[0].shape[:-2]) != 1 or getattr(layer, "data_format", None) == "channels_first":
        return False
    return getattr(layer, "groups", 1) == 1 and prod(getattr(layer, "strides", (1,))) == 1


def _weights(node: Node) -> int:
    return sum(prod(weight.shape) for weight in node.weights)


RULE = Rule(codes.STACKED_LINEAR, network=find)
