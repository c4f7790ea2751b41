"""W204: a param, a row's key or a counter that nothing reads."""

from collections.abc import Iterator, Sequence

from specmodel.diagnostics import Fix, codes
from specmodel.lint.edits import without_key
from specmodel.lint.rule import Remark, Rule
from specmodel.lint.tree import Tree, key_place, mapping_at, names_in
from specmodel.spec.model import Place
from specmodel.yaml.node import Node

_COUNTED = ("repeat", "index")


def find(tree: Tree) -> Iterator[Remark]:
    """Names that are declared, and stand in no expression that can see them."""
    root = tree.root
    for entry in tree.mappings:
        if "repeat" in entry.items:
            yield from _unused_in_repeat(entry)
    blocks = mapping_at(root, "blocks")
    for name, block in blocks.items.items() if blocks is not None else ():
        inside = [value for key, value in block.items.items() if key != "params"]
        yield from _unused_params(block, inside, f"the block `{name}`", frozenset())
    own = [value for key, value in root.items.items() if key != "params" and not key.startswith("x-")]
    given = mapping_at(root, "presets")
    preset = {name for values in (given.items.values() if given is not None else ()) for name in values.items}
    yield from _unused_params(root, own, "the spec", frozenset(preset))


def _unused_params(holder: Node, inside: Sequence[Node], whose: str, kept: frozenset[str]) -> Iterator[Remark]:
    params = mapping_at(holder, "params")
    if params is None:
        return
    used = names_in(inside)
    for name in params.items:
        if name not in used | names_in(value for other, value in params.items.items() if other != name):
            message = f"nothing reads the param `{name}` of {whose}"
            place = key_place(params, name)
            edit = without_key(params, name, (holder, "params")) if name not in kept else None
            fix = Fix("take it out", (edit,)) if edit is not None else None
            yield Remark(message, place, help="use it in an expression, `$(…)`, or take it out", fix=fix)


def _unused_in_repeat(entry: Node) -> Iterator[Remark]:
    used = names_in(value for key, value in entry.items.items() if key not in _COUNTED)
    said: set[str] = set()
    for row in entry.items["repeat"].elements:
        for key in row.items:
            if key not in used and key not in said:
                said.add(key)
                message = f"nothing in this `repeat` reads the key `{key}` of its rows"
                yield Remark(message, key_place(row, key), help="use it in an expression, `$(…)`, or take it out")
    index = entry.items.get("index")
    if index is not None and isinstance(index.value, str) and index.value not in used:
        message = f"nothing in this `repeat` reads its counter `{index.value}`"
        yield Remark(
            message, Place(index.span, index.place), help="use it in an expression, `$(…)`, or take `index` out"
        )


RULE = Rule(codes.UNUSED_PARAM, written=find)
