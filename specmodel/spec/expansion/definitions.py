"""What a name can stand for while a spec is expanded."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath

from specmodel.diagnostics import Frame
from specmodel.files.location import NamedFiles
from specmodel.record import Record
from specmodel.spec.entries import WrittenEntry
from specmodel.spec.expressions.tree import Value
from specmodel.spec.model import InputSpec, Place
from specmodel.spec.params import Values
from specmodel.yaml.node import Node


class Definition:
    """Something that has a value: `name` is None until it is named, and where nothing can refer to it.

    `base` is what an automatic name is made of; `place` is where the entry was written, `named_at` where its name.
    """

    def __init__(self, level: "Level", place: Place, name: str | None = None, base: str = "entry") -> None:
        self.level = level
        self.place = place
        self.named_at = place
        self.name = name
        self.base = base
        self.scope: Scope | None = None

    @property
    def path(self) -> str:
        """The names on the way to it."""
        assert self.scope is not None
        return f"{self.scope.path}/{self.name}" if self.scope.path else str(self.name)


class Input(Definition):
    """An input of the model."""


class Leaf(Definition):
    """A layer. `original` is the one whose weights it uses."""

    def __init__(
        self, level: "Level", entry: WrittenEntry, above: Definition | None, name: str | None, base: str
    ) -> None:
        super().__init__(level, Place(entry.head, entry.node.place), name, base)
        self.entry = entry
        self.above = above
        self.layer = entry.layer
        self.original: Leaf | None = None

    @property
    def owner(self) -> "Leaf":
        """The layer that owns the weights."""
        leaf = self
        while leaf.original is not None:
            leaf = leaf.original
        return leaf


class Passed(Definition):
    """A value under another name: an input of a block or group, an entry that is left out, a repeat of no times.

    It is reference number `position` of `inputs`; without those, what stands above. `contract` is what a spec in
    another file declares of its input: the name of the block, the declaration, the frame of the use.
    """

    def __init__(
        self,
        level: "Level",
        place: Place,
        inputs: Node | None,
        above: Definition | None,
        *,
        position: int = 0,
        name: str | None = None,
    ) -> None:
        super().__init__(level, place, name)
        self.inputs = inputs
        self.above = above
        self.position = position
        self.contract: tuple[str, InputSpec, Frame] | None = None


class Region(Definition):
    """A use of a block, or a named group: a scope with entries in it.

    `outputs` are those of the block, None for its last entry. `fill` makes the entries again in another region, for
    `reuse`.
    """

    def __init__(self, level: "Level", place: Place, name: str | None, base: str) -> None:
        super().__init__(level, place, name, base)
        self.inside = Scope(self)
        self.inner: Level = level
        self.input_names: tuple[str, ...] = ()
        self.fill: Callable[[Region, Mapping[str, Definition]], None] = lambda region, bindings: None
        self.outputs: list[tuple[str, Node]] | None = None
        self.last: Definition | None = None
        self.original: Region | None = None

    @property
    def is_broken(self) -> bool:
        """Whether something is wrong with the use, so that nothing was written out."""
        return self.last is None and not self.inside.members


class Times(Definition):
    """A named repeat; `whole` is what it passes on: its last time, or its input where there is none."""

    def __init__(self, level: "Level", place: Place, name: str) -> None:
        super().__init__(level, place, name)
        self.inside = Scope(self)
        self.times: list[Definition] = []
        self.whole: Definition | None = None


class Reuse(Definition):
    """An entry that calls another again; `becomes` is what that turns out to be.

    `deep` tells that a path leads to it.
    """

    def __init__(
        self, level: "Level", entry: WrittenEntry, above: Definition | None, name: str | None, base: str
    ) -> None:
        super().__init__(level, Place(entry.head, entry.node.place), name, base)
        self.entry = entry
        self.above = above
        self.becomes: Leaf | Region | None = None
        self.deep = False


class Scope:
    """A place where names are unique. `members` stand in the file's order, those without a name included."""

    def __init__(self, owner: Definition | None = None) -> None:
        self.owner = owner
        self.members: list[Definition] = []
        self.names: dict[str, Definition] = {}
        self.taken: dict[str, str] = {}
        self.path = ""

    def find(self, words: list[str]) -> tuple[Definition, list[str]] | None:
        """The member that the first words of a path name, and the words that are left."""
        for count in range(len(words), 0, -1):  # names hold `/` in specs that `expand` has written
            found = self.names.get("/".join(words[:count]) if count > 1 else words[0])
            if found is not None:
                return found, words[count:]
        return None

    def add(self, definition: Definition) -> None:
        """Take a definition in; it is named later."""
        definition.scope = self
        self.members.append(definition)


