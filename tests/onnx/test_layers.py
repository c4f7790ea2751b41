"""Every layer in ONNX, by its own examples: checked as strictly as ONNX can, or refused for a reason that is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel import layers
from specmodel.layers.base import Example
from specmodel.types.tensor import TensorType
from tests.layers import harness
from tests.layers.test_examples import GOOD
from tests.onnx.exported import agree, exported, inferred_shapes, refusals, with_all_outputs
from tests.onnx.inexpressible import INEXPRESSIBLE, REASONS, Refused

OPEN = [case for case in GOOD if any(not isinstance(size, int) for shape in case.values[1].inputs for size in shape)]  # type: ignore[union-attr]


def graph_of(name: str, example: Example, types: list[TensorType]) -> Any:
    kind = layers.find(name)
    assert kind is not None
    graph, diagnostics = harness.graph_of(kind.declare(example.arguments), types, example.call)
    assert [str(found) for found in diagnostics if found.severity == "error"] == []
    return with_all_outputs(graph)


@pytest.mark.parametrize(("name", "example"), OPEN)
def test_an_example_with_unknown_sizes(name: str, example: Example, tmp_path: Path) -> None:
    graph = graph_of(name, example, harness.types_of(example))
    reasons = refusals(graph)
    if reasons:
        assert {(name, reason) for reason in reasons} <= REASONS
    else:
        weights = harness.random_weights(graph, np.random.default_rng(0))
        assert agree(inferred_shapes(exported(graph, tmp_path, weights)), graph)


@pytest.mark.parametrize("use", INEXPRESSIBLE, ids=lambda use: f"{use.layer}: {use.reasons[0][:30]}")
def test_what_onnx_cannot_say_is_refused(use: Refused) -> None:
    example = Example(use.arguments, inputs=use.shapes, dtypes=(use.dtype,) * len(use.shapes))
    assert refusals(graph_of(use.layer, example, harness.types_of(example))) == list(use.reasons)
    known = refusals(graph_of(use.layer, example, harness.concrete_types(example)))
    assert known == ([] if use.needs_sizes else list(use.reasons))


def test_the_docs_name_the_layers_that_are_refused() -> None:
    page = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
    table = page.partition("## What ONNX cannot express")[2]
    assert [layer for layer, _ in sorted(REASONS) if layer not in table] == []
