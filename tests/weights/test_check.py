"""The file that a spec's `weights:` names: where it may be, what it must hold, where mistakes are reported."""

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import specmodel
from specmodel import check
from specmodel.diagnostics import Diagnostic

SPEC = """\
inputs: [4]
weights: {weights}
layers:
  - name: head
    Dense: 2
"""
F4 = np.float32
HEAD = {"head/kernel": np.ones((4, 2), F4), "head/bias": np.ones(2, F4)}


def checked(folder: Path, weights: str, root: Path | None = None) -> list[Diagnostic]:
    (folder / "s.yaml").write_text(SPEC.format(weights=weights))
    return check(folder / "s.yaml", root)


def safetensors(header: object, data: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


GOOD_SAFETENSORS = safetensors(
    {
        "head/kernel": {"dtype": "F32", "shape": [4, 2], "data_offsets": [0, 32]},
        "head/bias": {"dtype": "BF16", "shape": [2], "data_offsets": [32, 36]},
    },
    bytes(36),
)


def test_good_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **HEAD)
    np.savez_compressed(tmp_path / "b.NPZ.npz", **{f"{name}:0": array for name, array in HEAD.items()})
    (tmp_path / "c.safetensors").write_bytes(GOOD_SAFETENSORS)
    (tmp_path / "in").mkdir()
    np.savez(tmp_path / "in/d.npz", **HEAD)
    absolute = str(tmp_path / "a.npz")
    for name in ("a.npz", "b.NPZ.npz", "c.safetensors", "in/d.npz", "in/../a.npz", absolute):
        assert checked(tmp_path, name) == []


def test_a_mismatch_is_one_error_at_the_key(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **{"head/kernel": np.ones((2, 4), F4), "tail/bias": np.ones(2, F4)})
    [error] = checked(tmp_path, "w.npz")
    assert error.span is not None
    assert (error.code, error.span.line, error.span.column, error.span.end_column) == ("E402", 2, 10, 15)
    assert [note.message.partition(":")[0] for note in error.notes] == [
        "missing", "another shape", "not in the spec", "likely renamed",
    ]  # fmt: skip


def test_a_mapping_names_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [error] = check({"inputs": [4], "weights": "w.npz", "layers": [{"Dense": 2}]})
    assert str(error) == "weights: error[E401] weights file `w.npz`: there is no such file"


@pytest.mark.parametrize(
    ("weights", "code", "message"),
    [
        ("w.npz", "E401", "there is no such file"),
        ("no/w.npz", "E401", "the folder `{folder}/no` does not exist"),
        ("dir.npz", "E401", "this is a directory"),
        ("'a\\0.npz'", "E401", "there is no such file"),
        ('"a\\0.npz"', "E401", "no file can have the name"),
        ("../w.npz", "E004", "is outside the folder"),
        ("x/../../w.npz", "E004", "is outside the folder"),
        ("/etc/w.npz", "E004", "is outside the folder"),
        ("link.npz", "E004", "`link.npz` is outside the folder"),
        ("folder_link/outside.npz", "E004", "is outside the folder"),
        ("https://example.org/w.npz", "E004", "looks like a URL"),
        ("file:///etc/w.npz", "E004", "looks like a URL"),
        ("w.h5", "E401", "there is no such file"),
        ("w.npy", "E403", "ends in `.npy`"),
        ("w.pt", "E403", "ends in `.pt`"),
        ("weights", "E403", "has no suffix"),
    ],
)
def test_paths_that_are_refused(tmp_path: Path, weights: str, code: str, message: str) -> None:
    folder = tmp_path / "specs"
    (folder / "x").mkdir(parents=True)
    (folder / "dir.npz").mkdir()
    np.savez(tmp_path / "outside.npz", **HEAD)
    (folder / "link.npz").symlink_to(tmp_path / "outside.npz")
    (folder / "folder_link").symlink_to(tmp_path)
    [error] = checked(folder, weights)
    assert (error.code, error.span is not None and error.span.line) == (code, 2)
    assert message.format(folder=folder) in error.message


