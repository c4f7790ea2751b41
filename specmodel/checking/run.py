"""Check many specs, one after the other or in several processes, and keep no more of each than is reported."""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from specmodel.checking.checks import errors_in, found_in
from specmodel.checking.discovery import STDIN
from specmodel.checking.fixes import Change, Fixes, Repair
from specmodel.checking.processes import shared, usable_processors
from specmodel.checking.settings import Configurations, Settings
from specmodel.diagnostics import Diagnostic, SpecError
from specmodel.diagnostics.cut import without_texts
from specmodel.model.opening import Opened, open_source
from specmodel.record import Record
from specmodel.spec.params import Choice
from specmodel.text import SourceFile
from specmodel.yaml import decode_source, read_source

_COLLECT_AFTER = 1 << 17
"""Bytes of specs between two collections of what they leave behind."""
_BYTES_A_SECOND, _SIZE_OF_ANY = 400_000, 400
"""Of specs, roughly: the time for a file grows with its size from that of a small one on."""
_WORTH_PROCESSES = 0.1
"""Seconds of work that are more than two processes cost to start."""


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


@contextmanager
def _collected_by_hand() -> Iterator[None]:
    """Let Python collect nothing by itself: what files leave behind is collected between them.

    At the end all counts as old, so that there is no collection of what is about to end anyway.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if running:
            gc.enable()


@_collected_by_hand()
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
    """What is found in each file: the first one here, which imports what most need, the rest where it goes fastest."""
    if not files:
        return
    yield _check(files[0], request)
    rest = files[1:]
    if not rest:
        return
    gc.collect()
    gc.freeze()  # what is there by now stays: no collection need look at it again
    sizes = [_size(file) for file in rest]
    processes = min(usable_processors(), len(rest)) if _seconds(sizes) > _WORTH_PROCESSES else 1
    if processes > 1:
        sys.stdout.flush()
        collected = _Collected(rest, request)
        yield from shared(collected.check, [size + _SIZE_OF_ANY for size in sizes], processes)
    else:
        yield from map(_Collected(rest, request).check, range(len(rest)))


class _Collected:
    """Checks files by their numbers, and collects what they leave behind: it holds circles."""

    def __init__(self, files: Sequence[Path], request: Request) -> None:
        self._files = files
        self._request = request
        self._uncollected = 0

    def check(self, number: int) -> Checked:
        """What is found in a file."""
        checked = _check(self._files[number], self._request)
        self._uncollected += checked.size
        if self._uncollected > _COLLECT_AFTER:
            gc.collect()
            self._uncollected = 0
        return checked


def _size(file: Path) -> int:
    """The bytes of a file; 0 where that cannot be told."""
    try:
        return os.stat(file).st_size
    except (OSError, ValueError):
        return 0


def _seconds(sizes: Sequence[int]) -> float:
    """About how long it takes to check files of these sizes."""
    return (sum(sizes) + _SIZE_OF_ANY * len(sizes)) / _BYTES_A_SECOND


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
