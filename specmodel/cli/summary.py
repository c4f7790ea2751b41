"""`specmodel summary`."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

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
from specmodel.graph.graph import Graph
from specmodel.model.opening import Opened
from specmodel.model.presets import under_presets
from specmodel.spec.model import ModelSpec
from specmodel.summary.table import COLUMNS

if TYPE_CHECKING:
    from specmodel.summary.figures import Figures

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
@click.option("--all-presets", is_flag=True, help="Compare the totals of all presets.")
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
    all_presets: bool,
    shapes: Sequence[str],
    output: str | None,
    opening: Opening,
    color: str,
    quiet: bool,
) -> None:
    """Show a spec's layers, shapes and costs. No weights are made and no NumPy is needed."""
    if all_presets and (columns or depth is not None or opening.choice.preset is not None):
        raise click.UsageError("--all-presets compares whole models: leave out --columns, --depth and --preset")
    opened = open_argument(spec, opening)
    width = _terminal_width() if output in (None, "-") else None
    if all_presets:
        text, built = _family(opened, shapes, form, width)
    else:
        model, graph = opened.sound()
        show(opened.diagnostics, color, quiet=True)
        if shapes:
            model, graph = build_bound(model, stated_shapes(shapes, model), graph)
        text, built = _shown(model, graph, form, columns, depth, width), graph is not None
    write_text(text, output, [spec])
    if not built and not quiet:
        print(f"hint: {UNBUILT_HINT}", file=sys.stderr)


def _shown(
    model: ModelSpec, graph: Graph | None, form: str, columns: Sequence[str], depth: int | None, width: int | None
) -> str:
    if form == "json":
        from specmodel.summary.figures import figures

        return _as_json(figures(model, graph, depth))
    from specmodel.summary.table import render

    return render(model, graph, columns, depth, width)


def _family(opened: Opened, shapes: Sequence[str], form: str, width: int | None) -> tuple[str, bool]:
    """The presets side by side, and whether all of them are built."""
    from specmodel.summary.family import Member, family_figures, family_table

    members = []
    for preset, under in under_presets(opened):
        model, graph = under.sound()
        if shapes:
            model, graph = build_bound(model, stated_shapes(shapes, model), graph)
        members.append(Member(preset, model, graph))
    text = _as_json(family_figures(members)) if form == "json" else family_table(members, width)
    return text, all(one.graph is not None for one in members)


def _as_json(found: "Figures") -> str:
    import json

    return json.dumps(found, indent=2, ensure_ascii=False)


def _terminal_width() -> int | None:
    """The width of the terminal that the table is shown on; None for a pipe."""
    if not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns
