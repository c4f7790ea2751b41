"""A spec as the Keras code that a person would write for it."""

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specmodel.convert.keras.export.arguments import (
    PUBLIC,
    activation_layer,
    acts_in_training,
    arguments,
    family_of,
    is_operation,
)
from specmodel.convert.keras.export.config import is_chain, keras_model
from specmodel.convert.keras.export.names import keras_names
from specmodel.convert.keras.export.operations import python_operation
from specmodel.graph.graph import Graph
from specmodel.layers.base import Layer, call_parameters
from specmodel.layers.objects import Named
from specmodel.record import Record
from specmodel.spec.model import ALL_OUTPUTS, Argument, Entry, InputSpec, ModelSpec, Ref
from specmodel.spec.names import NameCounter
from specmodel.spec.wiring import IN_ORDER

_WIDTH = 100


class Code(Record):
    """An expression that stands for itself."""

    text: str


def python_source(spec: ModelSpec, graph: Graph | None, place: str) -> str:
    """The program. SpecError (E601) at `place` for all that Keras has nothing for."""
    keras_model(spec, graph, place)  # what cannot be expressed is the same
    uses_ops = any(is_operation(entry.layer) for entry in spec.entries)
    head = ["import keras", f"from keras import layers{', ops' if uses_ops else ''}", ""]
    if spec.dtype != "float32":
        head += [f"keras.config.set_dtype_policy({spec.dtype!r})".replace("'", '"'), ""]
    body = _sequential(spec) if is_chain(spec) else _Functional(spec, graph).lines()
    return "\n".join([*head, *body, ""])


def _sequential(spec: ModelSpec) -> list[str]:
    names, explicit = keras_names(spec), _explicit(spec)
    lines = ["model = keras.Sequential(", "    ["]
    if spec.inputs is not None:
        lines.append(f"        {_input(spec.inputs[0], None)},")
    for entry in spec.entries:
        name = names[entry.path] if entry.path in explicit else None
        lines += [f"        {line}" for line in _wrapped(_layer(entry.layer, name), ",")]
    return [*lines, "    ],", f"    name={_literal(spec.name)},", ")"]


class _Functional:
    """Writes one line for each call: `x` is what the line above gives, other values have names of their own."""

    def __init__(self, spec: ModelSpec, graph: Graph | None) -> None:
        assert graph is not None
        self.spec = spec
        self.names = keras_names(spec)
        self.explicit = _explicit(spec)
        self.counts = {node.path: len(node.outputs) for node in graph.nodes}
        self.order = [spec.entries[index] for index in spec.order]
        self.taken = {"keras", "layers", "ops", "x", "model", *keyword.kwlist, *dir(__builtins__)}
        self.variables: dict[str, str] = {}
        self.kept: dict[str, str] = {}
        self.shared = {entry.owner for entry in spec.entries if entry.reused}

    def lines(self) -> Iterator[str]:
        for given in self.spec.inputs or ():
            self.variables[given.name] = self.variable(given.name)
            yield f"{self.variables[given.name]} = {_input(given, self.names[given.name])}"
        yield ""
        for index, entry in enumerate(self.order):
            following = self.order[index + 1] if index + 1 < len(self.order) else None
            yield from self.call(entry, following)
        yield ""
        inputs = _list([self.variables[given.name] for given in self.spec.inputs or ()])
        yield from _wrapped(f"model = keras.Model({inputs}, {self.outputs()}, name={_literal(self.spec.name)})", "")

    def outputs(self) -> str:
        values = [self.value(output.ref) for output in self.spec.outputs]
        if all(output.name == str(output.ref) for output in self.spec.outputs):
            return _list(values)
        pairs = (f"{_literal(o.name)}: {value}" for o, value in zip(self.spec.outputs, values, strict=True))
        return f"{{{', '.join(pairs)}}}"

    def call(self, entry: Entry, following: Entry | None) -> Iterator[str]:
        args = dict(entry.arguments)
        if IN_ORDER in args:
            args = dict(zip(call_parameters(type(entry.layer)), self.each(args[IN_ORDER]), strict=False))
        given = {name: self.argument(entry, name, value) for name, value in args.items() if value is not None}
        if is_operation(entry.layer):
            expression = python_operation(entry.layer, given)
        else:
            made = self.layer(entry)
            if entry.owner in self.shared and not entry.reused:
                self.kept[entry.owner] = self.variable(f"{self.names[entry.owner]}_layer")
                yield from _wrapped(f"{self.kept[entry.owner]} = {made}", "")
            made = self.kept.get(entry.owner, made)
            first = call_parameters(type(entry.layer))[0]
            positional = [given.pop(first)] if first in given else []
            own = {n: getattr(entry.layer, n) for n in type(entry.layer).call_only}
            fields = type(entry.layer).model_fields
            given |= {name: _literal(value) for name, value in own.items() if value != fields[name].get_default()}
            given |= {"training": "False"} if acts_in_training(entry.layer) else {}
            expression = f"{made}({', '.join([*positional, *(f'{n}={v}' for n, v in given.items())])})"
        name = "x" if self.passes_on(entry, following) else self.variable(self.names.get(entry.path, entry.path))
        self.variables[entry.path] = name
        yield from _wrapped(f"{name} = {expression}", "")

    def passes_on(self, entry: Entry, following: Entry | None) -> bool:
        """Whether the next line alone reads the value, the first of its arguments."""
        readers = [one for one in self.order for ref in one.refs() if ref.target == entry.path]
        read = any(output.ref.target == entry.path for output in self.spec.outputs)
        return not read and len(readers) == 1 and readers[0] is following and self.counts[entry.path] == 1

    def layer(self, entry: Entry) -> str:
        path = entry.owner
        return _layer(entry.layer, self.names[path] if path in self.explicit else None)

    def argument(self, entry: Entry, name: str, argument: Argument) -> str:
        values = [self.value(ref) for ref in self.each(argument)]
        lists = name in type(entry.layer).list_arguments() or isinstance(argument, tuple)
        return f"[{', '.join(values)}]" if lists else values[0]

    def each(self, argument: Argument) -> Iterator[Ref]:
        for ref in argument if isinstance(argument, tuple) else () if argument is None else (argument,):
            count = self.counts.get(ref.target, 1) if ref.index == ALL_OUTPUTS else 0
            yield from (Ref(ref.target, index) for index in range(count)) if count else (ref,)

    def value(self, ref: Ref) -> str:
        name = self.variables[ref.target]
        return f"{name}[{ref.index}]" if self.counts.get(ref.target, 1) > 1 else name

    def variable(self, wanted: str) -> str:
        """A name of Python that no other value has."""
        base = re.sub(r"\W|^(?=\d)", "_", wanted) or "value"
        name, number = base, 1
        while name in self.taken:
            name, number = f"{base}_{number}", number + 1
        self.taken.add(name)
        return name


