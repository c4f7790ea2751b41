"""A folder with a small model whose numbers are known, and a way to run it."""

import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from specmodel.cli import main

Run = Callable[..., tuple[int, str, str]]

DENSE = """\
weights: w.npz
inputs: [4]
layers:
  - name: body
    Dense: {units: 3, activation: relu}
  - name: head
    Dense: 2
"""
TWO = """\
inputs:
  left: {shape: [seq, 2]}
  right: {shape: [seq, 2], dtype: int32}
layers:
  - name: sum
    inputs: [left, right]
    Add:
  - name: flipped
    inputs: sum
    Permute: [2, 1]
outputs: [sum, flipped]
"""
WEIGHTS = {
    "body/kernel": np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3),
    "body/bias": np.array([0.5, 0, -0.5], np.float32),
    "head/kernel": np.linspace(1, -1, 6, dtype=np.float32).reshape(3, 2),
    "head/bias": np.array([1, 2], np.float32),
}
X = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)


def body(x: np.ndarray) -> np.ndarray:
    return np.maximum(x @ WEIGHTS["body/kernel"] + WEIGHTS["body/bias"], 0)


def head(x: np.ndarray) -> np.ndarray:
    return body(x) @ WEIGHTS["head/kernel"] + WEIGHTS["head/bias"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: `dense.yaml` with its weights, `two.yaml`, and data `x.npy` for the first."""
    monkeypatch.chdir(tmp_path)
    Path("dense.yaml").write_text(DENSE)
    Path("two.yaml").write_text(TWO)
    np.savez("w.npz", **WEIGHTS)
    np.save("x.npy", X)
    return tmp_path


@pytest.fixture
def command(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in the folder; status, output, errors."""

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["specmodel", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, captured.out, captured.err

    return call


@pytest.fixture
def run(command: Run) -> Run:
    """Runs `specmodel run` in the folder; status, output, errors."""
    return partial(command, "run")
