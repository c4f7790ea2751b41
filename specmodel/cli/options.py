"""Options that mean the same for every command."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from specmodel.diagnostics import Diagnostic
from specmodel.model.opening import Opened, open_source, open_spec

Command = TypeVar("Command", bound=Callable[..., Any])

STDIN_NAME = "<stdin>"


def color_option(command: Command) -> Command:
    """`--color auto|always|never`."""
    choice = click.Choice(["auto", "always", "never"])
    help = "Colour the text; NO_COLOR is respected."
    return click.option("--color", type=choice, default="auto", callback=_keep_color, help=help)(command)


def _keep_color(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """Keep the choice for errors that leave the command."""
    ctx.ensure_object(dict)["color"] = value
    return value


def root_option(command: Command) -> Command:
    """`--root DIR`."""
    kind = click.Path(file_okay=False, exists=True)
    return click.option(
        "--root", type=kind, help="The folder that paths in a spec may not leave [default: the spec's]."
    )(command)


def quiet_option(command: Command) -> Command:
    """`-q/--quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help="No notes, hints or progress.")(command)


def output_option(command: Command) -> Command:
    """`-o/--output FILE`."""
    return click.option("-o", "--output", metavar="FILE", help="Write to a file; `-` is the standard output.")(command)


def color_wanted(stream: TextIO, choice: str = "auto") -> bool:
    """Whether to colour what goes to a stream: the option, then NO_COLOR, FORCE_COLOR, TERM=dumb, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def open_argument(path: str, root: str | None) -> Opened:
    """The spec an argument names; `-` is the standard input."""
    if path != "-":
        return open_spec(path, root)
    return open_stdin(STDIN_NAME, root)


def open_stdin(name: str, root: str | None) -> Opened:
    """The spec on the standard input, under a name for its diagnostics."""
    from specmodel.diagnostics import Diagnostics, SpecError
    from specmodel.yaml.reading import MAX_BYTES, decode_source

    folder = Path(name).parent
    try:
        source = decode_source(name, sys.stdin.buffer.read(MAX_BYTES + 1))
    except SpecError as error:
        return Opened(None, None, Diagnostics(error.diagnostics), folder, folder)
    return open_source(source, folder, root)


def show(diagnostics: Iterable[Diagnostic], color: str = "auto", quiet: bool = False) -> None:
    """Print diagnostics to the standard error; `quiet` leaves the notes out."""
    from specmodel.report.text import render

    found = [diagnostic for diagnostic in diagnostics if not quiet or diagnostic.severity != "note"]
    if found:
        print(render(found, color_wanted(sys.stderr, color)), file=sys.stderr)


def write_text(text: str, output: str | None, inputs: Iterable[str] = ()) -> None:
    """Print a result, or write it to a file that appears whole or not at all."""
    if output is None or output == "-":
        print(text)
        return
    from specmodel.files.output import atomic_text_output

    with atomic_text_output(output, [path for path in inputs if path != "-"]) as file:
        file.write(text + "\n")
