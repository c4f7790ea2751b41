"""Check many specs, one after the other or in several processes, and keep no more of each than is reported."""

import gc
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from specmodel.checking.checks import found_in
from specmodel.checking.discovery import STDIN
from specmodel.checking.settings import Configurations, Settings
from specmodel.diagnostics import Diagnostic
from specmodel.diagnostics.cut import without_texts
from specmodel.model.opening import open_bytes, open_spec
from specmodel.record import Record
from specmodel.spec.params import Choice

_COLLECT_AFTER = 1 << 20
"""Bytes of specs between two collections of what they leave behind, which holds circles."""


class Stdin(Record):
    """What stands on the standard input, and the name of the file that it is taken for."""

    name: str
    data: bytes


class Request(Record):
    """How specs are checked. None and nothing leave it to the configuration of each file."""

    configurations: Configurations
    root: str | None = None
    choice: Choice = Choice()
    all_presets: bool = False
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    stdin: Stdin | None = None

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


def check_files(files: Sequence[Path], request: Request) -> list[Diagnostic]:
    """What is wrong with the files, in their order; what several of them give, such as of a block's file, once."""
    found: list[Diagnostic] = []
    said: set[tuple[str, str]] = set()
    for own in _checked(files, request):
        fresh = [one for one in own if one.span is None or (one.code, str(one.span)) not in said]
        said.update((one.code, str(one.span)) for one in fresh)
        found += fresh
    return found


def _checked(files: Sequence[Path], request: Request) -> Iterator[list[Diagnostic]]:
    """The diagnostics of each file."""
    uncollected = 0
    for file in files:
        found, size = _check(file, request)
        yield found
        uncollected += size
        if uncollected > _COLLECT_AFTER:
            gc.collect()
            uncollected = 0


def _check(file: Path, request: Request) -> tuple[list[Diagnostic], int]:
    """The diagnostics of a file, and the size of its text."""
    stdin = request.stdin if file == Path(STDIN) else None
    settings = request.settings(Path(stdin.name) if stdin is not None else file)
    if stdin is not None:
        opened = open_bytes(stdin.data, stdin.name, settings.root, request.choice)
    else:
        opened = open_spec(file, settings.root, request.choice)
    selection = settings.selection(Path(stdin.name) if stdin is not None else file)
    found = found_in(opened, request.choice, selection, all_presets=settings.all_presets)
    span = opened.node.span if opened.node is not None else None
    return without_texts(found), len(span.source.text) if span is not None else 0
