"""Uses of blocks: as entries, and as arguments of layers."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from specmodel import layers
from specmodel.diagnostics import Diagnostics, Frame, codes
from specmodel.layers.base import layer_arguments
from specmodel.layers.naming import snake_case
from specmodel.layers.validation import shown, unknown_argument
from specmodel.layers.written import OWN_KEYS, faults_beside, unknown_layer
from specmodel.record import Record
from specmodel.spec.entries import WrittenEntry, entry_nodes
from specmodel.spec.expansion.arguments import each_block
from specmodel.spec.expansion.blocks import Recipe, use_of
from specmodel.spec.expansion.definitions import Block, Definition, Hold, Input, Level, Passed, Region, only_of
from specmodel.spec.expansion.holds import contains_itself, held_dtype, held_inside
from specmodel.spec.expansion.inputs import bindings_of
from specmodel.spec.expansion.naming import name_members
from specmodel.spec.expansion.recipes import Recipes
from specmodel.spec.expressions.substitute import Substitution
from specmodel.spec.faults import report_fault
from specmodel.spec.inputs import read_inputs
from specmodel.spec.model import InputSpec, Place
from specmodel.spec.params import Values, bind
from specmodel.yaml.node import Node

if TYPE_CHECKING:
    from specmodel.spec.composite import Body

Entries = Callable[[Sequence[Node], Level, Definition | None], Definition | None]


class Made(Record):
    """What the arguments of a use make of a block's own keys: the values of its params, its outputs.

    Of a spec in another file, what it declares of its inputs, and its dtype, if it sets one.
    """

    values: Values
    outputs: list[tuple[str, Node]] | None
    inputs: Mapping[str, InputSpec]
    dtype: str | None


class BlockUses:
    """Writes out the blocks that entries use. `entries` defines those of a list.

    `bodies` are those of blocks that are arguments; they wait for references to be followed.
    """

    def __init__(
        self, recipes: Recipes, entries: Entries, passed: list[Passed], substitute: Substitution, found: Diagnostics
    ) -> None:
        self.bodies: list[tuple[Body, Region]] = []
        self._recipes = recipes
        self._entries = entries
        self._passed = passed
        self._substitute = substitute
        self._diagnostics = found

    def fill(self, region: Region, entry: WrittenEntry, above: Definition | None) -> None:
        """Write out the block that an entry uses, in the region that was made for it."""
        level, block = region.level, region.level.module.blocks[entry.kind]
        found = self._recipe(block, entry, level)
        if found is None:
            return
        recipe, frame = found
        region.input_names, bindings = bindings_of(recipe.inputs, entry, level, above, self._passed, self._diagnostics)
        region.outputs = list(recipe.outputs) if recipe.outputs is not None else None
        given = bind_arguments(recipe, entry, self._diagnostics)
        if given is None:
            return
        hold, made = held_inside(entry, level, self._diagnostics), self._made(recipe, given, level, frame)
        if made.dtype is not None and hold.dtype is None:
            hold = hold.replace(dtype=made.dtype)
        region.fill = partial(self._fill, recipe, made, hold, frame)
        region.fill(region, bindings)

    def _fill(
        self, recipe: Recipe, made: Made, hold: Hold, frame: Frame, region: Region, bindings: Mapping[str, Definition]
    ) -> None:
        frame = frame.replace(parent=region.level.frame)  # another one, where it is reused
        with self._diagnostics.inside(frame):
            nodes = entry_nodes(recipe.layers, recipe.top, self._diagnostics)
        region.outputs = made.outputs
        region.inner = recipe.level(region.level, region.inside, made.values, frame, bindings=bindings, hold=hold)
        for name, bound in bindings.items():
            if isinstance(bound, Passed) and name in made.inputs:
                bound.contract = (recipe.block.name, made.inputs[name], frame)
        region.last = self._entries(nodes, region.inner, only_of(bindings)) if nodes else None

    def _made(self, recipe: Recipe, given: Mapping[str, Node], level: Level, frame: Frame) -> Made:
        with self._diagnostics.inside(frame):
            values = self._values(recipe, given, level)
            names, outputs, inputs, dtype = {**recipe.outer(level), **values}, None, {}, None
            if recipe.outputs is not None:
                outputs = [(name, self._substitute(node, names)) for name, node in recipe.outputs]
            if recipe.shapes is not None:
                shapes = self._substitute(recipe.shapes, names)
                inputs = {one.name: one for one in read_inputs(shapes, self._diagnostics, recipe.params)}
            if recipe.dtype is not None:
                dtype = held_dtype(self._substitute(recipe.dtype, names), self._diagnostics)
        return Made(values, outputs, inputs, dtype)

    def _values(self, recipe: Recipe, given: Mapping[str, Node], level: Level) -> Values:
        return bind(recipe.params, given, recipe.outer(level), self._substitute, self._diagnostics)

    def _recipe(self, block: Block, entry: WrittenEntry, level: Level) -> tuple[Recipe, Frame] | None:
        """What a block is made of, and the frame of its use; None where it cannot be used, which is reported."""
        frame = use_of(block, entry.node, level)
        with self._diagnostics.inside(frame):
            recipe = self._recipes.of(block, level.module)
        if recipe is None or contains_itself(recipe, entry, level, self._diagnostics):
            return None
        self._recipes.used.add(recipe.identity)
        return recipe, frame.replace(identity=recipe.identity)

    def composed(self, node: Node, level: Level) -> Node:
        """An entry with layers made of layers in place of the blocks among its arguments."""
        for key in node.items if level.module.blocks else ():
            found = layers.find(key) if key not in level.module.blocks and key[:1].isupper() else None
            if found is not None and layer_arguments(found):
                value = each_block(found, node.items[key], level.module.blocks, partial(self.composite, level))
                return node.with_items({**node.items, key: value})
        return node

    def composite(self, level: Level, node: Node, name: str, arguments: Node | None) -> Node:
        """The layer in place of a block that is an argument; where that is wrong, a node that is `refused`."""
        from specmodel.spec.composite import composite

        block, head = level.module.blocks.get(name), node.key_spans.get(name, node.span)
        if block is None:
            fault = unknown_layer(name, level.module.blocks)
            self._diagnostics.add(fault.code, fault.message, head, place=node.place, help=fault.help)
            return node.refuses()
        entry = WrittenEntry(node, name, head)
        found = self._recipe(block, entry, level)
        given = bind_arguments(found[0], entry, self._diagnostics) if found is not None else None
        own = {key: node.items[key].plain() for key in OWN_KEYS if key in node.items}
        faults = faults_beside(own)
        for fault in faults:
            report_fault(fault, node, Place(head, node.place), self._diagnostics)
        if found is None or given is None or faults:
            return node.refuses()
        recipe, frame = found
        body, dtype = self.alone(recipe, given, level, frame, Place(head, node.place))
        dtype = own.get("dtype", dtype if level.hold.dtype is None else None)
        return node.computes(composite(name, body, own.get("name"), own.get("trainable", True), dtype))

    def alone(
        self, recipe: Recipe, given: Mapping[str, Node], level: Level, frame: Frame, place: Place
    ) -> "tuple[Body, str | None]":
        """A block by itself, named, with inputs that are bound to nothing; and the dtype that its file sets."""
        from specmodel.spec.composite import Body  # few specs need it

        region = Region(level, place, None, snake_case(recipe.block.name))
        bindings = {one: Input(level, Place(), one) for one in recipe.inputs}
        made = self._made(recipe, given, level, frame)
        self._fill(recipe, made, Hold(), frame, region, bindings)
        name_members(region.inside, bindings, f"the block `{recipe.block.name}`", self._diagnostics)
        body = Body(recipe.inputs, made.inputs, place)
        self.bodies.append((body, region))
        return body, made.dtype


def bind_arguments(recipe: Recipe, entry: WrittenEntry, diagnostics: Diagnostics) -> dict[str, Node] | None:
    """The arguments by param; a scalar or list is the first one. None where one is unknown or missing."""
    value, name, sound = entry.value, recipe.block.name, True
    given = recipe.given(value)
    if value is not None and value.kind != "mapping" and not given and value.plain() is not None:
        message = f"{name} takes no arguments, found {shown(value.plain())}"
        diagnostics.add(codes.BAD_ARGUMENT, message, value.span, place=value.place)
        return None
    for key in [key for key in given if key not in recipe.params]:
        assert value is not None
        fault = unknown_argument(name, key, recipe.params)
        span, help, sound = value.key_spans.get(key), fault.help, False
        diagnostics.add(fault.code, fault.message, span, place=given[key].place, help=help, meant=fault.meant)
    for param in recipe.params.values():
        if param.default is None and param.name not in given and sound:
            message = f"{name} needs the argument `{param.name}`"
            diagnostics.add(codes.MISSING_ARGUMENT, message, entry.head, place=entry.node.place)
            sound = False
    return given if sound else None