def _explicit(spec: ModelSpec) -> set[str]:
    """The entries whose names Keras would not have made."""
    counter = NameCounter(set())
    automatic = {entry.path: counter.name(type(entry.layer).__name__) for entry in spec.entries if not entry.reused}
    return {path for path, name in automatic.items() if path != name}


def _input(given: InputSpec, name: str | None) -> str:
    batch, *sizes = (size if isinstance(size, int) else None for size in given.type.shape)
    arguments = [f"shape={_literal(tuple(sizes))}"] if batch is None else [f"batch_shape={_literal((batch, *sizes))}"]
    if given.type.dtype != "float32":
        arguments.append(f"dtype={_literal(given.type.dtype)}")
    if name is not None:
        arguments.append(f"name={_literal(name)}")
    return f"keras.Input({', '.join(arguments)})"


def _layer(layer: Layer, name: str | None) -> str:
    """A layer's constructor: required arguments by position, the others by name."""
    kind = type(layer).__name__
    given = _given(layer)
    required = [key for key, info in type(layer).model_fields.items() if info.is_required()]
    leading = [_literal(given.pop(key)) for key in required if key in given]
    more = [f"{key}={_literal(value)}" for key, value in given.items()]
    if not layer.own_trainable:
        more.append("trainable=False")
    if layer.own_dtype is not None:
        more.append(f"dtype={_literal(layer.own_dtype)}")
    if name is not None:
        more.append(f"name={_literal(name)}")
    return f"layers.{PUBLIC.get(kind, kind)}({', '.join([*leading, *more])})"


def _given(layer: Layer) -> dict[str, Any]:
    changed = layer.changed_arguments()
    return {key: _python(key, changed[key]) for key in arguments(layer)}


def _python(key: str, value: Any) -> Any:
    if isinstance(value, Layer):
        return Code(_layer(value, value.own_name))
    if isinstance(value, Named):
        family = family_of(key)
        if family is None:
            kind, given = activation_layer(value)
            return Code(_called(f"layers.{kind}", given))
        objects, module = family
        return Code(_called(f"{module}.{objects.spellings[value.name]}", dict(value.arguments)))
    if isinstance(value, list | tuple):
        parts = [_python(key, part) for part in value]
        same = len(parts) > 1 and len(set(map(repr, parts))) == 1 and isinstance(parts[0], int)
        return parts[0] if same and key in _SPREAD else tuple(parts)
    return value


_SPREAD = ("kernel_size", "strides", "dilation_rate", "pool_size", "size")
"""Arguments where one number means the same along every axis."""


def _called(name: str, given: Mapping[str, Any]) -> str:
    return f"{name}({', '.join(f'{key}={_literal(_python(key, value))}' for key, value in given.items())})"


def _literal(value: Any) -> str:
    if isinstance(value, Code):
        return value.text
    if isinstance(value, str):
        return f'"{value}"' if '"' not in value and "\\" not in value and value.isprintable() else repr(value)
    if isinstance(value, tuple | list):
        inside = ", ".join(map(_literal, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_literal(key)}: {_literal(part)}' for key, part in value.items())}}}"
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f'float("{value}")'
    return repr(value)


def _list(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"[{', '.join(values)}]"


def _wrapped(line: str, end: str) -> Iterator[str]:
    """A call, broken behind its first bracket where the line is long."""
    if len(line) + len(end) <= _WIDTH or "(" not in line:
        yield line + end
        return
    head, parts, tail = _parts(line)
    yield head
    yield from (f"    {part}," for part in parts)
    yield tail + end


def _parts(line: str) -> tuple[str, list[str], str]:
    """What stands before the arguments of the first call, each of them, and what is behind."""
    start = line.index("(") + 1
    depth, quote, begin, parts = 0, "", start, []
    for position in range(start, len(line)):
        character = line[position]
        if quote:
            quote = "" if character == quote and line[position - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            if depth == 0:
                parts.append(line[begin:position].strip())
                return line[:start], [part for part in parts if part], line[position:]
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(line[begin:position].strip())
            begin = position + 1
    raise AssertionError(line)
