"""`specmodel run` in pieces gives what one piece gives."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.cli.run import command
from specmodel.diagnostics import SpecError
from tests.run.conftest import Run

SPECS = {
    "dense": "inputs: [6]\nlayers: [{Dense: {units: 5, activation: tanh}}, {Dense: 3}]\n",
    "image": "inputs: [6, 5, 2]\nlayers: [{Conv2D: {filters: 3, kernel_size: 3}}, {MaxPooling2D: 2}, Flatten]\n",
    "two outputs": (
        "inputs: [4, 3]\nlayers:\n  - LSTM: {units: 2, return_sequences: true, return_state: true}\n"
        "outputs: [lstm, lstm/1]\n"
    ),
    "unbuilt": "layers: [{Dense: 3}, {Softmax: }]\n",
}
SHAPES = {"dense": (6,), "image": (6, 5, 2), "two outputs": (4, 3), "unbuilt": (7,)}


def result(folder: str, *options: str) -> dict[str, np.ndarray]:
    output = f"{folder}/y.npz"
    arguments = [f"{folder}/s.yaml", f"{folder}/x.npy", "-o", output, "-q", *options]
    command.main(arguments, standalone_mode=False)
    with np.load(output) as file:
        return dict(file)


@pytest.mark.parametrize("kind", SPECS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_batch_size_gives_the_same(kind: str, data: st.DataObject) -> None:
    rows = data.draw(st.integers(1, 12))
    size = data.draw(st.integers(1, 14))
    order = data.draw(st.sampled_from("CF"))
    dtype = data.draw(st.sampled_from(["<f4", ">f4", "<f8", "<f2"]))
    x = np.random.default_rng(rows).standard_normal((rows, *SHAPES[kind])).astype(dtype, order=order)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "s.yaml").write_text(SPECS[kind])
        np.save(f"{folder}/x.npy", x)
        pieces, whole = result(folder, "--batch-size", str(size)), result(folder)
    assert list(pieces) == list(whole)
    for name, array in whole.items():
        assert pieces[name].shape == array.shape
        assert array.shape[0] == rows
        np.testing.assert_allclose(pieces[name], array, rtol=1e-4, atol=1e-6)


def test_limited_memory_makes_smaller_pieces_and_the_same_result(run: Run) -> None:
    Path("s.yaml").write_text("inputs: [64]\nlayers: [{Dense: 256}, {Dense: 8}]\n")
    np.save("x.npy", np.random.default_rng(0).standard_normal((3000, 64)).astype(np.float32))
    assert run("s.yaml", "x.npy", "-o", "y.npy", "-q") == (0, "", "")
    whole = np.load("y.npy")
    assert run("s.yaml", "x.npy", "-o", "y.npy", "-q", "--max-memory", "150K") == (0, "", "")
    np.testing.assert_allclose(np.load("y.npy"), whole, rtol=1e-4, atol=1e-5)


def test_what_is_wrong_late_in_a_stream_leaves_the_old_output(run: Run) -> None:
    Path("s.yaml").write_text("inputs: {x: {shape: [2], dtype: int8}}\nlayers: [{Identity: }]\n")
    x = np.zeros((5000, 2), np.int64)
    x[4321, 1] = 128
    np.save("x.npy", x)
    Path("y.npy").write_text("old")
    status, _, errors = run("s.yaml", "x.npy", "-o", "y.npy", "--batch-size", "100")
    assert status == 1
    assert "found 128 at [4321, 1]" in errors
    assert Path("y.npy").read_text() == "old"
    assert not list(Path().glob(".specmodel-*"))


def test_the_first_not_finite_number_is_counted_from_the_whole_batch(run: Run) -> None:
    x = np.zeros((5000, 4), np.float32)
    x[4321, 2] = x[4999, 3] = np.nan
    np.save("x.npy", x)
    assert "has 2 NaN values, the first at [4321, 2]" in run("dense.yaml", "x.npy", "--batch-size", "100")[2]


def test_a_long_result_is_printed_as_numpy_prints_it_whole(run: Run) -> None:
    Path("s.yaml").write_text("inputs: [3]\nlayers: [{ReLU: }]\n")
    x = np.random.default_rng(0).random((20_000, 3)).astype(np.float32)
    np.save("x.npy", x)
    assert run("s.yaml", "x.npy", "--batch-size", "999")[1] == f"re_lu: shape (20000, 3), dtype float32\n{x}\n"


def test_a_piece_that_does_not_fit_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "s.yaml").write_text("inputs: [64]\nlayers: [{Dense: 4096}]\n")
        np.save(f"{folder}/x.npy", np.zeros((3000, 64), np.float32))
        with pytest.raises(SpecError) as caught:
            result(folder, "--batch-size", "1000", "--max-memory", "8M")
    [found] = caught.value.diagnostics
    assert found.code == "E504"
    assert found.message.startswith("a piece of 1,000 samples takes ")
    assert found.help is not None
    assert found.help.startswith("give a smaller `--batch-size`")
