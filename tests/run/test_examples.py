"""`specmodel test`: examples run, are compared with what is recorded, and are recorded."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.run.conftest import DENSE, TWO, Run, X, body, head

FAMILY = """\
params: {units: 3}
presets: {wide: {units: 5}, tiny: {units: 1}}
inputs: [4]
layers: [{name: head, Dense: $(units)}]
"""


def spec(examples: str, text: str = DENSE) -> None:
    Path("dense.yaml").write_text(f"{text}examples:\n{examples}\n")


def outputs_of(command: Run, *options: str) -> list[dict[str, object]]:
    """What the JSON report says of the first example's outputs."""
    found: list[dict[str, object]] = json.loads(command("test", "dense.yaml", "--format", "json", *options)[1])[
        "examples"
    ][0]["outputs"]
    return found


# What passes


def test_what_is_recorded_passes(command: Run) -> None:
    np.save("y.npy", head(X))
    spec("  - {inputs: x.npy, outputs: y.npy}")
    status, out, _ = command("test", "dense.yaml")
    assert status == 0
    assert out.startswith("dense.yaml:9: passed: x.npy\n  head: ")
    assert out.endswith("\n1 example: 1 passed\n")


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ("{left: l.npy, right: r.npy}", "{sum: s.npy, flipped: f.npy}"),
        ("in.npz", "out.npz"),
        ("{right: r.npy, left: l.npy}", "out.npz"),
    ],
)
def test_several_inputs_and_outputs_go_by_name(command: Run, inputs: str, outputs: str) -> None:
    left, right = np.ones((2, 3, 2), np.float32), np.full((2, 3, 2), 2, np.int32)
    found = (left + right).astype(np.float32)
    for name, array in {"l": left, "r": right, "s": found, "f": found.transpose(0, 2, 1)}.items():
        np.save(f"{name}.npy", array)
    np.savez("in.npz", left=left, right=right)
    np.savez("out.npz", flipped=found.transpose(0, 2, 1), sum=found)
    spec(f"  - {{inputs: {inputs}, outputs: {outputs}}}", TWO)
    assert command("test", "dense.yaml")[0] == 0


def test_a_model_without_inputs_has_examples_too(command: Run) -> None:
    spec("  - {inputs: {}, outputs: w.npy}", "inputs: {}\nlayers: [{Weight: {shape: [3], initializer: ones}}]\n")
    np.save("w.npy", np.ones((1, 3), np.float32))
    assert command("test", "dense.yaml")[0] == 0


def test_an_unbuilt_model_is_built_by_the_data(command: Run) -> None:
    spec("  - {inputs: x.npy, outputs: y.npy}", "seed: 3\nlayers: [{Dense: 2}]\n")
    assert command("test", "--update", "dense.yaml")[0] == 0
    assert np.load("y.npy").shape == (5, 2)
    assert command("check", "dense.yaml")[0] == 0
    assert command("test", "dense.yaml")[0] == 0


@pytest.mark.parametrize("argument", ["dense.yaml", ".", "-", "*.yaml"])
def test_specs_are_files_folders_patterns_and_the_standard_input(command: Run, argument: str) -> None:
    np.save("y.npy", head(X))
    spec("  - {inputs: x.npy, outputs: y.npy}")
    status, out, _ = command("test", argument, stdin=Path("dense.yaml").read_bytes())
    assert (status, out.splitlines()[-1]) == (0, "1 example: 1 passed")


def test_a_spec_without_examples_is_no_mistake(command: Run) -> None:
    assert command("test", "dense.yaml") == (0, "no examples were run\n", "")


# Tolerances


@pytest.mark.parametrize(
    ("off", "said", "passes"),
    [
        (1e-6, "", True),
        (1e-2, "", False),
        (1e-2, "atol: 0.02", True),
        (1e-2, "atol: 0.005", False),
        (1e-5, "rtol: 0", False),  # one alone leaves nothing to the other
        (1e-2, "atol: {head: 0.02}", True),
        (1e-2, "rtol: 0.5", True),
        (0, "atol: 0, rtol: 0", True),
    ],
)
def test_an_element_may_be_off_by_so_much(command: Run, off: float, said: str, passes: bool) -> None:
    spec("  - {inputs: x.npy, outputs: y.npy%s}" % (f", {said}" if said else ""))
    command("test", "--update", "dense.yaml")
    exact = np.load("y.npy")
    changed = exact.copy()
    changed[2, 1] += off
    np.save("y.npy", changed)
    assert command("test", "dense.yaml")[0] == (0 if passes else 1)


