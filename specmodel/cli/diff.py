"""`specmodel diff`."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack

import click

from specmodel.cli.options import (
    Opening,
    color_option,
    color_wanted,
    opening_options,
    output_option,
    quiet_option,
    show,
    write_text,
)
from specmodel.cli.revisions import opened_argument
from specmodel.cli.shapes import shape_option, stated_shapes
from specmodel.comparison.compare import Comparison, Side, compare
from specmodel.diagnostics import Diagnostics
from specmodel.graph.bind import build_bound
from specmodel.model.opening import Opened


@click.command("diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="The form.")
@click.option("--to-preset", metavar="NAME", help="The preset of B, where it is another than that of A.")
@shape_option
@output_option
@opening_options
@color_option
@quiet_option
def command(
    before: str,
    after: str,
    form: str,
    to_preset: str | None,
    shapes: Sequence[str],
    output: str | None,
    opening: Opening,
    color: str,
    quiet: bool,
) -> int:
    """Tell what changed from spec A to spec B, and whether A's weights load into B.

    Each is a file, `-`, or `REV:path` for a file of a git commit. Exit 1 if they differ, as diff does.
    """
    other = opening.choice.replace(preset=to_preset) if to_preset is not None else opening.choice
    with ExitStack() as stack:
        old = stack.enter_context(opened_argument(before, opening))
        new = stack.enter_context(opened_argument(after, opening.replace(choice=other)))
        Diagnostics([*old.diagnostics, *(one for one in new.diagnostics if one not in old.diagnostics)]).raise_errors()
        sides = [_side(before, old, shapes, color), _side(after, new, shapes, color)]
    found = compare(*sides)
    text = _rendered(found, form, color if output in (None, "-") else "never")
    if text:
        write_text(text, output, [before, after])
    return 1 if found.differs else 0


def _side(name: str, opened: Opened, shapes: Sequence[str], color: str) -> Side:
    spec, graph = opened.sound()
    show((one for one in opened.diagnostics if one.severity == "warning"), color)
    if shapes:
        spec, graph = build_bound(spec, stated_shapes(shapes, spec), graph)
    return Side(name, spec, graph, opened.node is not None and "name" in opened.node.items)


def _rendered(found: Comparison, form: str, color: str) -> str:
    if form == "json":
        from specmodel.comparison import json

        return json.render(found)
    if form == "markdown":
        from specmodel.comparison import markdown

        return markdown.render(found)
    from specmodel.comparison import text

    return text.render(found, color_wanted(sys.stdout, color))
