"""Whole files of Keras, made here with h5py and zipfile: what is read, what is refused, what is written."""

import io
import json
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

import specmodel
from specmodel.cli import cli
from specmodel.diagnostics import SpecError
from specmodel.report.text import render
from tests.convert.configs import newer, sequential, tensor

Array = np.ndarray[Any, Any]

KERNEL = np.arange(12, dtype=np.float32).reshape(4, 3)
BIAS = np.array([1, 2, 3], np.float32)
CHAIN = sequential(
    newer("InputLayer", "x", batch_shape=[None, 4]), newer("Dense", "scores", units=3), name="net", version="3.0.0"
)
SPEC = """\
name: net
weights: net.safetensors
inputs: [4]
layers:
  - name: scores
    Dense: 3
"""


def hdf5(**arrays: Array) -> bytes:
    """An HDF5 file of arrays by path, `__` for a slash."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, array in arrays.items():
            file[path.replace("__", "/")] = array
    return buffer.getvalue()


WEIGHTS = hdf5(layers__dense__vars__0=KERNEL, layers__dense__vars__1=BIAS)


def archive(path: Path, config: Any = CHAIN, weights: bytes = WEIGHTS, packed: bool = False, **more: bytes) -> Path:
    """A .keras file; the members in `more` have `__` for a slash."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "3.0.0"}))
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", weights)
        for name, content in more.items():
            file.writestr(name.replace("__", "/"), content)
    return path


