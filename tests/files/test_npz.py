"""Archives of arrays. The oracle is `zipfile` and NumPy; what they would accept and should not is made by hand."""

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel.diagnostics import SpecError
from specmodel.files.archive import read_members
from specmodel.files.archive_writing import central_entry, end_records, local_header
from specmodel.files.arrays import read_npz
from specmodel.files.npy import ArrayHeader, header_bytes
from specmodel.files.npz import read_headers

DEFLATED = zipfile.ZIP_DEFLATED


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(array))
    return file.getvalue()


def archive(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as written:
        for name, content in members:
            written.writestr(name, content)
    return file.getvalue()


def headers(content: bytes, cap: int = 1 << 30) -> dict[str, ArrayHeader]:
    return read_headers(io.BytesIO(content), len(content), "x.npz", cap=cap)


def arrays(folder: Path, content: bytes, cap: int = 1 << 30) -> dict[str, np.ndarray]:
    (folder / "x.npz").write_bytes(content)
    return read_npz(folder / "x.npz", cap)


ONE = archive([("a.npy", npy([1.0, 2.0]))])
TWO = archive([("a.npy", npy([1])), ("b.npy", npy([2]))])
PACKED = archive([("a.npy", npy(np.arange(500)))], DEFLATED)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_writes_is_read(save: Callable[..., None], tmp_path: Path) -> None:
    written = {
        "x": np.arange(6, dtype=">f4").reshape(2, 3),
        "dense/kernel": np.asfortranarray(np.arange(300_000.0).reshape(300, 1000)),
        "text": np.array(["ab", "ç"]),
        "scalar": np.array(7),
        "conv/kernel:0": np.ones((1, 2)),
        "empty": np.zeros((0, 3)),
        "flag": np.array([True, False]),
    }
    save(tmp_path / "x.npz", **written)
    read = read_npz(tmp_path / "x.npz")
    assert list(read) == list(written)
    for name, array in written.items():
        np.testing.assert_array_equal(read[name], array)
        assert (read[name].dtype, read[name].shape) == (array.dtype, array.shape)
        assert not read[name].flags.writeable
    with open(tmp_path / "x.npz", "rb") as file:
        found = read_headers(file, (tmp_path / "x.npz").stat().st_size, "x.npz")
    assert {name: header.shape for name, header in found.items()} == {n: a.shape for n, a in written.items()}


def test_no_arrays_are_no_mistake(tmp_path: Path) -> None:
    assert arrays(tmp_path, archive([])) == {}


def test_a_comment_and_a_streamed_archive_are_read() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", DEFLATED) as written:
        written.writestr("a.npy", npy([1, 2, 3]))
        written.comment = b"by hand"
    assert headers(pipe.getvalue())["a"].shape == (3,)


def patched(content: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    at = content.index(signature) + offset
    return content[:at] + value + content[at + len(value) :]


def central(content: bytes, offset: int, value: bytes) -> bytes:
    return patched(content, b"PK\x01\x02", offset, value)


def both(content: bytes, local: int, value: bytes) -> bytes:
    """Patch a field in the local header and, two bytes further, in the table of contents."""
    return central(patched(content, b"PK\x03\x04", local, value), local + 2, value)


def overlapping() -> bytes:
    """Two entries of the table of contents that share one member's bytes."""
    data = npy([1.0, 2.0])
    local = local_header("a.npy", zlib.crc32(data), len(data), 0)
    entry = central_entry("a.npy", zlib.crc32(data), len(data), 0)
    other = entry.replace(b"a.npy", b"b.npy")
    return local + data + entry + other + end_records(2, len(entry + other), len(local + data))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is not an .npz file: it is empty"),
        (npy([1]), r"it starts with `\x93NUMPY` (an .npy file)"),
        (ONE[:-1], "its table of contents is missing"),
        (ONE[: len(ONE) // 2], "its table of contents is missing"),
        (ONE + b"x", "its table of contents is missing"),
        (b"PK\x03\x04" + ONE, "its table of contents is not where the archive says"),
        (patched(ONE, b"PK\x05\x06", 10, b"\x02\0"), "one part of several"),
        (patched(ONE, b"PK\x05\x06", 8, b"\x02\0\x02\0"), "its table of contents ends too early"),
        (patched(ONE, b"PK\x05\x06", 8, b"\0\0\0\0"), "does not hold the 0 members that it announces"),
        (patched(ONE, b"PK\x05\x06", 4, b"\x01\0"), "one part of several"),
        (archive([("../a.npy", npy([1]))]), "member `../a.npy` has a name that arrays cannot have"),
        (archive([("/a.npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([("a//b.npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([("a..b.npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([("a\\b.npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([(".npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([("a:b.npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([("a:0/b.npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([("ä.npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([(f"{'n' * 129}.npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([("/".join(["n"] * 65) + ".npy", npy([1]))]), "has a name that arrays cannot have"),
        (archive([("readme.txt", b"hello")]), "member `readme.txt` is not a `name.npy`"),
        (archive([("folder/", b"")]), "member `folder/` is not a `name.npy`"),
        (TWO.replace(b"b.npy", b"a.npy"), "two members of the name `a.npy`"),
        (both(ONE, 6, b"\x01\0"), "member `a.npy` is encrypted"),
        (patched(ONE, b"PK\x03\x04", 6, b"\x01\0"), "member `a.npy` is another one by its own header"),
        (patched(ONE, b"PK\x03\x04", 30, b"b"), "member `a.npy` is another one by its own header"),
        (archive([("a.npy", npy([1]))], zipfile.ZIP_LZMA), "is packed by method 14"),
        (central(ONE, 24, b"\xff\0\0\0"), "contradicts itself"),
        (central(PACKED, 24, b"\xff\xff\xff\x7f"), "2,147,483,647 bytes, more than its"),
        (central(PACKED, 24, b"\xff\xff\xff\xff"), "the zip64 sizes of member `a.npy` are missing"),
        (central(ONE, 20, struct.pack("<2L", 10**6, 10**6)), "reaches beyond the data of the archive"),
        (central(ONE, 42, b"\x07\0\0\0"), "the header of member `a.npy` is missing"),
        (overlapping(), "member `b.npy` overlaps another member"),
        (archive([("a.npy", b"hello")]), "member `a.npy`: this is not an .npy file: it starts with `hello` (text)"),
        (archive([("a.npy", npy([1, 2])[:-1])]), "member `a.npy`: the file is cut short"),
        (archive([("a.npy", npy(np.array([None], object)))]), "member `a.npy`: it holds Python objects"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_right_is_said_without_reading_data(content: bytes, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        headers(content)
    [diagnostic] = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.path) == ("E501", "x.npz")
    assert message in diagnostic.message


def flipped(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (flipped(ONE, ONE.index(b"PK\x01\x02") - 1), "member `a.npy`: it is damaged: its checksum (CRC-32) is wrong"),
        (flipped(PACKED, PACKED.index(b"PK\x01\x02") - 40), "member `a.npy`: it is damaged"),
        (central(PACKED, 16, b"\0\0\0\0"), "its checksum (CRC-32) is wrong"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_damaged_data_is_said(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        arrays(tmp_path, content)
    assert message in caught.value.diagnostics[0].message


def bomb(declared_rows: int, real_bytes: int) -> bytes:
    """A deflated member that declares some float32 rows and unpacks to zeros of any length."""
    header = header_bytes((declared_rows,), "<f4")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(header) + b"".join(packer.compress(bytes(1 << 20)) for _ in range(real_bytes >> 20))
    packed += packer.flush()
    size = len(header) + 4 * declared_rows
    fields = (20, 0, 8, 0, 33, 0, len(packed), size, 5, 0)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields) + b"a.npy"
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, 0) + b"a.npy"
    return local + packed + entry + end_records(1, len(entry), len(local + packed))


def test_a_bomb_stops_at_what_it_declares(tmp_path: Path) -> None:
    content = bomb(declared_rows=1000, real_bytes=1 << 30)
    assert len(content) < 2 << 20
    tracemalloc.start()
    with pytest.raises(SpecError, match=r"unpacks to more than the 4,128 bytes that it declares"):
        arrays(tmp_path, content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_an_honest_bomb_stops_at_the_cap(tmp_path: Path) -> None:
    content = bomb(declared_rows=1 << 22, real_bytes=1 << 24)
    with pytest.raises(SpecError) as caught:
        arrays(tmp_path, content, cap=1 << 20)
    assert caught.value.diagnostics[0].code == "E003"
    assert "unpack to 16,777,344 bytes, and the limit is 1,048,576" in caught.value.diagnostics[0].message


def test_stored_arrays_do_not_count_against_the_cap(tmp_path: Path) -> None:
    assert arrays(tmp_path, archive([("a.npy", npy(np.zeros(1000)))]), cap=10)["a"].shape == (1000,)


def test_an_archive_beyond_32_bits_is_read_and_written(tmp_path: Path) -> None:
    rows = 1_500_000_000
    header = header_bytes((rows,), "<f4")
    size = len(header) + 4 * rows
    path = tmp_path / "x.npz"
    with open(path, "wb") as file:  # sparse: the zeros take no room on the disk
        local = local_header("a.npy", 0, size, 0)
        file.write(local + header)
        second = len(local) + size
        file.seek(second)
        tail = npy([5.0])
        file.write(local_header("b.npy", zlib.crc32(tail), len(tail), second) + tail)
        place = file.tell()
        directory = central_entry("a.npy", 0, size, 0) + central_entry("b.npy", zlib.crc32(tail), len(tail), second)
        file.write(directory + end_records(2, len(directory), place))
    with open(path, "rb") as file:
        found = read_headers(file, path.stat().st_size, "x.npz")
        ours = [(member.name, member.size, member.header) for member in read_members(file, path.stat().st_size)]
    assert {name: header.shape for name, header in found.items()} == {"a": (rows,), "b": (1,)}
    with zipfile.ZipFile(path) as theirs:
        assert ours == [(info.filename, info.file_size, info.header_offset) for info in theirs.infolist()]
        assert theirs.read("b.npy") == tail


def test_a_bomb_under_the_cap_is_refused_by_its_ratio() -> None:
    content = archive([("a.npy", npy(np.zeros(10_000_000)))], zipfile.ZIP_DEFLATED)
    with pytest.raises(SpecError, match="as a zip bomb does"):
        headers(content)