def test_the_largest_error_is_told_with_its_place(command: Run) -> None:
    recorded = head(X)
    recorded[1, 0] += 0.25
    recorded[3, 1] -= 0.5
    np.save("y.npy", recorded)
    spec("  - {inputs: x.npy, outputs: y.npy, atol: 0.1}")
    (found,) = outputs_of(command)
    largest = found.pop("largest_error")
    assert found == {
        "name": "head",
        "passed": False,
        "shape": [5, 2],
        "dtype": "float32",
        "atol": 0.1,
        "rtol": 0.0,
        "elements": 10,
        "differing": 2,
    }
    assert isinstance(largest, dict)
    assert (largest["index"], largest["allowed"]) == ([3, 1], 0.1)
    assert largest["error"] == pytest.approx(0.5)
    assert largest["expected"] == pytest.approx(recorded[3, 1])
    assert largest["found"] == pytest.approx(recorded[3, 1] + 0.5)


def test_of_errors_the_largest_that_is_not_allowed_is_told(command: Run) -> None:
    big = "inputs: {x: [2]}\nlayers: [{Identity: }]\n"
    np.save("x.npy", np.array([[1e6, 1.0]], np.float32))
    np.save("y.npy", np.array([[1e6 + 10, 1.5]], np.float32))  # 10 of a million is allowed, 0.5 of 1.5 is not
    spec("  - {inputs: x.npy, outputs: y.npy}", big)
    (found,) = outputs_of(command)
    assert found["differing"] == 1
    assert found["largest_error"] == {"error": 0.5, "index": [0, 1], "expected": 1.5, "found": 1.0, "allowed": 0.00016}


@pytest.mark.parametrize(
    ("given", "recorded", "differing"),
    [
        ([np.nan, 1], [np.nan, 1], 0),
        ([np.inf, -np.inf], [np.inf, -np.inf], 0),
        ([np.nan, 1], [0, 1], 1),
        ([0, 1], [np.nan, 1], 1),
        ([5, 1], [np.inf, 1], 1),
        ([np.inf, 1], [-np.inf, 1], 1),
    ],
)
def test_nan_and_infinity_equal_themselves_alone(
    command: Run, given: list[float], recorded: list[float], differing: int
) -> None:
    np.save("x.npy", np.array([given], np.float32))
    np.save("y.npy", np.array([recorded], np.float32))
    spec("  - {inputs: x.npy, outputs: y.npy, atol: 1e30, rtol: 1}", "inputs: {x: [2]}\nlayers: [{Identity: }]\n")
    (found,) = outputs_of(command)
    assert found["differing"] == differing


@pytest.mark.parametrize(
    ("dtype", "given", "recorded"),
    [
        ("int64", [2**60, 1], [2**60 + 1, 1]),  # the same number in float64
        ("bool", [True, False], [True, True]),
        ("string", ["yes", "no"], ["yes", "na"]),
        ("uint8", [255, 0], [255, 1]),
    ],
)
def test_what_is_no_float_must_be_equal(command: Run, dtype: str, given: list[object], recorded: list[object]) -> None:
    model = f"inputs: {{x: {{shape: [2], dtype: {dtype}}}}}\nlayers: [{{Permute: [1]}}]\n"
    spec("  - {inputs: x.npy, outputs: y.npy}", model)
    kind = "U3" if dtype == "string" else dtype
    np.save("x.npy", np.array([given], kind))
    np.save("y.npy", np.array([given], kind))
    assert command("test", "dense.yaml")[0] == 0
    np.save("y.npy", np.array([recorded], kind))
    (found,) = outputs_of(command)
    assert found["differing"] == 1


def test_data_that_runs_in_pieces_is_compared_whole(command: Run) -> None:
    many = np.random.default_rng(1).standard_normal((40_000, 4)).astype(np.float32)
    np.save("x.npy", many)
    recorded = head(many)
    recorded[39_999, 1] += 2
    np.save("y.npy", recorded)
    spec("  - {inputs: x.npy, outputs: y.npy}")
    (found,) = outputs_of(command)
    assert isinstance(found["largest_error"], dict)
    assert (found["differing"], found["largest_error"]["index"]) == (1, [39_999, 1])


# What is wrong


