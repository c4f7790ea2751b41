"""`specmodel test`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from specmodel.checking.discovery import STDIN, spec_files
from specmodel.checking.run import Request
from specmodel.checking.settings import Configurations
from specmodel.cli.limits import out_of_memory, physical_memory
from specmodel.cli.options import (
    STDIN_NAME,
    Opening,
    color_option,
    color_wanted,
    opening_options,
    output_option,
    quiet_option,
    stdin_bytes,
    write_text,
)
from specmodel.data.outcomes import Outcome
from specmodel.diagnostics import Diagnostics
from specmodel.model.examples import trials
from specmodel.model.opening import Opened, open_bytes, open_spec
from specmodel.model.presets import only_lacks_params
from specmodel.record import Record


class Asked(Record):
    """How examples are run."""

    all_presets: bool
    update: bool
    quiet: bool


@click.command("test")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--update", is_flag=True, help="Record what the model gives where an example fails.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the report.")
@click.option("--all-presets", is_flag=True, help="Run examples that name no preset under every preset, too.")
@click.option("--stdin-filename", default=STDIN_NAME, metavar="NAME", help="What diagnostics call the standard input.")
@output_option
@opening_options
@color_option
@quiet_option
def command(
    paths: Sequence[str],
    update: bool,
    form: str,
    all_presets: bool,
    stdin_filename: str,
    output: str | None,
    opening: Opening,
    color: str,
    quiet: bool,
) -> int:
    """Run the `examples` of specs on their input files, and compare with the outputs that are recorded.

    PATH is a file, a folder, a pattern, or `-`. An example runs under the preset and params that it names; one that
    names none runs under those of the command line. Exit 1 if an output differs, or a spec or file is wrong.
    """
    from specmodel.report.outcomes import Report

    found = Diagnostics()
    asked = Asked(all_presets, update, quiet)
    outcomes: list[Outcome] = []
    request = Request(Configurations(), opening.root, opening.choice)
    files = spec_files(paths, request.configurations.of(Path()).excludes, found)
    try:
        for file in files:
            name = stdin_filename if file == Path(STDIN) else os.fspath(file)
            outcomes += _run(_opened(file, name, request), name, asked, found)
    except MemoryError:
        raise out_of_memory() from None
    report = Report(outcomes, (one for one in found if one.severity == "error"))
    to_stdout = output is None or output == "-"
    colored = color_wanted(sys.stdout, color) if to_stdout else color == "always"
    text = report.json() if form == "json" else report.text(colored, quiet)
    write_text(text, output, [*paths, *map(os.fspath, files)])
    return 1 if report.failed else 0


def _opened(file: Path, name: str, request: Request) -> Opened:
    """The spec of a file, or of the standard input under a name, with the root that holds for it."""
    root = request.settings(Path(name)).root
    if file == Path(STDIN):
        return open_bytes(stdin_bytes(), name, root, request.choice)
    return open_spec(file, root, request.choice)


def _run(opened: Opened, name: str, asked: Asked, found: Diagnostics) -> list[Outcome]:
    """The outcomes of a spec's examples; what is wrong with those, or with a spec without any, goes to `found`."""
    own = trials(opened, found, all_presets=asked.all_presets)
    if not own:
        lacking = opened.spec is not None and opened.spec.presets and only_lacks_params(opened)
        found.extend(opened.diagnostics if not lacking else ())
        return []
    from specmodel.model.testing import Tester

    tester = Tester(name, physical_memory(), asked.update)
    return [tester.outcome(trial) for trial in own]
