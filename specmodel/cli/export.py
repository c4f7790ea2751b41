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
)
from specmodel.cli.shapes import built, shape_option
from specmodel.convert.onnx.export import NEWEST_OPSET, OPSET
from specmodel.diagnostics import Diagnostics
from specmodel.model.numbers import given_weights, weights_files
from specmodel.model.opening import Opened
from specmodel.record import Record


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

    def inputs(self) -> list[str]:
        """The files that the output must not overwrite."""
        return [*([self.spec] if self.spec != "-" else []), *weights_files(self.opened, self.weights)]


def _onnx(asked: Asked) -> str:
    """The nodes and weights of the built model."""
    from specmodel.convert.onnx.export import export_onnx

    graph = built(asked.opened, asked.spec, asked.shapes, asked.color)
    specs, found = list(graph.weights()), Diagnostics()
    hint_at_initial_weights(asked.opened, specs, asked.weights, asked.quiet)
    weights = given_weights(asked.opened, graph, asked.weights, found, keep=False)
    done = export_onnx(asked.output, graph, weights, asked.opset, asked.inputs(), asked.spec)
    show(found, asked.color, asked.quiet)
    return f"{' and '.join(done.files)}: {done.nodes:,} nodes of ONNX opset {done.opset}"


EXPORTERS: dict[str, Callable[[Asked], str]] = {
    ".onnx": _onnx,
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
    help="The file to write; its suffix tells the format: .onnx.",
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
    """
    asked = Asked(spec, open_argument(spec, opening), output, weights, shapes, opset, color, quiet)
    told = EXPORTERS[splitext(output)[1].lower()](asked)
    if not quiet:
        print(told, file=sys.stderr)
