"""How many entries a spec expands to, told before the first of them is made."""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

from specmodel import layers
from specmodel.diagnostics import Diagnostic, Diagnostics, Frame, SpecError, codes
from specmodel.layers.base import layer_arguments
from specmodel.spec.expansion.arguments import each_block
from specmodel.spec.expansion.blocks import Recipe, use_of
from specmodel.spec.expansion.definitions import Block, Level, Scope
from specmodel.spec.expansion.recipes import Recipes
from specmodel.spec.expansion.repeats import COUNTER, read_repeat
from specmodel.spec.expressions.substitute import OPENING, Substitution, names_of
from specmodel.spec.params import bind
from specmodel.yaml.node import Node

MOST_LAYERS = 200_000
"""As many entries may an expansion have: they take 1 GB and half a minute."""
DEEPEST = 64
"""Levels of blocks, groups and repeats in each other."""
_MOST_SAID = 10**15

Names = frozenset[str]
_NONE: Names = frozenset()


class Census:
    """Counts entries without making them: what is the same each time is counted once, and multiplied.

    One that is left out counts too. What is wrong with an entry counts as one, and is said when it is made.
    """

    def __init__(self, recipes: Recipes, diagnostics: Diagnostics) -> None:
        self._recipes = recipes
        self._diagnostics = diagnostics
        self._silent = _Silent()
        self._substitute = Substitution(self._silent)
        self._reads: dict[int, tuple[Node, Names]] = {}
        self._needs: dict[object, tuple[Recipe, Names]] = {}
        self._inside: dict[tuple[object, ...], Level] = {}
        self._counts: dict[tuple[object, ...], int] = {}

    def check(self, nodes: Sequence[Node], level: Level) -> None:
        """Raise `SpecError` (E223) where a list of entries expands to more than there may be."""
        total = self._sum(nodes, level)
        if total > MOST_LAYERS:
            raise self._too_many(total, nodes, level)

    def check_block(self, recipe: Recipe, level: Level, frame: Frame) -> None:
        """The same for a block without arguments."""
        values = bind(recipe.params, {}, recipe.outer(level), self._substitute, self._silent)
        nodes = recipe.layers.elements if recipe.layers is not None else ()
        self.check(nodes, recipe.level(level, Scope(), values, frame))

    def _sum(self, nodes: Iterable[Node], level: Level) -> int:
        """The entries of a list, or of its beginning where that has too many."""
        total = 0
        if level.depth <= DEEPEST:
            for node in nodes:
                total += self._entry(node, level)
                if total > MOST_LAYERS:
                    break
        return max(total, 1)

    def _entry(self, node: Node, level: Level) -> int:
        if _is_plain(node, level.module.blocks):
            return 1
        values = [repr(level.values.get(name)) for name in sorted(self._names(node, level))]
        key = (id(node), id(level.spec_values), *values)
        if key not in self._counts:
            total = 0
            for times, inner in self._times(node, level):
                total += times * self._once(node, inner)
                if total > MOST_LAYERS:
                    break
            self._counts[key] = max(total, 1)
        return self._counts[key]

    def _times(self, node: Node, level: Level) -> Iterator[tuple[int, Level]]:
        """How often an entry is written, and what is seen then."""
        repeat = None
        if "repeat" in node.items:
            repeat = read_repeat(node, level, self._substitute, self._silent)
        if repeat is None:
            yield 1, level
            return
        differ = repeat.reads(self._names_once(node, level))
        for number in range(repeat.times if differ else min(repeat.times, 1)):
            frame = Frame(repeat.said(number), node.items["repeat"].span, level.frame)
            yield (1 if differ else repeat.times), level.within(values=repeat.values(number), frame=frame)

    def _once(self, node: Node, level: Level) -> int:
        inside = sum(self._sum(nodes, inner) for nodes, inner in self._lists(node, level))
        return inside + any(map(_holds_layers, node.items)) or 1

    def _lists(self, node: Node, level: Level) -> Iterator[tuple[Sequence[Node], Level]]:
        """The lists of entries that an entry stands for: those of its group, or of the blocks that it uses."""
        blocks = level.module.blocks
        if node.kind == "mapping":
            when = node.items.get("when")
            if when is not None and self._substitute(when, level.values).value is False:
                return
            if "layers" in node.items:
                yield node.items["layers"].elements, level.within()
            for key, value in node.items.items():
                if key in blocks:
                    yield from self._block(blocks[key], node, self._substitute(value, level.values), level)
                elif blocks and _holds_layers(key):
                    yield from self._arguments(key, self._substitute(value, level.values), level)
        else:
            name = self._substitute(node, level.values).value
            if isinstance(name, str) and name in blocks:
                yield from self._block(blocks[name], node, None, level)

    def _arguments(self, kind: str, value: Node, level: Level) -> Iterator[tuple[Sequence[Node], Level]]:
        found: list[tuple[Sequence[Node], Level]] = []

        def use(node: Node, name: str, arguments: Node | None) -> Node:
            if name in level.module.blocks:
                found.extend(self._block(level.module.blocks[name], node, arguments, level))
            return node

        layer = layers.find(kind)
        if layer is not None:
            each_block(layer, value, level.module.blocks, use)
        yield from found

    def _block(
        self, block: Block, node: Node, arguments: Node | None, level: Level
    ) -> Iterator[tuple[Sequence[Node], Level]]:
        frame = use_of(block, node, level)
        recipe = self._recipe(block, level, frame)
        if recipe is None or recipe.layers is None or level.is_in(recipe.identity):
            return
        needed = self._needed(recipe, level, frame)
        given = {name: value for name, value in recipe.given(arguments).items() if name in needed}
        params = {name: param for name, param in recipe.params.items() if name in needed}
        values = bind(params, given, recipe.outer(level), self._substitute, self._silent)
        key = (recipe.identity, id(level.spec_values), repr(values))
        if key not in self._inside:
            self._inside[key] = recipe.level(level, Scope(), values, frame.replace(identity=recipe.identity))
        yield recipe.layers.elements, self._inside[key]

    def _recipe(self, block: Block, level: Level, frame: Frame) -> Recipe | None:
        with self._diagnostics.inside(frame):
            return self._recipes.of(block, level.module)

    def _names(self, node: Node, level: Level) -> Names:
        """The names that decide how many entries an entry stands for."""
        once = self._names_once(node, level)
        if "repeat" not in node.items:
            return once
        index, repeat = node.items.get("index"), node.items["repeat"]
        known = {COUNTER if index is None else str(index.value)}
        if repeat.elements:
            known.update(set(repeat.elements[0].items).intersection(*(row.items for row in repeat.elements)))
        return _names_in(repeat) | (once - known)

    def _names_once(self, node: Node, level: Level) -> Names:
        if id(node) not in self._reads:  # the node is kept, so that its identity is not given to another
            self._reads[id(node)] = (node, self._names_read(node, level))
        return self._reads[id(node)][1]

    def _names_read(self, node: Node, level: Level) -> Names:
        blocks, items = level.module.blocks, node.items
        if node.kind != "mapping":
            return _names_in(node)
        found = _names_in(items["when"]) if "when" in items else _NONE
        if "layers" in items:
            found = found.union(*(self._names(inner, level) for inner in items["layers"].elements))
        for key, value in items.items():
            if key in blocks:
                frame = use_of(blocks[key], node, level)
                recipe = self._recipe(blocks[key], level, frame)
                needed = self._needed(recipe, level, frame) if recipe is not None else _NONE
                given = recipe.given(value) if recipe is not None else {}
                found = found.union(*(_names_in(inner) for name, inner in given.items() if name in needed))
            elif _holds_layers(key):
                found |= _names_in(value)
        return found

    def _needed(self, recipe: Recipe, level: Level, frame: Frame) -> Names:
        """The params of a block that decide how many entries it has; a block that contains itself needs none."""
        if recipe.identity not in self._needs:
            self._needs[recipe.identity] = (recipe, _NONE)
            inside = recipe.level(level, Scope(), {}, frame)
            nodes = recipe.layers.elements if recipe.layers is not None else ()
            found = _NONE.union(*(self._names(node, inside) for node in nodes))
            for name, param in reversed(list(recipe.params.items())):  # a default uses params above it
                if name in found and param.default is not None:
                    found |= _names_in(param.default)
            self._needs[recipe.identity] = (recipe, found)
        return self._needs[recipe.identity][1]

    def _too_many(self, total: int, nodes: Sequence[Node], level: Level) -> SpecError:
        node, level = self._largest(nodes, level)
        return too_many_entries(total, node, level.frame)

    def _largest(self, nodes: Sequence[Node], level: Level) -> tuple[Node, Level]:
        """The innermost entry that is too much by itself; the last one where only all of them are."""
        node = next((node for node in nodes if self._entry(node, level) > MOST_LAYERS), None)
        if node is None:
            return nodes[-1], level
        total = 0
        for times, inner in self._times(node, level):
            for found in self._lists(node, inner):
                if self._sum(*found) > MOST_LAYERS:
                    return self._largest(*found)
            total += times * self._once(node, inner)
            if total > MOST_LAYERS:
                break
        return node.items.get("repeat", node), level


