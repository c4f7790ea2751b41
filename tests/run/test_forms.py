"""`specmodel run`: every form of inputs and outputs."""

import io
import json
import os
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from tests.run.conftest import WEIGHTS, Run, X, body, head

LEFT = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
RIGHT = np.arange(12, dtype=np.int32).reshape(2, 3, 2) * 10
SUM = (LEFT + RIGHT).astype(np.float32)


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("arguments", [["x.npy"], ["input=x.npy"], ["x.npz"], ["-"], ["input=-"], ["./a=b.npy"]])
def test_an_input_can_be_given_in_every_form(run: Run, arguments: list[str]) -> None:
    np.savez("x.npz", input=X)
    Path("a=b.npy").write_bytes(npy(X))
    status, output, errors = run("dense.yaml", *arguments, "-o", "y.npy", stdin=npy(X))
    assert (status, output, errors) == (0, "", "y.npy: head: shape (5, 2), dtype float32\n")
    found = np.load("y.npy")
    np.testing.assert_allclose(found, head(X), rtol=1e-5)
    assert found.dtype == np.float32


@pytest.mark.parametrize(
    "arguments",
    [
        ["left.npy", "right.npy"],
        ["right=right.npy", "left.npy"],
        ["right=right.npy", "left=left.npy"],
        ["right.npy", "left=left.npy"],
        ["both.npz"],
        ["packed.npz"],
        ["right=right.npy", "-"],
        ["only_right.npz", "left.npy"],
    ],
)
def test_several_inputs_go_by_name_or_order(run: Run, arguments: list[str]) -> None:
    np.save("left.npy", LEFT)
    np.save("right.npy", RIGHT)
    np.savez("both.npz", right=RIGHT, left=LEFT)
    np.savez_compressed("packed.npz", right=RIGHT, left=LEFT)
    np.savez("only_right.npz", right=RIGHT)
    status, output, _ = run("two.yaml", *arguments, "-o", "y.npz", stdin=npy(LEFT))
    assert (status, output) == (0, "")
    with np.load("y.npz") as file:
        found = dict(file)
    assert list(found) == ["sum", "flipped"]
    np.testing.assert_array_equal(found["sum"], SUM, strict=True)
    np.testing.assert_array_equal(found["flipped"], SUM.transpose(0, 2, 1), strict=True)


def test_without_output_the_result_is_printed_as_numpy_does(run: Run) -> None:
    np.savez("both.npz", right=RIGHT, left=LEFT)
    expected = (
        f"sum: shape (2, 3, 2), dtype float32\n{SUM}\n"
        f"flipped: shape (2, 2, 3), dtype float32\n{np.ascontiguousarray(SUM.transpose(0, 2, 1))}\n"
    )
    assert run("two.yaml", "both.npz") == (0, expected, "")


