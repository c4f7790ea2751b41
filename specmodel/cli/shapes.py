"""The option `--input-shape [NAME=]SHAPE`."""

from collections.abc import Sequence

import click

from specmodel.cli.options import Command, show
from specmodel.diagnostics import codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.graph.bind import StatedShape, build_bound
from specmodel.graph.graph import Graph
from specmodel.model.opening import Opened
from specmodel.spec.inputs import LARGEST_SIZE
from specmodel.spec.model import UNBUILT_INPUT, ModelSpec


def shape_option(command: Command) -> Command:
    """`--input-shape [NAME=]SHAPE`, repeatable; the command gets them as `shapes`."""
    text = "The shape of an input, the batch included, None for unknown: 1,28,28,1. Repeatable."
    return click.option("--input-shape", "shapes", multiple=True, metavar="[NAME=]SHAPE", help=text)(command)


def built(opened: Opened, path: str, shapes: Sequence[str], color: str) -> Graph:
    """The graph of a spec, whose warnings are shown; SpecError where it is wrong or its weights have no shapes yet."""
    model, graph = opened.sound()
    show(opened.diagnostics, color, quiet=True)
    if shapes:
        model, graph = build_bound(model, stated_shapes(shapes, model), graph)
    if graph is None:
        help = "give the spec `inputs`, or the shape of its data: `--input-shape 1,4` (the batch included)"
        raise failure(codes.NOT_BUILT, "the model is unbuilt: its weights have no shapes yet", place=path, help=help)
    return graph


def stated_shapes(written: Sequence[str], spec: ModelSpec) -> dict[str, StatedShape]:
    """The shapes by input name; a shape without a name is that of the only input."""
    shapes: dict[str, StatedShape] = {}
    for text in written:
        name, equals, shape = text.rpartition("=")
        if not equals:
            name = _only_input(text, spec)
        if name in shapes:
            raise click.BadParameter(f"input {name!r} is given twice", param_hint="--input-shape")
        shapes[name] = [_size(size, text) for size in shape.strip("()[] ").rstrip(",").split(",")]
    return shapes


def _only_input(text: str, spec: ModelSpec) -> str:
    names = [given.name for given in spec.inputs] if spec.inputs is not None else [UNBUILT_INPUT]
    if len(names) != 1:
        raise click.BadParameter(
            f"the model has the inputs {', '.join(names)}: write NAME={text}", param_hint="--input-shape"
        )
    return names[0]


def _size(text: str, whole: str) -> int | None:
    text = text.strip()
    if text in ("None", "null", "?"):
        return None
    if text.isascii() and text.isdigit() and len(text) < 12 and 0 < int(text) <= LARGEST_SIZE:
        return int(text)
    raise click.BadParameter(
        f"{text!r} in {whole!r} is no size: write positive integers and None", param_hint="--input-shape"
    )
