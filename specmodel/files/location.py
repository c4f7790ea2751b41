"""Where a file is that a spec names, and what it says: nothing outside the root is ever opened."""

import os
import re
from pathlib import Path

from specmodel.diagnostics import SpecError, codes
from specmodel.files.malformed import MalformedError, counted, shown
from specmodel.files.regular import open_regular

LARGEST_TEXT = 64 << 20
"""Bytes that a text file named by an argument may have."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def path_below(written: str, folder: Path, root: Path | None, what: str, argument: str) -> Path:
    """The path that a spec writes, relative to `folder`; MalformedError (E004) where it leaves `root`.

    Links are followed to tell where it leads, but the path is returned as the spec writes it, for messages. `what` says
    which kind of file it is. Without a root every path will do.
    """
    if not written:
        raise MalformedError(f"`{argument}` is empty, and must be the path of a file")
    if _URL.match(written) is not None:
        message = f"`{argument}` must be the path of a file, found {shown(written)}, which looks like a URL"
        help = "specmodel opens no connections: download the file, and name it by its path"
        raise MalformedError(message, help, codes.OUTSIDE_ROOT)
    path = folder / written
    try:
        inside = root is None or Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))
    except (OSError, ValueError):
        raise MalformedError(f"no file can have the name {shown(written)}") from None
    if not inside:
        message = f"the {what} {shown(written)} is outside the folder that paths in this spec may not leave"
        help = "move the file beside the spec, or allow a folder above both with `--root DIR`"
        raise MalformedError(message, help, codes.OUTSIDE_ROOT)
    return path


class NamedFiles:
    """The text files that arguments of layers name, below `folder` and within `root`, if there is one.

    What was read is kept: a model means the same as long as it lives.
    """

    def __init__(self, folder: Path, root: Path | None) -> None:
        self.folder = folder
        self.root = root
        self._texts: dict[str, str] = {}

    def text(self, written: str, argument: str) -> str:
        """The text of a file, as it is; MalformedError for one that is outside, no file, too large or not UTF-8."""
        if written not in self._texts:
            path = path_below(written, self.folder, self.root, f"`{argument}` file", argument)
            try:
                self._texts[written] = _read(path)
            except MalformedError as wrong:
                raise wrong.inside(f"the file {shown(written)} of `{argument}`") from None
        return self._texts[written]


def _read(path: Path) -> str:
    try:
        file, size = open_regular(path)
    except SpecError as error:
        (found,) = error.diagnostics
        raise MalformedError(found.message, found.help, found.code) from None
    with file:
        if size > LARGEST_TEXT:
            message = f"it has {counted(size, 'byte')}, and {LARGEST_TEXT:,} is the limit"
            raise MalformedError(message, None, codes.TOO_LARGE)
        read = file.read(LARGEST_TEXT + 1)
    try:
        return read.decode("utf-8")
    except UnicodeDecodeError as error:
        line = read.count(b"\n", 0, error.start) + 1
        raise MalformedError(f"line {line} is not UTF-8", "save it as UTF-8", codes.NOT_UTF8) from None
