"""A `ModelSpec` as the mapping that would be read as it: defaults left out, names only where they are not automatic."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from specmodel.layers.base import Layer, call_parameters
from specmodel.layers.objects import Named
from specmodel.spec.document import EXPANDED_MARK
from specmodel.spec.model import ALL_OUTPUTS, UNBUILT_INPUT, Argument, Entry, InputSpec, ModelSpec, OutputSpec, Ref
from specmodel.spec.names import NameCounter
from specmodel.spec.wiring import IN_ORDER
from specmodel.types.formula import shown

Plain = dict[str, Any]


def written_spec(spec: ModelSpec) -> Plain:
    """The document of a spec."""
    document: Plain = {EXPANDED_MARK: True} if any("/" in entry.path for entry in spec.entries) else {}
    document["name"] = _escaped(spec.name)
    if spec.dtype != "float32":
        document["dtype"] = spec.dtype
    if spec.seed != 0:
        document["seed"] = spec.seed
    if spec.weights is not None:
        document["weights"] = _escaped(spec.weights)
    if spec.inputs is not None:
        document["inputs"] = _inputs(spec.inputs)
    document["layers"] = _entries(spec)
    outputs = _outputs(spec)
    if outputs is not None:
        document["outputs"] = outputs
    return document


def written_layer(layer: Layer) -> Plain | str:
    """A layer inside a layer: its name, or one key with its arguments, and what stands beside it."""
    kind, value = type(layer).__name__, _value(layer)
    own = ({"name": layer.own_name} if layer.own_name is not None else {}) | _beside(layer)
    return kind if value is None and not own else {kind: value, **own}


def written_arguments(layer: Layer, everything: bool = False) -> Plain:
    """The arguments of a layer as a spec writes them: those that differ from their defaults, or all."""
    own = {name: getattr(layer, name) for name in type(layer).model_fields} if everything else layer.changed_arguments()
    return {name: _plain(value) for name, value in own.items()}


def _escaped(text: str) -> str:
    """The text as it is written where `$(` begins an expression."""
    return text.replace("$(", "$$(")


def _inputs(inputs: Sequence[InputSpec]) -> Any:
    written = {given.name: _input(given) for given in inputs}
    only = written.get(UNBUILT_INPUT)
    return only if len(written) == 1 and isinstance(only, list) else written


def _input(given: InputSpec) -> Any:
    batch, *sizes = given.type.shape
    shape = [shown(size) for size in sizes]
    declared: Plain = {"shape": shape}
    if given.type.dtype != "float32":
        declared["dtype"] = given.type.dtype
    if isinstance(batch, int):
        declared["batch"] = batch
    return declared if len(declared) > 1 else shape


def _entries(spec: ModelSpec) -> list[Any]:
    inputs = [given.name for given in spec.inputs] if spec.inputs is not None else [UNBUILT_INPUT]
    named = _explicit_names(spec.entries, inputs)
    layers = {entry.path: entry.layer for entry in spec.entries}
    above = Ref(inputs[0]) if len(inputs) == 1 else None
    written = []
    for entry in spec.entries:
        written.append(_entry(entry, entry.path in named, above, layers))
        above = Ref(entry.path)
    return written


def _explicit_names(entries: Sequence[Entry], inputs: Iterable[str]) -> set[str]:
    """The entries that must say their name, since the automatic one would be another."""
    explicit: set[str] = set()
    while True:
        counter = NameCounter({*explicit, *inputs})
        automatic = {entry.path: counter.name(_base(entry)) for entry in entries if entry.path not in explicit}
        wrong = {path for path, name in automatic.items() if name != path}
        if not wrong:
            return explicit
        explicit |= wrong


def _base(entry: Entry) -> str:
    """What an automatic name is made of."""
    return entry.owner.rpartition("/")[2] if entry.reused else type(entry.layer).__name__


def _entry(entry: Entry, named: bool, above: Ref | None, layers: Mapping[str, Layer]) -> Any:
    written: Plain = {"name": entry.path} if named else {}
    inputs = _wiring(entry, above)
    if inputs is not None:
        written["inputs"] = inputs
    if entry.reused:
        return {**written, "reuse": _reuse(entry, layers[entry.owner])}
    kind, value = type(entry.layer).__name__, _value(entry.layer)
    beside = _beside(entry.layer)
    return kind if value is None and not written and not beside else {**written, kind: value, **beside}


def _reuse(entry: Entry, owner: Layer) -> Any:
    """The name of the entry that is called again, with the call arguments that differ."""
    names = type(owner).call_only
    given = {name: getattr(entry.layer, name) for name in names}
    changed = {name: _plain(value) for name, value in given.items() if value != getattr(owner, name)}
    return {entry.owner: changed} if changed else entry.owner


def _value(layer: Layer) -> Any:
    """The value of a layer's key: nothing, its first argument, or a mapping of its arguments."""
    arguments = written_arguments(layer)
    if not arguments:
        return None
    first = type(layer).positional()[:1]
    if tuple(arguments) == first and not isinstance(arguments[first[0]], dict) and arguments[first[0]] is not None:
        return arguments[first[0]]
    return arguments


def _beside(layer: Layer) -> Plain:
    """What stands beside a layer's key."""
    trainable = {} if layer.own_trainable else {"trainable": False}
    return trainable | ({"dtype": layer.own_dtype} if layer.own_dtype is not None else {})


def _plain(value: object) -> Any:
    if isinstance(value, Layer):
        return written_layer(value)
    if isinstance(value, Named):
        value = value.plain()
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _wiring(entry: Entry, above: Ref | None) -> Any:
    """What `inputs:` says; None where the entry reads the one above alone."""
    arguments, names = dict(entry.arguments), call_parameters(type(entry.layer))
    if not names:
        return None
    if IN_ORDER in arguments:
        return _refs(arguments[IN_ORDER])
    only = arguments.get(names[0]) if len(arguments) == 1 and names else None
    if entry.layer.takes_list and isinstance(only, tuple):
        return _refs(only) if only != (above,) else None
    if only is not None and only == above:
        return None
    positional = [argument for argument in arguments.values() if isinstance(argument, Ref)]
    if list(arguments) == list(names[: len(arguments)]) and len(positional) == len(arguments):
        return _refs(positional[0] if len(positional) == 1 else tuple(positional))
    return {name: _refs(argument) for name, argument in arguments.items()}


def _refs(argument: Argument) -> Any:
    if argument is None:
        return None
    return _ref(argument) if isinstance(argument, Ref) else [_ref(ref) for ref in argument]


def _ref(ref: Ref) -> str:
    return f"{ref.target}/*" if ref.index == ALL_OUTPUTS else str(ref)


def _outputs(spec: ModelSpec) -> Any:
    """What `outputs:` says; None for the last entry alone."""
    outputs: tuple[OutputSpec, ...] = spec.outputs
    last = spec.entries[-1].path
    if len(outputs) == 1 and outputs[0].name == last and outputs[0].ref == Ref(last):
        return None
    if all(output.name == str(output.ref) for output in outputs):
        return [str(output.ref) for output in outputs]
    return {output.name: str(output.ref) for output in outputs}
