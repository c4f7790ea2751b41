"""A spec as the config of a Keras model: Sequential where it is a chain, Functional elsewhere."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from specmodel.convert.keras.export.arguments import (
    PUBLIC,
    InexpressibleError,
    Json,
    acts_in_training,
    is_operation,
    layer_object,
    made,
)
from specmodel.convert.keras.export.names import keras_names
from specmodel.convert.keras.export.operations import is_variadic, operands, operation_object
from specmodel.convert.keras.export.order import layer_order
from specmodel.convert.refused import Refusal, refused
from specmodel.diagnostics import SpecError
from specmodel.files.location import NamedFiles
from specmodel.graph.graph import Graph
from specmodel.layers.base import call_parameters
from specmodel.record import Record
from specmodel.spec.model import ALL_OUTPUTS, UNBUILT_INPUT, Argument, Entry, InputSpec, ModelSpec, Ref
from specmodel.spec.wiring import IN_ORDER

WRITTEN_AS = "3.15.1"
"""The version of Keras whose form is written."""


class KerasModel(Record):
    """A model as Keras has it. `config` is what its JSON holds; `names` are those of its layers by path here.

    `kept` are the paths of the layers in the order of Keras' `model.layers`, inputs and operations left out, each with
    its class there.
    """

    config: Json
    names: Mapping[str, str]
    kept: tuple[tuple[str, str], ...]

    def told(self) -> str:
        """How many layers it has, for people."""
        count = len(self.names)
        return f"{count:,} {'layer' if count == 1 else 'layers'} of Keras {WRITTEN_AS}"


def keras_model(spec: ModelSpec, graph: Graph | None, place: str) -> KerasModel:
    """The model of a spec; without a graph it is unbuilt, and must be a chain. SpecError (E601) at `place`."""
    names = keras_names(spec)
    refusals: list[Refusal] = []
    objects: dict[str, Json] = {}
    constants: dict[str, Mapping[str, Any]] = {}
    policy = spec.dtype if spec.dtype != "float32" else None
    for entry in spec.entries:
        if entry.reused:
            continue
        try:
            if is_operation(entry.layer):
                rank = _rank(entry, graph)
                objects[entry.path], constants[entry.path] = operation_object(entry.layer, names[entry.path], rank)
            else:
                objects[entry.path] = layer_object(entry.layer, names[entry.path], policy)
                _inline_vocabulary(entry, spec, objects[entry.path]["config"])
        except InexpressibleError as why:
            refusals.append(Refusal(entry.path, str(why)))
    chain = is_chain(spec)
    if not chain and graph is None:
        refusals.append(Refusal(spec.entries[0].path, "an unbuilt model that is no chain has no form in Keras"))
    if refusals:
        raise SpecError([refused(spec.entries, refusals, "Keras", place)])
    if chain:
        layers = tuple((entry.path, type(entry.layer).__name__) for entry in spec.entries)
        return KerasModel(_sequential(spec, names, objects), names, _public(layers))
    assert graph is not None
    functional = _Functional(spec, graph, names, objects, constants)
    return KerasModel(functional.config(), names, _public(functional.kept()))


def _public(layers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((path, PUBLIC.get(kind, kind)) for path, kind in layers)


def _inline_vocabulary(entry: Entry, spec: ModelSpec, config: Json) -> None:
    """Put the lines of a vocabulary file in the place of its name: a model stands for itself."""
    written = config.get("vocabulary")
    if isinstance(written, str):
        files = spec.files or NamedFiles(Path(), None)
        lines = files.text(written, "vocabulary").replace("\r", "").removesuffix("\n").split("\n")
        config["vocabulary"] = [int(line) for line in lines] if type(entry.layer).__name__ == "IntegerLookup" else lines


def is_chain(spec: ModelSpec) -> bool:
    """Whether every layer reads the one above alone, from an input without a name to the last layer."""
    inputs = spec.inputs
    if inputs is not None and (len(inputs) != 1 or inputs[0].name != UNBUILT_INPUT):
        return False
    above = Ref(UNBUILT_INPUT)
    for entry in spec.entries:
        names = call_parameters(type(entry.layer))
        if is_operation(entry.layer) or acts_in_training(entry.layer) or entry.layer.takes_list:
            return False
        if entry.reused or not names:
            return False
        changed = entry.layer.changed_arguments().keys() & set(type(entry.layer).call_only)
        if entry.arguments != ((names[0], above),) or changed:
            return False
        above = Ref(entry.path)
    return len(spec.outputs) == 1 and spec.outputs[0].ref == above and spec.outputs[0].name == above.target


def _sequential(spec: ModelSpec, names: Mapping[str, str], objects: Mapping[str, Json]) -> Json:
    inputs = [] if spec.inputs is None else [_input_layer(spec.inputs[0], _free_input(names))]
    config: Json = {"name": _model_name(spec), "trainable": True}
    config["layers"] = [*inputs, *(objects[entry.path] for entry in spec.entries)]
    whole = made("keras", "Sequential", config)
    if spec.inputs is not None:
        config["build_input_shape"] = _shape(spec.inputs[0])
        whole["build_config"] = {"input_shape": _shape(spec.inputs[0])}
    return whole


def _free_input(names: Mapping[str, str]) -> str:
    """The name that Keras gives the input of a Sequential."""
    name, number = "input_layer", 0
    while name in names.values():
        number += 1
        name = f"input_layer_{number}"
    return name


def _input_layer(given: InputSpec, name: str) -> Json:
    config = {"batch_shape": _shape(given), "dtype": given.type.dtype, "sparse": False, "ragged": False, "name": name}
    return made("keras.layers", "InputLayer", config)


def _shape(given: InputSpec) -> list[int | None]:
    return [size if isinstance(size, int) else None for size in given.type.shape]


def _model_name(spec: ModelSpec) -> str:
    return spec.name.replace("/", "_") or "model"


class _Functional:
    """Writes the layers with their calls; a layer that is called again has one call for each entry."""

    def __init__(
        self,
        spec: ModelSpec,
        graph: Graph,
        names: Mapping[str, str],
        objects: Mapping[str, Json],
        constants: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.spec = spec
        self.names = names
        self.objects = objects
        self.constants = constants
        self.values = {node.path: [output.value.type for output in node.outputs] for node in graph.nodes}
        self.values |= {given.spec.name: [given.value.type] for given in graph.inputs}
        self.calls: dict[str, list[Entry]] = {}
        self.number: dict[str, int] = {}
        for entry in (spec.entries[index] for index in spec.order):
            calls = self.calls.setdefault(entry.owner, [])
            self.number[entry.path] = len(calls)
            calls.append(entry)
        self.owners = {entry.path: entry.owner for entry in spec.entries}
        self.owned = {entry.path: entry for entry in spec.entries if not entry.reused}
        self.given = {given.name: given for given in spec.inputs or ()}
        self.layers = self.in_order()

    def in_order(self) -> list[str]:
        """The inputs, and the layers that the outputs depend on, in the order in which Keras has them."""
        reads: dict[str, list[str]] = {name: [] for name in self.given}
        for entry in self.spec.entries:
            read = dict(entry.arguments)
            first = [name for name in list(read)[:1] if not is_operation(entry.layer)]
            names = [*first, *sorted(read.keys() - set(first))] if first else list(read)
            reads[entry.path] = [ref.target for name in names for ref in self.each(read[name])]
        outputs = sorted(self.spec.outputs, key=lambda output: output.name) if self.named else self.spec.outputs
        owners = {**{name: name for name in self.given}, **self.owners}
        return layer_order(list(self.given), [output.ref.target for output in outputs], reads, owners)

    def kept(self) -> tuple[tuple[str, str], ...]:
        """The layers in their order, inputs and operations left out, each with its class."""
        entries = [self.owned[path] for path in self.layers if path in self.owned]
        return tuple((e.path, type(e.layer).__name__) for e in entries if not is_operation(e.layer))

    @property
    def named(self) -> bool:
        """Whether the outputs have names of their own."""
        return any(output.name != str(output.ref) for output in self.spec.outputs)

    def config(self) -> Json:
        layers = [self.input(self.given[path]) if path in self.given else self.layer(path) for path in self.layers]
        outputs = [self.history(output.ref) for output in self.spec.outputs]
        keys = [output.name for output in self.spec.outputs]
        config: Json = {"name": _model_name(self.spec), "trainable": True, "layers": layers}
        config["input_layers"] = [[self.names[given.name], 0, 0] for given in self.spec.inputs or ()]
        config["output_layers"] = dict(zip(keys, outputs, strict=True)) if self.named else outputs
        return made("keras.src.models.functional", "Functional", config)

    def input(self, given: InputSpec) -> Json:
        name = self.names[given.name]
        return {**_input_layer(given, name), "name": name, "inbound_nodes": []}

    def layer(self, path: str) -> Json:
        nodes = [self.node(entry) for entry in self.calls[path]]
        return {**self.objects[path], "name": self.names[path], "inbound_nodes": nodes}

    def node(self, entry: Entry) -> Json:
        """One call: the first argument by position, the others by name."""
        given = dict(entry.arguments)
        names = call_parameters(type(entry.layer))
        if IN_ORDER in given:
            given = dict(zip(names, self.each(given[IN_ORDER]), strict=False))
        fixed = self.constants.get(entry.owner, {})
        tensors = {name: self.argument(entry, name, value) for name, value in given.items()}
        if is_operation(entry.layer):
            called = operands(entry.layer, tensors, fixed)
            position = list(dict.fromkeys([*names, *called]))
            count = next((number for number, name in enumerate(position) if name not in called), len(position))
            args = [called[name] for name in position[:count]]
            more = {name: called[name] for name in position[count:] if name in called}
            return {"args": args[0] if is_variadic(entry.layer) else args, "kwargs": more}
        called = {name: getattr(entry.layer, name) for name in type(entry.layer).call_only}
        defaults = {name: info.get_default() for name, info in type(entry.layer).model_fields.items()}
        kwargs = {name: value for name, value in called.items() if value != defaults[name]}
        kwargs |= {"training": False} if acts_in_training(entry.layer) else {}
        first, rest = names[0], [name for name in names[1:] if name in tensors]
        kwargs |= {name: tensors[name] for name in rest}
        return {"args": [tensors[first]] if first in tensors else [], "kwargs": kwargs}

    def argument(self, entry: Entry, name: str, argument: Argument) -> Any:
        tensors = [self.tensor(ref) for ref in self.each(argument)]
        lists = name in type(entry.layer).list_arguments() or isinstance(argument, tuple)
        if argument is None:
            return None
        return tensors if lists else tensors[0]

    def each(self, argument: Argument) -> Iterator[Ref]:
        """The values that an argument reads."""
        for ref in argument if isinstance(argument, tuple) else () if argument is None else (argument,):
            count = len(self.values[ref.target]) if ref.index == ALL_OUTPUTS else 0
            yield from (Ref(ref.target, index) for index in range(count)) if count else (ref,)

    def tensor(self, ref: Ref) -> Json:
        kind = self.values[ref.target][ref.index]
        shape = [size if isinstance(size, int) else None for size in kind.shape]
        config = {"shape": shape, "dtype": kind.dtype, "keras_history": self.history(ref)}
        return {"class_name": "__keras_tensor__", "config": config}

    def history(self, ref: Ref) -> list[Any]:
        owner = self.owners.get(ref.target, ref.target)
        return [self.names[owner], self.number.get(ref.target, 0), ref.index]


def _rank(entry: Entry, graph: Graph | None) -> int:
    """The rank of the first input of an operation, as far as it is known."""
    refs = entry.refs()
    if graph is None or not refs:
        return 1
    made_by = {node.path: node.outputs for node in graph.nodes}
    inputs = {given.spec.name: given.value for given in graph.inputs}
    first = refs[0]
    return (
        inputs[first.target].rank if first.target in inputs else made_by[first.target][max(first.index, 0)].value.rank
    )
