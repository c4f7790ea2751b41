"""Options that mean the same for every command."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, TextIO, TypeVar

import click

from specmodel.diagnostics import Diagnostic, Diagnostics
from specmodel.model.opening import Opened, open_bytes, open_spec
from specmodel.record import Record
from specmodel.spec.params import Choice
from specmodel.text import SourceFile
from specmodel.yaml import MAX_BYTES, Node, compose, decode_source

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


class Opening(Record):
    """How a command opens specs."""

    root: str | None = None
    choice: Choice = Choice()


def opening_options(command: Command) -> Command:
    """`--set NAME=VALUE`, `--preset NAME` and `--root DIR`; the command gets them as `opening`."""

    @wraps(command)
    def with_opening(*args: Any, root: str | None, preset: str | None, given: dict[str, Node], **options: Any) -> Any:
        return command(*args, opening=Opening(root, Choice(preset, given)), **options)

    kind = click.Path(file_okay=False, exists=True)
    text = "The folder that paths in a spec may not leave [default: the spec's]."
    found = click.option("--root", type=kind, help=text)(with_opening)
    found = click.option("--preset", metavar="NAME", help="The values of a preset.")(found)
    text = "The value of a param, read as YAML. Repeatable."
    return click.option("--set", "given", multiple=True, metavar="NAME=VALUE", callback=_given, help=text)(found)  # type: ignore[return-value]


def _given(ctx: click.Context, parameter: click.Parameter, value: Sequence[str]) -> dict[str, Node]:
    """The values that `--set` gives, by param."""
    given: dict[str, Node] = {}
    for text in value:
        name, equals, written = text.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"{text!r} is no NAME=VALUE, for example width=0.5")
        if name.strip() in given:
            raise click.BadParameter(f"{name.strip()!r} is given twice")
        found = Diagnostics()
        node = compose(SourceFile(f"--set {name.strip()}", written), found)
        if node is None or found.failed:
            raise click.BadParameter(f"{text!r}: {next(iter(found)).message}")
        given[name.strip()] = node
    return given


def quiet_option(command: Command) -> Command:
    """`-q/--quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help="No notes, hints or progress.")(command)


def fast_math_option(command: Command) -> Command:
    """Add `--fast-math`."""
    help = "Save time where that makes errors of convolutions ten times as large: some 1e-5 of the largest number."
    return click.option("--fast-math", is_flag=True, help=help)(command)


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


def open_argument(path: str, opening: Opening) -> Opened:
    """The spec an argument names; `-` is the standard input."""
    if path != "-":
        return open_spec(path, opening.root, opening.choice)
    return open_bytes(stdin_bytes(), STDIN_NAME, opening.root, opening.choice)


def stdin_bytes() -> bytes:
    """The standard input, up to more than any spec has."""
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def read_stdin(name: str) -> SourceFile:
    """The text on the standard input, under a name for its diagnostics; errors as those of a file."""
    return decode_source(name, stdin_bytes())


def show(diagnostics: Iterable[Diagnostic], color: str = "auto", quiet: bool = False) -> None:
    """Print diagnostics to the standard error; `quiet` leaves the notes out."""
    from specmodel.report.text import render

    found = [diagnostic for diagnostic in diagnostics if not quiet or diagnostic.severity != "note"]
    if found:
        print(render(found, color_wanted(sys.stderr, color)), file=sys.stderr)


def write_text(text: str, output: str | None, inputs: Iterable[str] = ()) -> None:
    """Print a result, or write it to a file that appears whole or not at all."""
    end = "\n" if text else ""
    if output is None or output == "-":
        print(text, end=end)
        return
    from specmodel.files.output import atomic_text_output

    with atomic_text_output(output, [path for path in inputs if path != "-"]) as file:
        file.write(text + end)