@pytest.mark.parametrize(
    ("array", "note"),
    [
        (X.astype(np.float64), "float64"),
        (X.astype(np.float16), "float16"),
        ((X * 10).astype(np.int64), "int64"),
        (np.abs(X * 10).astype(np.uint8), "uint8"),
        (X > 0, "bool"),
        (X.astype(">f4"), None),
        (X.astype(">f8"), "float64"),
        (np.asfortranarray(X), None),
    ],
)
def test_numbers_are_cast_with_a_note(run: Run, array: np.ndarray, note: str | None) -> None:
    np.save("x.npy", array)
    status, _, errors = run("dense.yaml", "x.npy", "-o", "y.npy", "--batch-size", "2")
    text = f"x.npy: note[N501] input `input` is float32: this {note} data is cast\n\n" if note is not None else ""
    assert (status, errors) == (0, f"{text}y.npy: head: shape (5, 2), dtype float32\n")
    np.testing.assert_allclose(np.load("y.npy"), head(array.astype(np.float32)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64", ">i4", "bool"])
def test_integers_become_others_that_hold_them(run: Run, dtype: str) -> None:
    right = np.array([[[0, 1]], [[1, 100]]]).astype(dtype)
    np.save("right.npy", right)
    np.save("left.npy", np.zeros((2, 1, 2), np.float32))
    status, _, errors = run("two.yaml", "left.npy", "right.npy", "-o", "y.npz", "--batch-size", "1")
    assert (status, "N501" in errors) == (0, dtype != ">i4")
    with np.load("y.npz") as file:
        np.testing.assert_array_equal(file["sum"], right.astype(np.float32))


def test_not_finite_numbers_run_and_are_counted(run: Run) -> None:
    x = X.copy()
    x[3, 1] = np.nan
    x[4] = [np.inf, -np.inf, 0, np.nan]
    np.save("x.npy", x)
    status, _, errors = run("dense.yaml", "x.npy", "-o", "y.npy", "--batch-size", "2")
    assert status == 0
    assert errors.startswith("x.npy: note[N502] input `input` has 2 NaN and 2 infinite values, the first at [3, 1]\n")
    np.testing.assert_allclose(np.load("y.npy")[:3], head(x[:3]), rtol=1e-5)


def test_a_number_too_large_for_the_cast_is_counted_as_infinite(run: Run) -> None:
    np.save("x.npy", np.full((1, 4), [0, 1e300, 0, 0]))
    assert "N502] input `input` has 1 infinite value, the first at [0, 1]" in run("dense.yaml", "x.npy")[2]


def test_quiet_says_nothing_but_the_result(run: Run) -> None:
    np.save("x.npy", np.full((2, 4), np.nan))
    assert run("dense.yaml", "x.npy", "-o", "y.npy", "-q") == (0, "", "")


def test_weights_of_the_command_line_replace_those_of_the_spec(run: Run) -> None:
    np.savez("other.npz", **{path: array * 2 for path, array in WEIGHTS.items()})
    run("dense.yaml", "x.npy", "-o", "y.npy", "--weights", "other.npz")
    hidden = np.maximum(X @ WEIGHTS["body/kernel"] * 2 + WEIGHTS["body/bias"] * 2, 0)
    expected = hidden @ WEIGHTS["head/kernel"] * 2 + WEIGHTS["head/bias"] * 2
    np.testing.assert_allclose(np.load("y.npy"), expected, rtol=1e-5)


def test_without_weights_the_seed_makes_them_and_it_is_said(run: Run) -> None:
    spec = "inputs: [4]\nlayers: [{name: d, Dense: {units: 2, kernel_initializer: ones}}]\n"
    Path("seeded.yaml").write_text(f"seed: 7\n{spec}")
    status, _, errors = run("seeded.yaml", "x.npy", "-o", "y.npy")
    assert status == 0
    hint = "hint: no weights file is given (`--weights FILE`): the weights are the initial ones, of seed 7\n"
    assert errors == f"{hint}y.npy: d: shape (5, 2), dtype float32\n"
    np.testing.assert_allclose(np.load("y.npy"), np.repeat(X.sum(1, keepdims=True), 2, 1), rtol=1e-4, atol=1e-5)


def test_until_stops_at_a_layer(run: Run) -> None:
    assert run("dense.yaml", "x.npy", "-o", "y.npy", "--until", "body")[0] == 0
    np.testing.assert_allclose(np.load("y.npy"), body(X), rtol=1e-5)


def test_until_a_layer_with_several_outputs_gives_them_all(run: Run) -> None:
    spec = "inputs: [3, 4]\nlayers:\n  - name: rnn\n    LSTM: {units: 2, return_state: true}\n"
    Path("lstm.yaml").write_text(f"{spec}  - inputs: rnn/1\n    Dense: 1\n")
    np.save("x.npy", np.ones((2, 3, 4), np.float32))
    assert run("lstm.yaml", "x.npy", "-o", "y.npz", "--until", "rnn", "-q") == (0, "", "")
    with np.load("y.npz") as file:
        assert {name: array.shape for name, array in file.items()} == dict.fromkeys(["rnn", "rnn/1", "rnn/2"], (2, 2))


def test_an_existing_output_is_replaced_and_npz_is_taken_for_one_output_too(run: Run) -> None:
    Path("y.npz").write_text("old")
    assert run("dense.yaml", "x.npy", "-o", "y.npz")[0] == 0
    with np.load("y.npz") as file:
        np.testing.assert_allclose(file["head"], head(X), rtol=1e-5)


def test_trace_shows_each_layer(run: Run) -> None:
    status, output, _ = run("dense.yaml", "x.npy", "-o", "y.npy", "--trace", "--batch-size", "2")
    assert status == 0
    rows = [line.split() for line in output.splitlines()]
    hidden, result = body(X), head(X)
    assert (
        output.splitlines()[0].split() == "Layer (type) Output Shape Min Max Mean NaN Time (ms) Share GFLOP/s".split()
    )
    assert [row[:4] for row in rows[1:]] == [["body", "(Dense)", "(5,", "3)"], ["head", "(Dense)", "(5,", "2)"]]
    for row, array in zip(rows[1:], (hidden, result), strict=True):
        np.testing.assert_allclose(
            [float(cell) for cell in row[4:7]], [array.min(), array.max(), array.mean()], rtol=1e-3
        )
        assert row[7] == "0"
    np.testing.assert_allclose(np.load("y.npy"), result, rtol=1e-5)


def test_trace_comes_after_the_result_and_counts_nans_apart(run: Run) -> None:
    x = X.copy()
    x[0] = np.nan
    np.save("x.npy", x)
    output = run("dense.yaml", "x.npy", "--trace")[1]
    assert output.index("head: shape (5, 2)") < output.index("Layer (type)")
    assert output.splitlines()[-1].split()[7] == "2"
    assert float(output.splitlines()[-1].split()[6]) == pytest.approx(head(X)[1:].mean(), rel=1e-3)


def test_json_has_figures_and_no_numbers(run: Run) -> None:
    found = json.loads(run("dense.yaml", "x.npy", "--trace", "--format", "json")[1])
    assert found["outputs"] == [{"name": "head", "shape": [5, 2], "dtype": "float32"}]
    costs = [[layer.pop(name) for name in ("milliseconds", "share", "gflops")] for layer in found["trace"]]
    assert all(number > 0 for cost in costs for number in cost)
    assert sum(share for _, share, _ in costs) == pytest.approx(1, abs=1e-3)
    assert found["trace"][0] == {
        "layer": "body", "type": "Dense", "shape": [5, 3], "dtype": "float32",
        "min": 0.0, "max": pytest.approx(body(X).max()), "mean": pytest.approx(body(X).mean()), "nan": 0,
    }  # fmt: skip


def test_an_unbuilt_spec_takes_its_shapes_from_the_data(run: Run) -> None:
    Path("unbuilt.yaml").write_text("layers:\n  - name: d\n    Dense: {units: 2, kernel_initializer: ones}\n")
    for size in ([], ["--batch-size", "2"]):
        assert run("unbuilt.yaml", "x.npy", "-o", "y.npy", *size)[0] == 0
        np.testing.assert_allclose(np.load("y.npy"), np.repeat(X.sum(1, keepdims=True), 2, 1), rtol=1e-4, atol=1e-5)


def test_a_fixed_batch_runs_in_one_piece(run: Run) -> None:
    Path("fixed.yaml").write_text("inputs: {x: {shape: [4], batch: 5}}\nlayers: [{ReLU: }]\n")
    status, _, errors = run("fixed.yaml", "x.npy", "-o", "y.npy", "--batch-size", "2")
    assert status == 0
    assert errors.startswith("hint: `x` needs the whole batch at once: it runs in one piece")
    np.testing.assert_array_equal(np.load("y.npy"), np.maximum(X, 0))


@pytest.mark.parametrize("output", ["y.npy", "y.npz"])
def test_texts_go_in_and_out(run: Run, output: str) -> None:
    Path("words.yaml").write_text("inputs: {words: {shape: [2], dtype: string}}\nlayers: [{Identity: }]\n")
    words = np.array([["a", "bc"], ["", "déjà vu"], ["x", "y"]])
    np.save("words.npy", words)
    assert run("words.yaml", "words.npy")[1] == f"identity: shape (3, 2), dtype string\n{words}\n"
    status, shown, _ = run("words.yaml", "words.npy", "-o", output, "--batch-size", "1", "--trace")
    assert status == 0
    assert shown.splitlines()[1].split()[:5] == ["identity", "(Identity)", "(3,", "2)", "-"]
    with open(output, "rb") as file:
        found = np.load(file)
        np.testing.assert_array_equal(found if output == "y.npy" else found["identity"], words, strict=True)


@pytest.mark.parametrize("spec", ["dense.yaml", "two.yaml"])
def test_a_pipe_takes_what_the_standard_output_would(run: Run, spec: str) -> None:
    np.save("left.npy", LEFT)
    np.save("right.npy", RIGHT)
    data = ["x.npy"] if spec == "dense.yaml" else ["left.npy", "right.npy"]
    os.mkfifo("fifo")
    found: list[bytes] = []
    reader = Thread(target=lambda: found.append(Path("fifo").read_bytes()))
    reader.start()
    assert run(spec, *data, "-q", "-o", "fifo") == (0, "", "")
    reader.join(10)
    got = np.load(io.BytesIO(found[0]))
    np.testing.assert_allclose(got if spec == "dense.yaml" else got["sum"], head(X) if spec == "dense.yaml" else SUM)


def test_nothing_is_left_of_what_goes_to_dev_null(run: Run, folder: Path) -> None:
    before = sorted(folder.iterdir())
    assert run("dense.yaml", "x.npy", "-q", "-o", "/dev/null") == (0, "", "")
    assert sorted(folder.iterdir()) == before
