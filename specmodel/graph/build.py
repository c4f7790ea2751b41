"""Build the graph: every layer's `build` on the types of its inputs."""

from collections.abc import Iterable, Sequence

from specmodel.diagnostics import Diagnostics, Note, codes
from specmodel.graph.graph import Graph, GraphInput, GraphOutput, Node, Requirement
from specmodel.layers.base import call_parameters, required_parameters
from specmodel.layers.call import call_layer
from specmodel.layers.scope import POLICIES, Masked, Policy, Scope, policy_of
from specmodel.ops.source import Input, Weight, WeightSpec
from specmodel.ops.value import Call, Value
from specmodel.spec.faults import here
from specmodel.spec.model import ALL_OUTPUTS, Argument, Entry, InputSpec, ModelSpec, OutputSpec, Ref
from specmodel.spec.wiring import IN_ORDER, too_many_inputs
from specmodel.text import Span
from specmodel.types.assume import Constraint
from specmodel.types.dim import Dim, unknowns, variables
from specmodel.types.fault import Fault
from specmodel.types.formula import text

Outputs = tuple[Masked, ...]
_MOST_ORIGINS = 16
"""As many inputs of an entry are named in the notes of one message."""


def build(spec: ModelSpec, diagnostics: Diagnostics) -> Graph:
    """The graph of a built spec (`spec.inputs` given).

    A layer that fails is reported; what depends on it stays silent.
    """
    return _Builder(spec, diagnostics).build()


