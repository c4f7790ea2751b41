"""W208: an argument that another one has switched off."""

from collections.abc import Iterator

from specmodel.diagnostics import Fix, codes
from specmodel.graph.graph import Node
from specmodel.lint.edits import holder_of, without_key
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark
from specmodel.spec.expressions.substitute import has_expression

_SWITCHED_BY = {
    **dict.fromkeys(("bias_initializer", "bias_regularizer", "bias_constraint", "unit_forget_bias"), "use_bias"),
    **dict.fromkeys(("beta_initializer", "beta_regularizer", "beta_constraint"), "center"),
    **dict.fromkeys(("gamma_initializer", "gamma_regularizer", "gamma_constraint"), "scale"),
    **dict.fromkeys(("renorm_clipping", "renorm_momentum"), "renorm"),
}
"""Arguments, each with the one that must be true for it to mean something."""


def find(network: Network) -> Iterator[Remark]:
    """Arguments that were written in a layer, and say how to do what it does not."""
    for node in network:
        for name in node.entry.written:
            switch = _SWITCHED_BY.get(name)
            if switch is not None and getattr(node.layer, switch, True) is False:
                found = _remark(network, node, switch, name)
                if found is not None:
                    yield found


def _remark(network: Network, node: Node, switch: str, name: str) -> Remark | None:
    """What to say of an argument, unless it comes from elsewhere or an expression throws the switch."""
    holder = holder_of(network.root, node.entry.place)
    arguments = holder.value if holder is not None else None
    fix = None
    if holder is not None and arguments is not None:
        start, end = arguments.offsets
        key = arguments.key_offsets.get(name)
        thrown = arguments.items.get(switch)
        if key is None or not start <= key[0] < end or (thrown is not None and has_expression(thrown)):
            return None
        edit = without_key(arguments, name)
        fix = Fix("take it out", (edit,)) if edit is not None else None
    message = f"`{name}` of {kind_of(node.layer)} `{node.path}` has no effect: `{switch}` is false"
    return remark(node.entry, message, argument=name, help="take it out").replace(fix=fix)


RULE = Rule(codes.IDLE_ARGUMENT, network=find)
