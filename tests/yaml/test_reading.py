"""Files and bytes that are no source text."""

import os
from pathlib import Path

import pytest

from specmodel.diagnostics import Diagnostic, SpecError
from specmodel.yaml import MAX_BYTES, decode_source, read_source


def refusal(data: bytes) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        decode_source("<stdin>", data)
    (only,) = caught.value.diagnostics
    return only


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        ("a: é".encode("utf-16"), "<stdin>:1:1: error[E002]", "UTF-16"),
        ("a: é".encode("utf-16-le"), "<stdin>:1:1: error[E002]", "UTF-16"),
        ("a: é".encode("utf-16-be"), "<stdin>:1:1: error[E002]", "UTF-16"),
        ("a: é".encode("utf-32"), "<stdin>:1:1: error[E002]", "UTF-32"),
        ("a: é".encode("utf-32-be"), "<stdin>:1:1: error[E002]", "UTF-32"),
        ("a: b\nc: dé e".encode("latin-1"), "<stdin>:2:5: error[E002]", "`é`"),
        ("é\r\nü: ".encode() + b"\xff", "<stdin>:2:4: error[E002]", "0xFF"),
        (b"\xef\xbb\xbfa: \xe9", "<stdin>:1:4: error[E002]", "0xE9"),
        ("a: é".encode()[:-1], "<stdin>:1:4: error[E002]", "0xC3 is not UTF-8; in Latin-1"),
        ("a: 𝄞".encode()[:-1], "<stdin>:1:4: error[E002]", "in the middle of a character"),
        (b"a: \xed\xa0\x80", "<stdin>:1:4: error[E002]", "0xED"),
        (b"a: 1\nb: \x00", "<stdin>:2:4: error[E111]", "NUL"),
        (b"a: \x07", "<stdin>:1:4: error[E111]", "U+0007"),
    ],
)
def test_bytes_that_are_refused(data: bytes, place: str, words: str) -> None:
    diagnostic = refusal(data)
    assert str(diagnostic).startswith(place)
    assert words in diagnostic.message


def test_too_many_bytes() -> None:
    assert refusal(b"#" * (MAX_BYTES + 1)).code == "E003"
    assert len(decode_source("<stdin>", b"#" * MAX_BYTES).text) == MAX_BYTES


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), (b"\xef\xbb\xbfa: 1", "a: 1"), ("é: 𝄞\r\n\t".encode(), "é: 𝄞\r\n\t"), (b"a", "a")],
)
def test_text_that_is_read(data: bytes, text: str) -> None:
    assert decode_source("<stdin>", data).text == text


def message(path: str) -> str:
    with pytest.raises(SpecError) as caught:
        read_source(path)
    (only,) = caught.value.diagnostics
    assert only.place == path
    return f"{only.code} {only.message}"


def test_a_file_is_read_under_the_name_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.yaml").write_bytes(b"a: 1\r\n")
    monkeypatch.chdir(tmp_path)
    source = read_source("./model.yaml")
    assert (source.path, source.text) == ("./model.yaml", "a: 1\r\n")


def test_a_missing_file_has_a_neighbour(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").touch()
    with pytest.raises(SpecError) as caught:
        read_source(str(tmp_path / "modle.yaml"))
    assert caught.value.diagnostics[0].help == f"did you mean `{tmp_path / 'model.yaml'}`?"


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    assert message(str(tmp_path / "pipe")) == "E001 this is a pipe, not a file"
    assert message(str(tmp_path)) == "E001 this is a directory, not a file"
    assert message(os.devnull) == "E001 this is a device, not a file"
    assert message("/nowhere/at/all.yaml") == "E001 there is no such file"
    assert message(str(tmp_path / "file" / "x.yaml")).startswith("E001 the file cannot be read")
    assert message("a\0b").startswith("E001 the file cannot be read")
    assert message("x" * 5000).startswith("E001 the file cannot be read")


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # sparse: reading it would take all memory
    assert message(str(path)).startswith("E003 1,099,511,627,776 bytes")


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.yaml"
    path.touch()

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert message(str(path)) == "E001 no permission to read this file"