class _Builder:
    """What is known while the entries are built one after the other. A path that is missing in `made` has failed."""

    def __init__(self, spec: ModelSpec, diagnostics: Diagnostics) -> None:
        self.spec = spec
        self.diagnostics = diagnostics
        self.policy = POLICIES[spec.dtype]
        self.weights: dict[str, Value] = {}
        self.made: dict[str, Outputs] = {}
        self.entries = {entry.path: entry for entry in spec.entries}
        self.inputs = {given.name: given for given in spec.inputs or ()}
        self.owned_calls: set[Call] = set()
        self.requirements: dict[tuple[Constraint, str], Requirement] = {}
        self.noted: set[tuple[Dim, Dim]] = set()

    def build(self) -> Graph:
        inputs = tuple(GraphInput(spec, Input(spec.name, spec.type)()) for spec in self.spec.inputs or ())
        for given in inputs:
            self.made[given.spec.name] = (Masked(given.value),)
            self.owned_calls.add(given.value.call)
        nodes: dict[int, Node] = {}
        for index in self.spec.order:
            entry = self.spec.entries[index]
            with self.diagnostics.inside(entry.frame):
                node = self.node(entry)
            if node is not None:
                nodes[index] = node
        outputs = [self.output(output) for output in self.spec.outputs]
        position = {index: number for number, index in enumerate(sorted(nodes))}
        return Graph(
            self.spec.name,
            inputs,
            tuple(nodes[index] for index in position),
            tuple(position[index] for index in self.spec.order if index in nodes),
            tuple(output for output in outputs if output is not None),
            tuple(self.requirements.values()),
        )

    def node(self, entry: Entry) -> Node | None:
        arguments: dict[str, Masked | list[Masked] | None] = {}
        for name, argument in entry.arguments:
            try:
                arguments[name] = self.argument(entry, argument)
            except _PoisonedError:
                return None
        scope = self.scope(entry)
        try:
            if IN_ORDER in arguments:
                arguments = _in_order(entry, arguments[IN_ORDER])
            outputs = call_layer(scope, entry.layer, arguments)
        except Fault as fault:
            self.report(entry, fault)
            return None
        self.made[entry.path] = outputs
        for warned in scope.warnings.values():
            message = f"{type(entry.layer).__name__} `{entry.path}` {warned.message}"
            where = entry.place
            self.diagnostics.add(warned.code, message, where.span, place=where.text, help=warned.help)
        calls = self.calls_of(outputs)
        constraints = [*scope.assume.constraints, *(found for call in calls for found in call.constraints)]
        for constraint in constraints:
            self.require(entry, constraint)
        owned = () if entry.reused else tuple(scope.declared.values())
        specs = tuple(_spec_of(weight) for weight in owned)
        return Node(entry, outputs, calls, specs, tuple(dict.fromkeys(scope.open_choices)))

    def require(self, entry: Entry, constraint: Constraint) -> None:
        """Keep what only data can decide; that sizes may differ is noted, once for each pair."""
        self.requirements.setdefault((constraint, entry.path), Requirement(constraint, entry))
        relation = (constraint.left, constraint.right)
        if constraint.kind in ("equal", "equal_or_one") and relation not in self.noted:
            self.noted.add(relation)
            message = f"{type(entry.layer).__name__} `{entry.path}` needs that {constraint.text}: only data can tell"
            nameless = unknowns(constraint.left) | unknowns(constraint.right)
            notes = [*self.origins(entry, False), *(note for _, note in (self.open_inputs(entry) if nameless else ()))]
            where = entry.place
            self.diagnostics.add(codes.CHECKED_AT_RUN, message, where.span, place=where.text, notes=notes)

    def scope(self, entry: Entry) -> Scope:
        owner = self.entries.get(entry.owner, entry)
        policy = self.policy_of(owner)
        batch = next((given.type.shape[0] for given in self.inputs.values() if given.type.shape), 1)
        trainable = owner.layer.own_trainable
        files = entry.files if entry.files is not None else self.spec.files
        return Scope(entry.owner, policy, self.weights, trainable=trainable, batch=batch, files=files)

    def policy_of(self, entry: Entry) -> Policy:
        return policy_of(entry.layer.own_dtype) if entry.layer.own_dtype is not None else self.policy

    def argument(self, entry: Entry, argument: Argument) -> "Masked | list[Masked] | None":
        if argument is None:
            return None
        if isinstance(argument, Ref) and argument.index != ALL_OUTPUTS:
            return self.value(entry, argument)
        refs = [argument] if isinstance(argument, Ref) else argument
        values: list[Masked] = []
        for ref in refs:
            values.extend(self.all_of(ref) if ref.index == ALL_OUTPUTS else [self.value(entry, ref)])
        return values

    def all_of(self, ref: Ref) -> Outputs:
        if ref.target not in self.made:
            raise _PoisonedError
        return self.made[ref.target]

    def value(self, entry: Entry, ref: Ref) -> Masked:
        outputs = self.all_of(ref)
        if ref.index >= len(outputs):
            where = entry.place_of("inputs")
            self.no_such_output(ref, len(outputs), where.span, where.text)
            raise _PoisonedError
        return outputs[ref.index]

    def no_such_output(self, ref: Ref, count: int, span: Span | None, place: str) -> None:
        have = "one output" if count == 1 else f"{count} outputs"
        names = [str(Ref(ref.target, index)) for index in range(min(count, 4))]
        listed = ", ".join(f"`{name}`" for name in names) + (", …" if count > len(names) else "")
        message, help = f"`{ref}` does not exist: `{ref.target}` has {have}", f"it has {listed}"
        self.diagnostics.add(codes.NO_SUCH_OUTPUT, message, span, place=place, help=help)

    def output(self, output: OutputSpec) -> GraphOutput | None:
        outputs = self.made.get(output.ref.target)
        if outputs is None:
            return None
        if output.ref.index >= len(outputs):
            self.no_such_output(output.ref, len(outputs), output.place.span, output.place.text)
            return None
        return GraphOutput(output.name, outputs[output.ref.index].value, output.ref)

    def calls_of(self, outputs: Outputs) -> tuple[Call, ...]:
        """The calls behind a layer's outputs that belong to no layer before it, in an order that can run.

        The making of a mask belongs to the layer that reads it.
        """
        found = _new_calls([output.value for output in outputs], self.owned_calls)
        self.owned_calls.update(found)
        return tuple(call for call in found if not isinstance(call.op, Weight))

    def report(self, entry: Entry, fault: Fault) -> None:
        where = entry.place_of(fault.field)
        message = f"{type(entry.layer).__name__} `{entry.path}`: {fault.message}"
        notes, help = list(self.origins(entry, fault.code == codes.WRONG_DTYPE)), fault.help
        if fault.code == codes.UNKNOWN_SIZE:
            open_inputs = list(self.open_inputs(entry))
            notes += [note for _, note in open_inputs]
            help = f"give {open_inputs[0][0]} a size, or pool over the axis first" if open_inputs else help
        if entry.reused and fault.code == codes.SHARED_WEIGHT_SHAPE:
            owner = self.entries[entry.owner].place
            notes.append(Note(f"`{entry.owner}` made the weight {here(owner.span, owner.text)}", owner.span))
        self.diagnostics.add(fault.code, message, where.span, place=where.text, notes=notes, help=help)

    def origins(self, entry: Entry, with_dtype: bool) -> Iterable[Note]:
        """Where the shapes of an entry's inputs come from, as far as a reader can use it."""
        read = list(self.read_by(entry))
        for ref, value in read[:_MOST_ORIGINS]:
            made_by = self.inputs.get(ref.target) or self.entries[ref.target]
            kind = "input" if isinstance(made_by, InputSpec) else type(made_by.layer).__name__
            dtype = f" of {value.dtype}" if with_dtype else ""
            name = f"{ref.target}/*" if ref.index == ALL_OUTPUTS else str(ref)
            yield Note(f"{kind} `{name}` gives {value.type}{dtype}", made_by.place.span)
        if len(read) > _MOST_ORIGINS:
            yield Note(f"{len(read) - _MOST_ORIGINS:,} more inputs are not listed")

    def open_inputs(self, entry: Entry) -> Iterable[tuple[str, Note]]:
        """The axes of the model's inputs that leave a size of what the entry reads open: their names, and where."""
        needed = {name for _, value in self.read_by(entry) for size in value.shape[1:] for name in variables(size)}
        for given in self.inputs.values():
            for axis, size in enumerate(given.type.shape):
                if axis and variables(size) & needed:
                    what = f"axis {axis} of input `{given.name}`"
                    stands = "unknown" if unknowns(size) else f"`{text(size)}`, known only when the model runs"
                    yield what, Note(f"{what}, {given.type}, is {stands}", given.place.span)

    def read_by(self, entry: Entry) -> Iterable[tuple[Ref, Value]]:
        """The values that an entry reads, each once, as far as they could be made."""
        for ref in dict.fromkeys(entry.refs()):
            outputs = self.made.get(ref.target, ())
            if ref.index < len(outputs):
                yield ref, outputs[max(ref.index, 0)].value


