"""What the tests of whole networks share: the command line, called in this process."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel.cli import main

SPECS = Path(__file__).parents[2] / "specs"
Command = Callable[..., str]


@pytest.fixture
def specmodel(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Calls `specmodel` with arguments, which must succeed; what it prints."""

    def call(*arguments: str | Path) -> str:
        monkeypatch.setattr(sys, "argv", ["specmodel", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert ended.value.code == 0, captured.err
        return captured.out

    return call


@pytest.fixture
def summary(specmodel: Command) -> Callable[..., dict[str, Any]]:
    """Calls `specmodel summary` on a spec in `specs/`; its JSON."""

    def call(spec: str, *options: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(specmodel("summary", SPECS / spec, "--format", "json", *options))
        return found

    return call


@pytest.fixture
def run(specmodel: Command, tmp_path: Path) -> Callable[..., Any]:
    """Calls `specmodel run` on a spec in `specs/`; the array it writes, or with `several` the arrays by name."""

    def call(spec: str, *arguments: str | Path, several: bool = False) -> Any:
        output = tmp_path / ("output.npz" if several else "output.npy")
        specmodel("run", SPECS / spec, *arguments, "-o", output)
        if not several:
            return np.load(output)
        with np.load(output) as found:
            return dict(found)

    return call
