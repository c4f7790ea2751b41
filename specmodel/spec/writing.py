"""A `ModelSpec` as the mapping that would be read as it: defaults left out, names only where they are not automatic."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from specmodel import layers
from specmodel.layers.base import Layer, call_parameters
from specmodel.layers.naming import snake_case
from specmodel.layers.objects import INITIALIZERS, REGULARIZERS, Named
from specmodel.layers.validation import ArgumentError
from specmodel.record import Record
from specmodel.spec.composite import Body, Composite
from specmodel.spec.document import EXPANDED_MARK
from specmodel.spec.expansion.blocks import DEFAULT_INPUT
from specmodel.spec.model import ALL_OUTPUTS, UNBUILT_INPUT, Argument, Entry, InputSpec, ModelSpec, Ref
from specmodel.spec.names import NameCounter, is_automatic
from specmodel.spec.wiring import IN_ORDER
from specmodel.types.formula import shown

Plain = dict[str, Any]


class Step(Record):
    """An entry as it is to be written: what stands under its key, what beside it, and what it reads.

    `parameters` are the names of its call arguments, the first of them a list where `takes_list`. An automatic name is
    made of `base`.
    """

    name: str
    kind: str
    value: Any
    beside: Plain
    arguments: tuple[tuple[str, Argument], ...]
    parameters: tuple[str, ...]
    takes_list: bool
    base: str


def written_spec(spec: ModelSpec) -> Plain:
    """The document of a spec."""
    document: Plain = {"name": _escaped(spec.name)}
    if spec.dtype != "float32":
        document["dtype"] = spec.dtype
    if spec.seed != 0:
        document["seed"] = spec.seed
    if spec.weights is not None:
        document["weights"] = _escaped(spec.weights)
    if spec.inputs is not None:
        document["inputs"] = written_inputs(spec.inputs)
    inputs = [given.name for given in spec.inputs] if spec.inputs is not None else [UNBUILT_INPUT]
    blocks: dict[str, Plain] = {}
    entries = _without_blocks(_entries(spec.entries, inputs), blocks)
    document |= {"blocks": blocks, "layers": entries} if blocks else {"layers": entries}
    outputs = written_outputs([(output.name, output.ref) for output in spec.outputs], _last(spec.entries))
    if outputs is not None:
        document["outputs"] = outputs
    with_paths = any(map(_has_path, [entries, *(block["layers"] for block in blocks.values())]))
    return {EXPANDED_MARK: True, **document} if with_paths else document


def _entries(entries: Sequence[Entry], inputs: Sequence[str]) -> list[Any]:
    """The entries of a model or block; where all are left out, one that is."""
    made = {entry.path: entry.layer for entry in entries}
    return written_steps([_step(entry, made) for entry in entries], inputs) or [{"when": False, "Identity": None}]


def _last(entries: Sequence[Entry]) -> str:
    return entries[-1].path if entries else ""


def _has_path(entries: Sequence[Any]) -> bool:
    return any("/" in entry.get("name", "") for entry in entries if isinstance(entry, dict))


class _Block(dict[str, Any]):
    """A block as an argument, written where it stands: its name leads to what it is made of."""


def _without_blocks(value: Any, blocks: dict[str, Plain]) -> Any:
    """What is written with the name of a block in place of each; `blocks` takes what they are made of, each once."""
    if isinstance(value, list):
        return [_without_blocks(item, blocks) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _without_blocks(inner, blocks) for key, inner in value.items()}
    if not isinstance(value, _Block):
        return changed
    kind, content = next(iter(changed.items()))
    own = {key: inner for key, inner in changed.items() if key != kind}
    name = next(name for name in _numbered(kind) if layers.find(name) is None and blocks.get(name, content) == content)
    blocks[name] = content
    if own.setdefault("name", snake_case(kind)) == snake_case(name):
        del own["name"]
    return {name: None, **own} if own else name


def _numbered(kind: str) -> Iterator[str]:
    yield kind
    yield from (f"{kind}_{number}" for number in count(1))


def layer_step(name: str, layer: Layer, arguments: tuple[tuple[str, Argument], ...]) -> Step:
    """The entry of a layer."""
    kind = type(layer)
    return Step(
        name,
        kind.__name__,
        _value(layer),
        _beside(layer),
        arguments,
        call_parameters(kind),
        layer.takes_list,
        kind.__name__,
    )


def reuse_step(step: Step, name: str, owner: str, changed: Plain, arguments: tuple[tuple[str, Argument], ...]) -> Step:
    """The entry that calls the one of another step again, with other call arguments."""
    value = {owner: {key: _plain(given) for key, given in changed.items()}} if changed else owner
    base = owner.rpartition("/")[2]
    return step.replace(name=name, kind="reuse", value=value, beside={}, arguments=arguments, base=base)


def written_steps(steps: Sequence[Step], inputs: Sequence[str]) -> list[Any]:
    """The entries of a model or block with inputs of these names."""
    named = _explicit_names(steps, inputs)
    above = Ref(inputs[0]) if len(inputs) == 1 else None
    written = []
    for step in steps:
        written.append(_entry(step, step.name in named, above))
        above = Ref(step.name)
    return written


def written_layer(layer: Layer) -> Plain | str:
    """A layer inside a layer: its name, or one key with its arguments, and what stands beside it."""
    kind, value = type(layer).__name__, _value(layer)
    own = ({"name": layer.own_name} if layer.own_name is not None else {}) | _beside(layer)
    if isinstance(layer, Composite):
        return _Block({kind: _written_body(layer.body), **own})
    return kind if value is None and not own else {kind: value, **own}


def _written_body(body: Body) -> Plain:
    """A block with nothing left to compute."""
    written: Plain = {"inputs": list(body.inputs)} if body.inputs != (DEFAULT_INPUT,) else {}
    written["layers"] = _entries(body.entries, body.inputs)
    refs = [output.ref for output in body.outputs]
    names = map(str, refs) if len(set(refs)) == len(refs) else (f"output_{number}" for number in range(len(refs)))
    outputs = written_outputs(list(zip(names, refs, strict=False)), _last(body.entries))
    return written if outputs is None else {**written, "outputs": outputs}


def written_arguments(layer: Layer, everything: bool = False) -> Plain:
    """The arguments of a layer as a spec writes them: those that differ from their defaults, or all."""
    own = {name: getattr(layer, name) for name in type(layer).model_fields} if everything else layer.changed_arguments()
    return {name: _plain(_short(type(layer), own, name)) for name in own}


def _escaped(text: str) -> str:
    """The text as it is written where `$(` begins an expression."""
    return text.replace("$(", "$$(")


def written_inputs(inputs: Sequence[InputSpec]) -> Any:
    """What `inputs:` says."""
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


def _step(entry: Entry, layers: Mapping[str, Layer]) -> Step:
    step = layer_step(entry.path, entry.layer, entry.arguments)
    if not entry.reused:
        return step
    owner = layers[entry.owner]
    given = {name: getattr(entry.layer, name) for name in type(owner).call_only}
    changed = {name: value for name, value in given.items() if value != getattr(owner, name)}
    return reuse_step(step, entry.path, entry.owner, changed, entry.arguments)


def _explicit_names(steps: Sequence[Step], inputs: Iterable[str]) -> set[str]:
    """The entries that must say their name, since the automatic one would be another."""
    explicit = {step.name for step in steps if not is_automatic(step.name, step.base)}
    while True:
        counter = NameCounter({*explicit, *inputs})
        automatic = {step.name: counter.name(step.base) for step in steps if step.name not in explicit}
        wrong = {own for own, name in automatic.items() if name != own}
        if not wrong:
            return explicit
        explicit |= wrong


def _entry(step: Step, named: bool, above: Ref | None) -> Any:
    written: Plain = {"name": step.name} if named else {}
    inputs = _wiring(step, above)
    if inputs is not None:
        written["inputs"] = inputs
    if step.value is None and not written and not step.beside:
        return step.kind
    return {**written, step.kind: step.value, **step.beside}


def _value(layer: Layer) -> Any:
    """The value of a layer's key: nothing, its first argument, or a mapping of its arguments."""
    arguments = written_arguments(layer)
    if not arguments:
        return None
    first = type(layer).positional()[:1]
    if tuple(arguments) == first and not isinstance(arguments[first[0]], dict) and arguments[first[0]] is not None:
        return arguments[first[0]]
    return arguments


