"""Files that arguments of layers name: found beside the spec, never outside the root, read when a spec is checked."""

import os
from pathlib import Path

import numpy as np
import pytest

import specmodel
from specmodel.files import location

SPEC = """\
inputs: {shape: [2], dtype: string}
layers:
  - StringLookup: {vocabulary: %s}
"""


def said_of(folder: Path, named: str, kind: str = "string") -> str:
    """What `check` says of a spec whose vocabulary is the file of that name, and where."""
    text = SPEC.replace("String", "Integer").replace("string", "int64") if kind == "int64" else SPEC
    (folder / "spec.yaml").write_text(text % named, encoding="utf-8")
    return "\n".join(str(found) for found in specmodel.check(folder / "spec.yaml"))


@pytest.mark.parametrize("content", [b"a\nbc\n", b"a\nbc", b"a\r\nbc\r\n"])
def test_a_token_a_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "words.txt").write_bytes(content)
    assert said_of(tmp_path, "words.txt") == ""
    model = specmodel.load(tmp_path / "spec.yaml")
    assert model(np.array([["bc", "z"]])).tolist() == [[2, 0]]


def test_integers_a_line(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("-7\n12\n")
    assert said_of(tmp_path, "ids.txt", "int64") == ""
    assert specmodel.load(tmp_path / "spec.yaml")(np.array([[12, -7]])).tolist() == [[2, 1]]


@pytest.mark.parametrize(
    ("content", "kind", "part"),
    [
        (
            b"a\n\xff\n",
            "string",
            "[E002] StringLookup `string_lookup`: the file `w.txt` of `vocabulary`: line 2",
        ),
        (b"a\nb\na\n", "string", '`vocabulary` has "a" twice'),
        (b"", "string", "`vocabulary` has no tokens"),
        (b"\xef\xbb\xbfa\n", "string", "begins with a byte order mark"),
        (b"1\nx\n", "int64", 'line 2 of the file `w.txt` must be an integer, found the text "x"'),
        (b"1\n99999999999999999999\n", "int64", "line 2 of the file `w.txt` must be an integer"),
    ],
)
def test_bad_files_are_said_at_the_argument(tmp_path: Path, content: bytes, kind: str, part: str) -> None:
    (tmp_path / "w.txt").write_bytes(content)
    said = said_of(tmp_path, "w.txt", kind)
    assert part in said
    assert "spec.yaml:3:" in said


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert "[E001]" in said_of(tmp_path, "nowhere.txt")
    assert "this is a directory, not a file" in said_of(tmp_path, "folder")
    assert "this is a FIFO" in said_of(tmp_path, "pipe")
    assert "looks like a URL" in said_of(tmp_path, "https://example.org/words.txt")


def test_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(location, "LARGEST_TEXT", 3)
    (tmp_path / "words.txt").write_text("a\nbc\n")
    assert "[E003]" in said_of(tmp_path, "words.txt")


def test_paths_do_not_leave_the_root(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "words.txt").write_text("a\n")
    (inner / "link.txt").symlink_to(tmp_path / "words.txt")
    for path in ("../words.txt", "link.txt", str(tmp_path / "words.txt")):
        assert "[E004]" in said_of(inner, path)
    assert list(specmodel.check(inner / "spec.yaml", root=tmp_path)) == []


def test_a_mapping_and_a_layer_start_at_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("words.txt").write_text("a\nb\n")
    layer = {"StringLookup": {"vocabulary": "words.txt"}}
    model = specmodel.load({"inputs": {"shape": [1], "dtype": "string"}, "layers": [layer]})
    assert model(np.array([["b"]])).tolist() == [[2]]
    assert specmodel.layers.StringLookup(vocabulary="words.txt")(np.array([["b"]])).tolist() == [[2]]


def test_a_model_means_the_same_though_its_file_changes(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("a\nb\n")
    assert said_of(tmp_path, "words.txt") == ""
    model = specmodel.load(tmp_path / "spec.yaml")
    (tmp_path / "words.txt").write_text("b\na\n")
    assert model(np.array([["a", "b"]])).tolist() == [[1, 2]]


def test_a_saved_model_takes_its_files_along(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/words.txt").write_text("a\nb\n")
    assert said_of(tmp_path, "lists/words.txt") == ""
    model = specmodel.load(tmp_path / "spec.yaml")
    (tmp_path / "other").mkdir()
    model.save(tmp_path / "other/spec.yaml")
    assert specmodel.load(tmp_path / "other/spec.yaml")(np.array([["a", "b"]])).tolist() == [[1, 2]]
    (tmp_path / "other/lists/words.txt").write_text("other\n")
    with pytest.raises(ValueError, match="there is another one beside the spec"):
        model.save(tmp_path / "other/spec.yaml")
