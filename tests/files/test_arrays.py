"""Arrays to files and back, whatever the bytes. The oracle is NumPy."""

import io
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from specmodel.diagnostics import Diagnostic, SpecError
from specmodel.files.arrays import map_npy, map_safetensors, native, read_npy_stream, read_npz
from specmodel.files.npy import header_bytes
from specmodel.files.writers import NpyWriter, NpzWriter
from tests.files.saving import save_npz, save_safetensors

KINDS = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
NUMBERS = st.sampled_from(KINDS).flatmap(lambda kind: st.sampled_from([np.dtype(f"{order}{kind}") for order in "<>"]))
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


@st.composite
def arrays(draw: st.DrawFn, texts: bool = True) -> np.ndarray:
    shape = draw(SHAPES)
    if texts and draw(st.integers(0, 5)) == 0:
        order = draw(st.sampled_from("<>"))
        array = draw(hnp.arrays(f"{order}U3", shape, elements=st.text(LETTERS, max_size=3)))
    else:
        array = draw(hnp.arrays(draw(NUMBERS), shape))
    return np.asfortranarray(array) if draw(st.booleans()) else array


anywhere = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


def assert_same(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(found, expected)
    assert found.shape == expected.shape
    assert found.dtype.newbyteorder("=") == expected.dtype.newbyteorder("=")
    assert not found.flags.writeable


@anywhere
@given(arrays())
def test_an_npy_of_numpy_is_read_from_files_and_streams(tmp_path: Path, array: np.ndarray) -> None:
    path = tmp_path / "x.npy"
    np.save(path, array)
    assert_same(map_npy(path), array)
    assert_same(read_npy_stream(io.BytesIO(path.read_bytes())), array)


@anywhere
@given(arrays())
def test_a_native_array_is_what_kernels_want(tmp_path: Path, array: np.ndarray) -> None:
    path = tmp_path / "x.npy"
    np.save(path, array)
    made = native(map_npy(path))
    np.testing.assert_array_equal(made, array)
    assert made.dtype.isnative
    assert made.flags.c_contiguous
    assert made.flags.aligned


@anywhere
@given(st.dictionaries(st.sampled_from(["x", "dense/kernel", "a.b-c", "_"]), arrays()))
def test_an_npz_of_ours_is_read_by_numpy_and_by_us(tmp_path: Path, written: dict[str, np.ndarray]) -> None:
    path = tmp_path / "x.npz"
    save_npz(path, written)
    with np.load(path) as theirs:
        assert theirs.files == list(written)
        for name, array in written.items():
            np.testing.assert_array_equal(theirs[name], array)
    ours = read_npz(path)
    assert list(ours) == list(written)
    for name, array in written.items():
        assert_same(ours[name], array)
        assert ours[name].flags.aligned


@anywhere
@given(st.dictionaries(st.sampled_from(["x", "dense/kernel", "a.b-c", "_"]), arrays(texts=False)))
def test_safetensors_of_ours_are_read_by_us(tmp_path: Path, written: dict[str, np.ndarray]) -> None:
    path = tmp_path / "x.safetensors"
    save_safetensors(path, written)
    mapped = map_safetensors(path)
    assert set(mapped) == set(written)
    assert len(mapped) == len(written)
    for name, array in written.items():
        assert_same(mapped[name], array)
        assert mapped[name].flags.aligned


def test_bf16_is_widened_to_float32(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    header = b'{"x":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}}'
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes.fromhex("803f 00c0 807f 0180"))
    array = map_safetensors(path)["x"]
    assert array.dtype == np.float32
    assert array.tolist() == [1.0, -2.0, float("inf"), -(2.0**-133)]


def test_equal_arrays_give_equal_bytes(tmp_path: Path) -> None:
    for name, save in (("x.npz", save_npz), ("x.safetensors", save_safetensors)):
        save(tmp_path / name, {"a": np.arange(5), "b": np.ones((2, 2), "f4")})
        save(tmp_path / f"again-{name}", {"a": np.arange(5, dtype=">i8"), "b": np.ones((2, 2), "f4", order="F")})
        assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()


def test_an_npy_is_written_block_by_block_even_to_a_pipe() -> None:
    expected = np.arange(35, dtype=np.float32).reshape(7, 5)
    file = io.BytesIO()
    writer = NpyWriter(file, (7, 5), "float32")
    for start in range(0, 7, 3):
        writer.write(expected[start : start + 3])
    writer.close()
    np.testing.assert_array_equal(np.load(io.BytesIO(file.getvalue())), expected)


def test_an_npz_is_written_block_by_block_in_any_order(tmp_path: Path) -> None:
    x, y = np.arange(12.0).reshape(6, 2), np.arange(6, dtype=np.int8)
    with open(tmp_path / "x.npz", "wb") as file:
        writer = NpzWriter(file, {"x": ((6, 2), "f8"), "y": ((6,), "i1"), "z": ((), "f4"), "none": ((0, 3), "f4")})
        for start in (0, 4):
            writer.write("y", y[start : start + 4])
            writer.write("x", x[start : start + 4])
        writer.write("z", np.float32(3).reshape(()))
        writer.close()
    with np.load(tmp_path / "x.npz") as read:
        found = {name: read[name].tolist() for name in read.files}
    assert found == {"x": x.tolist(), "y": y.tolist(), "z": 3, "none": []}


@pytest.mark.parametrize("shape", [(3, 3), (2,), (3, 2, 1)])
def test_a_block_that_does_not_fit_is_our_bug(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="cannot be of shape"):
        NpyWriter(io.BytesIO(), (2, 2), "f4").write(np.zeros(shape, "f4"))


def test_missing_rows_are_our_bug() -> None:
    with pytest.raises(ValueError, match="0 of 2 rows were written"):
        NpyWriter(io.BytesIO(), (2, 2), "f4").close()


@pytest.mark.parametrize("name", ["../a", "a:0", "", "a b", "/a", "a/", "a..b"])
def test_names_that_arrays_cannot_have_are_not_written(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of an array"):
        NpzWriter(io.BytesIO(), {name: ((1,), "f8")})


@pytest.mark.parametrize("array", [np.array([None]), np.zeros(1, "c8"), np.zeros(1, "S1"), np.zeros(1, np.longdouble)])
def test_dtypes_that_are_not_read_are_not_written(array: np.ndarray) -> None:
    with pytest.raises(TypeError, match="are not written"):
        NpzWriter(io.BytesIO(), {"a": (array.shape, array.dtype)})


@pytest.mark.parametrize(
    ("descr", "data", "message"),
    [
        ("|b1", b"\x00\x01\x02", "a boolean is stored as 0 or 1, and it has a 2"),
        ("<U1", b"a\0\0\0" + b"\x00\x00\x11\x00" + b"b\0\0\0", "the letter 0x110000, which is none of Unicode"),
        (">U1", b"\0\0\0a" + b"\x00\x00\xd8\x00" + b"\0\0\0b", "the letter 0xd800, which is none of Unicode"),
    ],
)
def test_values_that_would_break_numpy_are_refused(descr: str, data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "x.npy").write_bytes(header_bytes((3,), descr) + data)
    with pytest.raises(SpecError) as caught:
        map_npy(tmp_path / "x.npy")
    assert message in caught.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (
            header_bytes((4,), "<f4") + bytes(15),
            "E501",
            "its header declares 16 bytes of data, and 15 came",
        ),
        (header_bytes((4,), "<f4") + bytes(17), "E501", "goes on after the 16 bytes that it declares"),
        (header_bytes((500,), "<f4"), "E003", "declares 2,000 bytes, and 1,000 is the limit for a stream"),
        (b"hello", "E501", "this is not an .npy file"),
        (b"", "E501", "it is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_streams(content: bytes, code: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_npy_stream(io.BytesIO(content), 1000)
    [diagnostic] = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.path) == (code, "-")
    assert message in diagnostic.message


@pytest.mark.parametrize("shape", [(10**6, 10**6), (2**31 - 1, 400)])
def test_a_header_that_lies_allocates_nothing(shape: tuple[int, ...], tmp_path: Path) -> None:
    content = header_bytes(shape, "<f4") + bytes(100)
    (tmp_path / "x.npy").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(SpecError, match="cut short"):
        map_npy(tmp_path / "x.npy")
    with pytest.raises(SpecError, match="ends too early"):
        read_npy_stream(io.BytesIO(content), 1 << 60)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


FORMATS = ["a.npy", "b.npz", "c.npz", "d.npz", "e.safetensors"]


def seeds(folder: Path) -> dict[str, bytes]:
    """Small good files of every format."""
    written: dict[str, Any] = {"x": np.arange(6, dtype="f4").reshape(2, 3), "y": np.array([True]), "t": np.array(["a"])}
    np.save(folder / "a.npy", written["x"])
    np.savez(folder / "b.npz", **written)
    np.savez_compressed(folder / "c.npz", **written)
    save_npz(folder / "d.npz", written)
    save_safetensors(folder / "e.safetensors", {name: written[name] for name in "xy"})
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


READ = {
    ".npy": lambda path: [map_npy(path)],
    ".npz": lambda path: list(read_npz(path).values()),
    ".safetensors": lambda path: list(map_safetensors(path).values()),
}


def complaints(path: Path) -> list[Diagnostic]:
    """What is said of a file when all its arrays are read and looked at; any other exception leaves."""
    try:
        for array in READ[path.suffix](path):
            array.tolist()
    except SpecError as error:
        return error.diagnostics
    return []


def test_the_seeds_of_mutation_are_good(tmp_path: Path) -> None:
    assert [(name, complaints(tmp_path / name)) for name in seeds(tmp_path)] == [(name, []) for name in FORMATS]


@settings(deadline=None, max_examples=600)
@given(st.data())
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp() / "mutated"  # made once: examples run thousands of times
    if not folder.exists():
        folder.mkdir()
        seeds(folder)
    name = data.draw(st.sampled_from(FORMATS))
    content = bytearray((folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        change = data.draw(st.sampled_from(["flip", "set", "cut", "insert", "delete"]))
        if change == "flip" and content:
            content[at] ^= 1 << data.draw(st.integers(0, 7))
        elif change == "set":
            content[at : at + 4] = data.draw(st.sampled_from([b"\xff" * 4, bytes(4), b"\x7f", b"9999", b"\xff\xff"]))
        elif change == "cut":
            del content[at:]
        elif change == "insert":
            content[at:at] = data.draw(st.binary(max_size=8))
        else:
            del content[at : at + data.draw(st.integers(1, 8))]
    path = folder / f"mutated-{name}"
    path.write_bytes(content)
    assert all(diagnostic.path == str(path) for diagnostic in complaints(path))