def whole(path: Path, config: Any = CHAIN, **changes: Array) -> Path:
    """An .h5 file of Keras 2."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({**config, "keras_version": "2.2.4"})
        file.attrs["keras_version"] = "2.2.4"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"scores"]
        group.create_group("scores").attrs["weight_names"] = [b"scores/kernel:0", b"scores/bias:0"]
        for name, array in {"kernel": KERNEL, "bias": BIAS, **changes}.items():
            group[f"scores/scores/{name}:0"] = array
        file["optimizer_weights/Adam/iterations:0"] = 3
    return path


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """The exit code, what is printed, and what is told."""
    result = CliRunner().invoke(cli, ["import", *map(str, arguments)], standalone_mode=False)
    if isinstance(result.exception, SpecError):
        return 1, result.stdout, result.stderr + render(result.exception.diagnostics, False)
    assert result.exception is None, result.exception
    return 0, result.stdout, result.stderr


MAKERS: Mapping[str, Callable[[Path], Path]] = {
    "keras": lambda folder: archive(folder / "saved.keras"),
    "packed": lambda folder: archive(folder / "saved.keras", packed=True),
    "h5": lambda folder: whole(folder / "saved.h5"),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_file_becomes_a_spec_with_its_weights(make: Callable[[Path], Path], tmp_path: Path) -> None:
    code, printed, told = run(make(tmp_path), "-o", tmp_path / "net.yaml")
    assert (code, printed) == (0, "")
    assert told == f"{tmp_path / 'net.yaml'}: 1 layer, 15 parameters, weights in net.safetensors\n"
    assert (tmp_path / "net.yaml").read_text() == SPEC
    x = np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(specmodel.load(tmp_path / "net.yaml")(x), x @ KERNEL + BIAS)


def test_standard_output_has_the_spec_alone(tmp_path: Path) -> None:
    file = archive(tmp_path / "saved.keras")
    assert run(file, "-o", "-") == (0, SPEC.replace("weights: net.safetensors\n", ""), "")
    assert [path.name for path in tmp_path.iterdir()] == ["saved.keras"]


def test_without_weights(tmp_path: Path) -> None:
    file = archive(tmp_path / "saved.keras", weights=b"no HDF5, but nobody looks")
    code, _, told = run(file, "-o", tmp_path / "net.yaml", "--no-weights")
    assert (code, told) == (0, f"{tmp_path / 'net.yaml'}: 1 layer, 15 parameters\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.yaml", "saved.keras"]


def test_quiet_tells_nothing(tmp_path: Path) -> None:
    assert run(archive(tmp_path / "saved.keras"), "-o", tmp_path / "net.yaml", "-q") == (0, "", "")


def test_the_model_is_never_overwritten(tmp_path: Path) -> None:
    file = whole(tmp_path / "net.safetensors")
    before = file.read_bytes()
    code, _, told = run(file, "-o", tmp_path / "net.yaml")
    assert (code, "E506" in told) == (1, True)
    assert file.read_bytes() == before
    assert not (tmp_path / "net.yaml").exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    code, _, told = run(archive(tmp_path / "saved.keras"), "-o", tmp_path / "none" / "net.yaml")
    assert (code, "E006" in told) == (1, True)


def test_importing_needs_no_h5py_and_headers_no_numpy(tmp_path: Path) -> None:
    file = archive(tmp_path / "saved.keras")
    program = (
        "import sys; sys.modules['h5py'] = None\n"
        "from specmodel.model.importing import read_foreign, text_of\n"
        f"print(text_of(read_foreign({str(file)!r}))); assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)


WORDS = [f"word{number}" for number in range(30)]


def lookup(kind: str, count: int = 40, **config: Any) -> Any:
    """A look-up before an embedding."""
    return sequential(
        newer("InputLayer", "x", batch_shape=[None, 3], dtype="int64" if kind == "IntegerLookup" else "string"),
        newer(kind, "words", **{"vocabulary": None, **config}),
        newer("Embedding", "vectors", input_dim=count, output_dim=2),
        version="3.0.0",
    )


def vocabulary(folder: Path, config: Any, tokens: list[str], name: str = "string_lookup") -> str:
    """What the spec says of a vocabulary that stands in an archive of its own."""
    weights = hdf5(layers__embedding__vars__0=np.ones((40, 2), np.float32))
    member = f"assets/layers/{name}/vocabulary.txt"
    file = archive(folder / "saved.keras", config, weights, **{member: "\n".join(tokens).encode()})
    assert run(file, "-o", folder / "net.yaml", "-q") == (0, "", "")
    assert specmodel.check(folder / "net.yaml") == []
    return (folder / "net.yaml").read_text().partition("name: words\n    ")[2].partition("\n")[0]


def test_a_short_vocabulary_stands_in_the_spec(tmp_path: Path) -> None:
    written = vocabulary(tmp_path, lookup("StringLookup"), ["[UNK]", "a", "b"])
    assert written == "StringLookup: {vocabulary: [a, b]}"


def test_a_long_vocabulary_is_a_file(tmp_path: Path) -> None:
    config = lookup("StringLookup", mask_token="", num_oov_indices=2)
    written = vocabulary(tmp_path, config, ["", "[UNK]", "[UNK]", *WORDS])
    assert written == 'StringLookup: {num_oov_indices: 2, mask_token: "", vocabulary: net.vocabulary.txt}'
    assert (tmp_path / "net.vocabulary.txt").read_text().splitlines() == WORDS
    found: Any = specmodel.load(tmp_path / "net.yaml")
    assert found(np.array([["word0", "", "no"]])).shape == (1, 3, 2)


def test_a_vocabulary_of_integers(tmp_path: Path) -> None:
    written = vocabulary(tmp_path, lookup("IntegerLookup"), ["-1", "7", "5"], "integer_lookup")
    assert written == "IntegerLookup: {vocabulary: [7, 5]}"


def test_standard_output_has_long_vocabularies_in_the_spec(tmp_path: Path) -> None:
    weights = hdf5(layers__embedding__vars__0=np.ones((40, 2), np.float32))
    file = archive(tmp_path / "saved.keras", lookup("StringLookup", vocabulary=WORDS), weights)
    code, printed, _ = run(file, "-o", "-")
    assert (code, "word29" in printed) == (0, True)


def test_a_vocabulary_in_a_file_elsewhere_is_not_opened(tmp_path: Path) -> None:
    code, _, told = run(archive(tmp_path / "s.keras", lookup("StringLookup", vocabulary="/etc/passwd")), "-o", "-")
    assert (code, "its vocabulary is in `/etc/passwd`, a file outside of the model" in told) == (1, True)


class Bomb:
    """An object that says so when it is unpickled."""

    def __reduce__(self) -> Any:
        return print, ("unpickled",)


def members(*named: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file, warnings.catch_warnings(action="ignore"):
        for name, content in named:
            file.writestr(name, content)
    return buffer.getvalue()


CONFIG = json.dumps(CHAIN).encode()
GOOD = members(("config.json", CONFIG), ("model.weights.h5", WEIGHTS))


def hostile() -> dict[str, tuple[bytes, str]]:
    """Bad archives, and what is said of them."""
    pickles = io.BytesIO()
    np.savez(pickles, weights=np.array([Bomb()], object))
    declared = bytearray(members(("config.json", CONFIG), ("model.weights.h5", WEIGHTS)))
    entry = declared.rindex(b"PK\x01\x02")
    declared[entry + 24 : entry + 28] = (2**31).to_bytes(4, "little")
    deep = b"[" * 100_000 + b"]" * 100_000
    return {
        "no config": (members(("model.weights.h5", WEIGHTS)), "the archive has no `config.json`"),
        "a config that is no JSON": (members(("config.json", b"{'a': 1}")), "member `config.json`"),
        "a config that is no text": (members(("config.json", b"\xff\xfe\x00")), "member `config.json`"),
        "a deep config": (members(("config.json", deep)), "member `config.json`"),
        "a long number": (members(("config.json", b"[" + b"9" * 10_000 + b"]")), "member `config.json`"),
        "a bomb": (members(("config.json", b" " * (40 << 20))), "config.json"),
        "a bomb of weights": (
            members(("config.json", CONFIG), ("model.weights.h5", WEIGHTS + bytes(400 << 20))),
            "model.weights.h5",
        ),
        "a way out": (members(("config.json", CONFIG), ("../../evil", b"")), "leads out of the archive"),
        "a way from the root": (members(("config.json", CONFIG), ("/etc/passwd", b"")), "leads out of the archive"),
        "a member twice": (
            members(("config.json", CONFIG), ("config.json", CONFIG)),
            "there are two members of the name `config.json`",
        ),
        "pickles": (
            members(("config.json", CONFIG), ("model.weights.npz", pickles.getvalue())),
            "which holds pickles, and these can run code",
        ),
        "half a file": (GOOD[: len(GOOD) // 2], "saved.keras"),
        "a size that lies": (bytes(declared), "saved.keras"),
        "weights that are no HDF5": (
            members(("config.json", CONFIG), ("model.weights.h5", b"PK" + bytes(90))),
            "model.weights.h5",
        ),
        "half the weights": (
            members(("config.json", CONFIG), ("model.weights.h5", WEIGHTS[:700])),
            "model.weights.h5",
        ),
    }


@pytest.mark.parametrize("name", hostile())
def test_a_bad_archive_is_one_error_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    content, message = hostile()[name]
    (tmp_path / "saved.keras").write_bytes(content)
    code, printed, told = run(tmp_path / "saved.keras", "-o", tmp_path / "net.yaml")
    assert (code, printed, message in told, "error[" in told) == (1, "", True, True), told
    assert told.count("error[") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["saved.keras"]


MISFITS: dict[str, tuple[bytes, str]] = {
    "a weight is missing": (hdf5(layers__dense__vars__0=KERNEL), "1 is missing"),
    "a weight is of another shape": (
        hdf5(layers__dense__vars__0=KERNEL.T, layers__dense__vars__1=BIAS),
        "1 is of another shape",
    ),
    "a weight is no number": (
        hdf5(layers__dense__vars__0=np.array([b"a", b"b"]), layers__dense__vars__1=BIAS),
        "`layers/dense/vars/0`",
    ),
    "a weight is too much": (
        hdf5(layers__dense__vars__0=KERNEL, layers__dense__vars__1=BIAS, layers__dense_1__vars__0=KERNEL),
        "the file has weights that no layer of its model has: `layers/dense_1/vars/0`",
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_weights_that_do_not_fit_are_told_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    weights, message = MISFITS[name]
    code, _, told = run(archive(tmp_path / "saved.keras", weights=weights), "-o", tmp_path / "net.yaml")
    assert (code, message in told) == (1, True), told
    assert [path.name for path in tmp_path.iterdir()] == ["saved.keras"]


def test_what_training_goes_on_from_is_no_weight(tmp_path: Path) -> None:
    weights = hdf5(
        layers__dense__vars__0=KERNEL,
        layers__dense__vars__1=BIAS,
        optimizer__vars__0=np.array(3),
        layers__dropout__seed_generator__vars__0=np.zeros(2, np.uint32),
        metrics__mean__vars__0=np.array(1.0),
    )
    assert run(archive(tmp_path / "saved.keras", weights=weights), "-o", tmp_path / "net.yaml", "-q")[0] == 0


def test_counts_of_64_bits_are_read(tmp_path: Path) -> None:
    config = sequential(newer("InputLayer", "x", batch_shape=[None, 3]), newer("Normalization", "n"), version="3.0.0")
    group = "layers__normalization__vars__"
    arrays = {f"{group}0": BIAS, f"{group}1": BIAS}
    for count, code in ((np.array(9, np.int64), 0), (np.array(2**40, np.int64), 1)):
        file = archive(tmp_path / "saved.keras", config, hdf5(**arrays, **{f"{group}2": count}))
        assert run(file, "-o", tmp_path / "net.yaml", "-q")[0] == code


def test_names_that_no_spec_has_are_changed_and_told(tmp_path: Path) -> None:
    config = {
        "module": "keras",
        "class_name": "Functional",
        "config": {
            "name": "net",
            "layers": [
                newer("InputLayer", "my input", batch_shape=[None, 4]),
                newer("Dense", "a/b c", [tensor("my input")], units=3),
            ],
            "input_layers": [["my input", 0, 0]],
            "output_layers": [["a/b c", 0, 0]],
        },
    }
    code, printed, told = run(archive(tmp_path / "saved.keras", config), "-o", "-")
    assert (code, told.count("N611")) == (0, 2)
    assert "my_input: [4]" in printed
    assert "name: a_b_c" in printed
