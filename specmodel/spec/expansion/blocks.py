"""Layer types of a spec's own: what `blocks:` declares."""

from collections.abc import Mapping, Sequence

from specmodel import layers
from specmodel.diagnostics import Diagnostics, Frame, codes, did_you_mean, unmistakable
from specmodel.record import Record
from specmodel.spec.expansion.definitions import Block, Definition, Hold, Level, Module, Scope
from specmodel.spec.faults import refused, shown_at, too_many
from specmodel.spec.model import UNBUILT_INPUT, Place
from specmodel.spec.names import check_name
from specmodel.spec.params import Param, Values, read_params
from specmodel.yaml.node import Node

KEYS = ("params", "inputs", "layers", "outputs")
"""What a block written in place has; one from a file has `file` alone."""
DEFAULT_INPUT = "x"


class Recipe(Record):
    """What a block is made of. `module` is the file it was written in; `own_file` tells that it is all of that file.

    Such a file declares `shapes` of its inputs, and may set a dtype.
    """

    block: Block
    params: Mapping[str, Param]
    inputs: tuple[str, ...]
    layers: Node | None
    top: Node
    outputs: tuple[tuple[str, Node], ...] | None
    module: Module
    own_file: bool = False
    shapes: Node | None = None
    dtype: Node | None = None

    @property
    def identity(self) -> int:
        """Tells blocks apart; that of a file is the same wherever it is named."""
        return id(self.top)

    def given(self, value: Node | None) -> dict[str, Node]:
        """The arguments of a use by name; a scalar or list is that of the first param, if there is one."""
        if value is None or (value.kind == "scalar" and value.value is None and not value.refused):
            return {}
        return dict(value.items) if value.kind == "mapping" else dict(zip(self.params, [value], strict=False))

    def outer(self, level: Level) -> Values:
        """The params of the spec that its expressions see, where it is used from a level of its own file."""
        return {} if self.own_file else level.spec_values

    def level(
        self,
        used_from: Level,
        scope: Scope,
        values: Values,
        frame: Frame,
        *,
        bindings: Mapping[str, Definition] | None = None,
        hold: Hold = Hold(),
    ) -> Level:
        """What its entries see; `values` are those of its params."""
        outer = self.outer(used_from)
        return Level(
            self.module,
            scope,
            {**outer, **values},
            values if self.own_file else outer,
            bindings=bindings,
            frame=frame,
            hold=hold,
            depth=used_from.depth + 1,
        )


def read_blocks(node: Node | None, diagnostics: Diagnostics) -> dict[str, Block]:
    """The blocks that a mapping declares; what they hold is read where they are used."""
    if node is None or (node.kind == "scalar" and node.value is None):
        return {}
    blocks = {}
    if node.kind != "mapping" and not refused(node):
        message = f"`blocks` is a mapping of names to blocks, found {shown_at(node)}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
    for name, declared in node.items.items():
        if too_many(diagnostics):
            break
        place = Place(node.key_spans.get(name), declared.place)
        if not check_name(name, place.span, place.text, diagnostics):
            continue
        if not name[0].isupper():
            message, help = f"the name of a block begins with a capital, found `{name}`", f"write `{name.capitalize()}`"
            diagnostics.add(codes.BAD_NAME, message, place.span, place=place.text, help=help)
            continue
        if name in layers.NAMES or name in layers.ALIASES:
            message, help = f"the block `{name}` hides the layer of the same name", "give the block another name"
            diagnostics.add(codes.HIDDEN_LAYER, message, place.span, place=place.text, help=help)
        blocks[name] = Block(name, declared, place, _file(name, declared, diagnostics))
    return blocks


def _file(name: str, node: Node, diagnostics: Diagnostics) -> str | None:
    """The path of the block's file; faults of its form are reported."""
    if node.kind != "mapping":
        if not refused(node):
            message = f"the block `{name}` is a mapping with its `layers`, found {shown_at(node)}"
            diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
        return None
    file = node.items.get("file")
    for key, value in node.items.items():
        if key in KEYS and file is not None:
            message = f"`{key}` stands in the file of the block `{name}`, not beside `file`"
            diagnostics.add(codes.WRONG_FORM, message, node.key_spans.get(key), place=value.place)
        elif key not in KEYS and key != "file":
            near = did_you_mean(key, [*KEYS, "file"])
            help = f"did you mean `{near}`?" if near else f"a block has {', '.join(KEYS)}, or `file` alone"
            message = f"unknown key `{key}` of the block `{name}`"
            meant, span = unmistakable(key, [*KEYS, "file"]) if near is not None else None, node.key_spans.get(key)
            diagnostics.add(codes.UNKNOWN_KEY, message, span, place=value.place, help=help, meant=meant)
    if file is None:
        return None
    if isinstance(file.value, str) and file.value:
        return file.value
    if not refused(file):
        message = f"`file` of the block `{name}` is the path of a spec, found {shown_at(file)}"
        diagnostics.add(codes.WRONG_FORM, message, file.span, place=file.place)
    return ""


def recipe_of(block: Block, module: Module, diagnostics: Diagnostics) -> Recipe:
    """What a block is made of that is written in place."""
    items = block.node.items
    inputs = _input_names(block.name, items.get("inputs"), diagnostics)
    params = read_params(items.get("params"), diagnostics)
    outputs = output_nodes(items.get("outputs"), diagnostics)
    return Recipe(block, params, inputs, items.get("layers"), block.node, outputs, module)


def _input_names(name: str, node: Node | None, diagnostics: Diagnostics) -> tuple[str, ...]:
    if node is None:
        return (DEFAULT_INPUT,)
    if node.kind == "sequence":
        found = [e.value for e in node.elements if check_name(e.plain(), e.span, e.place, diagnostics)]
        if len(set(found)) != len(found):
            message = f"two inputs of the block `{name}` have one name"
            diagnostics.add(codes.DUPLICATE_NAME, message, node.span, place=node.place)
        return tuple(dict.fromkeys(map(str, found)))
    if not refused(node):
        message = f"`inputs` of the block `{name}` is a list of names, found {shown_at(node)}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place, help="for example `inputs: [x]`")
    return (DEFAULT_INPUT,)


def file_inputs(node: Node | None) -> tuple[str, ...]:
    """The names of the inputs of a spec that is used as a block."""
    if node is not None and node.kind == "mapping" and "shape" not in node.items:
        return tuple(node.items)
    return (UNBUILT_INPUT,)


def output_nodes(node: Node | None, diagnostics: Diagnostics) -> tuple[tuple[str, Node], ...] | None:
    """The outputs of a block by name; None for its last entry alone."""
    if node is None or (node.kind == "scalar" and node.value is None):
        return None
    if node.kind == "mapping":
        return tuple(node.items.items())
    written: Sequence[Node] = node.elements if node.kind == "sequence" else [node]
    if written and all(isinstance(one.value, str) for one in written):
        return tuple((str(one.value), one) for one in written)
    if not refused(node):
        message = f"`outputs` is a list of names, or a mapping of new names to them, found {shown_at(node)}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
    return None


def use_of(block: Block, node: Node, level: Level) -> Frame:
    """The step of an expansion that is the use of a block by an entry, or by an argument written like one."""
    span = node.key_spans.get(block.name, node.span)
    return Frame(f"in the block `{block.name}`", span, level.frame)
