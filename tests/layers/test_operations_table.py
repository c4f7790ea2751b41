"""docs/operations.md names every operation once, and each of its examples is true."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from specmodel import layers
from specmodel.layers.naming import snake_case
from specmodel.layers.operation import Operation
from specmodel.layers.written import first_argument
from specmodel.types.dim import evaluate, unknown
from specmodel.types.formula import parse_dim
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, run, sample

TEXT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| (\S+) \| .* \| `(.+)` \| (.+) -> (.+) \|$", TEXT, re.MULTILINE)
SIZES = {"seq": 5, "h": 4, "w": 6, "n": 3, "m": 2, "k": 4, "to": 3, "from": 4, "?batch": 2}
OPERATIONS = [name for family, names in layers.FAMILIES.items() if family.startswith("operations_") for name in names]


def types_in(text: str) -> list[TensorType]:
    """The types of `[seq, 4], [3] int32`, each with the batch axis in front, and of `(3, 4)`, which is whole."""
    found = re.findall(r"([\[(])((?:[^][()]|\([^)]*\))*)[\])](?: (\w+))?", text)
    return [
        TensorType(
            (
                *((unknown("batch"),) if bracket == "[" else ()),
                *(parse_dim(size) for size in sizes.split(", ") if size),
            ),
            dtype or "float32",
        )
        for bracket, sizes, dtype in found
    ]


def concrete(kind: TensorType) -> TensorType:
    return TensorType(tuple(evaluate(size, SIZES) for size in kind.shape), kind.dtype)


def declared(written: str) -> Any:
    entry = yaml.safe_load(written)
    name, value = next(iter(entry.items())) if isinstance(entry, dict) else (entry, None)
    kind = layers.find(name)
    assert kind is not None
    return kind.declare(first_argument(kind, value))


def test_every_operation_has_its_row() -> None:
    assert sorted(row[0] for row in ROWS) == sorted(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_named_after_its_function_in_keras(name: str) -> None:
    kind = layers.find(name)
    assert kind is not None
    assert issubclass(kind, Operation)
    (function,) = [row[1] for row in ROWS if row[0] == name]
    assert function.removeprefix("`image.").strip("`") == (
        "—" if name == "Slice" else snake_case(name.removesuffix("Op"))
    )


BLOCKS = ("Inner", "Outer")
"""Names that blocks like to have, which an operation of the same name would warn of."""


@pytest.mark.parametrize("name", OPERATIONS)
def test_op_stands_behind_the_names_that_layers_have(name: str) -> None:
    others = [*BLOCKS, *(other for other in layers.NAMES if other not in OPERATIONS or other == "Slice")]
    assert name not in others or name == "Slice"
    assert not name.endswith("Op") or name.removesuffix("Op") in others or "Conv" in name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_example_gives_the_shapes_in_the_table(row: tuple[str, ...]) -> None:
    layer, inputs, outputs = declared(row[2]), types_in(row[3]), types_in(row[4])
    assert type(layer).__name__ == row[0]
    graph, diagnostics = graph_of(layer, inputs)
    assert [found.message for found in diagnostics if found.severity == "error"] == []
    assert [value.shape for value in outputs_of(graph)] == [kind.shape for kind in outputs]
    bound = [concrete(kind) for kind in inputs]
    graph, _ = graph_of(layer, bound)
    generator = np.random.default_rng(0)
    results = run(graph, {}, [sample(kind, generator) for kind in bound])
    assert [result.shape for result in results] == [concrete(kind).shape for kind in outputs]
