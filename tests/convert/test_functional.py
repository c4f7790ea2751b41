"""Functional models of Keras 3: operations, masks, call arguments, names, and everything that cannot be imported."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.diagnostics import SpecError
from specmodel.model.importing import read_foreign
from tests.convert.configs import (
    entries_of,
    functional,
    layer,
    newer,
    older,
    sequential,
    source,
    spec_of,
    tensor,
    with_kwargs,
)

OPS = "keras.src.ops.numpy"
ALL = {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}


def graph(*layers: Any, outputs: Any = None, shape: tuple[int | None, ...] = (4, 6)) -> Any:
    """A functional model of Keras 3 with the input `x`."""
    given = newer("InputLayer", "x", batch_shape=[None, *shape], dtype="float32")
    last = [layers[-1]["name"], 0, 0]
    config = {"name": "net", "layers": [given, *layers], "input_layers": [["x", 0, 0]]}
    return {"class_name": "Functional", "config": {**config, "output_layers": outputs or [last]}}


OPERATIONS: dict[str, tuple[Any, str]] = {
    "a constant behind": (newer("Multiply", "multiply", [tensor("x"), 2], OPS), "MultiplyOp: 2"),
    "a constant in front": (newer("Subtract", "subtract", [1.0, tensor("x")], OPS), "SubtractOp: {x1: 1.0}"),
    "a constant of numbers": (
        newer("Add", "add", [tensor("x"), {"class_name": "__numpy__", "config": {"value": [1, 2, 3, 4, 5, 6]}}], OPS),
        "AddOp: [1, 2, 3, 4, 5, 6]",
    ),
    "an index": (newer("GetItem", "get_item", [tensor("x"), [ALL, 0]], OPS), 'GetItem: ":, 0"'),
    "arguments of the operation": (
        newer("Mean", "mean", [tensor("x")], OPS, axis=[1], keepdims=True),
        "Mean: {axis: 1, keepdims: true}",
    ),
    "another name of an argument": (
        newer("Reshape", "reshape", [tensor("x")], OPS, newshape=[-1, 24]),
        "ReshapeOp: [-1, 24]",
    ),
    "two tensors": (newer("Maximum", "m", [tensor("x"), tensor("x")], OPS), "inputs: [x, x]\n    MaximumOp"),
    "a list": (
        newer("Concatenate", "c", [[tensor("x"), tensor("x")]], OPS, axis=1),
        "inputs: [x, x]\n    ConcatenateOp: 1",
    ),
    "an activation": (newer("Relu", "relu", [tensor("x")], "keras.src.ops.nn"), "Relu"),
    "an activation with arguments": (
        newer("Softmax", "s", [tensor("x")], "keras.src.ops.nn", axis=1),
        "SoftmaxOp: 1",
    ),
    "nothing": (newer("StopGradient", "stop", [tensor("x")], "keras.src.ops.core"), "Identity"),
}


@pytest.mark.parametrize(("operation", "written"), OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_is_an_entry(operation: Any, written: str, tmp_path: Path) -> None:
    found = entries_of(graph(operation), tmp_path)
    assert found.removeprefix("  - ").rstrip().removesuffix(":").partition(f"name: {operation['name']}\n    ")[2] in (
        "",
        written,
    )
    assert written in found


def test_masks_that_travel_are_not_written(tmp_path: Path) -> None:
    lstm = with_kwargs(newer("LSTM", "lstm", [tensor("masking")], units=2), mask=tensor("any"), training=False)
    layers = (
        newer("NotEqual", "not_equal", [tensor("x"), 0.0], OPS),
        newer("Masking", "masking", [tensor("x")], mask_value=0.0),
        newer("Any", "any", [tensor("not_equal")], OPS, axis=-1, keepdims=False),
    )
    assert entries_of(graph(*layers, lstm), tmp_path) == "  - Masking\n  - LSTM: 2\n"


def test_masks_of_ones_own_are_written(tmp_path: Path) -> None:
    lstm = with_kwargs(newer("LSTM", "lstm", [tensor("x")], units=2), mask=tensor("any"))
    layers = (
        newer("NotEqual", "not_equal", [tensor("x"), 1.0], OPS),
        newer("Any", "any", [tensor("not_equal")], OPS, axis=-1, keepdims=False),
    )
    assert entries_of(graph(*layers, lstm), tmp_path) == (
        "  - NotEqual: 1.0\n  - Any: -1\n  - inputs: {sequences: x, mask: any}\n    LSTM: 2\n"
    )


def test_call_arguments_that_are_no_tensors_are_arguments(tmp_path: Path) -> None:
    first = newer("MultiHeadAttention", "a", [tensor("x"), tensor("x")], num_heads=2, key_dim=3, value_dim=3)
    node = {"args": [tensor("a"), tensor("x")], "kwargs": {"use_causal_mask": True}}
    first = {**first, "inbound_nodes": [*first["inbound_nodes"], node]}
    assert entries_of(graph(first, outputs=[["a", 1, 0]]), tmp_path) == (
        "  - name: a\n    inputs: [x, x]\n    MultiHeadAttention: {num_heads: 2, key_dim: 3}\n"
        "  - inputs: [a, x]\n    reuse: {a: {use_causal_mask: true}}\n"
    )


def test_outputs_by_key_have_their_keys_for_names(tmp_path: Path) -> None:
    outputs = {"odds": ["d", 0, 0], "both": [["x", 0, 0], ["d", 0, 0]]}
    text = spec_of(graph(newer("Dense", "d", [tensor("x")], units=2), outputs=outputs), tmp_path)
    assert text.endswith("outputs:\n  odds: d\n  both_0: x\n  both_1: d\n")


def said(config: Any, folder: Path) -> list[str]:
    """What is said of a config, sorted."""
    (folder / "model.json").write_text(config if isinstance(config, str) else json.dumps(config))
    with pytest.raises(SpecError) as caught:
        read_foreign(folder / "model.json")
    return [f"{found.code} {found.message}" for found in caught.value.diagnostics if found.severity == "error"]


def test_everything_foreign_is_told_at_once(tmp_path: Path) -> None:
    inner = {**newer("MyLayer", "mine", [tensor("d")], "my.module"), "registered_name": "Custom>MyLayer"}
    layers = (
        newer("Lambda", "code", [tensor("x")], function={"class_name": "__lambda__", "config": {"code": "4wAA"}}),
        newer("Dense", "d", [tensor("code")], units=2, activation={"class_name": "__lambda__", "config": {}}),
        inner,
        newer("Qr", "det", [tensor("mine")], "keras.src.ops.linalg"),
        newer("Dense", "wide", [tensor("det")], units=2, wings=3),
        newer("LocallyConnected1D", "local", [tensor("wide")], filters=2),
    )
    assert said(graph(*layers), tmp_path) == [
        "E612 layer `code` (Lambda): a Lambda holds Python code, and nothing in a file is executed",
        "E612 layer `d` (Dense): `activation` is a Python function, and nothing in a file is executed",
        "E612 layer `det` (Qr): its factors are not unique: their signs and order differ from one library to another",
        "E612 layer `local` (LocallyConnected1D): there is no layer `LocallyConnected1D` in specmodel",
        "E612 layer `mine` (MyLayer): the class `Custom>MyLayer`, of the module `my.module`, is none of Keras': "
        "what it does is in its program",
        "E612 layer `wide` (Dense): its argument `wings` is none of Dense in specmodel",
    ]


def test_a_class_of_the_same_name_is_not_kerases(tmp_path: Path) -> None:
    dense = {**newer("Dense", "d", [tensor("x")], "os", units=2), "registered_name": "Dense"}
    assert "the class `Dense`, of the module `os`, is none of Keras'" in said(graph(dense), tmp_path)[0]


def test_a_model_inside_is_named_with_its_way(tmp_path: Path) -> None:
    inner = sequential(layer("Lambda", "code"), name="inner")
    assert said(sequential(inner), tmp_path)[0].startswith("E612 layer `inner/code` (Lambda): ")


DENSE = newer("Dense", "d", [tensor("x")], units=2)
WRONG: dict[str, tuple[Any, str]] = {
    "a layer that is not there": (
        graph(newer("Dense", "d", [tensor("y")], units=2)),
        "reads call 0 of the layer `y`, which does not exist",
    ),
    "a call that is not there": (
        graph(newer("Dense", "d", [tensor("x")], units=2), outputs=[["d", 3, 0]]),
        "reads call 3 of the layer `d`",
    ),
    "an output that is not there": (graph(DENSE, outputs=[["d", 0, 4]]), "`d/4` does not exist: `d` has one output"),
    "a circle": (
        graph(newer("Dense", "a", [tensor("b")], units=2), newer("Dense", "b", [tensor("a")], units=2)),
        "layers of the model `net` read each other in a circle: `a`, `b`",
    ),
    "itself": (graph(newer("Dense", "a", [tensor("a")], units=2)), "read each other in a circle: `a`"),
    "two layers of a name": (graph(DENSE, DENSE), "two layers of the model `net` are called `d`"),
    "no layers": (
        {"class_name": "Sequential", "config": {"name": "s", "layers": []}},
        "`layers` of the model `s` is empty",
    ),
    "a class of one's own": (
        {"class_name": "MyModel", "config": {"units": 3}},
        "the model is of the class `MyModel`",
    ),
    "no mapping": ({"class_name": "Sequential", "config": 3}, "must be a mapping, found the number `3`"),
    "no list": ({"class_name": "Sequential", "config": {"layers": {}}}, "must be a list, found a mapping"),
    "no class": (
        sequential({"config": {}}),
        "`class_name` of layer 0 of `layers` of the model `sequential_1` must be a text, found null",
    ),
    "a tensor from nowhere": (
        graph(newer("Dense", "d", [{"class_name": "__keras_tensor__", "config": {}}], units=2)),
        "must come from a layer",
    ),
    "a size that is none": (graph(DENSE, shape=(4, 2**40)), "beyond the limits"),
    "a negative size": (graph(DENSE, shape=(4, -6)), "beyond the limits"),
    "many axes": (graph(DENSE, shape=(1,) * 9), "beyond the limits"),
    "units": (
        graph(newer("Dense", "d", [tensor("x")], units=-3)),
        "layer `d` (Dense): `units` of Dense must be greater than 0, found -3",
    ),
    "a huge number": ('{"class_name": "Sequential", "config": ' + "1" * 5000 + "}", "has a number of 5000 digits"),
    "deep nesting": ("[" * 100_000, "is nested more than 256 levels deep"),
    "deep objects": ('{"a":' * 100_000, "is nested more than 256 levels deep"),
    "a key twice": ('{"class_name": "a", "class_name": "b", "config": {}}', "has the key `class_name` twice"),
    "cut short": ('{"class_name": "Sequential"', "is not JSON: line 1, column 28"),
    "a shape that does not fit": (graph(newer("Reshape", "r", [tensor("x")], target_shape=[5, 5])), "(at `layers[0]"),
}


@pytest.mark.parametrize(("config", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_config_is_one_error(config: Any, message: str, tmp_path: Path) -> None:
    (only,) = said(config, tmp_path)
    assert message in only


def test_nothing_but_numbers_is_not_finite(tmp_path: Path) -> None:
    text = json.dumps(graph(newer("LeakyReLU", "a", [tensor("x")], negative_slope=float("nan"))))
    assert said(text, tmp_path) == [
        "E612 layer `a` (LeakyReLU): `negative_slope` of LeakyReLU must be a finite number, found nan"
    ]


def test_models_in_models_are_read_to_any_depth_that_json_has(tmp_path: Path) -> None:
    config = sequential(layer("Dense", units=2, batch_input_shape=[None, 4]))
    for _ in range(50):
        config = sequential(config)
    assert "Dense: 2" in spec_of(config, tmp_path)


def test_a_name_that_is_taken_by_another_rename_is_passed_over(tmp_path: Path) -> None:
    names = ["a b", "a_b", "a/b", "é", "-", "1.5", "_", "x" * 300]
    config = sequential(*(layer("Dense", name, units=2) for name in names), name="a model")
    found = [
        line.strip(" -").removeprefix("name: ") for line in entries_of(config, tmp_path).splitlines() if "name:" in line
    ]
    assert len(set(found)) == len(names)
    assert found[:3] == ["a_b_1", "a_b", "a_b_2"]


VALUES = st.sampled_from(
    [None, True, 0, -1, 10**20, float("nan"), "", "relu", "a/b", [], {}, [["d", 0, 0]], {"class_name": "Dense"}]
)


def _places(tree: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [way] * bool(way) + [place for key, value in inner for place in _places(value, (*way, key))]


SEEDS = [
    graph(DENSE, newer("Add", "add", [[tensor("d"), tensor("d")]]), newer("Multiply", "m", [tensor("add"), 2], OPS)),
    functional([source("x", 5, 4), older("LSTM", "l", "x", units=2, return_state=True)], [["l", 0, 1]]),
    sequential(
        layer("Bidirectional", layer=layer("GRU", units=2), batch_input_shape=[None, 3, 2]),
        sequential(layer("Dense", units=2)),
    ),
]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_changed_config_gives_a_spec_or_errors(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    config = json.loads(json.dumps(data.draw(st.sampled_from(SEEDS))))
    way = data.draw(st.sampled_from(_places(config)))
    parent = config
    for key in way[:-1]:
        parent = parent[key]
    if data.draw(st.booleans()):
        parent[way[-1]] = data.draw(VALUES)
    else:
        del parent[way[-1]]
    with suppress(SpecError):
        spec_of(config, tmp_path_factory.mktemp("config"))
