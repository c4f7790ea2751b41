"""`specmodel expand`."""

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
from specmodel.spec.style import document
from specmodel.spec.writing import written_spec


@click.command("expand")
@click.argument("spec", metavar="SPEC")
@output_option
@opening_options
@color_option
@quiet_option
def command(spec: str, output: str | None, opening: Opening, color: str, quiet: bool) -> None:
    """Write a spec out: no params, blocks or repeats are left, and it means the same."""
    opened = open_argument(spec, opening)
    model, _ = opened.sound()
    show(opened.diagnostics, color, quiet=True)
    write_text(document(written_spec(model)).rstrip("\n"), output, [spec])
