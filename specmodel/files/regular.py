"""Open files, and only files: nothing that blocks, never ends or has no size."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from specmodel.diagnostics import codes
from specmodel.diagnostics.diagnostic import SpecError, failure
from specmodel.files.malformed import reason

AnyPath = str | os.PathLike[str]

# O_NONBLOCK: opening a FIFO that nobody writes would wait for ever. O_NOCTTY: a terminal must not become ours.
_FLAGS = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


def open_regular(path: AnyPath, code: str = codes.UNREADABLE_FILE) -> tuple[BinaryIO, int]:
    """Open a regular file for reading; the file and its size in bytes.

    SpecError of the given code: missing, a directory, FIFO, socket or device, or not readable.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise _unopened(path, error, code) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise failure(code, f"this is {kind_of_file(status.st_mode)}, not a file", place=os.fspath(path))
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "rb"), status.st_size


def kind_of_file(mode: int) -> str:
    """What `st_mode` says, with its article: "a directory"."""
    kinds = {
        stat.S_IFREG: "a regular file",
        stat.S_IFDIR: "a directory",
        stat.S_IFIFO: "a FIFO (named pipe)",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "something special")


def _unopened(path: AnyPath, error: OSError | ValueError, code: str) -> SpecError:
    """Why a path could not be opened."""
    place = os.fspath(path)
    if not isinstance(error, OSError):
        return failure(code, "no file can have this name: it has a character that names cannot have", place=place)
    if error.errno == errno.ENOENT:
        return failure(code, _missing(Path(place)), place=place)
    if error.errno == errno.ENXIO:
        return failure(code, "this is a socket or an absent device, not a file", place=place)
    if error.errno == errno.ENOTDIR:
        return failure(code, "there is no such file: a part of its path is a file, not a folder", place=place)
    if error.errno in (errno.EACCES, errno.EPERM):
        return failure(code, "the file may not be read: permission denied", place=place)
    return failure(code, f"the file cannot be opened: {reason(error)}", place=place)


def _missing(path: Path) -> str:
    """What exactly is missing: often it is not the file but a folder on the way."""
    if path.is_symlink():
        return "this is a link to a file that does not exist"
    for folder in reversed(path.parents):
        if not folder.exists():
            return f"there is no such file: the folder `{folder}` does not exist"
    return "there is no such file" if path.name else "an empty path names no file"
