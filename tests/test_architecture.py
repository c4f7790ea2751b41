"""Knowledge flows one way, and what `check` and `summary` need does not reach NumPy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "specmodel"
ORDER = (
    ("record", "version"),
    ("text",),
    ("diagnostics",),
    ("yaml", "types", "files"),
    ("ops",),
    ("layers",),
    ("spec",),
    ("graph",),
    ("lint",),
    ("weights",),
    ("kernels",),
    ("plan",),
    ("execute",),
    ("data", "report", "summary", "convert", "schema", "bench"),
    ("comparison",),
    ("model",),
    ("checking",),
    ("cli",),
    ("__init__", "__main__"),
)
"""The parts of the package, each importing only what stands above it."""
BACK = {("layers/base.py", "specmodel.model.alone")}
"""Arrows that point back: a layer called on arrays runs as a model of its own, imported when that happens."""
WITHOUT_NUMPY = (
    "record",
    "text",
    "diagnostics",
    "yaml",
    "types",
    "ops",
    "layers",
    "spec",
    "graph",
    "lint",
    "report",
    "summary",
    "checking",
    "schema",
    "comparison",
)

FILES = sorted(PACKAGE.rglob("*.py"))
RANK = {part: rank for rank, parts in enumerate(ORDER) for part in parts}


def part_of(module: str) -> str:
    pieces = module.split(".")
    return pieces[1] if len(pieces) > 1 else "__init__"


def imports_of(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            deeper = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "specmodel" else []
            found += deeper or [node.module]
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_point_one_way(file: Path) -> None:
    place = str(file.relative_to(PACKAGE))
    own = RANK[place.split("/")[0].removesuffix(".py")]
    back = [
        name
        for name in imports_of(file)
        if name.startswith("specmodel") and RANK[part_of(name)] > own and (place, name) not in BACK
    ]
    assert back == []


@pytest.mark.parametrize("part", WITHOUT_NUMPY)
def test_these_parts_do_not_name_numpy(part: str) -> None:
    files = [file for file in FILES if file.relative_to(PACKAGE).parts[0].removesuffix(".py") == part]
    assert files
    assert [file.name for file in files if "numpy" in imports_of(file)] == []


@pytest.mark.parametrize("command", ["check", "summary"])
@pytest.mark.parametrize("spec", ["magika/magika.yaml", "mtcnn_pnet/mtcnn_pnet.yaml", "g2pm/g2pm.yaml"])
def test_checking_and_showing_a_spec_loads_no_numpy(command: str, spec: str) -> None:
    path = PACKAGE.parent / "specs" / spec
    program = (
        "import sys; from specmodel.cli import cli; "
        f"status = cli.main([{command!r}, {str(path)!r}], standalone_mode=False); "
        "print('numpy' in sys.modules, status or 0, file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.stderr == "False 0\n"


def test_importing_the_package_loads_nothing_else() -> None:
    program = "import sys, specmodel; print(sorted(set(sys.modules) & {'numpy', 'pydantic', 'yaml', 'click'}))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
