"""Output files appear whole or not at all."""

import os
import resource
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from specmodel.diagnostics import SpecError
from specmodel.files.output import atomic_output, atomic_text_output, is_stream, through_output


def refusal(path: Path | str, inputs: tuple[Path | str, ...] = ()) -> tuple[str, str]:
    with pytest.raises(SpecError) as caught, atomic_output(path, inputs):
        raise AssertionError("it was opened")
    [diagnostic] = caught.value.diagnostics
    assert diagnostic.path == str(path)
    return diagnostic.code, diagnostic.message


def test_the_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with atomic_output(target) as file:
        file.write(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [target]


def write_half(output: AbstractContextManager[Any], half: bytes | str, error: type[BaseException]) -> None:
    with output as file:
        file.write(half)
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_what_was_there(error: type[BaseException], tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_bytes(b"before")
    with pytest.raises(error):
        write_half(atomic_output(target), b"half", error)
    with pytest.raises(error):
        write_half(atomic_text_output(target), "half", error)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def test_an_existing_file_is_replaced_and_a_link_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"before")
    (tmp_path / "link").symlink_to("real")
    with atomic_output(tmp_path / "link", inputs=[tmp_path / "missing", "-"]) as file:
        file.write(b"after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"after"


def test_the_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with atomic_output(tmp_path / "out"):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o640


def test_text_is_utf8_with_newlines(tmp_path: Path) -> None:
    with atomic_text_output(tmp_path / "out") as file:
        file.write("ä\nb\n")
    assert (tmp_path / "out").read_bytes() == b"\xc3\xa4\nb\n"


def test_an_input_is_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in"
    source.write_bytes(b"data")
    (tmp_path / "link").symlink_to("in")
    os.link(source, tmp_path / "hard")
    monkeypatch.chdir(tmp_path)
    for name in ("in", "link", "hard", "./in"):
        code, message = refusal(name, (source,))
        assert (code, message) == ("E506", f"the output would overwrite the input `{source}`")
    assert refusal(source, ("other", tmp_path / "link"))[0] == "E506"
    assert source.read_bytes() == b"data"


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    table = {
        tmp_path: "this is a directory, not a file",
        tmp_path / "fifo": "this is a FIFO (named pipe), not a file",
        tmp_path / "no" / "out": f"the folder `{tmp_path / 'no'}` does not exist",
        tmp_path / "file" / "out": f"`{tmp_path / 'file'}` is not a folder",
        "/dev/null": "this is a device, not a file",
        f"{tmp_path}/new/": "the path of a file does not end in a separator",
        "a\0b": "no file can have this name",
    }
    for path, why in table.items():
        assert refusal(path) == ("E006", f"the output cannot be written: {why}")


def read_all(path: Path, into: list[bytes]) -> None:
    into.append(path.read_bytes())


def test_pipes_and_devices_take_what_is_written(tmp_path: Path) -> None:
    fifo, found = tmp_path / "fifo", list[bytes]()
    os.mkfifo(fifo)
    for output in (through_output, atomic_text_output):
        reader = Thread(target=read_all, args=(fifo, found))
        reader.start()
        with output(fifo) as file:
            file.write("text" if output is atomic_text_output else b"bytes")
        reader.join(10)
    assert found == [b"bytes", b"text"]
    with atomic_text_output("/dev/null") as text:
        text.write("gone")
    assert list(tmp_path.iterdir()) == [fifo]


@pytest.mark.parametrize(
    ("path", "stream"),
    [("/dev/null", True), ("fifo", True), ("file", False), (".", False), ("no", False), ("a\0", False)],
)
def test_what_is_written_to_as_it_is(path: str, stream: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    os.mkfifo("fifo")
    assert is_stream(path) is stream


def test_a_full_device_is_said() -> None:
    with pytest.raises(SpecError, match="no space left on device"), through_output("/dev/full") as file:
        file.write(b"1")


def test_a_reader_that_goes_is_no_mistake(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = Thread(target=lambda: os.close(os.open(fifo, os.O_RDONLY)))
    reader.start()
    with through_output(fifo) as file:
        reader.join(10)
        with pytest.raises(BrokenPipeError):
            file.write(bytes(1 << 20))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_or_file_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch(0o400)
    assert "may not be changed" in refusal(tmp_path / "file")[1]
    tmp_path.chmod(0o500)
    assert "permission denied" in refusal(tmp_path / "out")[1]


@pytest.mark.parametrize("size", [5_000, 5_000_000])  # one fails when the file is closed, the other while writing
def test_a_full_disk_is_said_of_the_output(size: int, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(SpecError) as caught, atomic_output(tmp_path / "out") as file:
            file.write(bytes(size))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    [diagnostic] = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.path) == ("E006", str(tmp_path / "out"))
    assert diagnostic.message == "the output cannot be written: file too large"
    assert list(tmp_path.iterdir()) == []
