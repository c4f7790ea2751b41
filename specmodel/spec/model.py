"""A validated spec: inputs, entries with layers and resolved references, outputs."""

from collections.abc import Mapping

from specmodel.diagnostics import Frame
from specmodel.files.location import NamedFiles
from specmodel.layers.base import Layer
from specmodel.record import Record
from specmodel.text import Span
from specmodel.types.tensor import TensorType
from specmodel.yaml.node import Node


class Place(Record):
    """Where something was written: a span of a file, or a key path of a mapping (`layers[0].Dense`)."""

    span: Span | None = None
    text: str = ""


ALL_OUTPUTS = -1
"""The index that stands for every output of an entry (`lstm/*`)."""


class Ref(Record):
    """A reference to a value: output `index` of the entry or input `target`."""

    target: str
    index: int = 0

    def __str__(self) -> str:
        return f"{self.target}/{self.index}" if self.index else self.target


Argument = Ref | tuple[Ref, ...] | None
"""What one call argument of a layer receives."""


class InputSpec(Record):
    """An input of the model; the shape's first axis is the batch."""

    name: str
    type: TensorType
    place: Place


class Entry(Record):
    """One layer of the flat model.

    `owner` is the path whose weights it uses: its own, or that of the entry it reuses. `written` leads argument names
    (and `inputs`) to what was written there. `frame` is the innermost step of the expansion it comes from.
    """

    path: str
    layer: Layer
    arguments: tuple[tuple[str, Argument], ...]
    place: Place
    written: Mapping[str, Node]
    owner: str
    frame: Frame | None = None

    @property
    def reused(self) -> bool:
        """Whether the weights belong to another entry."""
        return self.owner != self.path

    def place_of(self, argument: str | None) -> Place:
        """Where one of its arguments (or `inputs`) was written; where it stands itself, if that was not."""
        node = self.written.get(argument or "")
        return Place(node.span, node.place) if node is not None else self.place

    def refs(self) -> list[Ref]:
        """All values it reads, in order."""
        found: list[Ref] = []
        for _, argument in self.arguments:
            found.extend([argument] if isinstance(argument, Ref) else argument or ())
        return found


class Contract(Record):
    """What a spec that is used as the block `block` declares of an input, into which the value `ref` flows.

    `place` is where the use says so, `frame` that use.
    """

    block: str
    declared: InputSpec
    ref: Ref
    place: Place
    frame: Frame


class OutputSpec(Record):
    """An output of the model."""

    name: str
    ref: Ref
    place: Place


class Fold(Record):
    """A block, named group or named repeat of a flat model: the word for it, and the values that it gives."""

    kind: str
    outputs: tuple[Ref, ...]


class Expected(Record):
    """What a spec expects of itself: the node of `expect`, and the values that the names under its `shapes` mean."""

    node: Node
    shapes: Mapping[str, tuple[Ref, ...]]


class ModelSpec(Record):
    """A spec whose names, arguments and references are valid. `inputs` is None while the model is unbuilt.

    `entries` stand in the file's order; `order` is the order to build them in, each behind what it reads.
    `weights` is the path of a weights file as the spec gives it. `files` are those that arguments of layers name; None
    for a model that a program makes, where paths start at the working directory.
    `presets` are the names of those that the spec has; `expect` is what it says of itself as it was opened, `examples`
    the data that it is to be held against. `folds` are the blocks, groups and repeats that its entries came from;
    `contracts` what specs in other files declare of what flows into them.
    """

    name: str
    inputs: tuple[InputSpec, ...] | None
    entries: tuple[Entry, ...]
    order: tuple[int, ...]
    outputs: tuple[OutputSpec, ...]
    dtype: str = "float32"
    seed: int = 0
    weights: str | None = None
    weights_place: Place = Place()
    files: NamedFiles | None = None
    presets: tuple[str, ...] = ()
    expect: Expected | None = None
    examples: Node | None = None
    folds: Mapping[str, Fold] = {}
    contracts: tuple[Contract, ...] = ()


UNBUILT_INPUT = "input"
"""The name of a model's only input where the spec names none."""
