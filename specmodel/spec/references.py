"""References: what each means where it stands."""

from itertools import islice

from specmodel.diagnostics import Diagnostics, codes, did_you_mean, unmistakable
from specmodel.diagnostics.diagnostic import failure
from specmodel.spec.expansion.definitions import Definition, Input, Leaf, Level, Passed, Region, Reuse, Times
from specmodel.spec.faults import refused, shown_at, too_many
from specmodel.spec.model import ALL_OUTPUTS, Argument, Contract, Place, Ref
from specmodel.yaml.node import Node

SUGGESTED_FROM = 200
"""As many names are compared with a reference that means nothing."""

LONGEST_WAY = 64
"""As many entries that are left out, or inputs of blocks, may a reference lead through at once."""
MOST_VALUES = 500_000
"""As many values may all entries read together: `stack/*` in a `repeat` is soon more than anything can build."""


class BrokenError(Exception):
    """The value does not exist, which has been reported."""


class NoSuchError(Exception):
    """The words of a path lead nowhere."""


class Resolver:
    """Follows definitions to the values they stand for; `reading` is where the last reference was written.

    `contracts` are what specs in other files declare of the values that flow into them.
    """

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics
        self.reading = Place()
        self.contracts: list[Contract] = []
        self._read = 0
        self._passed: dict[Passed, tuple[Ref, ...] | None] = {}
        self._on_the_way: dict[Definition, None] = {}

    def refs(self, definition: Definition, words: list[str]) -> tuple[Ref, ...]:
        """The values that the rest of a path means, several for `*`.

        Raises `NoSuchError`, `BrokenError`; `SpecError` (E105) for more than can be built.
        """
        if isinstance(definition, Reuse):
            if definition.becomes is None:
                raise BrokenError
            definition = definition.becomes
        if isinstance(definition, Region):
            return self._of_region(definition, words)
        if isinstance(definition, Times):
            return self._of_times(definition, words)
        self._count()
        if isinstance(definition, Passed):
            return _one_of(self.passed(definition), words)
        if words == ["*"] and isinstance(definition, Leaf):
            return (Ref(definition.path, ALL_OUTPUTS),)
        name = str(definition.name) if isinstance(definition, Input) else definition.path
        return (Ref(name, _index(words)),)

    def _count(self) -> None:
        self._read += 1
        if self._read > MOST_VALUES:
            message, at = f"the entries of this spec read more than {MOST_VALUES:,} values", self.reading
            raise failure(codes.LIMIT, message, at.span, place=at.text)

    def _of_region(self, region: Region, words: list[str]) -> tuple[Ref, ...]:
        outputs = region.outputs
        first = words[0] if words else "0"
        if region.is_broken:
            raise BrokenError
        if outputs is None and (not words or words in (["*"], ["0"])):
            if region.last is None:
                raise BrokenError
            return self.refs(region.last, [])
        if outputs is not None and len(words) < 2:
            if first == "*":
                return tuple(ref for name, _ in outputs for ref in self._of_region(region, [name]))
            node = next((node for name, node in outputs if name == first), None)
            if node is None and first.isdecimal() and int(first) < len(outputs):
                node = outputs[int(first)][1]
            if node is not None:
                return self._output(region, node)
        inner = region.inside.find(words)
        if inner is None:
            raise NoSuchError
        return self.refs(*inner)

    def _output(self, region: Region, node: Node) -> tuple[Ref, ...]:
        self._enter(region, region.place)
        try:
            with self.diagnostics.inside(region.inner.frame):
                reader = Reader(self, region.inner, region.last, self.diagnostics)
                refs = reader.references(node)
                if reader.failed or not refs:
                    raise BrokenError
                return refs
        finally:
            self._on_the_way.pop(region, None)

    def _of_times(self, times: Times, words: list[str]) -> tuple[Ref, ...]:
        if not words:
            if times.whole is None:
                raise BrokenError
            return self.refs(times.whole, [])
        if words[0] == "*":
            return tuple(ref for time in times.times for ref in self.refs(time, words[1:]))
        if words[0].isdecimal() and len(words[0]) < 8 and int(words[0]) < len(times.times):
            return self.refs(times.times[int(words[0])], words[1:])
        raise NoSuchError

    def passed(self, definition: Passed) -> tuple[Ref, ...]:
        """The value that is passed on."""
        if definition not in self._passed:
            self._enter(definition, definition.place)
            try:
                with self.diagnostics.inside(definition.level.frame):
                    self._passed[definition] = self._pass(definition)
            finally:
                self._on_the_way.pop(definition, None)
        found = self._passed[definition]
        if found is None:
            raise BrokenError
        return found

    def _pass(self, definition: Passed) -> tuple[Ref, ...] | None:
        reader = Reader(self, definition.level, definition.above, self.diagnostics)
        inputs = definition.inputs
        refs = reader.positional(inputs) if inputs is not None else list(reader.above(definition.place))
        if reader.failed or definition.position >= len(refs):
            return None
        ref = refs[definition.position]
        if definition.contract is not None:
            block, declared, frame = definition.contract
            self.contracts.append(Contract(block, declared, ref, definition.place, frame))
        return (ref,)

    def _enter(self, definition: Definition, where: Place) -> None:
        if definition in self._on_the_way:
            way = [one.name for one in self._on_the_way if one.name is not None]
            path = " -> ".join(f"`{name}`" for name in [*way, *way[:1]][:12])
            message = f"these entries stand for each other in a circle: {path}" if way else "this reads itself"
            self.diagnostics.add(codes.CYCLE, message, where.span, place=where.text)
            raise BrokenError
        if len(self._on_the_way) >= LONGEST_WAY:
            message = f"this reference leads through more than {LONGEST_WAY} others before it comes to a layer"
            self.diagnostics.add(codes.LIMIT, message, where.span, place=where.text)
            raise BrokenError
        self._on_the_way[definition] = None


