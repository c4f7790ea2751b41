"""The command line: one file a command, imported when it is called."""

import errno
import os
import sys
from typing import Any, NoReturn

import click

from specmodel.cli.options import color_wanted
from specmodel.version import __version__

COMMANDS = {
    "check": "validate specs: the command for CI",
    "summary": "the layer table of a spec",
    "run": "run a spec on NumPy files",
    "test": "run the examples of specs, and compare",
    "bench": "time a spec's calls, layer by layer",
    "layers": "the catalogue, or one layer's page",
    "expand": "a spec written out, without params, blocks and repeats",
    "fmt": "specs in canonical style, comments kept",
    "diff": "what changed between two specs, and whether weights still load",
    "schema": "the JSON Schema of specs, for editors",
    "explain": "what a diagnostic's code means",
    "weights": "make, list, verify or convert weights",
    "export": "write a spec in another format: ONNX",
    "import": "a model of Keras as a spec and its weights",
}
"""The commands in the order of the help page, each with its line there; a module of the same name holds it."""

BROKEN_PIPE, INTERRUPTED, WRONG_USAGE, BUG = 141, 130, 2, 3
_NO_ROOM = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO") if hasattr(errno, name)}
"""What the system says where an output takes no more."""


class _Commands(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module = f"{cmd_name}_" if cmd_name == "import" else cmd_name  # a word of Python
        command: click.Command = import_module(f"specmodel.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from specmodel.diagnostics import did_you_mean

            near = did_you_mean(args[0], COMMANDS)
            hint = f"Did you mean '{near}'?" if near else f"The commands are {', '.join(COMMANDS)}."
            ctx.fail(f"No such command '{args[0]}'. {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # of which click would make exit code 1: a wrong spec
            raise _ReaderGoneError from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


class _ReaderGoneError(Exception):
    """The process that read our output has ended."""


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="specmodel")
@click.option("--debug", is_flag=True, help="Show the traceback of a bug in specmodel.")
def cli(debug: bool) -> None:
    """Check, summarise and run neural networks written as YAML in Keras' vocabulary."""


def main() -> NoReturn:
    """Run the command line. Exit codes: 0 fine, 1 wrong spec, weights or data, 2 wrong usage, 3 a bug."""
    from specmodel.diagnostics import SpecError, codes

    _open_streams()
    chosen: dict[str, str] = {}
    try:
        status = cli.main(prog_name="specmodel", standalone_mode=False, obj=chosen)
        sys.stdout.flush()
    except SpecError as error:
        from specmodel.report.text import render

        print(render(error.diagnostics, color_wanted(sys.stderr, chosen.get("color", "auto"))), file=sys.stderr, end="")
        status = WRONG_USAGE if error.diagnostics[0].code == codes.CONFIGURATION else 1
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except (BrokenPipeError, _ReaderGoneError):
        status = BROKEN_PIPE
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in _NO_ROOM
        status = _report_unwritten(error) if full else _report_bug(error)
    _close_streams()
    sys.exit(status if isinstance(status, int) else 0)


def _open_streams() -> None:
    """Stand in for streams that the caller has closed; write `?` for characters that a stream's encoding lacks."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _report_unwritten(error: Exception) -> int:
    """Say that a stream takes no more: a disk is full."""
    reason = error.strerror if isinstance(error, OSError) else None
    print(f"specmodel: the output cannot be written: {reason or error}", file=sys.stderr)
    return 1


def _report_bug(error: Exception) -> int:
    """Say that it is ours, and keep the traceback: in a file, or on the screen with `--debug`."""
    import traceback

    text = "".join(traceback.format_exception(error))
    if "--debug" in sys.argv:
        print(text, file=sys.stderr)
    else:
        import tempfile

        with tempfile.NamedTemporaryFile("w", prefix="specmodel-bug-", suffix=".txt", delete=False) as file:
            file.write(f"specmodel {__version__}\n{' '.join(sys.argv)}\n{text}")
        print(f"specmodel: this is a bug in specmodel, not in your files: {type(error).__name__}", file=sys.stderr)
        print(f"  = the traceback is in {file.name}; please report it", file=sys.stderr)
    return BUG


def _close_streams() -> None:
    """Flush what is left; a reader that has gone, or a full disk, is no error at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
