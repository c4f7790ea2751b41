"""Weights in several .safetensors files with an index."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import specmodel
from specmodel.cli import cli
from specmodel.diagnostics import SpecError
from specmodel.weights.store import save_weights

SPEC = "inputs: [3]\nlayers:\n  - {name: a, Dense: 4}\n  - {name: b, Dense: 2}\nweights: model.safetensors.index.json\n"
SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
INDEX = "model.safetensors.index.json"
ARRAYS: dict[str, Any] = {
    "a/kernel": np.arange(12, dtype=np.float32).reshape(3, 4),
    "a/bias": np.ones(4, np.float32),
    "b/kernel": np.arange(8, dtype=np.float32).reshape(4, 2),
    "b/bias": np.zeros(2, np.float32),
}
MAP = {name: SHARDS[name.startswith("b")] for name in ARRAYS}


@pytest.fixture(autouse=True)
def _sharded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("spec.yaml").write_text(SPEC)
    for shard in SHARDS:
        save_weights(shard, {name: array for name, array in ARRAYS.items() if MAP[name] == shard})
    Path(INDEX).write_text(json.dumps({"metadata": {"total_size": 104}, "weight_map": MAP}))


def test_a_spec_may_name_an_index() -> None:
    assert specmodel.check("spec.yaml") == []
    output = specmodel.load("spec.yaml")(np.ones((1, 3), np.float32))
    np.testing.assert_allclose(output, (np.ones((1, 3)) @ ARRAYS["a/kernel"] + 1) @ ARRAYS["b/kernel"])


def test_check_reads_headers_without_numpy() -> None:
    program = (
        "import sys; from specmodel.cli import cli; cli.main(['check', 'spec.yaml'], standalone_mode=False); "
        "print('numpy' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "False"


def test_shards_become_one_file_and_are_not_written() -> None:
    arguments = ["weights", "convert", "spec.yaml", INDEX, "-q", "-o"]
    CliRunner().invoke(cli, [*arguments, "one.npz"], standalone_mode=False)
    with np.load("one.npz") as made:
        assert {name: made[name].tolist() for name in made.files} == {k: v.tolist() for k, v in ARRAYS.items()}
    refused = CliRunner().invoke(cli, [*arguments, "two.safetensors.index.json"], standalone_mode=False)
    assert isinstance(refused.exception, SpecError)
    assert [one.code for one in refused.exception.diagnostics] == ["E403"]


WRONG = {
    "no map": ({"weights": {}}, "an index has a mapping `weight_map` of names to files"),
    "an empty map": ({"weight_map": {}}, "an index has a mapping `weight_map` of names to files"),
    "a list": ([], "an index has a mapping `weight_map` of names to files"),
    "another folder": ({"weight_map": {"a/kernel": "../x.safetensors"}}, "which is no .safetensors file beside it"),
    "an absolute path": ({"weight_map": {"a/kernel": "/x.safetensors"}}, "which is no .safetensors file beside it"),
    "another kind of file": ({"weight_map": {"a/kernel": "x.bin"}}, "which is no .safetensors file beside it"),
    "no name": ({"weight_map": {"a/kernel": 1}}, "which is no .safetensors file beside it"),
    "a file that is not there": ({"weight_map": {"a/kernel": "x.safetensors"}}, "there is no such file"),
    "a tensor that is not there": ({"weight_map": {"a/scale": SHARDS[0]}}, "which has no such tensor"),
    "a bad name": ({"weight_map": {"a\nb": SHARDS[0]}}, "has a name that arrays cannot have"),
}


@pytest.mark.parametrize(("index", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_index_is_one_error(index: object, message: str) -> None:
    Path(INDEX).write_text(json.dumps(index))
    (found,) = specmodel.check("spec.yaml")
    assert found.code == "E401"
    assert message in found.message


def test_a_link_out_of_the_folder_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / SHARDS[0]
    Path(SHARDS[0]).rename(elsewhere)
    Path(SHARDS[0]).symlink_to(elsewhere)
    (found,) = specmodel.check("spec.yaml")
    assert "which lies outside of its folder" in found.message


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"weight_map": {"a": "x", "a": "y"}}', "\xff"])
def test_what_is_no_json_is_one_error(text: str) -> None:
    Path(INDEX).write_text(text, encoding="latin-1")
    assert [one.code for one in specmodel.check("spec.yaml")] in (["E401"], ["E003"])
