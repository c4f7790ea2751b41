"""Bytes to source texts: what is no UTF-8 file of bearable size goes no further."""

import os
import stat
from itertools import islice

from specmodel.diagnostics import SpecError, codes, did_you_mean
from specmodel.diagnostics.diagnostic import failure
from specmodel.text import SourceFile
from specmodel.yaml.characters import refuse_characters
from specmodel.yaml.marks import Marks

MAX_BYTES = 8 * 1024 * 1024

_SAVE_AS_UTF8 = "save the file as UTF-8"
_BYTE_ORDER_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def read_source(path: str) -> SourceFile:
    """Read the text of a regular file of at most `MAX_BYTES` bytes.

    A missing or unreadable file, a folder, a pipe, a device, other encodings than UTF-8 and characters that YAML
    forbids are a `SpecError`. It never waits for a writer.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise failure(codes.UNREADABLE_FILE, f"this is {_kind(status.st_mode)}, not a file", place=path)
        if status.st_size > MAX_BYTES:
            raise _too_large(path, status.st_size)
        with open(path, "rb", opener=_open_at_once) as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    return decode_source(path, data)


def decode_source(path_shown: str, data: bytes) -> SourceFile:
    """The text of bytes that were read elsewhere, such as from standard input; errors as in `read_source`."""
    if len(data) > MAX_BYTES:
        raise _too_large(path_shown, len(data))
    wide = _wide_encoding(data)
    if wide is not None:
        start = Marks(SourceFile(path_shown, "")).span(0, 0)
        raise failure(codes.NOT_UTF8, f"this is not UTF-8; it looks like {wide}", start, help=_SAVE_AS_UTF8)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(path_shown, data, error) from None
    source = SourceFile(path_shown, text)
    refuse_characters(Marks(source))
    return source


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting, should the file have become a pipe since it was looked at."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _kind(mode: int) -> str:
    """What a path that is no regular file is."""
    if stat.S_ISDIR(mode):
        return "a directory"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _too_large(path: str, size: int) -> SpecError:
    message = f"{size:,} bytes are too many for a spec; at most {MAX_BYTES:,} (8 MiB) are read"
    return failure(codes.TOO_LARGE, message, place=path, help="keep weights and data in files of their own")


def _unreadable(path: str, error: OSError | ValueError) -> SpecError:
    if isinstance(error, FileNotFoundError):
        near = did_you_mean(os.path.basename(path), _neighbours(path))
        help = f"did you mean `{os.path.join(os.path.dirname(path), near)}`?" if near is not None else None
        return failure(codes.UNREADABLE_FILE, "there is no such file", place=path, help=help)
    if isinstance(error, PermissionError):
        return failure(codes.UNREADABLE_FILE, "no permission to read this file", place=path)
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return failure(codes.UNREADABLE_FILE, f"the file cannot be read: {reason}", place=path)


def _neighbours(path: str) -> list[str]:
    """Some names in the folder of a path."""
    try:
        with os.scandir(os.path.dirname(path) or ".") as entries:
            return [entry.name for entry in islice(entries, 200)]
    except (OSError, ValueError):
        return []


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32 where the first bytes show it, by a byte order mark or by zeros between them."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return encoding
    zeros = [byte == 0 for byte in data[:4]]
    if zeros in ([True, True, True, False], [False, True, True, True]):
        return "UTF-32"
    if zeros in ([True, False, True, False], [False, True, False, True]):
        return "UTF-16"
    return None


def _not_utf8(path: str, data: bytes, error: UnicodeDecodeError) -> SpecError:
    """The mistake at the first byte that is not UTF-8."""
    bad = error.start
    offset = len(data[:bad].decode())
    marks = Marks(SourceFile(path, data.decode(errors="replace")))
    as_latin_1 = chr(data[bad])
    message = f"the byte 0x{data[bad]:02X} is not UTF-8"
    if error.reason == "unexpected end of data" and bad + 1 < len(data):
        message = "the text ends in the middle of a character"
    elif as_latin_1.isprintable():
        message += f"; in Latin-1 it is `{as_latin_1}`"
    return failure(codes.NOT_UTF8, message, marks.span(offset, offset + 1), help=_SAVE_AS_UTF8)