@pytest.mark.parametrize(
    ("recorded", "message"),
    [
        (head(X)[:4], "the output `head` has the shape (5, 2), and the recorded array (4, 2)"),
        (head(X)[..., None], "the output `head` has the shape (5, 2), and the recorded array (5, 2, 1)"),
        (head(X).astype("float64"), "the output `head` is float32, and the recorded array is float64"),
    ],
)
@pytest.mark.parametrize("action", ["test", "check"])
def test_another_shape_or_dtype_is_told_at_the_example(
    command: Run, action: str, recorded: np.ndarray, message: str
) -> None:
    np.save("y.npy", recorded)
    spec("  - {inputs: x.npy, outputs: y.npy}")
    status, out, _ = command(action, "dense.yaml")
    assert status == 1
    assert f"dense.yaml:9:30: error[E508] {message}\n" in out


WRONG = {
    "inputs: no.npy, outputs: y.npy": "E501 `no.npy`: there is no such file",
    "inputs: x.npy, outputs: no.npy": "E501 `no.npy`: there is no such file",
    "inputs: ../x.npy, outputs: y.npy": (
        "E004 the file of an example `../x.npy` is outside the folder that paths in this spec may not leave"
    ),
    "inputs: x.npy, outputs: /tmp/y.npy": (
        "E004 the file of an example `/tmp/y.npy` is outside the folder that paths in this spec may not leave"
    ),
    "inputs: {y: x.npy}, outputs: y.npy": "E502 the model has no input `y`",
    "inputs: x.npy, outputs: {tail: y.npy}": "E502 the model has no output `tail`",
    "inputs: {}, outputs: y.npy": "E502 no file holds the input `input`",
    "inputs: bad.npy, outputs: y.npy": ("E502 `bad.npy`: axis 1 of input `input` must be 4; found 3 in (5, 3)"),
    "inputs: whole.npy, outputs: y.npy": (
        "E502 `whole.npy`: input `input` has 2 axes with the batch, (None, 4); found 1, (4,)"
    ),
    "inputs: text.npy, outputs: y.npy": "E502 `text.npy`: input `input` must be float32, found string",
    "inputs: w.npz, outputs: y.npy": "E502 `w.npz`: the model has no input `body/bias`",
    "inputs: dense.yaml, outputs: y.npy": None,
}


@pytest.mark.parametrize(("written", "message"), WRONG.items())
@pytest.mark.parametrize("action", ["test", "check"])
def test_a_file_that_does_not_fit_is_told_at_the_example(
    command: Run, action: str, written: str, message: str | None
) -> None:
    np.save("y.npy", head(X))
    np.save("bad.npy", X[:, :3])
    np.save("whole.npy", X[0])
    np.save("text.npy", np.array([["a"] * 4]))
    spec(f"  - {{{written}}}")
    status, out, _ = command(action, "dense.yaml", "--format", "json")
    found = json.loads(out)
    first = (found["examples"][0]["diagnostics"] if action == "test" else found)[0]
    assert (status, first["path"], first["line"]) == (1, "dense.yaml", 9)
    assert message is None or f"{first['code']} {first['message']}" == message


