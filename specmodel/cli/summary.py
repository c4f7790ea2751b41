"""`specmodel summary`."""

import sys
from collections.abc import Sequence

import click

from specmodel.cli.options import (
    Opening,
    color_option,
    open_argument,
    opening_options,
    output_option,
    quiet_option,
    show,
    write_text,
)
from specmodel.cli.shapes import shape_option, stated_shapes
from specmodel.graph.bind import build_bound
from specmodel.summary.table import COLUMNS

UNBUILT_HINT = "this model is unbuilt: its shapes come from data; `--input-shape 1,4` (the batch included) builds it"


def _columns(ctx: click.Context, parameter: click.Parameter, value: str | None) -> list[str]:
    names = [name.strip() for name in value.split(",") if name.strip()] if value else []
    unknown = [name for name in names if name not in COLUMNS and name != "all"]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(COLUMNS)}, all")
    return list(COLUMNS) if "all" in names else list(dict.fromkeys(names))


@click.command("summary")
@click.argument("spec", metavar="SPEC")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="The form of the result.")
@click.option("--columns", callback=_columns, metavar="NAMES", help=f"Further columns: {', '.join(COLUMNS)}, or all.")
@click.option("--depth", type=click.IntRange(1), metavar="N", help="Fold what lies deeper in blocks.")
@shape_option
@output_option
@opening_options
@color_option
@quiet_option
def command(
    spec: str,
    form: str,
    columns: Sequence[str],
    depth: int | None,
    shapes: Sequence[str],
    output: str | None,
    opening: Opening,
    color: str,
    quiet: bool,
) -> None:
    """Show a spec's layers, shapes and costs. No weights are made and no NumPy is needed."""
    opened = open_argument(spec, opening)
    model, graph = opened.sound()
    show(opened.diagnostics, color, quiet=True)
    if shapes:
        model, graph = build_bound(model, stated_shapes(shapes, model), graph)
    if form == "json":
        import json

        from specmodel.summary.figures import figures

        text = json.dumps(figures(model, graph), indent=2, ensure_ascii=False)
    else:
        from specmodel.summary.table import render

        text = render(model, graph, columns, depth)
    write_text(text, output, [spec])
    if graph is None and not quiet:
        print(f"hint: {UNBUILT_HINT}", file=sys.stderr)
