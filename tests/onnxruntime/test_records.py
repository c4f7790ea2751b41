"""The recorded uses of Keras' layers, exported with an unknown batch, give what the executor gives."""

from pathlib import Path
from typing import Any

import pytest

from specmodel.types.dim import unknown
from specmodel.types.tensor import TensorType
from tests.conformance.records import Json, arrays, load, parameters
from tests.conformance.replay import built, declared, inputs
from tests.layers.harness import graph_of, run
from tests.onnx.exported import refusals, with_all_outputs
from tests.onnx.inexpressible import REASONS
from tests.onnxruntime.running import assert_alike

RECORDS = [record for name in ("cases", "calls") for record in load(name) if record["data"] is not None]


@pytest.mark.parametrize("record", [case for case in parameters(RECORDS, "output") if not case.marks])
def test_a_recorded_use(record: Json, tmp_path: Path) -> None:
    data = arrays(record)
    layer = declared(record)
    call, given = inputs(record, data)
    types = [TensorType(array.shape, "string" if array.dtype.kind in "UO" else array.dtype.name) for array in given]
    known = built(layer, types, call)
    weights = {spec.path: data[f"w.{number}"] for number, spec in enumerate(known.weights())}
    graph = with_all_outputs(_open(layer, types, call) or known)
    reasons = refusals(graph)
    if reasons:
        assert {(record["layer"], reason) for reason in reasons} <= REASONS
    else:
        assert_alike(graph, weights, given, run(known, weights, given), tmp_path)


def _open(layer: Any, types: list[TensorType], call: list[str]) -> Any:
    """The layer on inputs whose batch is unknown, if it can be built so."""
    opened = [TensorType((unknown("batch"), *kind.shape[1:]) if kind.shape else (), kind.dtype) for kind in types]
    graph, diagnostics = graph_of(layer, opened, call)
    return None if diagnostics.failed else graph
