"""Which files the arguments of a command mean: files, folders, patterns."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from specmodel.diagnostics import Diagnostics, codes
from specmodel.yaml import MAX_BYTES

Excludes = Callable[[Path], bool]

STDIN = "-"
"""The argument that is no path."""
_SUFFIXES = (".yaml", ".yml")
_PATTERN = re.compile(r"[*?[]")
_IS_SPEC = re.compile(rb"""(?m)^(\xef\xbb\xbf)?(\{\s*)?["']?layers["']?\s*:""")


def spec_files(arguments: Sequence[str], excludes: Excludes, found: Diagnostics) -> list[Path]:
    """The files that arguments name, each once, in the order of the arguments.

    A folder stands for the specs below it, a pattern (`models/**/*.yaml`) for the files and folders that it matches,
    as if the shell had written them out. One that stands for nothing is a mistake: it would pass for ever.
    """
    files: dict[str, Path] = {}
    for argument in arguments:
        if argument == STDIN:
            files.setdefault(STDIN, Path(STDIN))
            continue
        for file in _files_of(argument, excludes, found):
            files.setdefault(os.path.realpath(file), file)
    return list(files.values())


def _files_of(argument: str, excludes: Excludes, found: Diagnostics) -> list[Path]:
    if os.path.isdir(argument):
        below = specs_below(Path(argument), excludes, found)
        if not below:
            message = "no specs in this folder: no *.yaml or *.yml with a key `layers`"
            found.add(codes.NOTHING_TO_CHECK, message, place=argument)
        return below
    if _PATTERN.search(argument) is None or os.path.lexists(argument):
        return [Path(argument)]
    from glob import glob

    files: list[Path] = []
    for path in map(Path, sorted(glob(argument, recursive=True))):
        if path.is_dir():
            files += specs_below(path, excludes, found)
        elif not argument.endswith("**") and not excludes(path):  # `**` names all that the folders hold
            files.append(path)
    if not files:
        message = "no file matches this pattern"
        found.add(codes.NOTHING_TO_CHECK, message, place=argument, help="is it misspelt? `**` stands for any folders")
    return files


def specs_below(folder: Path, excludes: Excludes, found: Diagnostics) -> list[Path]:
    """The specs in a folder and the folders in it, hidden and excluded ones left out, sorted by path."""

    def unreadable(error: OSError) -> None:
        place = os.fspath(error.filename)
        found.add(codes.UNREADABLE_FILE, f"the folder cannot be read: {error.strerror}", place=place)

    return [file for file in _yaml_below(folder, excludes, unreadable) if is_spec(file)]


def _yaml_below(folder: Path, excludes: Excludes, unreadable: Callable[[OSError], None]) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=unreadable):
        above = Path(parent)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not excludes(above / name))
        for name in sorted(names):
            if name.endswith(_SUFFIXES) and not name.startswith(".") and not excludes(above / name):
                yield above / name


def is_spec(file: Path) -> bool:
    """Whether a YAML file has the key `layers` at its top, told from its text: it may be broken YAML.

    One that cannot be read counts: whoever opens it will say why.
    """
    try:
        if not file.is_file():
            return False
        with file.open("rb") as stream:
            start = stream.read(MAX_BYTES + 1)
    except OSError:
        return True
    return _IS_SPEC.search(start) is not None
