"""The layer catalogue as text, made of the declarations alone."""

from collections.abc import Sequence
from textwrap import wrap

from specmodel import layers
from specmodel.layers.base import Example, Layer, call_parameters, required_parameters
from specmodel.layers.naming import snake_case
from specmodel.summary.arguments import argument_type
from specmodel.summary.example import example_graph, example_text
from specmodel.summary.formulas import formulas, written
from specmodel.summary.table import plain_text, render
from specmodel.yaml.writing import flow

WIDTH = 100
"""Columns that a page keeps to, but for specs and tables."""
_WIDEST = 40


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
        "Called with\n" + "\n".join(_hanging("", _call(layer))),
        "Arguments\n" + "\n".join(_arguments(layer)),
        *(["Other names\n" + "\n".join(_hanging("", ", ".join(aliases)))] if aliases else []),
        "Shapes\n" + "\n".join(line for example in good for line in _example(layer, example)),
        "Formulas\n" + "\n".join(_formulas(layer, good[0])),
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


def _formulas(layer: type[Layer], example: Example) -> list[str]:
    """Shapes, weights, parameters and FLOPs of the first use, over its arguments and the sizes of its inputs."""
    found = written(formulas(layer, example))
    inputs, outputs = (" and ".join(map(_shape, shapes)) for shapes in (found.inputs, found.outputs))
    rows = [
        ("shapes", f"{inputs} -> {outputs}" if inputs else f"-> {outputs}"),
        *found.named,
        *((name, _shape(shape)) for name, shape in found.weights),
        ("parameters", found.parameters),
        (
            "FLOPs",
            f"{found.flops}, for one sample" if "batch" in inputs else found.flops,
        ),
    ]
    first = min(_WIDEST, max(len(name) for name, _ in rows))
    return [line for name, text in rows for line in _hanging(f"{name:{first}}  ", text)]


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.rstrip("\n").split("\n"))


def _hanging(head: str, text: str) -> list[str]:
    """A text behind a head, its further lines under its first."""
    first = f"  {head}"
    return wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [first.rstrip()]


def _find(name: str) -> type[Layer]:
    found = layers.find(name)
    assert found is not None
    return found


def _first_line(layer: type[Layer]) -> str:
    return (layer.__doc__ or "").strip().split("\n")[0]


def _description(layer: type[Layer]) -> str:
    from inspect import getdoc

    paragraphs = (getdoc(layer) or "").split("\n\n")
    return "\n\n".join("\n".join(wrap(" ".join(text.split()), WIDTH)) for text in paragraphs)


def _call(layer: type[Layer]) -> str:
    if layer.takes_list:
        return "a list of inputs: `inputs: [a, b]`"
    needed = required_parameters(layer)
    names = [name if name in needed else f"{name} (optional)" for name in call_parameters(layer)]
    return ", ".join(names) or "no inputs"


def _arguments(layer: type[Layer]) -> list[str]:
    """Each argument with its type, default and meaning; beneath each other where the types are long."""
    rows = []
    for name, info in layer.model_fields.items():
        default = "required" if info.is_required() else f"default {plain_text(info.get_default())}"
        rows.append((name, f"{argument_type(layer, name)}, {default}", info.description or ""))
    if not rows:
        return ["  none"]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    if second > _WIDEST:
        return [
            line
            for name, kind, text in rows
            for line in (*_hanging(f"{name:{first}}  ", kind), *_hanging(f"{'':{first}}    ", text))
        ]
    return [line for name, kind, text in rows for line in _hanging(f"{name:{first}}  {kind:{second}}  ", text)]


def _example(layer: type[Layer], example: Example) -> list[str]:
    """A use, the shapes it takes and gives."""
    name = layer.__name__
    arguments = ", ".join(f"{key}: {flow(value)}" for key, value in example.arguments.items())
    inputs = " and ".join(_shape(shape) for shape in example.inputs)
    shapes = example.output if isinstance(example.output, tuple) and isinstance(example.output[:1], tuple) else ()
    outputs = shapes if shapes and isinstance(shapes[0], tuple) else (shapes,)
    shown = " and ".join(_shape(shape) for shape in outputs)
    became = f"{inputs} -> {shown}" if inputs else f"-> {shown}"
    return [
        *_hanging("", f"{name}: {{{arguments}}}" if arguments else name),
        *_hanging("  ", f"{became}, {example.params:,} parameters as `{snake_case(name)}`"),
    ]


def _shape(shape: Sequence[object]) -> str:
    sizes = [str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"
