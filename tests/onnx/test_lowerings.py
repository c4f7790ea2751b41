"""Each op has one lowering, and each lowering an op."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import specmodel
from specmodel.convert.onnx.lowerings import lowering_of
from specmodel.layers.naming import snake_case
from specmodel.ops.source import Input, Weight
from specmodel.ops.value import Op

PACKAGE = Path(specmodel.__file__).parent
OF_PASSES = ("fused", "packed", "recurrent")
"""Files of ops that no layer writes: passes make them for the executor."""
FILES = sorted(
    path.stem for path in (PACKAGE / "ops").glob("*.py") if path.stem not in ("__init__", "value", *OF_PASSES)
)
HELD_BEFORE = (Input, Weight)
"""What is there before anything is lowered."""


def ops_of(file: str) -> list[type[Op]]:
    module = import_module(f"specmodel.ops.{file}")
    return [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Op) and kind.__module__ == module.__name__
    ]


OPS = [kind for file in FILES for kind in ops_of(file) if not kind.__name__.startswith("_")]


@pytest.mark.parametrize("kind", [kind for kind in OPS if kind not in HELD_BEFORE], ids=lambda kind: kind.__name__)
def test_an_op_has_a_lowering(kind: type[Op]) -> None:
    assert callable(lowering_of(kind))


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_lowerings_mirrors_a_file_of_ops(file: str) -> None:
    tree = ast.parse((PACKAGE / "convert" / "onnx" / "lowerings" / f"{file}.py").read_text(encoding="utf-8"))
    lowerings = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and [one.arg for one in node.args.args] == ["op", "inputs", "outputs", "b"]
    }
    assert lowerings == {snake_case(kind.__name__) for kind in ops_of(file) if kind in OPS and kind not in HELD_BEFORE}
