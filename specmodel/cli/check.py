"""`specmodel check`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from specmodel.checking.discovery import STDIN, spec_files
from specmodel.checking.fixes import Change, Fixes, write
from specmodel.checking.run import Request, Stdin, check_files
from specmodel.checking.settings import Configurations, Settings, code_fault, read_settings
from specmodel.cli.difference import difference
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
from specmodel.diagnostics import Diagnostic, Diagnostics, SpecError
from specmodel.record import Record
from specmodel.report import FORMS, rendered
from specmodel.report.results import Results


class Reports(Record):
    """Where the findings go: one form to the standard output or a file, others to files beside it."""

    form: str | None
    output: str | None
    files: tuple[tuple[str, str], ...]
    color: str
    quiet: bool


def _codes(ctx: click.Context, parameter: click.Parameter, value: Sequence[str]) -> tuple[str, ...]:
    """The codes and beginnings of codes that an option names, commas between them."""
    words = [word.strip() for given in value for word in given.split(",") if word.strip()]
    for word in words:
        fault = code_fault(word, silenced=parameter.name == "ignore")
        if fault is not None:
            raise click.BadParameter(f"{fault[0]}; {fault[1]}")
    return tuple(words)


def _report_files(ctx: click.Context, parameter: click.Parameter, value: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The forms and files of `--report`."""
    found: dict[str, str] = {}
    for text in value:
        form, equals, path = text.partition("=")
        if not equals or not path:
            raise click.BadParameter(f"{text!r} is no FORMAT=FILE, for example sarif=specmodel.sarif")
        if form not in FORMS:
            from specmodel.diagnostics import did_you_mean

            near = did_you_mean(form, FORMS)
            hint = f"did you mean {near!r}?" if near is not None else f"the forms are {', '.join(FORMS)}"
            raise click.BadParameter(f"there is no form {form!r}; {hint}")
        if path in found:
            raise click.BadParameter(f"two reports go to {path!r}")
        found[path] = form
    return tuple((form, path) for path, form in found.items())


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="The form of the report [default: text; in GitHub Actions github].",
)
@output_option
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=FILE",
    callback=_report_files,
    help="Write a report to a file, too. Repeatable.",
)
@click.option(
    "--select", multiple=True, metavar="CODES", callback=_codes, help="Look for these: W701, W7, with commas."
)
@click.option("--ignore", multiple=True, metavar="CODES", callback=_codes, help="Do not report these.")
@click.option("--max-warnings", type=click.IntRange(0), metavar="N", help="Fail with more warnings than that.")
@click.option("--all-presets", is_flag=True, help="Check every preset of each spec, too.")
@click.option("--stdin-filename", default=STDIN_NAME, metavar="NAME", help="What diagnostics call the standard input.")
@click.option("--config", type=click.Path(dir_okay=False, exists=True), help="Read this configuration, and no other.")
@click.option("--isolated", is_flag=True, help="Read no configuration.")
@click.option("--fix", "fixing", is_flag=True, help="Put right what can be put right without changing what it means.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: write what was probably meant, too.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@opening_options
@color_option
@quiet_option
def command(
    paths: Sequence[str],
    form: str | None,
    output: str | None,
    reports: tuple[tuple[str, str], ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    max_warnings: int | None,
    all_presets: bool,
    stdin_filename: str,
    config: str | None,
    isolated: bool,
    fixing: bool,
    unsafe_fixes: bool,
    show_diff: bool,
    opening: Opening,
    color: str,
    quiet: bool,
) -> int:
    """Validate specs: files, folders, patterns, or `-` for the standard input.

    In a folder every *.yaml and *.yml below it whose top level has the key `layers` is a spec. The report goes to the
    standard output. Exit 1 if a spec is wrong.
    """
    if unsafe_fixes and not (fixing or show_diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
    if fixing and not show_diff and STDIN in paths:
        raise click.UsageError("--fix writes files: for the standard input there is --diff")
    unfit = Diagnostics()
    configurations = Configurations(_only(config, isolated))
    settings = configurations.of(Path())
    stdin = Stdin(stdin_filename, stdin_bytes()) if STDIN in paths else None
    files = spec_files(paths, settings.excludes, unfit)
    repair: Fixes | None = None
    if fixing or show_diff:
        repair = "unsafe" if unsafe_fixes else "safe"
    request = Request(configurations, opening.root, opening.choice, all_presets, select or None, ignore, stdin, repair)
    outcome = check_files(files, request)
    if not show_diff:
        unfit.extend(_write_changes(outcome.changes))
    found = sorted([*unfit, *outcome.found], key=lambda one: one.order)
    wrong = any(diagnostic.severity == "error" for diagnostic in found)
    if show_diff:
        _show_changes(outcome.changes, quiet)
        return 1 if wrong or outcome.changes else 0
    shown = [diagnostic for diagnostic in found if not quiet or diagnostic.severity != "note"]
    specs = [stdin.name if stdin is not None and file == Path(STDIN) else os.fspath(file) for file in files]
    wanted = Reports(form or settings.format, output, reports, color, quiet)
    _write(Results(shown, specs, _about_fixes(found, outcome.changes), verdict=not quiet), wanted, paths)
    limit = max_warnings if max_warnings is not None else settings.max_warnings
    warnings = sum(diagnostic.severity == "warning" for diagnostic in found)
    return 1 if wrong or (limit is not None and warnings > limit) else 0


def _write_changes(changes: Sequence[Change]) -> Diagnostics:
    """Write the files that were put right; those that cannot be are told of."""
    unwritten = Diagnostics()
    for change in changes:
        try:
            write(change)
        except SpecError as error:
            unwritten.extend(error.diagnostics)
    return unwritten


def _show_changes(changes: Sequence[Change], quiet: bool) -> None:
    """Show what would be changed, and say how much."""
    for change in changes:
        click.echo(difference(change.path, change.before, change.after), nl=False)
    if not quiet:
        count = sum(change.count for change in changes)
        click.echo(f"would fix {_counted(count, 'mistake')} in {_counted(len(changes), 'file')}", err=True)


def _about_fixes(found: Sequence[Diagnostic], changes: Sequence[Change]) -> list[str]:
    """What was put right, and what could be."""
    lines = [f"fixed {_counted(sum(change.count for change in changes), 'mistake')}"] if changes else []
    fixes = [diagnostic.fix for diagnostic in found if diagnostic.fix is not None]
    safe = sum(fix.safe for fix in fixes)
    if safe:
        lines.append(f"--fix puts {safe} of them right")
    if len(fixes) > safe:
        lines.append(f"--fix --unsafe-fixes puts {len(fixes) - safe}{' more' if safe else ''} of them right")
    return lines


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _only(config: str | None, isolated: bool) -> Settings | None:
    """The configuration that is read in place of those that could be found, if one is."""
    if isolated:
        return Settings()
    if config is None:
        return None
    return read_settings(Path(config)) or Settings()


def _write(results: Results, wanted: Reports, paths: Sequence[str]) -> None:
    to_stdout = wanted.output is None or wanted.output == "-"
    in_actions = to_stdout and os.environ.get("GITHUB_ACTIONS") == "true"
    form = wanted.form or ("github" if in_actions else "text")
    color = color_wanted(sys.stdout, wanted.color) if to_stdout else wanted.color == "always"
    inputs = [*paths, *results.specs]
    write_text(rendered(form, results, color), wanted.output, inputs)
    for form, path in wanted.files:
        write_text(rendered(form, results), path, inputs)
