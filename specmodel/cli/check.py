"""`specmodel check`."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from specmodel.cli.options import (
    STDIN_NAME,
    Opening,
    color_option,
    color_wanted,
    open_stdin,
    opening_options,
    output_option,
    quiet_option,
    write_text,
)
from specmodel.cli.paths import specs_below
from specmodel.diagnostics import Diagnostic, Diagnostics, codes
from specmodel.model.opening import Opened, check_opened, check_presets, open_spec


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the report.")
@click.option("--stdin-filename", default=STDIN_NAME, metavar="NAME", help="What diagnostics call the standard input.")
@click.option("--max-warnings", type=click.IntRange(0), metavar="N", help="Fail with more warnings than that.")
@click.option("--all-presets", is_flag=True, help="Check every preset of each spec, too.")
@output_option
@opening_options
@color_option
@quiet_option
def command(
    paths: Sequence[str],
    form: str,
    stdin_filename: str,
    max_warnings: int | None,
    all_presets: bool,
    output: str | None,
    opening: Opening,
    color: str,
    quiet: bool,
) -> int:
    """Validate specs: files, folders, or `-` for the standard input.

    In a folder every *.yaml and *.yml below it whose top level has the key `layers` is a spec. The report goes to the
    standard output. Exit 1 if a spec is wrong.
    """
    found = Diagnostics()
    count = 0
    for opened in _opened(paths, stdin_filename, opening, found):
        if all_presets:
            found.extend(check_presets(opened, opening.choice))
        else:
            check_opened(opened)
            found.extend(opened.diagnostics)
        count += 1
    shown = [diagnostic for diagnostic in found if not quiet or diagnostic.severity != "note"]
    write_text(_report(shown, form, count, color, quiet), output)
    warnings = sum(diagnostic.severity == "warning" for diagnostic in found)
    return 1 if found.failed or (max_warnings is not None and warnings > max_warnings) else 0


def _opened(paths: Sequence[str], stdin_filename: str, opening: Opening, found: Diagnostics) -> Iterator[Opened]:
    seen: set[Path] = set()
    for path in paths:
        if path == "-":
            yield open_stdin(stdin_filename, opening)
            continue
        files = specs_below(Path(path)) if Path(path).is_dir() else [Path(path)]
        if not files:
            found.add(
                codes.NOTHING_TO_CHECK, "no specs in this folder: no *.yaml or *.yml with a key `layers`", place=path
            )
        for file in files:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield open_spec(file, opening.root, opening.choice)


def _report(found: Sequence[Diagnostic], form: str, count: int, color: str, quiet: bool) -> str:
    if form == "json":
        from specmodel.report import json

        return json.render(found)
    from specmodel.report import text

    body = text.render(found, color_wanted(sys.stdout, color))
    return body if quiet else f"{body}\n{_verdict(found, count)}" if body else _verdict(found, count)


def _verdict(found: Sequence[Diagnostic], count: int) -> str:
    """The last line: how many specs, and what was found."""
    specs = f"{count} spec{'' if count == 1 else 's'} checked"
    counts = [
        f"{number} {severity}{'' if number == 1 else 's'}"
        for severity in ("error", "warning", "note")
        if (number := sum(diagnostic.severity == severity for diagnostic in found))
    ]
    return f"{specs}: {', '.join(counts) if counts else 'no mistakes'}"
