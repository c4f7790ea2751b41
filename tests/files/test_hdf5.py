"""The HDF5 reader against h5py: what h5py writes is read, what could lead elsewhere or explode is refused."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from specmodel.files.hdf5 import Dataset, Group, open_hdf5
from specmodel.files.hdf5.arrays import array_of
from specmodel.files.malformed import MalformedError

DTYPES = ["<f4", ">f4", "<f2", "<f8", "<i4", ">i8", "u1", "i1", "<u2", "?"]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays(np.dtype(dtype), st.lists(st.integers(0, 4), max_size=4).map(tuple))
)
NAMES = st.text("abcé_:/0", min_size=1, max_size=12).map(lambda text: text.replace("/", "-") or "x")
FORMS = st.sampled_from([{}, {"chunks": True}, {"chunks": True, "compression": "gzip", "shuffle": True}])


def opened(path: Path) -> Group:
    return open_hdf5(memoryview(path.read_bytes()))


def made(path: Path, write: Callable[[Any], object], **options: Any) -> Path:
    with h5py.File(path, "w", **options) as file:
        write(file)
    return path


def message(path: Path) -> str:
    """Why a file is refused, whatever of it is asked for."""
    try:
        for dataset in opened(path).datasets():
            array_of(dataset)
    except MalformedError as wrong:
        return wrong.message
    raise AssertionError("the file is read")


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(NAMES, st.tuples(ARRAYS, FORMS), min_size=1, max_size=40))
def test_what_h5py_writes_is_read(tmp_path_factory: pytest.TempPathFactory, members: dict[str, Any]) -> None:
    def write(file: Any) -> None:
        for name, (array, form) in members.items():
            options = form if array.ndim > 0 and array.size > 0 else {}
            file.create_group(f"group-{name}").create_dataset(name, data=array, **options)

    root = opened(made(tmp_path_factory.mktemp("h5") / "x.h5", write))
    assert sorted(root) == sorted(f"group-{name}" for name in members)
    for name, (array, _) in members.items():
        found = root.get(f"group-{name}/{name}")
        assert isinstance(found, Dataset)
        read = array_of(found)
        assert (found.shape, read.shape, read.dtype) == (array.shape, array.shape, array.dtype)
        np.testing.assert_array_equal(read, array)


def test_attributes_are_texts_lists_of_texts_and_numbers(tmp_path: Path) -> None:
    def write(file: Any) -> None:
        file.attrs["text"] = "läng" * 100
        file.attrs["bytes"] = np.bytes_(b"fixed")
        file.attrs["names"] = [b"a", b"bcd"]
        file.attrs["texts"] = ["é", ""]
        file.attrs["none"] = []
        file.attrs["number"] = 3
        file.attrs["float"] = np.float32(0.5)
        file.attrs["flag"] = True
        file.attrs["many"] = np.ones(4)

    attributes = opened(made(tmp_path / "x.h5", write)).attributes
    assert dict(attributes) == {
        "text": "läng" * 100,
        "bytes": "fixed",
        "names": ["a", "bcd"],
        "texts": ["é", ""],
        "none": [],
        "number": 3,
        "float": 0.5,
        "flag": True,
        "many": None,
    }


def test_many_attributes_are_read(tmp_path: Path) -> None:
    def write(file: Any) -> None:
        for number in range(100):
            file.attrs[f"names{number}"] = [f"layer-{number}"]

    attributes = opened(made(tmp_path / "x.h5", write, libver="latest")).attributes
    assert dict(attributes) == {f"names{number}": [f"layer-{number}"] for number in range(100)}


def test_a_dataset_is_a_view_of_the_file(tmp_path: Path) -> None:
    data = made(tmp_path / "x.h5", lambda file: file.create_dataset("x", data=np.arange(5.0))).read_bytes()
    found = open_hdf5(memoryview(data)).get("x")
    assert isinstance(found, Dataset)
    array = array_of(found)
    assert not array.flags.owndata
    assert not array.flags.writeable


@pytest.mark.parametrize("count", [1, 8, 9, 50, 300, 3000])
@pytest.mark.parametrize("options", [{}, {"track_order": True}, {"libver": "latest"}], ids=str)
def test_groups_of_every_size_and_form_are_read(tmp_path: Path, count: int, options: dict[str, Any]) -> None:
    names = [f"member-{number}-{'é' * (number % 3)}" for number in range(count)]
    path = made(tmp_path / "x.h5", lambda file: [file.create_group(f"g/{name}") for name in names], **options)
    group = opened(path).group("g")
    assert group is not None
    assert sorted(group) == sorted(names)
    assert all(group.group(name) is not None for name in names)


def _virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4,))
    file.create_virtual_dataset("x", layout)


def _twice(file: Any) -> None:
    file.create_group("a/b")
    file["a/b/loop"] = file["a"]


REFUSED: dict[str, tuple[Callable[[Any], object], str]] = {
    "soft link": (lambda file: file.__setitem__("x", h5py.SoftLink("/y")), "is a soft link"),
    "external link": (lambda file: file.__setitem__("x", h5py.ExternalLink("/etc/passwd", "/")), "is an external link"),
    "external storage": (
        lambda file: file.create_dataset("x", (8,), "u1", external=[("/etc/passwd", 0, 8)]),
        "its data is in another file",
    ),
    "virtual dataset": (_virtual, "put together from other datasets"),
    "circle of groups": (_twice, "lead to the same object"),
    "shape bomb": (lambda file: file.create_dataset("x", (10**5, 10**6), "f4"), "and 0 are stored"),
    "chunks that are not there": (
        lambda file: file.create_dataset("x", (10**6, 10**6), "f4", chunks=(1000, 1000)),
        "as a zip bomb does",
    ),
    "gzip bomb": (
        lambda file: file.create_dataset("x", data=np.zeros((2**14, 2**12)), chunks=(2**12, 2**12), compression="gzip"),
        "as a zip bomb does",
    ),
    "another filter": (lambda file: file.create_dataset("x", data=np.ones(100), compression="lzf"), "packed with LZF"),
    "references": (
        lambda file: file.create_dataset("x", data=file.ref, dtype=h5py.ref_dtype),
        "holds references to other objects",
    ),
    "records": (lambda file: file.create_dataset("x", data=np.zeros(2, "i4,f4")), "holds records"),
    "complex numbers": (lambda file: file.create_dataset("x", data=np.zeros(2, "c8")), "holds"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_leads_elsewhere_or_explodes_is_refused(tmp_path: Path, what: str) -> None:
    write, said = REFUSED[what]
    assert said in message(made(tmp_path / "x.h5", write))


@pytest.mark.parametrize("size", [0, 1, 8, 20, 95, 96, 200, 800, 1500])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, size: int) -> None:
    path = made(tmp_path / "x.h5", lambda file: file.create_dataset("a/b", data=np.arange(100.0)))
    os.truncate(path, size)
    with pytest.raises(MalformedError):
        array_of(next(opened(path).datasets()))


def _whole(file: Any) -> None:
    file.attrs["names"] = ["a", "b"]
    file.attrs["text"] = "x" * 50
    for number in range(12):
        group = file.create_group(f"layers/dense_{number}/vars")
        group.attrs["name"] = f"dense_{number}"
        group["0"] = np.arange(6.0).reshape(2, 3)
    file.create_dataset("z", data=np.arange(64.0).reshape(8, 8), chunks=(3, 3), compression="gzip", shuffle=True)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_changed_bytes_give_arrays_or_one_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = made(tmp_path_factory.mktemp("h5") / "x.h5", _whole)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(MalformedError):
        root = open_hdf5(memoryview(bytes(content)))
        for dataset in root.datasets():
            dict(dataset.attributes)
            array_of(dataset)
        dict(root.attributes)
