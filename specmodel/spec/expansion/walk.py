"""The walk over `layers`: blocks, groups and repeats become definitions, one for each layer in the end."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from specmodel.diagnostics import Diagnostics, Frame, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.layers.base import relocated
from specmodel.layers.naming import snake_case
from specmodel.spec.entries import WrittenEntry, entry_nodes, read_entry, read_name
from specmodel.spec.expansion.blocks import Recipe
from specmodel.spec.expansion.census import DEEPEST, MOST_LAYERS, Census, too_many_entries
from specmodel.spec.expansion.definitions import Definition, Hold, Leaf, Level, Passed, Region, Reuse, Times, only_of
from specmodel.spec.expansion.holds import held_inside
from specmodel.spec.expansion.inputs import bindings_of, first_input
from specmodel.spec.expansion.recipes import Recipes
from specmodel.spec.expansion.repeats import read_repeat
from specmodel.spec.expansion.uses import BlockUses
from specmodel.spec.expressions.substitute import Substitution
from specmodel.spec.faults import refused, shown_at, too_many
from specmodel.spec.model import Place
from specmodel.yaml.node import Node

if TYPE_CHECKING:
    from specmodel.spec.composite import Body

_READ_LATER = ("layers", "repeat", "index")
"""Keys of an entry whose expressions are computed where they are read."""


class Expander:
    """Turns entries into definitions, `count` of them so far.

    `reuses` and `passed` are those that wait for references to be followed.
    """

    def __init__(self, diagnostics: Diagnostics, recipes: Recipes | None = None) -> None:
        self.diagnostics = diagnostics
        self.substitute = Substitution(diagnostics)
        self.reuses: list[Reuse] = []
        self.passed: list[Passed] = []
        self.count = 0
        self.recipes = recipes if recipes is not None else Recipes(diagnostics)
        self.uses = BlockUses(self.recipes, self.entries, self.passed, self.substitute, diagnostics)

    @property
    def bodies(self) -> "list[tuple[Body, Region]]":
        """The blocks that are arguments, which wait as well."""
        return self.uses.bodies

    def model(self, nodes: Sequence[Node], level: Level, only: Definition | None) -> Definition | None:
        """Define the entries of a model, whose only input is `only`; `SpecError` where they are too many."""
        Census(self.recipes, self.diagnostics).check(nodes, level)
        return self.entries(nodes, level, only)

    def block(self, recipe: Recipe, level: Level, frame: Frame) -> None:
        """Define the entries of a block by itself, without arguments."""
        self.uses.alone(recipe, {}, level, frame, recipe.block.place)

    def entries(self, nodes: Sequence[Node], level: Level, above: Definition | None) -> Definition | None:
        """Define the entries of a list; what comes back is the last one, or `above` where there is none."""
        if level.depth > DEEPEST:
            message = f"blocks, groups and repeats stand in each other more than {DEEPEST} levels deep"
            raise failure(codes.TOO_MANY_LAYERS, message, nodes[0].span, place=nodes[0].place)
        for node in nodes:
            if too_many(self.diagnostics):
                break
            above = self._entry(node, level, above)
        return above

    def _entry(self, node: Node, level: Level, above: Definition | None) -> Definition | None:
        with self.diagnostics.inside(level.frame):
            if node.kind == "mapping" and "repeat" in node.items:
                return self._repeat(node, level, above)
            if node.kind == "mapping" and "index" in node.items:
                at = node.items["index"]
                message = "`index` names the counter of a `repeat`, and there is none beside it"
                self.diagnostics.add(codes.BAD_REPEAT, message, node.key_spans.get("index"), place=at.place)
            return self._once(node, level, above, None)

    def _counts(self, node: Node, level: Level) -> None:
        self.count += 1
        if self.count > MOST_LAYERS:  # the census has not seen what is reused
            raise too_many_entries(self.count, node, level.frame)

    def _repeat(self, node: Node, level: Level, above: Definition | None) -> Definition | None:
        repeat = read_repeat(node, level, self.substitute, self.diagnostics)
        if repeat is None:
            return self._broken(node, level, above)
        times = None
        if not repeat.names_each and "name" in node.items:
            name_node = self.substitute(node.items["name"], level.values)
            times = Times(level, _place(node), read_name(name_node, level.module.paths, self.diagnostics) or "")
            times.name = times.name or None
            times.named_at = Place(name_node.span, name_node.place)
            level.scope.add(times)
        if not repeat.times:
            empty = level.within(values={repeat.counter: 0})
            inputs = self._own(node.items.get("inputs"), empty)
            passed: Definition | None = self._pass_on(node, inputs, empty, above, None)
        else:
            passed = above
        for number in range(repeat.times):
            frame = Frame(repeat.said(number), node.items["repeat"].span, level.frame)
            scope = times.inside if times is not None else None
            inner = level.within(scope, values=repeat.values(number), frame=frame)
            with self.diagnostics.inside(frame):
                passed = self._once(node, inner, passed, str(number) if times is not None else None)
            if times is not None and passed is not None:
                times.times.append(passed)
            if too_many(self.diagnostics):
                break
        if times is None:
            return passed
        times.whole = passed
        return times

    def _once(self, node: Node, level: Level, above: Definition | None, number: str | None) -> Definition | None:
        """Define an entry; in a named repeat it has a number for its name."""
        if node.kind == "mapping" and "when" in node.items:
            wanted = self._when(node.items["when"], level)
            if not wanted:
                inputs = self._own(node.items.get("inputs"), level)
                name = number
                if number is None and "name" in node.items:
                    name = read_name(self._own(node.items["name"], level), level.module.paths, self.diagnostics)
                return self._pass_on(node, inputs, level, above, name)
        own = self.uses.composed(self._computed(node, level, number is not None), level)
        around = {"trainable": False} if not level.hold.trainable else {}
        if level.hold.dtype is not None:
            around["dtype"] = level.hold.dtype  # type: ignore[assignment]
        entry = read_entry(own, level.module.blocks, around, level.module.paths, self.diagnostics)
        name = number if number is not None else entry.name
        if entry.kind == "layers":
            return self._group(entry, level, above, name)
        if entry.kind in level.module.blocks:
            region = Region(level, Place(entry.head, entry.node.place), name, snake_case(entry.kind))
            self._add(region, entry.node, level)
            self.uses.fill(region, entry, above)
            return region
        made: Leaf | Reuse
        if entry.kind == "reuse":
            written = _reused(entry)
            made = Reuse(level, entry, above, name, written.rpartition("/")[2])
            made.deep = "/" in written
            self.reuses.append(made)
        else:
            self._counts(node, level)
            if entry.layer is not None and level.module.below.parts:
                entry = entry.replace(layer=relocated(entry.layer, level.module.below))
            base = type(entry.layer).__name__ if entry.layer is not None else entry.kind or "entry"
            made = Leaf(level, entry, above, name, base)
        return self._add(made, own, level)

    def _add(self, made: Definition, node: Node, level: Level) -> Definition:
        named = node.items.get("name") if node.kind == "mapping" else None
        if named is not None:
            made.named_at = Place(named.span, named.place)
        elif made.name is not None:
            made.named_at = Place(node.span, node.place)
        level.scope.add(made)
        return made

    def _broken(self, node: Node, level: Level, above: Definition | None) -> Definition:
        """What stands for an entry that cannot be expanded: what refers to it is not to blame."""
        kinds = [key for key in node.items if key[:1].isupper()]
        name = None
        if "name" in node.items and isinstance(node.items["name"].value, str) and "$(" not in node.items["name"].value:
            name = node.items["name"].value
        return self._add(
            Leaf(level, WrittenEntry(node, "", node.span), above, name, kinds[0] if kinds else "entry"), node, level
        )

    def _own(self, node: Node | None, level: Level) -> Node | None:
        return self.substitute(node, level.values) if node is not None else None

    def _computed(self, node: Node, level: Level, unnamed: bool) -> Node:
        """The entry with the expressions of its own keys computed."""
        if node.kind != "mapping":
            return self.substitute(node, level.values)
        items = {}
        for key, value in node.items.items():
            if key in ("when", "repeat", "index") or (key == "name" and unnamed):
                continue
            items[key] = value if key in _READ_LATER else self.substitute(value, level.values)
        return node.with_items(items)

    def _when(self, node: Node, level: Level) -> bool:
        value = self.substitute(node, level.values)
        if isinstance(value.value, bool):
            return value.value
        if not refused(value):
            message, help = f"`when` must be true or false, found {shown_at(value)}", "compare: `$(depth > 0)`"
            self.diagnostics.add(codes.BAD_REPEAT, message, value.span, place=value.place, help=help)
        return True

    def _pass_on(
        self, node: Node, inputs: Node | None, level: Level, above: Definition | None, name: str | None
    ) -> Definition | None:
        """What stands for an entry that is left out: its first input."""
        self._counts(node, level)
        first = first_input(inputs)
        if first is not None and first.value == "_":
            first = None
        if first is None and name is None:
            return above
        if first is None and isinstance(above, Passed) and above.inputs is None:
            above = above.above
        passed = Passed(level, _place(node), first, above, name=name)
        self.passed.append(passed)
        return self._add(passed, node, level) if name is not None else passed

    def _group(
        self, entry: WrittenEntry, level: Level, above: Definition | None, name: str | None
    ) -> Definition | None:
        names, bindings = bindings_of(None, entry, level, above, self.passed, self.diagnostics)
        hold = held_inside(entry, level, self.diagnostics)
        if name is None:
            nodes = entry_nodes(entry.value, entry.node, self.diagnostics)
            inner = level.within(bindings=bindings, hold=hold)
            return self.entries(nodes, inner, only_of(bindings))
        region = Region(level, _place(entry.node), name, "group")
        region.input_names = names
        region.fill = partial(self._fill_group, entry, hold)
        self._add(region, entry.node, level)
        region.fill(region, bindings)
        return region

    def _fill_group(self, entry: WrittenEntry, hold: Hold, region: Region, bindings: Mapping[str, Definition]) -> None:
        nodes = entry_nodes(entry.value, entry.node, self.diagnostics)
        region.inner = region.level.within(region.inside, bindings=bindings, hold=hold)
        region.last = self.entries(nodes, region.inner, only_of(bindings))


def _place(node: Node) -> Place:
    return Place(node.span, node.place)


def _reused(entry: WrittenEntry) -> str:
    """The name of what a `reuse` calls, as it is written."""
    value = entry.value
    if value is None:
        return "reuse"
    return next(iter(value.items), "") if value.kind == "mapping" else str(value.value)