def test_check_needs_no_numpy_for_it(folder: Path) -> None:
    np.save("y.npy", head(X))
    spec("  - {inputs: x.npy, outputs: y.npy}")
    program = (
        "import sys; from specmodel.cli import cli; cli.main(['check', 'dense.yaml'], standalone_mode=False); "
        "print('numpy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["1 spec checked: no mistakes", "False"]


def test_a_wrong_spec_is_reported_once(command: Run) -> None:
    spec("  - {inputs: x.npy, outputs: y.npy}\n  - {inputs: x.npy, outputs: z.npy}", DENSE.replace("units", "unit"))
    status, out, _ = command("test", "dense.yaml")
    assert (status, out.count("error[E207]"), out.splitlines()[-1]) == (1, 1, "2 examples: 2 failed")


def test_a_wrong_spec_without_examples_is_reported_too(command: Run) -> None:
    Path("dense.yaml").write_text(DENSE.replace("units", "unit"))
    status, out, _ = command("test", "dense.yaml")
    assert (status, out.count("error[E207]")) == (1, 1)


def test_what_the_data_gives_rise_to_is_told_at_the_example(command: Run) -> None:
    table = "inputs: {x: {shape: [1], dtype: int32}}\nlayers: [{Embedding: {input_dim: 3, output_dim: 2}}]\n"
    spec("  - {inputs: x.npy, outputs: y.npy}", table)
    np.save("x.npy", np.array([[3]], np.int32))
    np.save("y.npy", np.zeros((1, 1, 2), np.float32))
    assert command("check", "dense.yaml")[0] == 0
    status, out, _ = command("test", "dense.yaml")
    assert (status, out.count("error[E507]")) == (1, 1)


def test_weights_that_are_missing_are_told(command: Run) -> None:
    np.save("y.npy", head(X))
    os.remove("w.npz")
    spec("  - {inputs: x.npy, outputs: y.npy}")
    status, out, _ = command("test", "dense.yaml")
    assert (status, "dense.yaml:1:10: error[E401]" in out) == (1, True)


def test_quiet_shows_what_fails_alone(command: Run) -> None:
    np.save("y.npy", head(X))
    np.save("z.npy", head(X) + 1)
    spec("  - {inputs: x.npy, outputs: y.npy}\n  - {inputs: x.npy, outputs: z.npy}")
    status, out, _ = command("test", "-q", "dense.yaml")
    assert status == 1
    assert "passed" not in out
    assert out.startswith("dense.yaml:10: failed: x.npy\n")


def test_the_json_report_has_the_promised_form(command: Run) -> None:
    np.save("y.npy", head(X))
    spec("  - {inputs: x.npy, outputs: y.npy, name: five}\n  - {inputs: x.npy, outputs: z.npy}")
    found = json.loads(command("test", "dense.yaml", "--format", "json")[1])
    assert found["totals"] == {"examples": 2, "passed": 1, "failed": 1, "recorded": 0}
    first, second = found["examples"]
    assert (first["path"], first["line"], first["number"], first["name"]) == ("dense.yaml", 9, 1, "five")
    assert (first["status"], first["preset"], first["params"], first["recorded"]) == ("passed", None, {}, [])
    assert (second["status"], second["outputs"]) == ("failed", [])
    assert second["diagnostics"][0]["code"] == "E501"


@pytest.mark.parametrize("way", ["option", "configuration"])
def test_paths_stay_within_the_root_that_is_asked_for_or_configured(command: Run, way: str) -> None:
    np.save("y.npy", head(X))
    Path("inner").mkdir()
    text = DENSE.replace("weights: w.npz", "weights: ../w.npz")
    Path("inner/dense.yaml").write_text(f"{text}examples:\n  - {{inputs: ../x.npy, outputs: ../y.npy}}\n")
    assert command("test", "inner")[0] == 1
    if way == "option":
        assert command("test", "inner", "--root", ".")[0] == 0
    else:
        Path("specmodel.toml").write_text('root = "."\n')
        assert command("test", "inner")[0] == 0


# Recording


def test_update_records_what_is_missing_or_differs_and_nothing_else(command: Run) -> None:
    kept = head(X) + np.float32(1e-6)  # within what is allowed
    np.save("kept.npy", kept)
    np.save("wrong.npy", head(X) + 1)
    spec("\n".join(f"  - {{inputs: x.npy, outputs: {name}.npy}}" for name in ("kept", "wrong", "missing")))
    status, out, _ = command("test", "--update", "dense.yaml")
    assert (status, out.splitlines()[-1]) == (0, "3 examples: 1 passed, 2 recorded")
    np.testing.assert_array_equal(np.load("kept.npy"), kept)
    for name in ("wrong", "missing"):
        np.testing.assert_allclose(np.load(f"{name}.npy"), head(X), rtol=1e-5)
    assert command("test", "dense.yaml")[0] == 0


def test_update_writes_all_files_of_an_example_by_name(command: Run) -> None:
    both = DENSE + "outputs: [head, body]\n"
    spec("  - {inputs: x.npy, outputs: {body: b.npy, head: h.npy}}\n  - {inputs: x.npy, outputs: both.npz}", both)
    assert command("test", "--update", "dense.yaml")[0] == 0
    np.testing.assert_allclose(np.load("b.npy"), body(X), rtol=1e-5)
    np.testing.assert_allclose(np.load("h.npy"), head(X), rtol=1e-5)
    with np.load("both.npz") as found:
        assert sorted(found) == ["body", "head"]


REFUSED = {
    "outputs: x.npy": "E506",
    "outputs: w.npz": "E506",
    "outputs: ../y.npy": "E004",
    "outputs: y.txt": "E006",
    "outputs: no/folder/y.npy": "E006",
    "outputs: {head: y.npy, more: z.npy}": "E502",
    "outputs: {more: y.npy}": "E502",
}


@pytest.mark.parametrize(("written", "code"), REFUSED.items())
def test_update_leaves_what_it_may_not_write(command: Run, written: str, code: str) -> None:
    before = {path.name: path.read_bytes() for path in Path().iterdir() if path.name != "dense.yaml"}
    spec(f"  - {{inputs: x.npy, {written}}}")
    status, out, _ = command("test", "--update", "dense.yaml")
    assert (status, f"error[{code}]" in out) == (1, True)
    assert {path.name: path.read_bytes() for path in Path().iterdir() if path.name != "dense.yaml"} == before


def test_update_leaves_the_inputs_of_other_examples(command: Run) -> None:
    np.save("other.npy", X)
    spec("  - {inputs: x.npy, outputs: other.npy}\n  - {inputs: other.npy, outputs: y.npy}")
    status, out, _ = command("test", "--update", "dense.yaml")
    assert (status, "error[E506]" in out) == (1, True)
    np.testing.assert_array_equal(np.load("other.npy"), X)


def test_update_does_not_record_two_examples_in_one_file(command: Run) -> None:
    np.save("z.npy", X + 1)
    spec("  - {inputs: x.npy, outputs: y.npy}\n  - {inputs: z.npy, outputs: y.npy}")
    status, out, _ = command("test", "--update", "dense.yaml")
    assert (status, out.splitlines()[-1]) == (1, "2 examples: 1 failed, 1 recorded")
    np.testing.assert_allclose(np.load("y.npy"), head(X), rtol=1e-5)


def test_two_examples_may_have_the_same_outputs(command: Run) -> None:
    np.save("z.npy", X)
    spec("  - {inputs: x.npy, outputs: y.npy}\n  - {inputs: z.npy, outputs: y.npy}")
    assert command("test", "--update", "dense.yaml")[0] == 0


# Params and presets


def last(command: Run, *options: str) -> str:
    return command("test", "dense.yaml", *options)[1].splitlines()[-1]


def test_an_example_runs_under_the_params_that_it_names(command: Run) -> None:
    spec(
        "  - {inputs: x.npy, outputs: a.npy}\n"
        "  - {inputs: x.npy, outputs: b.npy, preset: wide}\n"
        "  - {inputs: x.npy, outputs: c.npy, params: {units: 2}}\n"
        "  - {inputs: x.npy, outputs: d.npy, preset: wide, params: {units: 7}}",
        FAMILY,
    )
    assert last(command, "--update") == "4 examples: 4 recorded"
    assert [np.load(f"{name}.npy").shape[1] for name in "abcd"] == [3, 5, 2, 7]
    assert last(command) == "4 examples: 4 passed"
    assert command("check", "--all-presets", "dense.yaml")[0] == 0


def test_the_command_line_names_params_for_examples_that_name_none(command: Run) -> None:
    spec(
        "  - {inputs: x.npy, outputs: 'any$(units).npy'}\n"
        "  - {inputs: x.npy, outputs: none.npy, preset: null}\n"
        "  - {inputs: x.npy, outputs: wide.npy, preset: wide}",
        FAMILY,
    )
    assert last(command, "--update", "--preset", "tiny") == "1 example: 1 recorded"
    assert np.load("any1.npy").shape == (5, 1)
    assert last(command, "--update", "--all-presets") == "5 examples: 1 passed, 4 recorded"
    assert [np.load(f"any{units}.npy").shape[1] for units in (3, 5)] == [3, 5]
    assert last(command, "--update", "--set", "units=2", "--preset", "tiny") == "1 example: 1 recorded"
    assert np.load("any2.npy").shape == (5, 2)


def test_params_without_a_default_may_come_from_the_example(command: Run) -> None:
    required = FAMILY.replace("units: 3}", "units: }")
    spec(
        "  - {inputs: x.npy, outputs: y.npy, preset: wide}\n  - {inputs: x.npy, outputs: y.npy, preset: wide}", required
    )
    assert last(command, "--update") == "2 examples: 1 passed, 1 recorded"
    assert command("check", "--all-presets", "dense.yaml")[0] == 0
    np.save("y.npy", np.zeros((5, 4), np.float32))
    status, out, _ = command("check", "--all-presets", "dense.yaml")
    assert (status, out.count("error[E508]")) == (1, 2)


def test_what_other_presets_say_is_no_mistake_of_an_example_of_none(command: Run) -> None:
    spec("  - {inputs: x.npy, outputs: y.npy}", FAMILY)
    last(command, "--update")
    assert command("check", "--all-presets", "dense.yaml")[0] == 0
    assert command("check", "--preset", "wide", "dense.yaml")[0] == 0
