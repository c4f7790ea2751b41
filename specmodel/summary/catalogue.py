"""The layer catalogue as text, made of the declarations alone."""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from specmodel import layers
from specmodel.layers.base import Example, Layer, Shape, call_parameters, required_parameters
from specmodel.layers.naming import snake_case
from specmodel.summary.example import example_graph, example_text
from specmodel.summary.table import plain_text, render
from specmodel.yaml.writing import flow


def catalogue() -> str:
    """All layers by family, each with the first line of its description."""
    lines: list[str] = []
    width = max(len(name) for name in layers.NAMES)
    for family, names in layers.FAMILIES.items():
        lines += ["", f"{family.replace('_', ' ')}:"] if lines else [f"{family.replace('_', ' ')}:"]
        lines += [f"  {name:{width}}  {_first_line(_find(name))}" for name in names]
    lines += ["", "specmodel layers NAME shows one: its arguments, shapes and an example."]
    return "\n".join(lines)


def markdown() -> str:
    """All layers by family, as the table that README.md shows."""
    rows = [f"| {family.replace('_', ' ')} | {', '.join(names)} |" for family, names in layers.FAMILIES.items()]
    return "\n".join(["| family | layers |", "|---|---|", *rows])


def page(layer: type[Layer]) -> str:
    """One layer's page: what it does, how it is called, its arguments, other names, examples."""
    name = layer.__name__
    aliases = sorted(alias for alias, target in layers.ALIASES.items() if target == name)
    good = [example for example in layer.examples if example.error is None]
    sections = [
        f"{name}\n{'=' * len(name)}\n\n{_description(layer)}",
        f"Called with\n  {_call(layer)}",
        "Arguments\n" + "\n".join(_arguments(layer)),
        *([f"Other names\n  {', '.join(aliases)}"] if aliases else []),
        "Shapes\n" + "\n".join(_example(layer, example) for example in good),
        *_worked(layer, good[0]),
    ]
    return "\n\n".join(sections)


def _worked(layer: type[Layer], example: Example) -> list[str]:
    """A spec that runs, its summary, the weights it needs."""
    spec, graph = example_graph(layer, example)
    rows = [(w.path, str(w.type), w.dtype, plain_text(w.initializer), w.trainable) for w in graph.weights()]
    weights = [
        f"  {path}  {shape}  {dtype}  {start}{'' if t else ', not trained'}" for path, shape, dtype, start, t in rows
    ]
    return [
        "A spec that runs\n" + _indented(example_text(layer, example)),
        "Its summary\n" + _indented(render(spec, graph, ("flops", "memory"))),
        *(["Its weights\n" + "\n".join(weights)] if weights else []),
    ]


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.rstrip("\n").split("\n"))


def _find(name: str) -> type[Layer]:
    found = layers.find(name)
    assert found is not None
    return found


def _first_line(layer: type[Layer]) -> str:
    return (layer.__doc__ or "").strip().split("\n")[0]


def _description(layer: type[Layer]) -> str:
    from inspect import getdoc

    return getdoc(layer) or ""


def _call(layer: type[Layer]) -> str:
    if layer.takes_list:
        return "a list of inputs: `inputs: [a, b]`"
    needed = required_parameters(layer)
    names = [name if name in needed else f"{name} (optional)" for name in call_parameters(layer)]
    return ", ".join(names) or "no inputs"


def _arguments(layer: type[Layer]) -> list[str]:
    rows = []
    for name, info in layer.model_fields.items():
        default = "required" if info.is_required() else f"default {plain_text(info.get_default())}"
        rows.append((name, f"{type_text(_annotation(layer, name))}, {default}", info.description or ""))
    if not rows:
        return ["  none"]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    if second > 60:
        return [
            line for name, kind, text in rows for line in (f"  {name:{first}}  {kind}", f"  {'':{first}}    {text}")
        ]
    return [f"  {name:{first}}  {kind:{second}}  {text}" for name, kind, text in rows]


def _annotation(layer: type[Layer], field: str) -> Any:
    return next(kind.__annotations__[field] for kind in layer.__mro__ if field in getattr(kind, "__annotations__", {}))


def type_text(annotation: Any) -> str:
    """An argument's type in words: `positive integer`, `valid or same`, `activation`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        return next((text for text in metadata if isinstance(text, str)), None) or type_text(inner)
    if origin is Literal:
        return " or ".join(plain_text(choice) for choice in get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(type_text(choice) for choice in get_args(annotation))
    if origin in (tuple, list):
        return "list"
    plain = {int: "integer", float: "number", bool: "true or false", str: "text", type(None): "null", None: "null"}
    return plain.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _example(layer: type[Layer], example: Example) -> str:
    name = layer.__name__
    arguments = ", ".join(f"{key}: {flow(value)}" for key, value in example.arguments.items())
    written = f"{name}: {{{arguments}}}" if arguments else name
    inputs = " and ".join(_shape(shape) for shape in example.inputs)
    shapes = example.output if isinstance(example.output, tuple) and isinstance(example.output[:1], tuple) else ()
    outputs = shapes if shapes and isinstance(shapes[0], tuple) else (shapes,)
    shown = " and ".join(_shape(shape) for shape in outputs)  # type: ignore[arg-type]
    head = f"  {written}\n    {inputs} -> {shown}" if inputs else f"  {written}\n    -> {shown}"
    return f"{head}, {example.params:,} parameters as `{snake_case(name)}`"


def _shape(shape: Shape) -> str:
    sizes = [str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"
