"""The command line's streams: closed, full, gone, or of an encoding that lacks a character."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SPEC = "inputs: [4]\nlayers:\n  - name: été\n    Dense: 3\n"
GOOD = "inputs: [4]\nlayers:\n  - Dense: 3\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(GOOD)
    Path("bad.yaml").write_text(SPEC, encoding="utf-8")


def shell(script: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    code = "from specmodel.__main__ import main; main()"
    script = script.replace("specmodel", f'"{sys.executable}" -c "{code}"')
    variables = {"PYTHONPATH": str(Path(__file__).parents[1]), **os.environ, **environment}
    return subprocess.run(["/bin/sh", "-c", script], env=variables, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("specmodel check good.yaml >&-", 0),
        ("specmodel check bad.yaml >&-", 1),
        ("specmodel summary bad.yaml 2>&-", 1),
        ("specmodel check - <&-", 1),
    ],
)
def test_a_closed_stream_changes_no_exit_code(script: str, code: int) -> None:
    done = shell(script)
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("command", ["check good.yaml", "summary good.yaml", "layers"])
def test_a_full_disk_is_no_bug(command: str) -> None:
    done = shell(f"specmodel {command} > /dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith(b"specmodel: the output cannot be written: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("command", "shown"),
    [("check bad.yaml", b"`?t?` cannot be a name"), ("summary good.yaml", b"? dense (Dense) ? (None, 3)    ?")],
)
def test_what_an_encoding_lacks_is_a_question_mark(command: str, shown: bytes) -> None:
    done = shell(f"specmodel {command}", PYTHONIOENCODING="ascii")
    assert shown in done.stdout
    assert done.stderr == b""