class _Silent(Diagnostics):
    """What forgets all that it is told."""

    def add(self, *args: Any, **kwargs: Any) -> None:
        """Nothing."""


def too_many_entries(found: int, node: Node, frame: Frame | None) -> SpecError:
    """The error for a spec that is larger than any network; `found` are the entries that were counted so far."""
    message = f"this spec expands to {min(found, _MOST_SAID):,} entries or more, and {MOST_LAYERS:,} is the most"
    notes = tuple(frame.notes()) if frame is not None else ()
    help = "is a `repeat` larger than meant?"
    return SpecError([Diagnostic(codes.TOO_MANY_LAYERS, message, node.span, node.place, notes, help)])


def _is_plain(node: Node, blocks: Container[str]) -> bool:
    """Whether an entry is one layer or less, whatever its values are."""
    if node.kind != "mapping":
        return not isinstance(node.value, str) or not (node.value in blocks or "$(" in node.value)
    if "repeat" in node.items or "layers" in node.items:
        return False
    return not blocks or not any(key in blocks or _holds_layers(key) for key in node.items)


def _holds_layers(kind: str) -> bool:
    """Whether a key is that of a layer with layers among its arguments."""
    found = layers.find(kind) if kind[:1].isupper() else None
    return found is not None and layer_arguments(found) != ()


def _names_in(node: Node) -> Names:
    """The names that the expressions of a value read."""
    if isinstance(node.value, str) and OPENING in node.value:
        return names_of(node.value)
    return _NONE.union(*map(_names_in, node.elements), *map(_names_in, node.items.values()))
