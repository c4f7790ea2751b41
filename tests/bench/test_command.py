"""`specmodel bench`: what it shows, on data of its own and on files, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.run.conftest import Run, command, folder  # noqa: F401  # fixtures

WORDS = """\
inputs:
  words: {shape: [seq], dtype: int32}
  mask: {shape: [seq], dtype: bool}
  text: {shape: [], dtype: string}
layers:
  - name: vectors
    inputs: words
    Embedding: {input_dim: 3, output_dim: 2}
  - name: kept
    inputs: [mask, mask]
    LogicalAnd:
  - name: same
    inputs: text
    Identity:
outputs: [vectors, kept, same]
"""


def figures(command: Run, *arguments: str) -> Any:  # noqa: F811
    status, output, errors = command("bench", *arguments, "--format", "json", "--repeat", "3")
    assert status == 0, errors
    return json.loads(output)


def test_the_figures_are_those_of_one_sample_unless_more_are_asked_for(command: Run) -> None:  # noqa: F811
    found = figures(command, "dense.yaml")
    assert found["inputs"] == [{"name": "input", "shape": [1, 4], "dtype": "float32"}]
    assert [layer["path"] for layer in found["layers"]] == ["body", "head"]
    assert (found["flops"], found["calls"], found["weight_bytes"]) == (44, 3, 92)
    assert figures(command, "dense.yaml", "--batch-size", "7")["flops"] == 7 * 44


def test_shares_are_parts_of_one_and_times_are_positive(command: Run) -> None:  # noqa: F811
    found = figures(command, "dense.yaml")
    assert sum(layer["share"] for layer in found["layers"]) == pytest.approx(1, abs=1e-3)
    numbers = [found[name] for name in ("compile_milliseconds", "gflops", "arena_bytes", "allocated_bytes")]
    assert all(number > 0 for number in (*numbers, *found["milliseconds"].values()))
    assert all(layer["milliseconds"] > 0 and layer["gflops"] > 0 for layer in found["layers"])


def test_a_layer_that_is_done_in_the_step_of_another_has_no_time(command: Run) -> None:  # noqa: F811
    Path("net.yaml").write_text(
        "inputs: [8, 8, 3]\nlayers:\n- Conv2D: {filters: 4, kernel_size: 3}\n- BatchNormalization\n- ReLU\n"
    )
    conv, norm, relu = figures(command, "net.yaml")["layers"]
    assert conv["milliseconds"] > 0
    assert [norm["milliseconds"], relu["milliseconds"], relu["share"], relu["gflops"]] == [None] * 4
    assert norm["flops"] > 0


def test_the_table_has_a_line_for_each_layer_and_the_whole_below(command: Run) -> None:  # noqa: F811
    status, output, _ = command("bench", "dense.yaml", "--repeat", "2", "--threads", "1")
    assert status == 0
    lines = output.splitlines()
    assert lines[0] == 'Model: "dense"'
    assert [heading.strip() for heading in lines[2].strip("┃").split("┃")] == [
        *("Layer (type)", "Output Shape", "Time (ms)", "Share", "MFLOPs", "GFLOP/s", "Allocated"),
    ]
    assert sum(line.startswith("│") for line in lines) == 2
    assert " On input (1, 4), one thread" in lines
    assert any(line.startswith(" A warm call: ") and "2 calls" in line for line in lines)
    assert any(line.startswith(" Making the plan: ") for line in lines)


def test_files_take_the_place_of_random_data(command: Run) -> None:  # noqa: F811
    assert figures(command, "dense.yaml", "x.npy")["inputs"][0]["shape"] == [5, 4]
    assert figures(command, "dense.yaml", "x.npy", "--batch-size", "2")["inputs"][0]["shape"] == [2, 4]
    data = Path("x.npy").read_bytes()
    assert command("bench", "dense.yaml", "-", "--repeat", "1", stdin=data)[0] == 0


def test_data_of_its_own_fits_indices_masks_and_text(command: Run) -> None:  # noqa: F811
    Path("words.yaml").write_text(WORDS)
    shapes = ["--input-shape", "words=2,9", "--input-shape", "text=2"]
    found = figures(command, "words.yaml", *shapes)
    assert [given["shape"] for given in found["inputs"]] == [[2, 9], [2, 9], [2]]


def test_presets_and_params_are_those_of_all_commands(command: Run) -> None:  # noqa: F811
    Path("wide.yaml").write_text(
        "params: {units: 2}\npresets: {big: {units: 5}}\ninputs: [4]\nlayers:\n- Dense: $(units)\n"
    )
    for arguments, units in (((), 2), (("--preset", "big"), 5), (("--set", "units=7"), 7)):
        (layer,) = figures(command, "wide.yaml", *arguments)["layers"]
        assert layer["output_shapes"] == [[1, units]]


def test_an_unbuilt_spec_needs_the_shape_of_its_data(command: Run) -> None:  # noqa: F811
    Path("unbuilt.yaml").write_text("layers:\n- Dense: 2\n")
    status, _, errors = command("bench", "unbuilt.yaml")
    assert status == 1
    assert "E505" in errors
    assert "`--input-shape 1,4`" in errors
    assert figures(command, "unbuilt.yaml", "--input-shape", "3,4")["inputs"][0]["shape"] == [3, 4]
    assert figures(command, "unbuilt.yaml", "--input-shape", "None,4", "--batch-size", "6")["flops"] == 6 * 18


def test_open_sizes_are_told_once(command: Run) -> None:  # noqa: F811
    status, _, errors = command("bench", "two.yaml")
    assert status == 1
    assert errors.count("E505]") == 1
    assert "`--input-shape left=1,16,2`" in errors


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["x.npy", "--input-shape", "1,4"], 2, "--input-shape is for random data"),
        (["x.npy", "--batch-size", "6"], 2, "6 is more than the 5 samples there are"),
        (["--batch-size", "0"], 2, "0 is not in the range 1<=x<=2147483647"),
        (["--repeat", "none"], 2, "'none' is not a valid integer"),
        (["--input-shape", "2,5"], 1, "axis 1 of input `input` must be 4; found 5"),
        (["gone.npy"], 1, "gone.npy"),
        (["--weights", "gone.npz"], 1, "gone.npz"),
    ],
)
def test_mistakes_are_told(command: Run, arguments: list[str], status: int, message: str) -> None:  # noqa: F811
    ended, output, errors = command("bench", "dense.yaml", *arguments)
    assert (ended, output) == (status, "")
    assert message in errors
    assert "Traceback" not in errors


def test_what_cannot_fit_is_refused_before_it_is_made(command: Run) -> None:  # noqa: F811
    status, _, errors = command("bench", "dense.yaml", "--batch-size", str(2**31 - 1))
    assert status == 1
    assert "E504" in errors


def test_the_result_goes_to_a_file(command: Run) -> None:  # noqa: F811
    assert command("bench", "dense.yaml", "--repeat", "1", "--format", "json", "-o", "bench.json")[:2] == (0, "")
    assert json.loads(Path("bench.json").read_text())["name"] == "dense"
