"""Weights as arrays: what is read, made and written."""

import json
import struct
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from specmodel.diagnostics import Diagnostics, SpecError
from specmodel.layers.objects import Named, Pieces
from specmodel.ops.source import WeightSpec
from specmodel.spec.model import Place
from specmodel.weights.store import Weights, initial_weights, load_weights, save_weights

Array = NDArray[Any]
F4 = np.float32
SUFFIXES = (".npz", ".safetensors")
each_format = pytest.mark.parametrize("suffix", SUFFIXES)


def weight(path: str, *shape: int, dtype: str = "float32", initializer: object = "glorot_uniform") -> WeightSpec:
    return WeightSpec(path, shape, dtype, initializer)


SPECS = [weight("head/kernel", 4, 2), weight("head/bias", 2), weight("body/kernel", 3, 4)]


def arrays(dtype: str = "<f4") -> dict[str, Array]:
    return {spec.path: np.arange(np.prod(spec.shape), dtype=dtype).reshape(spec.shape) + 1 for spec in SPECS}


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(SpecError) as caught:
        call()
    [diagnostic] = caught.value.diagnostics
    return diagnostic.code, diagnostic.message


# Loading


def test_npz_arrays_are_read_in_the_specs_order(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **dict(reversed(arrays().items())))
    found = load_weights(tmp_path / "w.npz", SPECS)
    assert list(found) == [spec.path for spec in SPECS]
    for path, expected in arrays().items():
        np.testing.assert_array_equal(found[path], expected, strict=True)
    with pytest.raises(KeyError):
        found["other"]


@pytest.mark.parametrize("stored", ["<f4", ">f4", "<f2", ">f8", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_any_float_and_order_becomes_a_native_array_of_the_specs_dtype(
    tmp_path: Path, stored: str, order: Any, save: Callable[..., None]
) -> None:
    save(tmp_path / "w.npz", **{f"{path}:0": np.array(array, order=order) for path, array in arrays(stored).items()})
    found = load_weights(tmp_path / "w.npz", SPECS)
    for path, expected in arrays().items():
        np.testing.assert_array_equal(found[path], expected, strict=True)
        assert found[path].flags.c_contiguous
        assert found[path].dtype.isnative
        assert not found[path].flags.writeable


def test_an_array_as_the_spec_wants_it_is_a_view_of_the_file(tmp_path: Path) -> None:
    size = 2_000_000
    specs = [weight("a/kernel", size), weight("b/kernel", size, dtype="float64")]
    for suffix in SUFFIXES:
        path = tmp_path / f"w{suffix}"
        save_weights(path, {"a/kernel": np.ones(size, F4), "b/kernel": np.ones(size, np.float64)})
        tracemalloc.start()
        found = load_weights(path, specs)
        total = float(found["a/kernel"].sum() + found["b/kernel"].sum())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert total == 2 * size
        assert peak < size


def test_a_converted_array_is_made_once_if_it_is_kept(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **arrays("<f8"))
    found = load_weights(tmp_path / "w.npz", SPECS)
    assert found["head/kernel"] is found["head/kernel"]
    found = load_weights(tmp_path / "w.npz", SPECS, keep=False)
    assert found["head/kernel"] is not found["head/kernel"]


def test_bf16_tensors_are_widened_exactly(tmp_path: Path) -> None:
    header = json.dumps({"w/x": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}).encode()
    (tmp_path / "w.safetensors").write_bytes(
        struct.pack("<Q", len(header)) + header + struct.pack("<3H", 0x3F80, 0xC040, 0x7F80)
    )
    for dtype in ("float32", "float64", "bfloat16"):
        found = load_weights(tmp_path / "w.safetensors", [weight("w/x", 3, dtype=dtype)])
        assert found["w/x"].tolist() == [1.0, -3.0, float("inf")]


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (1.0, 1.0),
        (1 + 2**-7, 1 + 2**-7),
        (1 + 2**-8, 1.0),  # a tie goes to the even neighbour
        (1 + 3 * 2**-8, 1 + 2**-6),
        (1 + 2**-8 + 2**-20, 1 + 2**-7),
        (-3.14159, -3.140625),
        (3.4e38, float("inf")),
        (float("-inf"), float("-inf")),
        (0.0, 0.0),
    ],
)
def test_bfloat16_weights_are_rounded_to_bfloat16(given_: float, expected: float) -> None:
    spec = weight("w/x", 1, dtype="bfloat16")
    found = Weights([spec], lambda spec: np.array([given_], F4))["w/x"]
    assert (found.dtype, found.tolist()) == (np.float32, [expected])


