"""Each op that layers are written in has one lowering, and each lowering such an op."""

import ast
from collections import deque
from functools import cache
from pathlib import Path

import pytest

import specmodel
from specmodel import layers
from specmodel.convert.onnx.lowerings import lowering_of
from specmodel.layers.base import Example
from specmodel.layers.naming import snake_case
from specmodel.ops.scan import Scan
from specmodel.ops.source import Input, Weight
from specmodel.ops.value import Op
from tests.layers import harness
from tests.layers.test_examples import GOOD

LOWERINGS = Path(specmodel.__file__).parent / "convert" / "onnx" / "lowerings"
FILES = sorted(path.stem for path in LOWERINGS.glob("*.py") if path.stem != "__init__")
ACTIVATIONS = [
    ("Activation", Example({"activation": name}, inputs=((None, 3),))) for name in ("log_softmax", "sparsemax")
]
"""Functions with an op of their own, which no example names."""
HELD_BEFORE = (Input, Weight)
"""What is there before anything is lowered."""


@cache
def written() -> set[type[Op]]:
    """The ops that the examples of layers are written in, and the bodies of their loops. Passes make others."""
    found: set[type[Op]] = set()
    for name, example in (*(case.values for case in GOOD), *ACTIVATIONS):
        layer = layers.find(name).declare(example.arguments)  # type: ignore[union-attr]
        graph, _ = harness.graph_of(layer, harness.concrete_types(example), example.call)  # type: ignore[arg-type]
        calls = deque(call for node in graph.nodes for call in node.calls)
        while calls:
            call = calls.popleft()
            found.add(type(call.op))
            calls.extend(call.op.calls if isinstance(call.op, Scan) else ())
    return found - set(HELD_BEFORE)


def test_an_op_that_layers_write_has_a_lowering() -> None:
    assert len(written()) > 35
    for kind in written():
        assert callable(lowering_of(kind)), kind


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_lowerings_mirrors_a_file_of_ops(file: str) -> None:
    tree = ast.parse((LOWERINGS / f"{file}.py").read_text(encoding="utf-8"))
    lowerings = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and [one.arg for one in node.args.args] == ["op", "inputs", "outputs", "b"]
    }
    ops = {snake_case(kind.__name__) for kind in written() if kind.__module__ == f"specmodel.ops.{file}"}
    assert lowerings == ops
