"""Weights files of Keras, made here with h5py, as `weights:` of specs: which array is whose."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

import specmodel
from specmodel.cli import cli

Array = np.ndarray[Any, Any]

SPEC = """\
inputs: [6, 4]
weights: {file}
layers:
  - name: first
    Dense: 3
  - name: norm
    BatchNormalization:
  - name: rnn
    LSTM: {{units: 2, return_sequences: true}}
  - name: second
    Dense: {{units: 5, use_bias: false}}
"""
NEWER = {
    "layers/dense/vars": ["first/kernel", "first/bias"],
    "layers/batch_normalization/vars": ["norm/gamma", "norm/beta", "norm/moving_mean", "norm/moving_variance"],
    "layers/lstm/cell/vars": [f"rnn/lstm_cell/{name}" for name in ("kernel", "recurrent_kernel", "bias")],
    "layers/dense_1/vars": ["second/kernel"],
}
"""The groups of Keras 3, and the weights whose arrays are in them."""
OLDER = {
    "first": ["first/kernel:0", "first/bias:0"],
    "norm": [f"norm/{name}:0" for name in ("gamma", "beta", "moving_mean", "moving_variance")],
    "rnn": [f"rnn/{name}:0" for name in ("kernel", "recurrent_kernel", "bias")],
    "second": ["second/kernel:0"],
}
"""The layers of Keras 2, and the names of their arrays."""


def spec(folder: Path, file: str, text: str = SPEC) -> Path:
    path = folder / "model.yaml"
    path.write_text(text.format(file=file))
    return path


def numbers(folder: Path) -> dict[str, Array]:
    """Different numbers for each weight of the spec."""
    generator = np.random.default_rng(0)
    bare = spec(folder, "none.npz", SPEC.replace("weights: {file}\n", ""))
    found = {weight.path: weight.shape for weight in specmodel.load(bare).weights}
    return {path: generator.uniform(0.5, 1.5, shape).astype(np.float32) for path, shape in found.items()}


def write_newer(path: Path, arrays: Mapping[str, Array], names: bool) -> None:
    with h5py.File(path, "w") as file:
        for group, paths in NEWER.items():
            made = file.create_group(group)
            if names:
                layer = file.require_group("/".join(group.split("/")[:2]) + "/vars")
                layer.attrs["name"] = paths[0].partition("/")[0]
            for number, weight in enumerate(paths):
                made[str(number)] = arrays[weight]
        file["optimizer/vars/0"] = np.arange(3)
        file["layers/dropout/seed_generator/vars/0"] = np.arange(2, dtype=np.uint32)


def write_older(
    path: Path, arrays: Mapping[str, Array], renames: Mapping[str, str] | None = None, split: int = 99
) -> None:
    renames = renames or {}
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights") if split == 0 else file
        layers = [renames.get(name, name).encode() for name in (*OLDER, "flatten")]
        parts = [layers[at : at + split] for at in range(0, len(layers), split)] if split else [layers]
        for number, part in enumerate(parts):
            group.attrs["layer_names" if len(parts) == 1 else f"layer_names{number}"] = part
        group.create_group(renames.get("flatten", "flatten")).attrs["weight_names"] = []
        for layer, names in OLDER.items():
            made = group.create_group(renames.get(layer, layer))
            made.attrs["weight_names"] = [name.encode() for name in names]
            for name in names:
                made[name] = arrays[_path(name)]


def _path(name: str) -> str:
    return name.removesuffix(":0").replace("rnn/", "rnn/lstm_cell/")


def loaded(path: Path) -> dict[str, Array]:
    assert specmodel.check(path) == []
    return {weight.path: weight.numpy() for weight in specmodel.load(path).weights}


def assert_equal(found: Mapping[str, Array], wanted: Mapping[str, Array]) -> None:
    assert list(found) == list(wanted)
    for path, array in wanted.items():
        np.testing.assert_array_equal(found[path], array, path)


@pytest.mark.parametrize("names", [True, False])
def test_groups_of_classes_and_counters(tmp_path: Path, names: bool) -> None:
    arrays = numbers(tmp_path)
    write_newer(tmp_path / "w.weights.h5", arrays, names)
    assert_equal(loaded(spec(tmp_path, "w.weights.h5")), arrays)


@pytest.mark.parametrize("split", [99, 2, 0])
def test_groups_of_layers_by_name(tmp_path: Path, split: int) -> None:
    arrays = numbers(tmp_path)
    write_older(tmp_path / "w.hdf5", arrays, split=split)
    assert_equal(loaded(spec(tmp_path, "w.hdf5")), arrays)


def test_groups_of_layers_by_their_order(tmp_path: Path) -> None:
    arrays = numbers(tmp_path)
    write_older(tmp_path / "w.h5", arrays, {"first": "dense_7", "norm": "bn", "rnn": "a", "second": "b"})
    assert_equal(loaded(spec(tmp_path, "w.h5")), arrays)


def to_cudnn(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The LSTM's weights as cuDNN keeps them: the inverse of what reading does, in other terms."""
    made, scope = dict(arrays), "rnn/lstm_cell"
    kernel, recurrent, bias = (arrays[f"{scope}/{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
    gates = range(4)
    made[f"{scope}/kernel"] = np.hstack([kernel[:, 2 * g : 2 * g + 2].T.ravel().reshape(3, 2) for g in gates])
    made[f"{scope}/recurrent_kernel"] = np.hstack([recurrent[:, 2 * g : 2 * g + 2].T for g in gates])
    made[f"{scope}/bias"] = np.concatenate([bias - 0.25, np.full_like(bias, 0.25)])
    return made


def test_weights_for_cudnn_are_converted(tmp_path: Path) -> None:
    arrays = numbers(tmp_path)
    write_older(tmp_path / "w.h5", to_cudnn(arrays))
    found = loaded(spec(tmp_path, "w.h5"))
    for path, array in arrays.items():
        np.testing.assert_allclose(found[path], array, rtol=1e-6, err_msg=path)


def test_both_biases_of_a_gru_are_kept(tmp_path: Path) -> None:
    text = "inputs: [6, 4]\nweights: {file}\nlayers:\n  - name: rnn\n    GRU: 2\n"
    kernel, recurrent, bias = (np.random.default_rng(0).normal(size=size) for size in ((4, 6), (2, 6), (12,)))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = [b"rnn"]
        file.create_group("rnn").attrs["weight_names"] = [b"kernel", b"recurrent_kernel", b"bias"]
        for name, array in (("kernel", kernel), ("recurrent_kernel", recurrent), ("bias", bias)):
            file["rnn"][name] = array.astype(np.float32)
    found = loaded(spec(tmp_path, "w.h5", text))
    np.testing.assert_array_equal(found["rnn/gru_cell/bias"], bias.reshape(2, 6).astype(np.float32))
    third = found["rnn/gru_cell/recurrent_kernel"][:, 2:4]
    np.testing.assert_array_equal(third, recurrent[:, 2:4].T.astype(np.float32))


def test_checking_reads_headers_without_numpy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_newer(tmp_path / "w.weights.h5", numbers(tmp_path), False)
    from specmodel.files.hdf5 import arrays

    monkeypatch.setattr(arrays, "array_of", lambda dataset: sys.exit("an array is read"))
    assert specmodel.check(spec(tmp_path, "w.weights.h5")) == []


def said(path: Path) -> list[str]:
    return [
        line for found in specmodel.check(path) for line in (found.message, *(note.message for note in found.notes))
    ]


def test_what_does_not_fit_is_told_by_the_names_in_the_file(tmp_path: Path) -> None:
    arrays = numbers(tmp_path)
    arrays["first/kernel"] = np.ones((4, 7), np.float32)
    write_newer(tmp_path / "w.weights.h5", arrays, False)
    with h5py.File(tmp_path / "w.weights.h5", "a") as file:
        file["layers/embedding/vars/0"] = np.ones((2, 2))
        del file["layers/dense_1/vars/0"]
    lines = "\n".join(said(spec(tmp_path, "w.weights.h5")))
    assert "1 is missing, 1 is of another shape, 1 is not in the spec" in lines
    assert "`first/kernel` is (4, 7) in the file, the spec needs (4, 3)" in lines
    assert "not in the spec: `layers/embedding/vars/0` (2, 2) float64" in lines


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(2000), b"PK\x03\x04"])
def test_a_broken_file_is_one_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w.h5").write_bytes(content)
    (found,) = specmodel.check(spec(tmp_path, "w.h5"))
    assert found.code == "E401"


def test_conversion_to_safetensors(tmp_path: Path) -> None:
    arrays = numbers(tmp_path)
    write_older(tmp_path / "w.h5", arrays)
    path = spec(tmp_path, "w.safetensors")
    arguments: Sequence[str] = [
        "weights",
        "convert",
        str(path),
        str(tmp_path / "w.h5"),
        "-o",
        str(tmp_path / "w.safetensors"),
    ]
    assert CliRunner().invoke(cli, arguments, standalone_mode=False).exception is None
    assert_equal(loaded(path), arrays)