def _one_of(refs: tuple[Ref, ...], words: list[str]) -> tuple[Ref, ...]:
    if words not in ([], ["*"], ["0"]):
        raise NoSuchError
    return refs


def _index(words: list[str]) -> int:
    if not words:
        return 0
    if len(words) == 1 and words[0].isascii() and words[0].isdigit() and len(words[0]) < 4:
        return int(words[0])
    raise NoSuchError


class Reader:
    """Reads the references of one entry; `above` is what `_` means there, None where it means nothing.

    `failed` tells that one was wrong, which has been reported.
    """

    def __init__(self, resolver: Resolver, level: Level, above: Definition | None, diagnostics: Diagnostics) -> None:
        self._resolver = resolver
        self._level = level
        self._above = above
        self._diagnostics = diagnostics
        self.failed = False

    def above(self, where: Place) -> tuple[Ref, ...]:
        """What `_` means; a diagnostic where it means nothing."""
        if self._above is None:
            self._fail(codes.UNDEFINED_REFERENCE, self._first_fault(), where)
            return ()
        try:
            return self._resolver.refs(self._above, [])
        except (BrokenError, NoSuchError):
            self.failed = True
            return ()

    def _first_fault(self) -> str:
        level: Level | None = self._level
        while level is not None:
            if level.bindings:
                return f"the first entry must say which input it reads: `inputs: {next(iter(level.bindings))}`"
            level = level.around
        return "there is no entry above"

    def references(self, node: Node) -> tuple[Ref, ...]:
        """The values of one reference, several for a path with `*`; a diagnostic where it means nothing."""
        where = Place(node.span, node.place)
        if node.refused or too_many(self._diagnostics):
            self.failed = True
            return ()
        self._resolver.reading = where
        if node.value == "_":
            return self.above(where)
        written = node.value if isinstance(node.value, str) else node.written
        found = self._level.find(written) if node.kind == "scalar" and node.value is not None else None
        if found is not None:
            try:
                return self._resolver.refs(*found)
            except BrokenError:
                self.failed = True
                return ()
            except NoSuchError:
                pass
        if isinstance(node.value, str):
            help, meant = self._suggest(written)
            message, meant = f"`{written[:80]}` is no entry and no input", meant if not node.computed else None
            self._fail(codes.UNDEFINED_REFERENCE, message, where, help, meant)
        elif refused(node):
            self.failed = True
        else:
            self._fail(codes.WRONG_FORM, f"a reference is a name, found {shown_at(node)}", where)
        return ()

    def meant(self, written: str) -> tuple[Ref, ...]:
        """The values of a reference, none where it means nothing; that is for the caller to say."""
        found = self._level.find(written)
        try:
            return self._resolver.refs(*found) if found is not None else ()
        except (BrokenError, NoSuchError):
            return ()

    def reference(self, node: Node) -> Ref | None:
        """One reference that means one value."""
        refs = self.references(node)
        if len(refs) > 1:
            message = f"`{str(node.value)[:80]}` is {len(refs)} values, where one is asked for"
            self._fail(codes.WRONG_FORM, message, Place(node.span, node.place))
        return refs[0] if len(refs) == 1 else None

    def _suggest(self, written: str) -> tuple[str, str | None]:
        """Help for a reference that means nothing, and the name that was meant, where that is beyond doubt."""
        known = list(islice(self._level.known(), SUGGESTED_FROM))
        near = did_you_mean(written.partition("/")[0], known)
        if near is None or near == written:
            return "a reference is the name of an entry or an input, or `_` for the entry above", None
        return f"did you mean `{near}`?", unmistakable(written, known) if "/" not in written else None

    def positional(self, node: Node) -> list[Ref]:
        """The values of `inputs:` written as one reference or a list."""
        written = node.elements if node.kind == "sequence" else [node]
        return [ref for element in written for ref in self.references(element)]

    def value(self, node: Node) -> Argument:
        """The value of one call argument: a reference, a list of them, or null. Faults come back as null."""
        if node.kind == "sequence":
            return tuple(self.positional(node))
        if node.kind == "scalar" and node.value is None and not node.refused:
            return None
        refs = self.references(node)
        return refs if len(refs) > 1 else refs[0] if refs else None

    def _fail(self, code: str, message: str, where: Place, help: str | None = None, meant: str | None = None) -> None:
        self._diagnostics.add(code, message, where.span, place=where.text, help=help, meant=meant)
        self.failed = True