def test_nan_stays_nan_as_bfloat16() -> None:
    nans = np.array([0x7F800001, 0x7FFFFFFF, 0xFFFFFFFF, 0xFF800001], np.uint32).view(F4)
    found = Weights([weight("w/x", 4, dtype="bfloat16")], lambda spec: nans)["w/x"]
    assert np.isnan(found).all()


def test_numbers_beyond_a_narrower_dtype_become_infinite(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **{"w/x": np.array([1e300, -1e300, 1.5])})
    said = Diagnostics()
    found = load_weights(tmp_path / "w.npz", [weight("w/x", 3)], diagnostics=said)
    assert [one.code for one in said] == ["N401"]
    assert found["w/x"].tolist() == [float("inf"), float("-inf"), 1.5]


def test_integers_are_widened_and_texts_are_kept(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **{"n/x": np.array([-5], np.int8), "t/x": np.array(["a", "bcd"])})
    found = load_weights(tmp_path / "w.npz", [weight("n/x", 1, dtype="int64"), weight("t/x", 2, dtype="string")])
    assert (found["n/x"].dtype, found["n/x"].tolist()) == (np.int64, [-5])
    assert found["t/x"].tolist() == ["a", "bcd"]


@each_format
def test_a_mismatch_is_raised_with_its_list(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    save_weights(path, {"head/kernel": np.ones((2, 4), F4)})
    assert refusal(lambda: load_weights(path, SPECS)) == (
        "E402",
        "the weights do not fit the spec: 2 are missing, 1 is of another shape",
    )


def test_mistakes_are_said_where_the_spec_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        load_weights(tmp_path / "w.npz", SPECS, place=Place(None, "weights"))
    [diagnostic] = caught.value.diagnostics
    assert str(diagnostic) == f"weights: error[E401] weights file `{tmp_path / 'w.npz'}`: there is no such file"


def test_a_boolean_that_is_neither_0_nor_1_is_refused(tmp_path: Path) -> None:
    save_weights(tmp_path / "w.safetensors", {"m/x": np.array([True, False])})
    content = (tmp_path / "w.safetensors").read_bytes()
    (tmp_path / "w.safetensors").write_bytes(content[:-1] + b"\x07")
    found = load_weights(tmp_path / "w.safetensors", [weight("m/x", 2, dtype="bool")])
    assert refusal(lambda: found["m/x"])[0] == "E401"


# Renames


def test_renames_lead_from_the_file_to_the_spec(tmp_path: Path) -> None:
    stored = {"out/kernel:0": arrays()["head/kernel"], "head/bias": arrays()["head/bias"], "b": arrays()["body/kernel"]}
    np.savez(tmp_path / "w.npz", **stored)
    found = load_weights(tmp_path / "w.npz", SPECS, renames={"out/kernel": "head/kernel", "b": "body/kernel"})
    for path, expected in arrays().items():
        np.testing.assert_array_equal(found[path], expected, strict=True)


def test_names_can_be_exchanged(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **{"a/x": np.ones(1, F4), "b/x": np.zeros(1, F4)})
    found = load_weights(tmp_path / "w.npz", [weight("a/x", 1), weight("b/x", 1)], renames={"a/x": "b/x", "b/x": "a/x"})
    assert (found["a/x"].tolist(), found["b/x"].tolist()) == ([0.0], [1.0])


@pytest.mark.parametrize(
    ("renames", "message"),
    [
        ({"head/kernal": "head/kernel"}, "the file has no array `head/kernal` to rename"),
        ({"head/kernel": "top/kernel"}, "the spec has no weight `top/kernel`, as which `head/kernel` should go"),
        ({"head/kernel": "body/kernel"}, "`head/kernel` and `body/kernel` would both be named `body/kernel`"),
    ],
)
def test_renames_that_cannot_be(tmp_path: Path, renames: dict[str, str], message: str) -> None:
    np.savez(tmp_path / "w.npz", **arrays())
    assert refusal(lambda: load_weights(tmp_path / "w.npz", SPECS, renames=renames)) == ("E402", message)


# Initial weights


def test_initial_weights_are_made_when_they_are_asked_for() -> None:
    huge = weight("huge/kernel", 2**31 - 1, 2**20)
    found = initial_weights([huge, weight("a/bias", 3, initializer="ones")], 0)
    assert list(found) == ["huge/kernel", "a/bias"]
    assert found["a/bias"].tolist() == [1.0, 1.0, 1.0]
    assert found["a/bias"] is found["a/bias"]
    assert not found["a/bias"].flags.writeable


def test_memory_that_is_not_there_is_said_of_the_weight() -> None:
    def exhausted(spec: WeightSpec) -> Array:
        raise MemoryError

    message = "there is not enough memory for the weight `head/kernel` (shape (4, 2), float32)"
    assert refusal(lambda: Weights(SPECS, exhausted)["head/kernel"]) == ("E504", message)


def test_numbers_follow_seed_and_path_alone() -> None:
    alone = initial_weights([SPECS[0]], 7)["head/kernel"]
    np.testing.assert_array_equal(initial_weights(SPECS, 7)["head/kernel"], alone)
    assert not np.array_equal(initial_weights(SPECS, 8)["head/kernel"], alone)
    assert not np.array_equal(initial_weights([weight("other/kernel", 4, 2)], 7)["other/kernel"], alone)


# Saving


def numpy_reads(path: Path) -> dict[str, Array]:
    """An independent reader of both formats."""
    if path.suffix == ".npz":
        with np.load(path) as file:
            return dict(file)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    kinds = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I32": "<i4", "BOOL": "?"}
    return {
        name: np.frombuffer(content[8 + length :][slice(*entry["data_offsets"])], kinds[entry["dtype"]]).reshape(
            entry["shape"]
        )
        for name, entry in json.loads(content[8 : 8 + length]).items()
    }


@each_format
def test_what_is_saved_is_what_others_read(tmp_path: Path, suffix: str) -> None:
    given_ = {
        **arrays(),
        "h/x": np.array([1.5, -2], np.float16),
        "d/x": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "i/x": np.array(5, ">i4"),
        "m/x": np.array([True, False]),
        "e/x": np.ones((0, 3), F4),
    }
    path = tmp_path / f"w{suffix}"
    save_weights(path, given_)
    found = numpy_reads(path)
    assert found.keys() == given_.keys()
    for name, expected in given_.items():
        np.testing.assert_array_equal(found[name], expected)
        assert found[name].dtype == expected.dtype.newbyteorder("<")


@each_format
def test_no_weights_are_a_file_too(tmp_path: Path, suffix: str) -> None:
    save_weights(tmp_path / f"w{suffix}", {})
    assert dict(load_weights(tmp_path / f"w{suffix}", [])) == {}


@each_format
def test_each_array_is_made_once_and_alone(tmp_path: Path, suffix: str) -> None:
    size, count = 250_000, 12
    specs = [weight(f"l{number}/kernel", size) for number in range(count)]
    asked: list[str] = []

    def make(spec: WeightSpec) -> Array:
        asked.append(spec.path)
        return np.ones(spec.shape, F4)

    tracemalloc.start()
    save_weights(tmp_path / f"w{suffix}", Weights(specs, make, keep=False))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sorted(asked) == sorted(spec.path for spec in specs)
    assert peak < 4 * size * 3


@each_format
def test_a_failure_leaves_the_old_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    path.write_bytes(b"old")

    def fails(spec: WeightSpec) -> Array:
        if spec.path == "body/kernel":
            raise KeyboardInterrupt
        return np.ones(spec.shape, F4)

    with pytest.raises(KeyboardInterrupt):
        save_weights(path, Weights(SPECS, fails))
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [(path.name, b"old")]


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("w.h5", "E403", "weights are kept in .npz and .safetensors files, and this name ends in `.h5`"),
        ("w", "E403", "weights are kept in .npz and .safetensors files, and this name has no suffix"),
        ("no/w.npz", "E006", "the output cannot be written: the folder `{folder}/no` does not exist"),
        ("in.npz", "E506", "the output would overwrite the input `{folder}/in.npz`"),
    ],
)
def test_outputs_that_are_refused(tmp_path: Path, name: str, code: str, message: str) -> None:
    source = tmp_path / "in.npz"
    source.write_bytes(b"")
    expected = (code, message.format(folder=tmp_path))
    assert refusal(lambda: save_weights(tmp_path / name, arrays(), [source])) == expected


