"""A block read without arguments: all its params, counters and rows are without a value."""

from collections.abc import Mapping

from specmodel.diagnostics import Diagnostics
from specmodel.spec.entries import WrittenEntry
from specmodel.spec.expansion.blocks import Recipe
from specmodel.spec.expansion.definitions import Definition, Level, Region
from specmodel.spec.expansion.inputs import bindings_of
from specmodel.spec.expansion.recipes import Recipes
from specmodel.spec.expansion.repeats import COUNTER, read_repeat
from specmodel.spec.expansion.uses import BlockUses, bind_arguments
from specmodel.spec.expansion.walk import Expander
from specmodel.spec.expressions.evaluate import UNSET, unknown_name
from specmodel.spec.expressions.fault import ExpressionFault, UnsetFault
from specmodel.spec.expressions.substitute import Substitution, names_at, report
from specmodel.spec.expressions.tree import Value
from specmodel.spec.params import Values
from specmodel.yaml.node import Node


class Sketch(Expander):
    """Reads every entry once, whether it would be left out or repeated; blocks that are used are not written out.

    `knows_names` tells that no name depends on what has no value, so that references can be followed.
    """

    def __init__(self, diagnostics: Diagnostics, recipes: Recipes) -> None:
        super().__init__(diagnostics, recipes)
        self.knows_names = True
        self.substitute = _Unset(diagnostics)
        self.uses = _Mentions(recipes, self.entries, self.passed, self.substitute, diagnostics)

    def _repeat(self, node: Node, level: Level, above: Definition | None) -> Definition | None:
        self.knows_names = False
        read_repeat(node, level, self.substitute, self.diagnostics)
        index, rows = node.items.get("index"), node.items["repeat"].elements
        names = [COUNTER if index is None else str(index.value), *(key for row in rows for key in row.items)]
        return self._once(node, level.within(values=dict.fromkeys(names, UNSET)), above, None)

    def _once(self, node: Node, level: Level, above: Definition | None, number: str | None) -> Definition | None:
        items = {key: value for key, value in node.items.items() if key != "when"}
        if "when" in node.items:
            self._when(node.items["when"], level)
        named = self.substitute(items["name"], level.values) if "name" in items else None
        self.knows_names = self.knows_names and not (named is not None and named.refused)
        return super()._once(node.with_items(items) if node.kind == "mapping" else node, level, above, number)


class _Mentions(BlockUses):
    """Uses of blocks, of which the arguments and inputs are checked."""

    def fill(self, region: Region, entry: WrittenEntry, above: Definition | None) -> None:
        recipe = self._recipes.of(region.level.module.blocks[entry.kind], region.level.module)
        if recipe is not None:
            bindings_of(recipe.inputs, entry, region.level, above, self._passed, self._diagnostics)
            bind_arguments(recipe, entry, self._diagnostics)

    def composite(self, level: Level, node: Node, name: str, arguments: Node | None) -> Node:
        block = level.module.blocks.get(name)
        if block is None:
            return super().composite(level, node, name, arguments)
        recipe = self._recipes.of(block, level.module)
        if recipe is not None:
            bind_arguments(recipe, WrittenEntry(node, name, node.key_spans.get(name, node.span)), self._diagnostics)
        return node.refuses()

    def _values(self, recipe: Recipe, given: Mapping[str, Node], level: Level) -> Values:
        outer = {**recipe.outer(level), **dict.fromkeys(recipe.params, UNSET)}
        for param in recipe.params.values():
            if param.default is not None:
                self._substitute(param.default, outer)
        return dict.fromkeys(recipe.params, UNSET)


class _Unset(Substitution):
    """Computes what does not depend on a param; of the rest, it knows which names there are."""

    def failed(self, fault: ExpressionFault, node: Node, names: Mapping[str, Value]) -> None:
        if isinstance(fault, UnsetFault):
            unknown = [part for part in names_at(str(node.value)) if part.name not in names]
            for part in unknown[:1]:
                report(unknown_name(part, names), node, self.diagnostics)
        else:
            super().failed(fault, node, names)
