"""`check` in a folder of its own, by what it finds."""

import json
from pathlib import Path

from click.testing import CliRunner

from specmodel.cli import cli
from specmodel.diagnostics import SpecError
from specmodel.report.text import render

GOOD = "inputs: [4]\nlayers:\n  - Dense: 2\n"
WRONG = "inputs: [4]\nlayers:\n  - Dense: 0\n"
WARNED = "inputs: {a: [4], b: [4]}\nlayers:\n  - inputs: a\n    Dense: 2\n"


def write(**files: str) -> None:
    """Write files, `__` for a folder's end and `_dot_` for a dot at the beginning of a name."""
    for name, content in files.items():
        path = Path(name.replace("__", "/").replace("_dot_", "."))
        if not path.suffix:
            path = path.with_suffix(".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def check(*arguments: str) -> tuple[int, list[tuple[str, str]]]:
    """The exit code, and path and code of each diagnostic."""
    result = CliRunner().invoke(cli, ["check", "--format", "json", *arguments], standalone_mode=False)
    if isinstance(result.exception, SpecError):
        return 2, []
    assert result.exception is None, result.output
    found = json.loads(result.stdout) if result.stdout else []
    return result.return_value, [(one["path"], one["code"]) for one in found]


def said(*arguments: str) -> str:
    """What is printed on both streams, or in the end."""
    result = CliRunner().invoke(cli, ["check", *arguments], standalone_mode=False)
    return render(result.exception.diagnostics) if isinstance(result.exception, SpecError) else result.output
