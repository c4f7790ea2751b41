"""W704: a softmax of values that were squashed before."""

from collections.abc import Iterator

from specmodel.diagnostics import Note, codes
from specmodel.lint.activations import FUNCTIONS, activation_of
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark

_SQUASHING = frozenset({"sigmoid", "hard_sigmoid", "softmax", "sparsemax", "sparse_sigmoid"})
"""Functions whose values lie between 0 and 1."""
_WEIGHING = frozenset({"softmax", "log_softmax"})


def is_squashed(inner: str, outer: str) -> bool:
    """Whether the outer function weighs values that the inner one has brought between 0 and 1."""
    return inner in _SQUASHING and outer in _WEIGHING


def find(network: Network) -> Iterator[Remark]:
    """Softmax layers that read such values."""
    for node in network.of(*FUNCTIONS):
        outer = activation_of(node.layer)
        source = network.source(node) if outer in _WEIGHING else None
        inner = activation_of(source.layer) if source is not None else None
        if source is None or outer is None or inner is None or not is_squashed(inner, outer):
            continue
        message = f"`{outer}` of what `{inner}` has brought between 0 and 1: no weight can be more than e times another"
        note = Note(f"{kind_of(source.layer)} `{source.path}` ends with `{inner}`", source.entry.place.span)
        help = f"leave `{inner}` out: `{outer}` takes any numbers"
        yield remark(node.entry, message, notes=(note,), help=help)


RULE = Rule(codes.SQUASHED_SOFTMAX, network=find)
