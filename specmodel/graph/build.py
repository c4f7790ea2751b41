"""Build the graph: every layer's `build` on the types of its inputs."""

from collections.abc import Iterable, Sequence

from specmodel.diagnostics import Diagnostics, Frame, Note, codes
from specmodel.graph.graph import Graph, GraphInput, GraphOutput, Node, Requirement
from specmodel.layers.call import call_layer
from specmodel.layers.scope import POLICIES, Masked, Policy, Scope, Warned, policy_of
from specmodel.ops.source import Input, Weight, WeightSpec
from specmodel.ops.value import Call, Value
from specmodel.spec.calls import (
    Inside,
    NoSuchOutput,
    Outputs,
    PoisonedError,
    call_arguments,
    origins,
    value_of,
    values_read,
)
from specmodel.spec.contracts import Sizes, check_contract
from specmodel.spec.faults import here
from specmodel.spec.model import Contract, Entry, ModelSpec, OutputSpec, Place
from specmodel.types.assume import Constraint
from specmodel.types.dim import Dim, unknowns, variables
from specmodel.types.fault import Fault
from specmodel.types.formula import text


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
        self.batch = next((given.type.shape[0] for given in self.inputs.values() if given.type.shape), 1)
        self.owned_calls: set[Call] = set()
        self.requirements: dict[tuple[Constraint, str], Requirement] = {}
        self.noted: set[tuple[Dim, Dim]] = set()
        self.contracts: dict[str, list[Contract]] = {}
        for contract in spec.contracts:
            self.contracts.setdefault(contract.ref.target, []).append(contract)
        self.file_sizes: dict[Frame, Sizes] = {}
        self.unfit: set[tuple[str, Frame]] = set()

    def build(self) -> Graph:
        inputs = tuple(GraphInput(spec, Input(spec.name, spec.type)()) for spec in self.spec.inputs or ())
        for given in inputs:
            self.made[given.spec.name] = (Masked(given.value),)
            self.owned_calls.add(given.value.call)
            self.check_contracts(given.spec.name)
        nodes: dict[int, Node] = {}
        for index in self.spec.order:
            entry = self.spec.entries[index]
            with self.diagnostics.inside(entry.frame):
                node = self.node(entry)
            if node is not None:
                nodes[index] = node
                self.check_contracts(entry.path)
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

    def check_contracts(self, path: str) -> None:
        """Hold a value against what specs in other files declare, into which it flows."""
        for contract in self.contracts.get(path, ()):
            if len(self.made[path]) <= contract.ref.index:
                continue  # which is said where it is read
            found = self.made[path][contract.ref.index].value.type
            try:
                check_contract(contract.block, contract.declared, found, self.file_sizes.setdefault(contract.frame, {}))
            except Fault as fault:
                self.unfit.add((path, contract.frame))
                declared, (kind, place), where = contract.declared, self.source(path), contract.place
                notes = [
                    Note(
                        f"`{declared.name}` is declared {here(declared.place.span, declared.place.text)}",
                        declared.place.span,
                    ),
                    Note(f"{kind} `{contract.ref}` gives {found}", place.span),
                ]
                with self.diagnostics.inside(contract.frame.parent):
                    self.diagnostics.add(fault.code, fault.message, where.span, place=where.text, notes=notes)

    def reads_unfit(self, entry: Entry) -> bool:
        """Whether an entry in a file reads a value that is not what the file declares."""
        frame = entry.frame if self.unfit else None
        while frame is not None:
            if any((ref.target, frame) in self.unfit for ref in entry.refs()):
                return True
            frame = frame.parent
        return False

    def node(self, entry: Entry) -> Node | None:
        if self.reads_unfit(entry):
            return None
        scope = self.scope(entry)
        try:
            outputs = call_layer(scope, entry.layer, call_arguments(entry, self.made))
        except PoisonedError:
            return None
        except Fault as fault:
            self.report(entry, fault)
            return None
        self.made[entry.path] = outputs
        for warned in scope.warnings.values():
            self.warn(entry, warned)
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
            values = [value for _, value in values_read(entry, self.made)]
            nameless = unknowns(constraint.left) | unknowns(constraint.right)
            notes = [*self.origins(entry, False), *(note for _, note in (self.open_inputs(values) if nameless else ()))]
            where = entry.place
            self.diagnostics.add(codes.CHECKED_AT_RUN, message, where.span, place=where.text, notes=notes)

    def scope(self, entry: Entry) -> Scope:
        owner = self.entries.get(entry.owner, entry)
        policy = self.policy_of(owner)
        trainable = owner.layer.own_trainable
        return Scope(entry.owner, policy, self.weights, trainable=trainable, batch=self.batch, files=self.spec.files)

    def policy_of(self, entry: Entry) -> Policy:
        return policy_of(entry.layer.own_dtype) if entry.layer.own_dtype is not None else self.policy

    def output(self, output: OutputSpec) -> GraphOutput | None:
        try:
            return GraphOutput(output.name, value_of(output.ref, self.made).value, output.ref)
        except PoisonedError:
            return None
        except NoSuchOutput as fault:
            where = output.place
            self.diagnostics.add(fault.code, fault.message, where.span, place=where.text, help=fault.help)
            return None

    def warn(self, entry: Entry, warned: Warned) -> None:
        at = warned.inside or self.at(entry)
        with self.diagnostics.inside(at.frame):
            message = f"{at.kind} `{at.path}` {warned.message}"
            self.diagnostics.add(warned.code, message, at.place.span, place=at.place.text, help=warned.help)

    def calls_of(self, outputs: Outputs) -> tuple[Call, ...]:
        """The calls behind a layer's outputs that belong to no layer before it, in an order that can run.

        The making of a mask belongs to the layer that reads it.
        """
        found = _new_calls([output.value for output in outputs], self.owned_calls)
        self.owned_calls.update(found)
        return tuple(call for call in found if not isinstance(call.op, Weight))

    def at(self, entry: Entry, fault: Fault | None = None) -> Inside:
        """Where an entry stands, or the argument that is to blame; and what it reads."""
        place = entry.place_of(fault.field if fault is not None else None)
        values = tuple(value for _, value in values_read(entry, self.made))
        notes = tuple(self.origins(entry, fault is not None and fault.code == codes.WRONG_DTYPE))
        return Inside(type(entry.layer).__name__, entry.path, place, entry.frame, values, notes)

    def report(self, entry: Entry, fault: Fault) -> None:
        at: Inside = fault.inside or self.at(entry, fault)
        message, notes, help = f"{at.kind} `{at.path}`: {fault.message}", list(at.notes), fault.help
        if isinstance(fault, NoSuchOutput):
            message, notes = fault.message, []
        if fault.code == codes.UNKNOWN_SIZE:
            open_inputs = list(self.open_inputs(at.values))
            notes += [note for _, note in open_inputs]
            help = f"give {open_inputs[0][0]} a size, or pool over the axis first" if open_inputs else help
        if entry.reused and fault.code == codes.SHARED_WEIGHT_SHAPE and fault.inside is None:
            owner = self.entries[entry.owner].place
            notes.append(Note(f"`{entry.owner}` made the weight {here(owner.span, owner.text)}", owner.span))
        with self.diagnostics.inside(at.frame):
            self.diagnostics.add(fault.code, message, at.place.span, place=at.place.text, notes=notes, help=help)

    def origins(self, entry: Entry, with_dtype: bool) -> Iterable[Note]:
        """Where the shapes of an entry's inputs come from, as far as a reader can use it."""
        return origins(values_read(entry, self.made), self.source, with_dtype)

    def source(self, name: str) -> tuple[str, Place]:
        """What a name stands for, and where that was written."""
        if name in self.inputs:
            return "input", self.inputs[name].place
        return type(self.entries[name].layer).__name__, self.entries[name].place

    def open_inputs(self, values: Iterable[Value]) -> Iterable[tuple[str, Note]]:
        """The axes of the model's inputs that leave a size of some values open: their names, and where."""
        needed = {name for value in values for size in value.shape[1:] for name in variables(size)}
        for given in self.inputs.values():
            for axis, size in enumerate(given.type.shape):
                if axis and variables(size) & needed:
                    what = f"axis {axis} of input `{given.name}`"
                    stands = "unknown" if unknowns(size) else f"`{text(size)}`, known only when the model runs"
                    yield what, Note(f"{what}, {given.type}, is {stands}", given.place.span)


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
            stack += [(value.call, False) for value in reversed(call.inputs)]
    return list(found)