class Hold(Record):
    """What stands beside a group or block and holds for all inside."""

    trainable: bool = True
    dtype: str | None = None


class Module(Record):
    """What all levels of one file share: its blocks, and where its paths start.

    `below` is the way there from the folder of the spec that is read. With `paths` names may be paths.
    """

    blocks: Mapping[str, "Block"]
    files: NamedFiles | None
    below: PurePath = PurePath()
    paths: bool = False


class Block(Record):
    """A layer type of a spec's own. `values` of the spec's params are those of the level that uses it."""

    name: str
    node: Node
    place: Place
    file: str | None = None


class Level:
    """What can be seen from an entry: `values` by expressions, `bindings`, the scope and what is around by references.

    `around` is None at the edge of a block. `spec_values` are the params of the spec, which its blocks see.
    """

    def __init__(
        self,
        module: Module,
        scope: Scope,
        values: Values,
        spec_values: Values,
        *,
        bindings: Mapping[str, Definition] | None = None,
        around: "Level | None" = None,
        frame: Frame | None = None,
        hold: Hold = Hold(),
        depth: int = 0,
    ) -> None:
        self.module = module
        self.scope = scope
        self.values = values
        self.spec_values = spec_values
        self.bindings = bindings if bindings is not None else {}
        self.around = around
        self.frame = frame
        self.hold = hold
        self.depth = depth

    def within(
        self,
        scope: Scope | None = None,
        *,
        values: Mapping[str, Value] | None = None,
        bindings: Mapping[str, Definition] | None = None,
        frame: Frame | None = None,
        hold: Hold | None = None,
    ) -> "Level":
        """A level that sees all that this one sees, and more."""
        return Level(
            self.module,
            scope if scope is not None else self.scope,
            {**self.values, **values} if values is not None else self.values,
            self.spec_values,
            bindings=bindings,
            around=self,
            frame=frame if frame is not None else self.frame,
            hold=hold if hold is not None else self.hold,
            depth=self.depth + 1,
        )

    def find(self, written: str) -> tuple[Definition, list[str]] | None:
        """What the first words of a reference mean, innermost first, and the words that are left."""
        words = written.split("/")
        level: Level | None = self
        while level is not None:
            bound = level.bindings.get(words[0])
            found = (bound, words[1:]) if bound is not None else level.scope.find(words)
            if found is not None:
                return found
            level = level.around
        return None

    def is_in(self, identity: int) -> bool:
        """Whether it is inside of a use of a block."""
        frame = self.frame
        while frame is not None and frame.identity != identity:
            frame = frame.parent
        return frame is not None

    def known(self) -> Iterator[str]:
        """The names that can be seen, for suggestions."""
        level: Level | None = self
        while level is not None:
            yield from level.bindings
            yield from level.scope.names
            level = level.around


def only_of(bindings: Mapping[str, Definition]) -> Definition | None:
    """What `_` means for the first entry inside: the only input."""
    return next(iter(bindings.values())) if len(bindings) == 1 else None


def leaves(scope: Scope) -> Iterator[Leaf]:
    """The layers in a scope and in the scopes inside, in the file's order."""
    for member in scope.members:
        found = member.becomes if isinstance(member, Reuse) else member
        if isinstance(found, Leaf):
            yield found
        elif isinstance(found, Region | Times):
            yield from leaves(found.inside)


def regions(scope: Scope) -> Iterator[Region]:
    """The blocks and named groups in a scope and in the scopes inside."""
    for member in scope.members:
        found = member.becomes if isinstance(member, Reuse) else member
        if isinstance(found, Region):
            yield found
        if isinstance(found, Region | Times):
            yield from regions(found.inside)


def dissolve(scope: Scope) -> None:
    """Take a scope apart: its definitions point at each other, and should not wait for the collector of cycles."""
    for member in scope.members:
        found = member.becomes if isinstance(member, Reuse) else member
        if isinstance(found, Region | Times):
            dissolve(found.inside)
    scope.members.clear()
    scope.names.clear()