@pytest.mark.parametrize(
    ("name", "help"),
    [("w.pt", "can run code"), ("w.npy", "numpy.savez")],
)
def test_the_help_says_what_to_do_with_other_formats(tmp_path: Path, name: str, help: str) -> None:
    [error] = checked(tmp_path, name)
    assert help in (error.help or "")


def test_a_root_above_the_spec_allows_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    np.savez(tmp_path / "w.npz", **HEAD)
    assert checked(tmp_path / "specs", "../w.npz", tmp_path) == []
    assert [error.code for error in checked(tmp_path / "specs", "../w.npz")] == ["E004"]


def test_a_folder_whose_name_begins_with_the_roots_is_outside(tmp_path: Path) -> None:
    for name in ("spec", "spec2"):
        (tmp_path / name).mkdir()
    np.savez(tmp_path / "spec2/w.npz", **HEAD)
    assert [error.code for error in checked(tmp_path / "spec", "../spec2/w.npz")] == ["E004"]


def test_an_unbuilt_spec_only_needs_a_weights_file(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("weights: w.npz\nlayers:\n  - Dense: 2\n")
    np.savez(tmp_path / "w.npz", other=np.ones(3))
    assert check(tmp_path / "s.yaml") == []
    (tmp_path / "w.npz").write_bytes(b"no zip")
    assert [error.code for error in check(tmp_path / "s.yaml")] == ["E401"]


def object_arrays(path: Path) -> None:
    np.savez(path, **{"head/kernel": np.array([{}], object)})


def lying(path: Path) -> None:
    file = io.BytesIO()
    np.save(file, HEAD["head/kernel"])
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("head/kernel.npy", file.getvalue().replace(b"'shape': (4, 2)", b"'shape': (9, 9)"))


def huge(path: Path) -> None:
    entry = {"dtype": "F32", "shape": [2**30, 2**30], "data_offsets": [0, 2**62]}
    path.write_bytes(safetensors({"head/kernel": entry}))


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("w.npz", lambda path: path.write_bytes(b""), "it is empty"),
        ("w.npz", lambda path: path.write_bytes(GOOD_SAFETENSORS), "a .safetensors file"),
        ("w.npz", object_arrays, "a pickle can run code"),
        ("w.npz", lying, "member `head/kernel.npy`: the file is cut short"),
        ("w.npz", os.mkfifo, "a FIFO"),
        ("w.safetensors", lambda path: path.write_bytes(bytes(100)), "this is not a .safetensors file"),
        ("w.safetensors", lambda path: path.write_bytes(GOOD_SAFETENSORS[:-1]), "cut short"),
        ("w.safetensors", lambda path: path.write_bytes(struct.pack("<Q", 2**60) + b"{}"), "is the limit"),
        ("w.safetensors", lambda path: path.write_bytes(safetensors({"../x": {}})), "a name that arrays cannot have"),
        ("w.safetensors", huge, "cut short"),
    ],
)
def test_hostile_files_are_one_message_at_the_key(
    tmp_path: Path, name: str, write: Callable[[Path], object], message: str
) -> None:
    write(tmp_path / name)
    [error] = checked(tmp_path, name)
    assert (error.code, error.span is not None and error.span.line) == ("E401", 2)
    assert error.message.startswith(f"weights file `{tmp_path / name}`: ")
    assert message in error.message


@pytest.mark.parametrize("module", ["numpy", "difflib"])
def test_a_check_imports_no(module: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **HEAD)
    (tmp_path / "s.yaml").write_text(SPEC.format(weights="w.npz"))
    code = (
        "import sys, specmodel.weights.match\n"
        "from specmodel import check\n"
        f"print(check('s.yaml'), {module!r} in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[] False"


def test_an_empty_path_is_said_as_such() -> None:
    (found,) = specmodel.check({"weights": "", "inputs": [4], "layers": [{"Dense": 3}]})
    assert (found.code, found.message) == ("E401", "`weights` is empty, and must be the path of a file")