def test_text_does_not_go_into_safetensors(tmp_path: Path) -> None:
    texts = {"t/x": np.array(["a"])}
    assert refusal(lambda: save_weights(tmp_path / "w.safetensors", texts))[0] == "E403"
    save_weights(tmp_path / "w.npz", texts)
    assert load_weights(tmp_path / "w.npz", [weight("t/x", 1, dtype="string")])["t/x"].tolist() == ["a"]


@each_format
def test_what_the_disk_cannot_hold_is_refused_before_any_number_is_made(tmp_path: Path, suffix: str) -> None:
    specs = [weight(f"l{number}/kernel", 2**31 - 1, 2**20) for number in range(1000)]

    def never(spec: WeightSpec) -> Array:
        raise AssertionError(spec.path)

    code, message = refusal(lambda: save_weights(tmp_path / f"w{suffix}", Weights(specs, never)))
    assert code == "E006"
    assert "it takes 9,007,199,250,546,688,000 bytes, and" in message
    assert list(tmp_path.iterdir()) == []


# Round trips

segments = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
paths = st.lists(segments, min_size=2, max_size=4).map("/".join)
named = [Named("RandomNormal", (("stddev", 3.0),)), Named("Constant", (("value", 0.1),))]
initializers = st.sampled_from(["zeros", "glorot_uniform", "he_normal", *named])
dtypes = st.sampled_from(["float32", "float64", "float16", "bfloat16"])
shapes = st.lists(st.integers(0, 5), max_size=4).map(tuple)
specs_ = st.builds(WeightSpec, paths, shapes, dtypes, initializers)
spec_lists = st.lists(specs_, max_size=6, unique_by=lambda spec: spec.path)


@settings(max_examples=60, deadline=None)
@given(spec_lists, st.sampled_from(SUFFIXES), st.integers(0, 2**64 - 1))
def test_what_was_initialised_and_saved_is_loaded(specs: list[WeightSpec], suffix: str, seed: int) -> None:
    made = initial_weights(specs, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"w{suffix}")
        save_weights(path, made)
        found = load_weights(path, specs)
        assert list(found) == list(made)
        for name in made:
            np.testing.assert_array_equal(found[name], made[name], strict=True)
        other = Path(folder, f"x{SUFFIXES[suffix == '.npz']}")
        save_weights(other, found, [path])
        for name, array in load_weights(other, specs).items():
            np.testing.assert_array_equal(array, made[name], strict=True)


def test_pieces_are_saved_as_one(tmp_path: Path) -> None:
    spec = weight("lstm/bias", 8, initializer=Pieces((("zeros", 2), ("ones", 2), ("zeros", 4))))
    save_weights(tmp_path / "w.npz", initial_weights([spec], 0))
    assert load_weights(tmp_path / "w.npz", [spec])["lstm/bias"].tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
