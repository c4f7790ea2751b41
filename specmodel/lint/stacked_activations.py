"""W702: two activations in a row."""

from collections.abc import Iterator

from specmodel.diagnostics import Note, codes
from specmodel.lint.activations import FUNCTIONS, activation_of
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark
from specmodel.lint.squashed_softmax import is_squashed

_ONE_FUNCTION = frozenset({("softplus", "tanh")})
"""Pairs that are halves of one function: `x * tanh(softplus(x))` is mish."""


def find(network: Network) -> Iterator[Remark]:
    """Activation layers whose input went through an activation, with nothing between that computes."""
    for node in network.of(*FUNCTIONS):
        outer, source = activation_of(node.layer), network.source(node)
        inner = activation_of(source.layer) if source is not None else None
        if outer is None or inner is None or source is None:
            continue
        if (inner, outer) not in _ONE_FUNCTION and not is_squashed(inner, outer):
            message = f"two activations in a row: `{outer}` of what is `{inner}` of something already"
            note = Note(f"{kind_of(source.layer)} `{source.path}` ends with `{inner}`", source.entry.place.span)
            yield remark(node.entry, message, notes=(note,), help="keep the one that is meant")


RULE = Rule(codes.STACKED_ACTIVATIONS, network=find)
