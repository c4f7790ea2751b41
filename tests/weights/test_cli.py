"""`specmodel weights`: what is printed, written and returned."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from specmodel.cli import main

SPEC = """\
inputs: [4]
layers:
  - name: body
    Dense: {units: 2, kernel_initializer: {RandomNormal: {stddev: 0.5}}}
  - name: head
    Dense: 1
"""
F4 = np.float32
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `specmodel weights` in a folder with the spec; status, output, errors."""
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(SPEC)

    def weights(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["specmodel", "weights", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, captured.out, captured.err

    return weights


LIST = """\
Path         Shape   Dtype    Trainable  Initializer               Param #
body/kernel  (4, 2)  float32  yes        RandomNormal(stddev=0.5)        8
body/bias    (2,)    float32  yes        zeros                           2
head/kernel  (2, 1)  float32  yes        glorot_uniform                  2
head/bias    (1,)    float32  yes        zeros                           1
4 weights, 13 parameters (52.00 B)
"""


def test_list_is_a_table(run: Run) -> None:
    assert run("list", "s.yaml") == (0, LIST, "")


def test_list_as_json(run: Run) -> None:
    status, output, _ = run("list", "s.yaml", "--format", "json")
    found = json.loads(output)
    assert status == 0
    assert found["weights"][0] == {
        "path": "body/kernel",
        "shape": [4, 2],
        "dtype": "float32",
        "trainable": True,
        "initializer": {"RandomNormal": {"stddev": 0.5}},
        "parameters": 8,
    }
    assert found["totals"] == {
        "weights": 4, "parameters": 13, "trainable": 13, "non_trainable": 0, "weight_bytes": 52,
    }  # fmt: skip


def test_a_hundred_billion_parameters_are_listed_without_numpy(tmp_path: Path) -> None:
    layers = "  - Dense: 1000000\n" * 2
    (tmp_path / "s.yaml").write_text(f"inputs: [50000]\nlayers:\n{layers}")
    code = (
        "import sys, specmodel.cli\n"
        "sys.argv[1:] = ['weights', 'list', 's.yaml']\n"
        "try:\n    specmodel.cli.main()\n"
        "finally:\n    print('numpy' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-2:] == ["4 weights, 1,050,002,000,000 parameters (3.82 TB)", "False"]


@pytest.mark.parametrize("name", ["w.npz", "w.safetensors"])
def test_init_writes_what_check_accepts(run: Run, name: str) -> None:
    assert run("init", "s.yaml", "-o", name) == (0, "", f"{name}: 4 weights, 13 parameters (52.00 B)\n")
    assert run("check", "s.yaml", name) == (0, "the weights fit: 4 weights, 13 parameters (52.00 B)\n", "")
    first = Path(name).read_bytes()
    assert run("init", "s.yaml", "-o", name, "-q") == (0, "", "")
    assert Path(name).read_bytes() == first
    Path("s.yaml").write_text("seed: 1\n" + Path("s.yaml").read_text())
    run("init", "s.yaml", "-o", name)
    assert Path(name).read_bytes() != first


def test_check_lists_what_does_not_fit(run: Run) -> None:
    run("init", "s.yaml", "-o", "w.npz")
    with np.load("w.npz") as file:
        stored = dict(file)
    stored["top/kernel"] = stored.pop("head/kernel")
    np.savez("w.npz", **stored)
    status, output, errors = run("check", "s.yaml", "w.npz")
    assert (status, errors) == (1, "")
    assert output == (
        "w.npz: error[E402] the weights do not fit the spec: 1 is missing, 1 is not in the spec\n"
        "  = note: missing: `head/kernel` (2, 1) float32\n"
        "  = note: not in the spec: `top/kernel` (2, 1) float32\n"
        "  = note: likely renamed: `top/kernel` may be `head/kernel`\n"
        "  = help: if so: `specmodel weights convert SPEC FILE -o NEW_FILE --rename top/kernel=head/kernel`\n"
        "  = explain: specmodel explain E402\n"
        "\n"
        "the weights do not fit\n"
    )
    assert run("convert", "s.yaml", "w.npz", "-o", "new.safetensors", "--rename", "top/kernel=head/kernel")[0] == 0
    assert run("check", "s.yaml", "new.safetensors")[0] == 0


def test_check_as_json(run: Run) -> None:
    status, output, _ = run("check", "s.yaml", "w.npz", "--format", "json")
    [found] = json.loads(output)
    assert (status, found["code"], found["path"]) == (1, "E401", "w.npz")


def test_check_without_a_file_takes_the_specs_own(run: Run) -> None:
    assert run("check", "s.yaml")[0] == 2
    Path("s.yaml").write_text("weights: w.npz\n" + Path("s.yaml").read_text())
    status, output, _ = run("check", "s.yaml")
    assert (status, output.splitlines()[0]) == (
        1,
        "s.yaml:1:10: error[E401] weights file `w.npz`: there is no such file",
    )
    run("init", "s.yaml", "-o", "w.npz")
    assert run("check", "s.yaml")[0] == 0


def test_convert_strips_colon_zero_and_leaves_out_what_is_not_needed(run: Run) -> None:
    run("init", "s.yaml", "-o", "w.npz")
    with np.load("w.npz") as file:
        stored = {f"{name}:0": array.astype(np.float64) for name, array in file.items()}
        expected = dict(file)
    np.savez("tf.npz", **stored, step=np.array(3))
    status, output, errors = run("convert", "s.yaml", "tf.npz", "-o", "new.npz")
    assert (status, output) == (0, "")
    assert "note[N401]" in errors
    assert "warning[W401] 1 array of the file is not in the spec" in errors
    with np.load("new.npz") as file:
        found = dict(file)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


def test_frozen_weights_are_listed_as_not_trainable(run: Run) -> None:
    Path("s.yaml").write_text(SPEC + "    trainable: false\n")
    totals = json.loads(run("list", "s.yaml", "--format", "json")[1])["totals"]
    assert (totals["trainable"], totals["non_trainable"]) == (10, 3)
    assert "head/bias    (1,)    float32  no         zeros" in run("list", "s.yaml")[1]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["init", "s.yaml"], 2, "Missing option '-o'"),
        (["init", "s.yaml", "-o", "-"], 2, "weights are not written to a stream"),
        (["init", "s.yaml", "-o", "w.h5"], 1, "w.h5: error[E403] weights are kept in .npz and .safetensors files"),
        (["init", "s.yaml", "-o", "no/w.npz"], 1, "error[E006] the output cannot be written"),
        (["init", "no.yaml", "-o", "w.npz"], 1, "no.yaml: error[E001]"),
        (["list", "unbuilt.yaml"], 1, "unbuilt.yaml: error[E505] the model is unbuilt"),
        (["list", "bad.yaml"], 1, "bad.yaml:2:5: error[E206]"),
        (["convert", "s.yaml", "no.npz", "-o", "w.npz"], 1, "no.npz: error[E401] there is no such file"),
        (["convert", "s.yaml", "s.yaml", "-o", "w.npz"], 1, "s.yaml: error[E403]"),
        (["convert", "s.yaml", "w.npz", "-o", "x.npz", "--rename", "a"], 2, "'a' is not of the form OLD=NEW"),
        (["convert", "s.yaml", "w.npz", "-o", "x.npz", "--rename", "a=b", "--rename", "a=c"], 2, "another --rename"),
    ],
)
def test_what_is_refused(run: Run, arguments: list[str], status: int, message: str) -> None:
    Path("unbuilt.yaml").write_text("layers:\n  - Dense: 2\n")
    Path("bad.yaml").write_text("layers:\n  - Dens: 2\ninputs: [4]\n")
    found = run(*arguments)
    assert (found[0], found[1]) == (status, "")
    assert message in found[2]
    assert not Path("w.npz").exists()


def test_convert_never_overwrites_its_input(run: Run) -> None:
    run("init", "s.yaml", "-o", "w.npz")
    Path("link.npz").symlink_to("w.npz")
    for output in ("w.npz", "./w.npz", "link.npz"):
        status, _, errors = run("convert", "s.yaml", "w.npz", "-o", output)
        assert status == 1
        assert "error[E506]" in errors


def test_an_unbuilt_spec_is_built_by_a_shape(run: Run) -> None:
    Path("s.yaml").write_text("layers:\n  - Dense: 3\n")
    assert "(4, 3)" in run("list", "s.yaml", "--input-shape", "1,4")[1]
    assert run("init", "s.yaml", "-o", "w.npz", "--input-shape", "1,4")[0] == 0
    assert run("check", "s.yaml", "w.npz", "--input-shape", "1,4")[0] == 0
    assert run("check", "s.yaml", "w.npz", "--input-shape", "1,5")[0] == 1
