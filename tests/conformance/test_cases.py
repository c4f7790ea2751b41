"""What Keras' tests state of a layer, and what was measured while they ran."""

import re
from typing import Any

import numpy as np
import pytest

from tests.conformance.records import Json, arrays, load, parameters
from tests.conformance.replay import (
    assert_same,
    built,
    call_names,
    declared,
    errors_of,
    expected,
    replayed,
    shapes,
    types,
)
from tests.layers.harness import graph_of, outputs_of

CASES = load("cases")
WITH_DATA = [record for record in CASES if record["data"] is not None]
BY_WEIGHTS = [record for record in CASES if not record["measured"]["quantized"]]


@pytest.mark.parametrize("record", parameters(WITH_DATA, "output"))
@pytest.mark.parametrize("key", ["config", "init_kwargs"])
def test_the_output_is_the_recorded_one(record: Json, key: str) -> None:
    data = arrays(record)
    assert_same(replayed(declared(record, key), record, data), expected(data), record)


@pytest.mark.parametrize("record", parameters(BY_WEIGHTS, "weights"))
def test_the_weights_are_the_recorded_ones(record: Json) -> None:
    written = record["input_shape"]
    graph = built(declared(record), types(written, record["input_dtype"]), call_names(written))
    specs, measured = list(graph.weights()), record["measured"]
    found = [(below(spec.path), tuple(spec.shape), spec.dtype, spec.trainable) for spec in specs]
    wanted = measured["weights"]
    assert found == [(below(w["path"]), tuple(w["shape"]), w["dtype"], w["trainable"]) for w in wanted]
    assert sum(int(np.prod(spec.shape)) for spec in specs) == measured["param_count"]


@pytest.mark.parametrize("record", parameters(CASES, "static"))
def test_the_static_output_is_the_recorded_one(record: Json) -> None:
    written, measured = record["input_shape"], record["measured"]
    graph = built(declared(record), types(written, record["input_dtype"]), call_names(written))
    found = outputs_of(graph)
    assert [value.shape for value in found] == list(shapes(measured["output_shape"]))
    assert {"int64": "int32"}.get(found[0].dtype, found[0].dtype) == measured["output_dtype"]  # JAX has no int64


@pytest.mark.parametrize("record", parameters(CASES, "symbolic"))
def test_shapes_with_unknown_sizes_are_the_recorded_ones(record: Json) -> None:
    found: Json = {}
    wanted: Json = {}
    for case in record["symbolic"]:
        written = case["input_shape"]
        graph, diagnostics = graph_of(declared(record), types(written, record["input_dtype"]), call_names(written))
        refused = errors_of(diagnostics) or None
        if "error" in case:
            found[case["kind"]], wanted[case["kind"]] = refused is not None, True
        else:
            found[case["kind"]] = refused or [tuple(value.type.shown_shape) for value in outputs_of(graph)]
            wanted[case["kind"]] = list(shapes(case["output_shape"]))
    assert found == wanted


@pytest.mark.parametrize(
    "record", parameters([record for record in CASES if "supports_masking" in record["expected"]], "masking")
)
def test_masks_pass_where_they_are_stated_to(record: Json) -> None:
    assert declared(record).supports_masking == record["expected"]["supports_masking"]


def below(path: str) -> str:
    """A weight's path below its layer, without the numbers that Keras appends to repeated names."""
    return re.sub(r"_\d+(?=/|$)", "", path.partition("/")[2])


def test_no_measured_output_differs_from_what_the_authors_state() -> None:
    stated: dict[str, Any] = {
        record["id"]: record["expected"]["expected_output_shape"]
        for record in CASES
        if "expected_output_shape" in record["expected"]
    }
    assert {record["id"]: record["measured"]["output_shape"] for record in CASES if record["id"] in stated} == stated