def _short(kind: type[Layer], arguments: Mapping[str, Any], name: str) -> object:
    """An argument; one number in the place of a list of equal ones, where it means the same: `kernel_size: 3`."""
    value = found = arguments[name]
    while isinstance(found, tuple) and found and all(part == found[0] for part in found):
        found = found[0]
    if found is value or isinstance(found, bool) or not isinstance(found, int):
        return value
    try:
        same = getattr(kind.declare({**arguments, name: found}), name) == value
    except ArgumentError:
        return value
    return found if same else value


def _beside(layer: Layer) -> Plain:
    """What stands beside a layer's key."""
    trainable = {} if layer.own_trainable else {"trainable": False}
    return trainable | ({"dtype": layer.own_dtype} if layer.own_dtype is not None else {})


def _plain(value: object) -> Any:
    if isinstance(value, Layer):
        return written_layer(value)
    if isinstance(value, Named):
        value = _named(value)
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _named(value: Named) -> Plain:
    """An object with arguments; of an initializer or regularizer a number alone is its first argument."""
    plain = value.plain()
    arguments = plain[value.name]
    for family in (INITIALIZERS, REGULARIZERS):
        if value.name in family.spellings and len(arguments) == 1:
            ((name, only),) = arguments.items()
            if name == next(iter(family.declaration(value.name).model_fields)) and isinstance(only, int | float):
                return {value.name: only}
    return dict(plain)


def _wiring(step: Step, above: Ref | None) -> Any:
    """What `inputs:` says; None where the entry reads the one above alone."""
    arguments, names = dict(step.arguments), step.parameters
    if not names:
        return None
    if IN_ORDER in arguments:
        return _refs(arguments[IN_ORDER])
    only = arguments.get(names[0]) if len(arguments) == 1 else None
    if step.takes_list and isinstance(only, tuple):
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


def written_outputs(outputs: Sequence[tuple[str, Ref]], last: str) -> Any:
    """What `outputs:` says of names and references; None for the last entry alone."""
    if len(outputs) == 1 and outputs[0] == (last, Ref(last)):
        return None
    if all(name == str(ref) for name, ref in outputs):
        return [str(ref) for _, ref in outputs]
    return {name: str(ref) for name, ref in outputs}
