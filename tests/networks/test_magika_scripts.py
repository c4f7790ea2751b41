"""The scripts beside Magika's spec: its input made of any files, and the demo."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.networks.conftest import SPECS

MAGIKA = SPECS / "magika"


def script(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(MAGIKA / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=SPECS.parent, check=False)


def text(codes: Any) -> bytes:
    """Numbers from 0 to 255 as bytes, padding as `.`, which is no byte of the files here."""
    assert 46 not in codes
    return bytes(46 if code == 256 else int(code) for code in codes)


COUNTING = bytes(number % 251 for number in range(5000))

FILES = {
    # contents (without a `.`), first part, last part
    "short": (b"  \tabcdefgh \n", b"abcdefgh \n" + b"." * 1014, b"." * 1013 + b"  \tabcdefgh"),
    "one part": (b"a" * 1024, b"a" * 1024, b"a" * 1024),
    "parts overlap": (b"a" * 700 + b"b" * 700, b"a" * 700 + b"b" * 324, b"a" * 324 + b"b" * 700),
    "long": (b"front" * 500 + b"\n" * 9000 + b"end!" * 500, b"front" * 204 + b"fron", b"end!" * 256),
    "only 4096 bytes are read": (
        b" " * 4080 + b"x" * 6000 + b"\n" * 4076,
        b"x" * 16 + b"." * 1008,
        b"." * 1004 + b"x" * 20,
    ),
    "every white space": (b" \t\n\r\v\fabcdefgh\f\v\r\n\t ", b"abcdefgh\f\v\r\n\t ", b" \t\n\r\v\fabcdefgh"),
    "no other is": (b"\0\x85abcdefgh\xa0", b"\0\x85abcdefgh\xa0", b"\0\x85abcdefgh\xa0"),
}


def test_features_are_the_stripped_ends(tmp_path: Path) -> None:
    paths = []
    for number, (contents, _, _) in enumerate(FILES.values()):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(contents)
    assert script("features.py", *paths, "-o", tmp_path / "made.npy").returncode == 0
    made = np.load(tmp_path / "made.npy")
    assert (made.dtype, made.shape) == (np.int32, (len(FILES), 2048))
    for (name, (_, front, end)), row in zip(FILES.items(), made, strict=True):
        assert text(row[:1024]) == front.ljust(1024, b"."), name
        assert text(row[1024:]) == end.rjust(1024, b"."), name


def test_features_are_numbers_of_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(COUNTING)
    script("features.py", tmp_path / "file", "-o", tmp_path / "made.npy")
    (row,) = np.load(tmp_path / "made.npy")
    # The tabs, line ends and spaces of 0, 1, 2 … do not stand at an end: 4,999 % 251 is 230.
    assert row[:1024].tolist() == [number % 251 for number in range(1024)]
    assert row[1024:].tolist() == [number % 251 for number in range(5000 - 1024, 5000)]


@pytest.mark.parametrize(
    ("contents", "part"),
    [
        (None, "No such file"),
        (b"", "fewer than 8 bytes"),
        (b"1234567", "fewer than 8 bytes"),
        (b" " * 100 + b"1234567", "fewer than 8 bytes"),
    ],
)
def test_features_of_what_cannot_be_used_are_refused(tmp_path: Path, contents: bytes | None, part: str) -> None:
    if contents is not None:
        (tmp_path / "file").write_bytes(contents)
    ended = script("features.py", tmp_path / "file", "-o", tmp_path / "made.npy")
    assert ended.returncode == 1
    assert part in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "made.npy").exists()


def test_features_do_not_replace_a_file_they_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(COUNTING)
    assert script("features.py", tmp_path / "file", "-o", tmp_path / "file").returncode == 2
    assert (tmp_path / "file").read_bytes() == COUNTING


OWN = {
    "magika/features.py": "python",
    "magika/README.md": "markdown",
    "magika/LICENSE.upstream": "txt",
    "magika/input.npy": "npy",
    "g2pm/g2pm.yaml": "yaml",
}
"""Files in `specs/` with the types they have."""


def test_magika_knows_files_of_this_project(run: Callable[..., Any], tmp_path: Path) -> None:
    script("features.py", *(SPECS / name for name in OWN), "-o", tmp_path / "made.npy")
    odds = run("magika/magika.yaml", tmp_path / "made.npy")
    labels = json.loads((MAGIKA / "labels.json").read_text())["labels"]
    assert dict(zip(OWN, [labels[best] for best in odds.argmax(axis=1)], strict=True)) == OWN


def rows(output: str) -> list[list[str]]:
    return [line.split() for line in output.splitlines()]


def test_demo_names_the_types_of_the_recorded_files() -> None:
    recorded = json.loads((MAGIKA / "labels.json").read_text())
    header, *found = rows(script("demo.py").stdout)
    assert header == ["file", "type", "odds"]
    assert [row[:2] for row in found] == [list(pair) for pair in zip(recorded["files"], recorded["top1"], strict=True)]
    assert [float(row[2]) for row in found] == pytest.approx(
        np.load(MAGIKA / "expected.npy").max(axis=1).tolist(), abs=0.0006
    )


def test_demo_names_the_types_of_given_files() -> None:
    paths = [str(SPECS / name) for name in OWN]
    _, *found = rows(script("demo.py", *paths).stdout)
    assert [row[:2] for row in found] == [[path, kind] for path, kind in zip(paths, OWN.values(), strict=True)]