class _PoisonedError(Exception):
    """An input comes from a layer that has failed, which is reported there."""


def _in_order(entry: Entry, values: "Masked | list[Masked] | None") -> dict[str, "Masked | list[Masked] | None"]:
    """The call arguments that values in order are; raises `Fault` for too many or too few of them."""
    given = values if isinstance(values, list) else []
    kind, names = type(entry.layer), call_parameters(type(entry.layer))
    if len(given) > len(names):
        raise Fault(codes.CALL_ARGUMENTS, too_many_inputs(kind.__name__, len(names), len(given)), field="inputs")
    missing = required_parameters(kind)[len(given) :]
    if missing:
        raise Fault(codes.CALL_ARGUMENTS, f"{', '.join(f'`{name}`' for name in missing)} is missing", field="inputs")
    return dict(zip(names, given, strict=False))


def _spec_of(weight: Value) -> WeightSpec:
    assert isinstance(weight.call.op, Weight)
    return weight.call.op.spec


def _new_calls(values: Sequence[Value], owned: set[Call]) -> list[Call]:
    """The calls that values depend on and nobody owns yet, inputs first."""
    found: dict[Call, None] = {}
    stack = [(value.call, False) for value in reversed(values)]
    while stack:
        call, ready = stack.pop()
        if ready:
            found[call] = None
        elif call not in found and call not in owned:
            stack.append((call, True))
            stack.extend((value.call, False) for value in reversed(call.inputs))
    return list(found)
