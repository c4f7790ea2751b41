"""`specmodel fmt`."""

from collections.abc import Sequence
from pathlib import Path

import click

from specmodel.checking.discovery import STDIN, spec_files
from specmodel.checking.settings import Configurations
from specmodel.cli.difference import difference
from specmodel.cli.options import STDIN_NAME, color_option, quiet_option, read_stdin, show
from specmodel.diagnostics import Diagnostics, SpecError
from specmodel.spec.formatting import formatted
from specmodel.yaml import read_source


@click.command("fmt")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 if a file is not in this style.")
@click.option("--diff", "show_diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--stdin-filename", default=STDIN_NAME, metavar="NAME", help="What diagnostics call the standard input.")
@color_option
@quiet_option
def command(
    paths: Sequence[str], only_check: bool, show_diff: bool, stdin_filename: str, color: str, quiet: bool
) -> int:
    """Write specs in canonical style: files, folders, or `-`, which goes to the standard output.

    Values and comments stay as they are; the order of keys, line breaks, quotes and blanks become the same everywhere.
    """
    found = Diagnostics()
    changed = same = 0
    for file in spec_files(paths, Configurations().of(Path()).excludes, found):
        try:
            source = read_stdin(stdin_filename) if str(file) == STDIN else read_source(str(file))
            text = formatted(source)
        except SpecError as error:
            found.extend(error.diagnostics)
            continue
        changed, same = (changed + 1, same) if text != source.text else (changed, same + 1)
        if show_diff:
            click.echo(difference(source.path, source.text, text), nl=False)
        elif only_check:
            if text != source.text:
                click.echo(f"would change {source.path}")
        elif str(file) == STDIN:
            click.echo(text, nl=False)
        elif text != source.text:
            _write(source.path, text)
    show(found, color, quiet)
    if not quiet and list(paths) != ["-"]:
        click.echo(_verdict(changed, same, only_check or show_diff), err=True)
    return 1 if found.failed or (only_check and changed) else 0


def _write(path: str, text: str) -> None:
    from specmodel.files.output import atomic_output

    with atomic_output(path) as file:
        file.write(text.encode())


def _verdict(changed: int, same: int, looking: bool) -> str:
    """The last line: how many files."""
    verb = "would be changed" if looking else "changed"
    files = f"{changed} file{'' if changed == 1 else 's'} {verb}"
    return f"{files}, {same} {'is' if same == 1 else 'are'} in style already" if same else files
