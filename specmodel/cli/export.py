"""`specmodel export`."""

import sys
from collections.abc import Callable, Sequence
from os.path import splitext

import click

from specmodel.cli.given_weights import hint_at_initial_weights, weights_option
from specmodel.cli.options import (
    Opening,
    color_option,
    open_argument,
    opening_options,
    quiet_option,
    show,
    write_text,
)
from specmodel.cli.shapes import built, shape_option, stated_shapes
from specmodel.convert.onnx.export import NEWEST_OPSET, OPSET
from specmodel.diagnostics import Diagnostics
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.model.numbers import given_weights, weights_files
from specmodel.model.opening import Opened
from specmodel.record import Record
from specmodel.spec.model import ModelSpec


class Asked(Record):
    """What is to be exported, and how; `spec` is the argument that names it."""

    spec: str
    opened: Opened
    output: str
    weights: str | None
    shapes: Sequence[str]
    opset: int
    color: str
    quiet: bool

    def shown(self) -> ModelSpec:
        """The spec, with the shapes that are stated for it."""
        model, graph = self.opened.sound()
        return build_bound(model, stated_shapes(self.shapes, model), graph)[0] if self.shapes else model

    def graph(self) -> Graph | None:
        """The graph; None for an unbuilt model without stated shapes."""
        model, graph = self.opened.sound()
        show(self.opened.diagnostics, self.color, quiet=True)
        return build_bound(model, stated_shapes(self.shapes, model), graph)[1] if self.shapes else graph

    def inputs(self) -> list[str]:
        """The files that the output must not overwrite."""
        return [*([self.spec] if self.spec != "-" else []), *weights_files(self.opened, self.weights)]


def _onnx(asked: Asked) -> str:
    """The nodes and weights of the built model."""
    from specmodel.convert.onnx.export import export_onnx

    graph = built(asked.opened, asked.spec, asked.shapes, asked.color)
    found = Diagnostics()
    weights = given_weights(asked.opened, graph, asked.weights, found, keep=False)
    done = export_onnx(asked.output, graph, weights, asked.opset, asked.inputs(), asked.spec)
    hint_at_initial_weights(asked.opened, list(graph.weights()), asked.weights, asked.quiet)
    show(found, asked.color, asked.quiet)
    return f"{' and '.join(done.files)}: {done.nodes:,} nodes of ONNX opset {done.opset}"


def _keras(asked: Asked) -> str:
    """The model and its weights as an archive of Keras 3."""
    from specmodel.convert.keras.export.archive import write_archive
    from specmodel.convert.keras.export.config import keras_model

    graph = built(asked.opened, asked.spec, asked.shapes, asked.color)
    specs, found = list(graph.weights()), Diagnostics()
    model = keras_model(asked.shown(), graph, asked.spec)
    hint_at_initial_weights(asked.opened, specs, asked.weights, asked.quiet)
    weights = given_weights(asked.opened, graph, asked.weights, found, keep=False)
    write_archive(asked.output, model, graph, weights, asked.inputs(), asked.spec)
    show(found, asked.color, asked.quiet)
    return f"{asked.output}: {model.told()}"


def _json(asked: Asked) -> str:
    """The config alone."""
    import json

    from specmodel.convert.keras.export.config import keras_model

    model = keras_model(asked.shown(), asked.graph(), asked.spec)
    write_text(json.dumps(model.config, indent=2, ensure_ascii=False), asked.output, asked.inputs())
    return f"{asked.output}: {model.told()}"


def _python(asked: Asked) -> str:
    """The program that a person would write."""
    from specmodel.convert.keras.export.source import python_source

    text = python_source(asked.shown(), asked.graph(), asked.spec)
    write_text(text.rstrip("\n"), asked.output, asked.inputs())
    return f"{asked.output}: a program for Keras 3"


EXPORTERS: dict[str, Callable[[Asked], str]] = {
    ".onnx": _onnx,
    ".keras": _keras,
    ".json": _json,
    ".py": _python,
}
"""What writes a format, by the suffix of its files, and tells what it wrote."""


def _check_output(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    suffix = splitext(value)[1].lower()
    if suffix not in EXPORTERS:
        found = f"{value!r} ends in {suffix!r}" if suffix else f"{value!r} has no suffix"
        raise click.BadParameter(f"the suffix of FILE tells the format, {' or '.join(EXPORTERS)}; {found}")
    return value


@click.command("export")
@click.argument("spec", metavar="SPEC")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    callback=_check_output,
    help="The file to write; its suffix tells the format: .onnx, .keras, .json, .py.",
)
@weights_option
@shape_option
@click.option(
    "--opset",
    type=click.IntRange(OPSET, NEWEST_OPSET),
    default=OPSET,
    show_default=True,
    help="The version of ONNX's operators.",
)
@opening_options
@color_option
@quiet_option
def command(
    spec: str,
    output: str,
    weights: str | None,
    shapes: Sequence[str],
    opset: int,
    opening: Opening,
    color: str,
    quiet: bool,
) -> None:
    """Write a spec with its weights in another format.

    .onnx: a model for onnxruntime and others, of ONNX opset 18 unless --opset asks for a newer one. Sizes that are not
    known stay so. Weights of more than 2 GiB go to a file beside it. Needs `pip install 'specmodel[onnx]'`.

    .keras: a model with its weights for Keras 3. Needs `pip install 'specmodel[keras]'`.

    .json: its config alone, as `model.to_json()` gives it. .py: Keras code that makes the model.
    """
    asked = Asked(spec, open_argument(spec, opening), output, weights, shapes, opset, color, quiet)
    told = EXPORTERS[splitext(output)[1].lower()](asked)
    if not quiet:
        print(told, file=sys.stderr)
