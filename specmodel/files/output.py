"""Output files that appear whole or not at all, never in the place of an input; pipes and devices take what comes."""

import io
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from specmodel.diagnostics import codes
from specmodel.diagnostics.diagnostic import SpecError, failure
from specmodel.files.malformed import reason
from specmodel.files.regular import AnyPath, kind_of_file

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@contextmanager
def atomic_output(path: AnyPath, inputs: Iterable[AnyPath] = ()) -> Iterator[BinaryIO]:
    """A binary, seekable file that takes the place of `path` when the block ends, and disappears if it fails.

    It is written beside the target under another name. A link is followed; an existing file is replaced, and its
    permissions stay.
    SpecError: E506 where `path` is one of `inputs`, whatever names lead to it; E006 where it cannot be written.
    """
    shown = os.fspath(path)
    target = _target(shown, inputs)
    beside = target.with_name(f".specmodel-{os.urandom(8).hex()}.part")
    file = None
    try:  # an interrupt may come as soon as the file is there
        file = io.BufferedWriter(_create(beside, target, shown), 1 << 18)
        yield cast(BinaryIO, file)
        file.close()
        _rename(beside, target, shown)
    except BaseException:
        with suppress(SpecError, OSError):
            if file is not None:
                file.close()
        with suppress(OSError):
            beside.unlink()
        raise


@contextmanager
def atomic_text_output(path: AnyPath, inputs: Iterable[AnyPath] = ()) -> Iterator[TextIO]:
    """As `atomic_output`, for text in UTF-8 with `\\n` at the end of lines; a pipe or device is written to."""
    with through_output(path) if is_stream(path) else atomic_output(path, inputs) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
        yield text
        text.flush()
        text.detach()


def is_stream(path: AnyPath) -> bool:
    """Whether a path is a pipe, a terminal or the like: `/dev/null`, `/dev/stdout`, a FIFO."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


@contextmanager
def through_output(path: AnyPath) -> Iterator[BinaryIO]:
    """A pipe or device, written to as it is: it has no place where a file could be made whole beforehand.

    SpecError: E006 where it cannot be written. BrokenPipeError where its reader has gone.
    """
    shown = os.fspath(path)
    try:
        raw = _Beside(os.open(path, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)), "wb")
    except OSError as error:
        raise _unwritable(shown, reason(error)) from None
    raw.shown = shown
    try:
        file = io.BufferedWriter(raw, 1 << 18)
        yield cast(BinaryIO, file)
        file.flush()
    finally:
        with suppress(OSError, SpecError):
            raw.close()


class _Beside(io.FileIO):
    """A file whose failures to write are told of the target."""

    shown: str

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(self.shown, reason(error)) from None


def _target(shown: str, inputs: Iterable[AnyPath]) -> Path:
    """The path that is written, links resolved, after all that can be said against it beforehand."""
    try:
        target = Path(os.path.realpath(shown, strict=False))
        status = target.stat() if target.exists() else None
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "no file can have this name"
        raise _unwritable(shown, why) from None
    if status is None and shown.endswith(("/", os.sep)):
        raise _unwritable(shown, "the path of a file does not end in a separator")
    if status is None and not target.parent.exists():
        raise _unwritable(shown, f"the folder `{Path(shown).parent}` does not exist", "create the folder first")
    if status is not None and not stat.S_ISREG(status.st_mode):
        raise _unwritable(shown, f"this is {kind_of_file(status.st_mode)}, not a file")
    if status is not None and not os.access(target, os.W_OK):
        raise _unwritable(shown, "the file exists and may not be changed")
    for source in inputs if status is not None else ():
        if _same(target, source):
            help = "give the output another name"
            message = f"the output would overwrite the input `{os.fspath(source)}`"
            raise failure(codes.OUTPUT_OVERWRITES_INPUT, message, place=shown, help=help)
    return target


def _same(target: Path, source: AnyPath) -> bool:
    try:
        return os.path.samefile(target, source)
    except (OSError, ValueError):
        return False  # no such input: whoever reads it will say so


def _create(beside: Path, target: Path, shown: str) -> _Beside:
    """Create the file, which must not exist; its permissions are those of the target, else they follow the umask."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        file = _Beside(os.open(beside, flags, 0o666), "wb")
    except OSError as error:
        why = reason(error)
        if not beside.parent.is_dir():
            why = f"`{Path(shown).parent}` is not a folder"
        elif isinstance(error, PermissionError):
            why = "its folder may not be written to: permission denied"
        raise _unwritable(shown, why) from None
    file.shown = shown
    with suppress(OSError):  # there is no target, or a file system without permissions
        os.chmod(beside, stat.S_IMODE(target.stat().st_mode))
    return file


def _rename(beside: Path, target: Path, shown: str) -> None:
    try:
        beside.replace(target)
    except OSError as error:
        raise _unwritable(shown, reason(error)) from None


def _unwritable(shown: str, why: str, help: str | None = None) -> SpecError:
    return failure(codes.UNWRITABLE_OUTPUT, f"the output cannot be written: {why}", place=shown, help=help)
