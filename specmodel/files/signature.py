"""What a file is, told by its first bytes."""

from specmodel.record import Record

LENGTH = 16
"""How many first bytes are enough."""


class Signature(Record):
    """The kind of file that starts with these bytes, and what to do with one."""

    start: bytes
    kind: str
    help: str | None = None


_PICKLE = "a pickle can run code when it is read: save the arrays themselves, with `numpy.save(file, array)`"
_UNPACK = "unpack it first"

_SIGNATURES = (
    Signature(b"\x93NUMPY", "an .npy file", "name the file `….npy`"),
    Signature(b"PK\x03\x04", "a zip archive, as .npz and .keras files are", "name an .npz file `….npz`"),
    Signature(b"PK\x05\x06", "an empty zip archive, as an .npz file without arrays is"),
    Signature(b"\x1f\x8b", "gzip", _UNPACK),
    Signature(b"BZh", "bzip2", _UNPACK),
    Signature(b"\xfd7zXZ\x00", "xz", _UNPACK),
    Signature(b"\x28\xb5\x2f\xfd", "zstandard", _UNPACK),
    Signature(b"7z\xbc\xaf\x27\x1c", "7-zip", _UNPACK),
    Signature(b"\x89HDF\r\n\x1a\n", "HDF5, as .h5 files are", "save its datasets as .npy, .npz or .safetensors"),
    Signature(b"\x89PNG", "a PNG image", "decode it, and save the pixels with `numpy.save`"),
    Signature(b"\xff\xd8\xff", "a JPEG image", "decode it, and save the pixels with `numpy.save`"),
    Signature(b"GIF8", "a GIF image", "decode it, and save the pixels with `numpy.save`"),
    Signature(b"RIFF", "RIFF, as WAV sound and WebP images are", "decode it, and save the samples with `numpy.save`"),
    Signature(b"%PDF", "a PDF document"),
    Signature(b"MATLAB", "a MATLAB file", "save its arrays with `numpy.save`"),
    Signature(b"PAR1", "a Parquet table", "save its columns with `numpy.save`"),
    Signature(b"version https://", "a Git LFS pointer, not the file itself", "fetch the file with `git lfs pull`"),
    *(Signature(bytes([0x80, protocol]), "a pickle", _PICKLE) for protocol in range(2, 6)),
)


def signature(first: bytes) -> Signature:
    """The kind of file that `first`, its first `LENGTH` bytes or fewer, belong to."""
    for known in _SIGNATURES:
        if first.startswith(known.start):
            return known
    if len(first) > 8 and first[8] == ord("{") and 0 < int.from_bytes(first[:8], "little") <= 100_000_000:
        return Signature(first[:9], "a .safetensors file", "name the file `….safetensors`")
    if first and _is_text(first):
        return Signature(first, "text")
    return Signature(first, "nothing known")


def described(first: bytes) -> str:
    """How a file starts, for a message: "it starts with `\\x1f\\x8b` (gzip)"."""
    if not first:
        return "it is empty"
    found = signature(first)
    begin = repr(first[: max(4, min(len(found.start), 10))])[2:-1].replace("`", "\\x60")
    return f"it starts with `{begin}` ({found.kind})"


def _is_text(first: bytes) -> bool:
    text = first.decode("utf-8", "ignore")
    complete = len(first) - len(text.encode()) < 4  # a character may be cut in two at the end
    return complete and all(c.isprintable() or c in "\t\r\n" for c in text.removeprefix("\ufeff"))
