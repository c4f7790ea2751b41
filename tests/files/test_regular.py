"""Only regular files are opened, and nothing waits."""

import os
import socket
from pathlib import Path

import pytest

from specmodel.diagnostics import SpecError
from specmodel.files.regular import open_regular


def refusal(path: str | Path, code: str = "E001") -> str:
    with pytest.raises(SpecError) as caught:
        open_regular(path, code)
    [diagnostic] = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.path) == (code, str(path))
    return diagnostic.message


def test_a_file_and_its_size(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"hello")
    (tmp_path / "link").symlink_to("a")
    for name in ("a", "link"):
        file, size = open_regular(tmp_path / name)
        with file:
            assert (size, file.read()) == (5, b"hello")


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        assert refusal(tmp_path / "socket") == "this is a socket or an absent device, not a file"
    assert refusal(tmp_path / "folder") == "this is a directory, not a file"
    assert refusal(tmp_path / "fifo", "E501") == "this is a FIFO (named pipe), not a file"
    assert refusal("/dev/zero") == "this is a device, not a file"
    assert refusal(tmp_path / "missing") == "there is no such file"
    assert (
        refusal(tmp_path / "no" / "missing") == f"there is no such file: the folder `{tmp_path / 'no'}` does not exist"
    )
    assert refusal(tmp_path / "file" / "x") == "there is no such file: a part of its path is a file, not a folder"
    assert refusal(tmp_path / "dangling") == "this is a link to a file that does not exist"
    assert refusal(tmp_path / "loop").startswith("the file cannot be opened: too many levels")
    assert refusal(tmp_path / ("n" * 300)).startswith("the file cannot be opened: file name too long")
    assert refusal("a\0b") == "no file can have this name: it has a character that names cannot have"
    assert refusal("") == "an empty path names no file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "a").touch(0o000)
    assert refusal(tmp_path / "a") == "the file may not be read: permission denied"
