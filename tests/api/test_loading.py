"""`load`, `loads`, `check`, and the data that models take."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import specmodel
from specmodel import SpecError

TWO = """
name: two
inputs:
  left: [3]
  right: {shape: [3], dtype: int32}
layers:
  - {name: sum, inputs: [left, right], Add: }
  - {name: difference, inputs: [left, right], Subtract: }
outputs: [sum, difference]
"""
TUTORIAL = {"inputs": (4,), "layers": ({"Dense": {"units": 2, "activation": "relu"}}, {"name": "head", "Dense": 3})}
LEFT, RIGHT = np.array([[1.0, 2.0, 3.0]]), np.array([[10, 20, 30]])


def test_a_mapping_is_a_spec_with_tuples_as_lists() -> None:
    model = specmodel.load(TUTORIAL)
    assert model.name == "model"
    assert repr(model) == "<Model name=model, 2 layers>"
    assert model(np.ones((2, 4))).shape == (2, 3)
    assert [weight.path for weight in model.weights] == ["dense/kernel", "dense/bias", "head/kernel", "head/bias"]


def test_a_file_is_a_spec_named_after_it(tmp_path: Path) -> None:
    path = tmp_path / "tiny.spec.yaml"
    path.write_text("inputs: [4]\nlayers: [Dense: 2]\n")
    assert specmodel.load(path).name == "tiny"
    assert specmodel.load(str(path)).built


def test_a_text_is_a_spec() -> None:
    assert specmodel.loads("layers: [Dense: 2]").name == "model"
    assert not specmodel.loads("layers: [Dense: 2]").built


def test_values_of_a_model() -> None:
    model = specmodel.loads(TWO)
    assert [(one.name, one.shape, one.dtype) for one in model.inputs] == [
        ("left", (None, 3), "float32"),
        ("right", (None, 3), "int32"),
    ]
    assert [(one.name, one.shape) for one in model.outputs] == [("sum", (None, 3)), ("difference", (None, 3))]
    unbuilt = specmodel.loads("layers: [{name: head, Dense: 2}]")
    assert (unbuilt.inputs, [(one.name, one.shape) for one in unbuilt.outputs]) == ([], [("head", None)])


def test_every_mistake_of_a_mapping_is_named_by_its_key_path() -> None:
    with pytest.raises(SpecError) as caught:
        specmodel.load({"layers": [{"Dense": {"units": "4"}}, {"Dens": 3}]})
    assert [(one.code, one.place) for one in caught.value.diagnostics] == [
        ("E209", "layers[0].Dense.units"),
        ("E206", "layers[1].Dens"),
    ]


def test_every_mistake_of_a_text_has_its_line() -> None:
    with pytest.raises(SpecError) as caught:
        specmodel.loads("layers:\n  - Dense: 0\n  - Dense: x\n")
    assert [one.span.line for one in caught.value.diagnostics if one.span is not None] == [2, 3]


def test_check_lists_what_load_would_raise() -> None:
    assert specmodel.check(TUTORIAL) == []
    assert [one.code for one in specmodel.check({"layers": [{"Dense": 0}]})] == ["E209"]
    assert [one.code for one in specmodel.check("missing.yaml")] == ["E001"]


@pytest.mark.parametrize("given", [{"params": {"width": 0.5}}, {"preset": "tiny"}])
def test_params_and_presets_that_a_spec_has_not_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="E220"):
        specmodel.load(TUTORIAL, **given)
    assert specmodel.load(TUTORIAL, params={}, preset=None).built


@pytest.mark.parametrize("wrong", [5, None, [TUTORIAL]])
def test_what_is_no_spec_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match="takes the path of a spec or a mapping"):
        specmodel.load(wrong)
    with pytest.raises(TypeError, match="takes the text of a spec"):
        specmodel.loads(wrong)


@pytest.mark.parametrize(
    "x",
    [
        [LEFT, RIGHT],
        (LEFT.tolist(), RIGHT.tolist()),
        {"right": RIGHT, "left": LEFT},
        {"right": RIGHT.astype(np.int64), "left": LEFT.astype(np.float16)},
        {"right": RIGHT.astype(np.uint8), "left": LEFT.astype(">f4")},
    ],
)
def test_several_inputs_are_a_list_in_order_or_a_dict_by_name(x: Any) -> None:
    total, difference = specmodel.loads(TWO)(x)
    np.testing.assert_array_equal(total, [[11.0, 22.0, 33.0]])
    np.testing.assert_array_equal(difference, [[-9.0, -18.0, -27.0]])


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (LEFT, "give a list in this order or a dict by these names, found an array of shape (1, 3)"),
        ([LEFT], "the model has the inputs `left`, `right`; found a list of 1"),
        ({"left": LEFT}, "the input `right` is missing"),
        ({"left": LEFT, "rihgt": RIGHT}, "the model has no input `rihgt`"),
        ({"left": LEFT, "right": RIGHT, "up": LEFT}, "the model has no input `up`"),
        ([LEFT, RIGHT + 0.5], "input `right` must be int32, found floats of dtype float64"),
        ([LEFT, RIGHT + 2**40], "input `right` is int32, from -2147483648 to 2147483647"),
        ([LEFT, np.ones((1, 4), int)], "axis 1 of input `right` must be 3; found 4 in (1, 4)"),
        ([1.0, RIGHT], "the data for `left` has no axes"),
        ([LEFT, RIGHT[0]], "input `right` has 2 axes with the batch"),
        ([LEFT * 1j, RIGHT], "must be numbers, truth values or text"),
        ([[[1.0, 2.0], [3.0]], RIGHT], "the data for `left` is no array: its nested lists differ in length"),
        ([np.ones((0, 3)), RIGHT[:0]], "the data for `left` is empty: its shape is (0, 3)"),
        ([[["a", "b", "c"]], RIGHT], "input `left` must be float32, found text"),
        ([LEFT, np.repeat(RIGHT, 2, axis=0)], "axis 0 of input `right` must be 1"),
    ],
)
def test_data_that_does_not_fit_is_said(x: Any, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        specmodel.loads(TWO)(x)
    assert message in str(caught.value)


def test_truth_values_are_numbers() -> None:
    total, _ = specmodel.loads(TWO)([LEFT > 1, RIGHT > 10])
    np.testing.assert_array_equal(total, [[0.0, 2.0, 2.0]])


def test_outputs_are_the_callers_own() -> None:
    model = specmodel.load(TUTORIAL)
    first = model(np.ones((2, 4)))
    kept = first.copy()
    first[:] = 7
    np.testing.assert_array_equal(model(np.ones((2, 4))), kept)


@pytest.mark.parametrize("batch_size", [1, 3, 7, 32])
def test_predict_in_pieces_equals_one_call(batch_size: int) -> None:
    model = specmodel.loads(TWO)
    generator = np.random.default_rng(0)
    x = [generator.normal(size=(7, 3)), generator.integers(0, 9, (7, 3))]
    for piece, whole in zip(model.predict(x, batch_size=batch_size), model(x), strict=True):
        np.testing.assert_array_equal(piece, whole)


def test_predict_keeps_together_what_mixes_samples() -> None:
    model = specmodel.loads("inputs: [3]\nlayers: [{UnitNormalization: {axis: 0}}]")
    x = np.arange(12.0).reshape(4, 3)
    np.testing.assert_array_equal(model.predict(x, batch_size=2), model(x))


def test_predict_builds_an_unbuilt_model() -> None:
    model = specmodel.loads("layers: [Dense: 2]")
    assert model.predict(np.ones((5, 4)), batch_size=2).shape == (5, 2)
    assert model.built


@pytest.mark.parametrize("wrong", [0, -1, 2.0, True])
def test_a_batch_size_is_a_positive_integer(wrong: Any) -> None:
    with pytest.raises(ValueError, match="`batch_size` must be a positive integer"):
        specmodel.load(TUTORIAL).predict(np.ones((1, 4)), batch_size=wrong)


def test_a_reused_layer_is_listed_once() -> None:
    model = specmodel.loads(
        "inputs: {a: [3], b: [3]}\nlayers:\n  - {name: encoder, inputs: a, Dense: 2}\n"
        "  - {inputs: b, reuse: encoder}\n  - {inputs: [encoder, encoder_1], Subtract: }\n"
    )
    assert [layer.name for layer in model.layers] == ["encoder", "subtract"]
    assert len(model.weights) == 2
    np.testing.assert_array_equal(model([np.ones((1, 3)), np.ones((1, 3))]), [[0.0, 0.0]])
    model.set_weights([np.ones((3, 2)), np.ones(2)])
    np.testing.assert_array_equal(model([np.ones((1, 3)), np.zeros((1, 3))]), [[3.0, 3.0]])


def run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_checking_in_a_program_loads_no_numpy() -> None:
    program = f"import sys, specmodel; print(specmodel.check({TUTORIAL!r}), 'numpy' in sys.modules)"
    assert run(program) == "[] False\n"


def test_the_public_names_can_all_be_imported() -> None:
    program = "from specmodel import *; import specmodel; print(sorted(set(specmodel.__all__) - set(globals())))"
    assert run(program) == "[]\n"
