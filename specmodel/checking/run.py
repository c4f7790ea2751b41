"""Check many specs, one after the other or in several processes, and keep no more of each than is reported."""

import gc
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from specmodel.checking.checks import errors_in, found_in
from specmodel.checking.discovery import STDIN
from specmodel.checking.fixes import Change, Fixes, Repair
from specmodel.checking.settings import Configurations, Settings
from specmodel.diagnostics import Diagnostic, SpecError
from specmodel.diagnostics.cut import without_texts
from specmodel.model.opening import Opened, open_source
from specmodel.record import Record
from specmodel.spec.params import Choice
from specmodel.text import SourceFile
from specmodel.yaml import decode_source, read_source

_COLLECT_AFTER = 1 << 20
"""Bytes of specs between two collections of what they leave behind, which holds circles."""


class Stdin(Record):
    """What stands on the standard input, and the name of the file that it is taken for."""

    name: str
    data: bytes


class Request(Record):
    """How specs are checked. None and nothing leave it to the configuration of each file.

    `repair` tells which fixes are made.
    """

    configurations: Configurations
    root: str | None = None
    choice: Choice = Choice()
    all_presets: bool = False
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    stdin: Stdin | None = None
    repair: Fixes | None = None

    def settings(self, file: Path) -> Settings:
        """What holds for a file: the configuration, and before it what is asked for."""
        found = self.configurations.of(file.parent)
        root = self.root
        if root is None and found.root is not None:
            root = os.path.join(found.folder, found.root)
        return found.replace(
            root=root,
            all_presets=self.all_presets or found.all_presets,
            select=self.select if self.select is not None else found.select,
            ignore=(*found.ignore, *self.ignore),
        )


class Checked(Record):
    """What a check found in one file, and what it has put right there; `size` is that of the text."""

    found: Sequence[Diagnostic]
    size: int = 0
    change: Change | None = None


class Outcome(Record):
    """What a check found in all files, in their order, and the files that it has put right."""

    found: list[Diagnostic]
    changes: list[Change]


def check_files(files: Sequence[Path], request: Request) -> Outcome:
    """Check files; what several of them give, such as of a block's file, is said once."""
    found: list[tuple[Path, Diagnostic]] = []
    changes: dict[str, Change] = {}
    said: set[tuple[str, str]] = set()
    for file, own in zip(files, _checked(files, request), strict=True):
        fresh = [one for one in own.found if one.span is None or (one.code, str(one.span)) not in said]
        said.update((one.code, str(one.span)) for one in fresh)
        found += [(file, one) for one in fresh]
        if own.change is not None:
            changes[own.change.path] = own.change
    # What was found in another file's check of a file that has changed since is told by its own.
    kept = [one for file, one in found if one.path not in changes or os.fspath(file) == one.path]
    return Outcome(kept, list(changes.values()))


def _checked(files: Sequence[Path], request: Request) -> Iterator[Checked]:
    """What is found in each file."""
    uncollected = 0
    for file in files:
        checked = _check(file, request)
        yield checked
        uncollected += checked.size
        if uncollected > _COLLECT_AFTER:
            gc.collect()
            uncollected = 0


def _check(file: Path, request: Request) -> Checked:
    stdin = request.stdin if file == Path(STDIN) else None
    name = Path(stdin.name) if stdin is not None else file
    settings = request.settings(name)
    selection = settings.selection(name)

    def opened(source: SourceFile) -> Opened:
        return open_source(source, name.parent, settings.root, request.choice)

    def found(source: SourceFile) -> list[Diagnostic]:
        return found_in(opened(source), request.choice, selection, all_presets=settings.all_presets)

    try:
        source = decode_source(stdin.name, stdin.data) if stdin is not None else read_source(os.fspath(file))
    except SpecError as error:
        return Checked(error.diagnostics)
    change = None
    if request.repair is not None:
        repair = Repair(source, found, lambda text: errors_in(opened(text), request.choice), request.repair)
        repair.run()
        change = repair.change
        source = repair.source
    return Checked(without_texts(found(source)), len(source.text), change)
