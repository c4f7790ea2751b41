"""W206: a preset that is the same as none, or as another one."""

from collections.abc import Iterator
from typing import Any

from specmodel.diagnostics import Note, codes
from specmodel.lint.rule import Remark, Rule
from specmodel.lint.tree import Tree, key_place, mapping_at
from specmodel.spec.expressions.substitute import has_expression
from specmodel.yaml.node import Node


def find(tree: Tree) -> Iterator[Remark]:
    """Presets without an `expect` of their own that change no param, and presets that say what one above says."""
    presets, params = mapping_at(tree.root, "presets"), mapping_at(tree.root, "params")
    if presets is None or has_expression(presets):
        return
    defaults = {name: _default(node) for name, node in params.items.items()} if params is not None else {}
    seen: dict[str, str] = {}
    for name, values in presets.items.items():
        given = {key: node.plain() for key, node in values.items.items() if key != "expect"}
        expected = values.items.get("expect")
        changes = {key: value for key, value in given.items() if not _same(value, defaults.get(key, _EXPRESSION))}
        meaning = repr((sorted(changes.items()), expected.plain() if expected is not None else None))
        place = key_place(presets, name)
        if not changes and expected is None:
            message = f"the preset `{name}` changes nothing: its values are the defaults"
            yield Remark(message, place, help="take it out, or let it `expect` what the defaults give")
        elif meaning in seen:
            first = seen[meaning]
            note = Note(f"`{first}` stands here", presets.key_spans.get(first))
            yield Remark(f"the preset `{name}` is the same as `{first}`", place, notes=(note,), help="keep one of them")
        seen.setdefault(meaning, name)


_EXPRESSION = object()
"""A default that is not known without computing it."""


def _default(node: Node) -> Any:
    default = node.items.get("default") if node.kind == "mapping" else node
    return default.plain() if default is not None and not has_expression(default) else _EXPRESSION


def _same(value: Any, default: Any) -> bool:
    return bool(value == default) and isinstance(value, bool) == isinstance(default, bool)


RULE = Rule(codes.IDLE_PRESET, written=find)
