"""Lint: what is allowed, and hardly ever meant. One rule a file; `specmodel explain` has their reasons and examples."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from specmodel.diagnostics import Diagnostics, codes

if TYPE_CHECKING:
    from specmodel.graph.graph import Graph
    from specmodel.lint.network import Network
    from specmodel.lint.rule import Remark, Rule
    from specmodel.lint.tree import Tree
    from specmodel.spec.model import ModelSpec
    from specmodel.yaml.node import Node

RULES: dict[str, str] = {
    codes.UNUSED_PARAM: "unused_param",
    codes.UNUSED_BLOCK: "unused_block",
    codes.IDLE_PRESET: "idle_preset",
    codes.NAMES_BY_CASE: "names_by_case",
    codes.IDLE_ARGUMENT: "idle_argument",
    codes.CONSTANT_WHEN: "constant_when",
    codes.UNUSED_ANCHOR: "unused_anchor",
    codes.CANCELLED_BIAS: "cancelled_bias",
    codes.STACKED_ACTIVATIONS: "stacked_activations",
    codes.SINGLE_NUMBER: "single_number",
    codes.SQUASHED_SOFTMAX: "squashed_softmax",
    codes.FINAL_DROPOUT: "final_dropout",
    codes.DROPPED_BORDER: "dropped_border",
    codes.HUGE_DENSE: "huge_dense",
    codes.DIVISIBLE_SIZES: "divisible_sizes",
    codes.FLOAT16_RANGE: "float16_range",
    codes.IDLE_LAYER: "idle_layer",
    codes.PADDING_TAPS: "padding_taps",
    codes.SAME_VALUE_TWICE: "same_value_twice",
    codes.STACKED_LINEAR: "stacked_linear",
}
"""The rules, by code; a module of the name holds each as `RULE`."""


def lint(
    node: "Node",
    spec: "ModelSpec",
    graph: "Graph | None",
    diagnostics: Diagnostics,
    wanted: Callable[[str], bool],
) -> None:
    """Report what the rules find in a spec without errors: in its text, and in its graph where it is built.

    Only rules whose codes are wanted are loaded.
    """
    from specmodel.lint.network import Network
    from specmodel.lint.tree import Tree

    tree, network = Tree(node), Network(spec, graph, node) if graph is not None else None
    for code, name in RULES.items():
        if wanted(code):
            rule: Rule = import_module(f"specmodel.lint.{name}").RULE
            for found in _remarks(rule, tree, spec, network):
                with diagnostics.inside(found.frame):
                    place = found.place
                    diagnostics.add(
                        code,
                        found.message,
                        place.span,
                        place=place.text,
                        notes=found.notes,
                        help=found.help,
                        fix=found.fix,
                    )


def _remarks(rule: "Rule", tree: "Tree", spec: "ModelSpec", network: "Network | None") -> "Iterator[Remark]":
    if rule.written is not None:
        yield from rule.written(tree)
    if rule.spec is not None:
        yield from rule.spec(spec)
    if rule.network is not None and network is not None:
        yield from rule.network(network)
