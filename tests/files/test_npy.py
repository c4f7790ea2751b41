"""Headers of .npy files. The oracle is NumPy; bad files are made by hand."""

import io
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specmodel.diagnostics import SpecError
from specmodel.files.npy import ArrayHeader, header_bytes, read_header

GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"


def npy(header: str | bytes = GOOD, data: bytes = bytes(24), version: tuple[int, int] = (1, 0)) -> bytes:
    text = header.encode("latin-1") if isinstance(header, str) else header
    length = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text + data


def header_of(content: bytes, size: int | None = None) -> ArrayHeader:
    return read_header(io.BytesIO(content), len(content) if size is None else size, "x.npy")


def described(descr: str, data: bytes, shape: str = "(2,)") -> bytes:
    return npy(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}", data)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_says_the_same(version: tuple[int, int]) -> None:
    header = header_of(npy(version=version))
    assert (header.shape, header.dtype, header.numpy_dtype, header.fortran_order) == ((2, 3), "float32", "<f4", False)
    assert header.nbytes == 24
    assert header.offset == len(npy(version=version)) - 24


@pytest.mark.parametrize(
    ("header", "shape"),
    [
        ("{'descr':'<f4','fortran_order':False,'shape':(2,3)}", (2, 3)),
        ("{'shape': (6,), 'fortran_order': False, 'descr': '<f4'}   \n", (6,)),
        ('{"descr": "<f4", "fortran_order": False, "shape": (3L, 2L,)}', (3, 2)),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 6)}", (1, 1, 1, 1, 1, 1, 1, 6)),
    ],
)
def test_the_dict_may_be_written_in_any_way(header: str, shape: tuple[int, ...]) -> None:
    assert header_of(npy(header)).shape == shape


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        *((np.zeros(3, name), name) for name in ("bool", "int8", "int16", "int32", "int64")),
        *((np.zeros(3, name), name) for name in ("uint8", "uint16", "uint32", "uint64")),
        *((np.zeros(3, name), name) for name in ("float16", "float32", "float64")),
        (np.zeros((2, 3), ">f8"), "float64"),
        (np.zeros((2, 3), ">i2", order="F"), "int16"),
        (np.array(["a", "bcd"]), "string"),
        (np.zeros(()), "float64"),
        (np.zeros((0, 5), "f4"), "float32"),
    ],
)
def test_what_numpy_writes_is_read(array: np.ndarray, dtype: str) -> None:
    file = io.BytesIO()
    np.save(file, array)
    header = header_of(file.getvalue())
    assert (header.shape, header.dtype, header.nbytes) == (array.shape, dtype, array.nbytes)
    assert np.dtype(header.numpy_dtype) == array.dtype
    assert header.fortran_order == (array.flags.fnc)
    assert header.offset + header.nbytes == len(file.getvalue())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is not an .npy file: it is empty"),
        (b"PK\x03\x04....", r"it starts with `PK\x03\x04` (a zip archive"),
        (b"\x1f\x8b\x08\x00", "(gzip)"),
        (b"\x80\x04\x95\x10", "(a pickle)"),
        (b"\x89HDF\r\n\x1a\n", "(HDF5"),
        (b"\x89PNG\r\n\x1a\n", "(a PNG image)"),
        (b"version https://git-lfs", "(a Git LFS pointer"),
        (b"a,b\n1,2\n", r"it starts with `a,b\n1,2\n` (text)"),
        (b"caf\xc3\xa9 au lait, 16", "(text)"),
        (b"\x10\0\0\0\0\0\0\0{}", "(a .safetensors file)"),
        (b"\x00\x01\x02\x03\xff\xfe", r"it starts with `\x00\x01\x02\x03\xff\xfe` (nothing known)"),
        (b"\x93NUMPY", "cut short: it ends within its header"),
        (b"\x93NUMPY\x02\x00\x10\x00", "cut short: it ends within its header"),
        (b"\x93NUMPY\x01\x00\x10\x00{'de", "cut short: it ends within its header"),
        (b"\x93NUMPY\x04\x00\x10\x00", "version 4.0 of the .npy format is not known"),
        (npy(version=(2, 0))[:8] + b"\xff\xff\xff\xff", "4,294,967,295 bytes, and 4,096 is the limit"),
        (npy("(" * 4000), "expected `{`"),
        (npy(GOOD.ljust(5000)), "its header has 5,000 bytes, and 4,096 is the limit"),
        (
            npy(data=bytes(23)),
            "declares 24 bytes of data (shape (2, 3), dtype `<f4`), and there are 23",
        ),
        (npy(data=bytes(25)), "longer than it says: its header declares 24 bytes of data"),
        (npy("{'descr': '<f4', 'descr': '<f4', 'shape': (6,)}"), "its header has `descr` twice"),
        (npy("{'descr': '<f4', 'shape': (6,)}"), "its header lacks `fortran_order`"),
        (npy("{}"), "its header lacks `descr` and `fortran_order` and `shape`"),
        (npy(GOOD.replace(", }", ", 'x': 1}")), "the key `x`, which is none of the .npy format"),
        (npy(GOOD + "; import os"), "expected its end, found `; import os`"),
        (npy(GOOD[:-1]), "expected a key in quotes, found its end"),
        (npy(GOOD.replace("False", "0")), "expected `True` or `False`, found `0,"),
        (npy(GOOD.replace("(2, 3)", "(6)")), "expected `,`"),
        (npy(GOOD.replace("(2, 3)", "6")), "expected `(`"),
        (npy(GOOD.replace("(2, 3)", "(-2, 3)")), "`-2` where the size of an axis is expected: it is below zero"),
        (npy(GOOD.replace("(2, 3)", "(2.0, 3)")), "expected `,`, found `.0, 3)"),
        (npy(GOOD.replace("(2, 3)", "(True, 3)")), "expected the size of an axis, found `True, 3)"),
        (npy(GOOD.replace("(2, 3)", f"({'9' * 3000},)")), "a number of 3000 digits"),
        (npy(GOOD.replace("(2, 3)", "(2147483648,)")), "an axis of size `2147483648` is above the limit"),
        (npy(GOOD.replace("(2, 3)", "(2147483647, 2147483647, 2)")), "is larger than any memory"),
        (npy(GOOD.replace("(2, 3)", "(0, 2147483647, 2147483647, 2)"), b""), "is larger than any memory"),
        (npy(GOOD.replace("(2, 3)", "(1, 1, 1, 1, 1, 1, 1, 1, 6)")), "9 axes, and 8 is the limit"),
        (described("'|O'", b""), "Python objects, which are stored as a pickle"),
        (described("'<c8'", bytes(16)), "complex numbers (dtype `<c8`)"),
        (described("'<M8[ns]'", bytes(16)), "dates (dtype `<M8[ns]`)"),
        (described("'<m8[s]'", bytes(16)), "durations (dtype `<m8[s]`)"),
        (described("'|S3'", bytes(6)), "byte strings (dtype `|S3`)"),
        (described("'|V3'", bytes(6)), "untyped bytes (void) (dtype `|V3`)"),
        (described("[('a', '<f4')]", bytes(8)), "structured arrays"),
        (described("('<f4', (2,))", bytes(16)), "structured arrays"),
        (described("'<f16'", bytes(32)), "its dtype `<f16` is none that specmodel reads"),
        (described("'<U0'", b""), "its dtype `<U0` is none that specmodel reads"),
        (described("'float32'", bytes(8)), "its dtype `float32` is none that specmodel reads"),
        (described("'f4'", bytes(8)), "does not say the order of the bytes"),
        (described("'|f4'", bytes(8)), "does not say the order of the bytes"),
        (described("''", bytes(8)), "its dtype `` is none that specmodel reads"),
        (described("f4", bytes(8)), "expected a dtype in quotes, found `f4, "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_right_is_said(content: bytes, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        header_of(content)
    [diagnostic] = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.path) == ("E501", "x.npy")
    assert message in diagnostic.message


def test_the_advice_fits_what_the_file_is() -> None:
    with pytest.raises(SpecError) as caught:
        header_of(b"version https://git-lfs.github.com/spec/v1")
    assert caught.value.diagnostics[0].help == "fetch the file with `git lfs pull`"


def test_the_code_is_the_callers() -> None:
    with pytest.raises(SpecError) as caught:
        read_header(io.BytesIO(b""), 0, "x.npy", code="E401")
    assert caught.value.diagnostics[0].code == "E401"


@given(
    st.lists(st.integers(0, 2**31 - 1), max_size=4).filter(lambda sizes: math.prod(max(n, 1) for n in sizes) < 2**61)
)
def test_written_headers_are_read_by_numpy_and_by_us(sizes: list[int]) -> None:
    content = header_bytes(sizes, "<f4")
    assert len(content) % 64 == 0
    file = io.BytesIO(content)
    np.lib.format.read_magic(file)
    assert np.lib.format.read_array_header_1_0(file) == (tuple(sizes), False, np.dtype("<f4"))
    size = len(content) + math.prod(sizes) * 4
    assert header_of(content, size).shape == tuple(sizes)
