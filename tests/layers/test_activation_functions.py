"""Activation functions against scalar formulas and numbers worked out by hand."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from specmodel import layers
from specmodel.kernels.special import BLOCK
from specmodel.layers import activation_functions
from specmodel.layers.objects import ACTIVATIONS
from specmodel.layers.validation import ArgumentError
from specmodel.ops.elementwise import erf, softplus
from specmodel.ops.source import Input
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, run


def applied(activation: object, x: Any) -> Any:
    """An activation on an array, by the layer of that name."""
    layer = layers.find("Activation").declare({"activation": activation}, dtype=str(x.dtype))  # type: ignore[union-attr]
    graph, diagnostics = graph_of(layer, [TensorType(x.shape, x.dtype.name)])
    assert [str(found) for found in diagnostics] == []
    return run(graph, {}, [x])[0]


def refusal(activation: object, shape: tuple[int, ...] = (2, 4)) -> str:
    """What is said against an activation on an input of a shape."""
    try:
        layer = layers.find("Activation").declare({"activation": activation})  # type: ignore[union-attr]
    except ArgumentError as error:
        return error.faults[0].message
    _, diagnostics = graph_of(layer, [TensorType(shape, "float32")])
    return next(found.message for found in diagnostics)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _softplus(x: float) -> float:
    return math.log(1 + math.exp(x))


def _selu(x: float) -> float:
    return 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * (math.exp(x) - 1))


def _gelu_tanh(x: float) -> float:
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


SCALAR: list[tuple[object, Callable[[float], float]]] = [
    ("celu", lambda x: x if x > 0 else math.exp(x) - 1),
    ({"celu": 2.5}, lambda x: x if x > 0 else 2.5 * (math.exp(x / 2.5) - 1)),
    ("elu", lambda x: x if x > 0 else math.exp(x) - 1),
    ({"elu": {"alpha": 0.5}}, lambda x: x if x > 0 else 0.5 * (math.exp(x) - 1)),
    ("exponential", math.exp),
    ("gelu", lambda x: 0.5 * x * math.erfc(-x / math.sqrt(2))),
    ({"gelu": {"approximate": True}}, _gelu_tanh),
    ("hard_shrink", lambda x: x if abs(x) > 0.5 else 0),
    ({"hard_shrink": 2}, lambda x: x if abs(x) > 2 else 0),
    ("hard_sigmoid", lambda x: 0 if x <= -3 else 1 if x >= 3 else x / 6 + 0.5),
    ({"hard_sigmoid": {"slope": 0.2}}, lambda x: 0 if x <= -2.5 else 1 if x >= 2.5 else x * 0.2 + 0.5),
    ("hard_silu", lambda x: 0 if x <= -3 else x if x >= 3 else x * (x / 6 + 0.5)),
    ("hard_swish", lambda x: 0 if x <= -3 else x if x >= 3 else x * (x / 6 + 0.5)),
    ("hard_tanh", lambda x: min(max(x, -1), 1)),
    ("leaky_relu", lambda x: x if x > 0 else 0.2 * x),
    ({"leaky_relu": 3}, lambda x: x if x > 0 else 3 * x),
    ({"leaky_relu": 0}, lambda x: max(x, 0)),
    ("linear", lambda x: x),
    ("log_sigmoid", lambda x: math.log(_sigmoid(x))),
    ("mish", lambda x: x * math.tanh(_softplus(x))),
    ("relu", lambda x: max(x, 0)),
    ({"relu": {"max_value": 2}}, lambda x: min(max(x, 0), 2)),
    ({"relu": {"negative_slope": 0.1}}, lambda x: x if x > 0 else 0.1 * x),
    ({"relu": {"threshold": 1.5}}, lambda x: x if x > 1.5 else 0),
    (
        {"relu": {"negative_slope": 0.1, "max_value": 3, "threshold": 1}},
        lambda x: min(x, 3) if x > 1 else 0.1 * (x - 1),
    ),
    ("relu6", lambda x: min(max(x, 0), 6)),
    ("selu", _selu),
    ("sigmoid", _sigmoid),
    ("silu", lambda x: x * _sigmoid(x)),
    ("swish", lambda x: x * _sigmoid(x)),
    ("soft_shrink", lambda x: math.copysign(max(abs(x) - 0.5, 0), x)),
    ("softplus", _softplus),
    ("softsign", lambda x: x / (1 + abs(x))),
    ("sparse_plus", lambda x: 0 if x <= -1 else x if x >= 1 else (x + 1) ** 2 / 4),
    ("sparse_sigmoid", lambda x: 0 if x <= -1 else 1 if x >= 1 else (x + 1) / 2),
    ("squareplus", lambda x: (x + math.sqrt(x * x + 4)) / 2),
    ({"squareplus": {"b": 1}}, lambda x: (x + math.sqrt(x * x + 1)) / 2),
    ("tanh", math.tanh),
    ("tanh_shrink", lambda x: x - math.tanh(x)),
    ({"threshold": {"threshold": 1, "default_value": 7}}, lambda x: x if x > 1 else 7),
]
ALONG_AN_AXIS = {"glu", "log_softmax", "softmax", "sparsemax"}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-14)])
@pytest.mark.parametrize(("activation", "formula"), SCALAR, ids=[str(case[0]) for case in SCALAR])
def test_a_function_gives_its_formula(
    activation: object, formula: Callable[[float], float], dtype: str, tolerance: float
) -> None:
    x = np.linspace(-8, 8, 321).astype(dtype)
    wanted = [formula(float(number)) for number in x]
    np.testing.assert_allclose(applied(activation, x), wanted, rtol=tolerance, atol=tolerance)


def test_every_name_has_a_function_and_a_formula_here() -> None:
    checked = {next(iter(case)) if isinstance(case, dict) else case for case, _ in SCALAR} | ALONG_AN_AXIS
    assert checked == set(ACTIVATIONS.spellings)
    assert all(callable(getattr(activation_functions, name)) for name in ACTIVATIONS.spellings.values())


@pytest.mark.parametrize(
    ("activation", "x", "wanted"),
    [
        ("softplus", [-1e4, 0, 1e4], [0, math.log(2), 1e4]),
        ("log_sigmoid", [-1e4, 0, 1e4], [-1e4, -math.log(2), 0]),
        ("mish", [-1e4, 0, 1e4], [0, 0, 1e4]),
        ("silu", [-1e4, 0, 1e4], [0, 0, 1e4]),
        ("gelu", [-1e4, 0, 1e4], [0, 0, 1e4]),
        ({"gelu": True}, [-1e4, 0, 1e4], [0, 0, 1e4]),
        ("sigmoid", [-1e4, 0, 1e4], [0, 0.5, 1]),
        ("elu", [-1e4, 0, 1e4], [-1, 0, 1e4]),
        ("softmax", [-1e4, 0, 1e4], [0, 0, 1]),
        ("log_softmax", [-1e4, 0, 1e4], [-2e4, -1e4, 0]),
        ("softmax", [0, math.log(3)], [0.25, 0.75]),
        ("sparsemax", [0, 0.5, 1], [0, 0.25, 0.75]),
        ("sparsemax", [0.25, 0.25], [0.5, 0.5]),
        ("sparsemax", [-3, 5, 1], [0, 1, 0]),
        ("glu", [2, 3, 0, math.log(3)], [1, 2.25]),
    ],
)
def test_numbers_worked_out_by_hand(activation: object, x: list[float], wanted: list[float]) -> None:
    np.testing.assert_allclose(applied(activation, np.array([x], np.float32)), [wanted], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "sparsemax", "glu"])
def test_an_axis_means_the_same_as_moving_it_last(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype(np.float32)
    moved = applied(name, np.ascontiguousarray(x.transpose(0, 2, 1)))
    np.testing.assert_allclose(applied({name: 1}, x), moved.transpose(0, 2, 1), rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, (3, 7), elements=st.floats(-4, 4, width=16)))
def test_sparsemax_is_the_nearest_point_of_the_simplex(x: Any) -> None:
    found = applied("sparsemax", x)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(-1), 1, rtol=1e-12)
    kept = found > 0  # the nearest point lowers all that stay by one amount, and nothing that goes was above it
    amount = np.where(kept, x - found, -np.inf).max(-1, keepdims=True)
    np.testing.assert_allclose(np.where(kept, x - found, amount), amount + np.zeros_like(x), atol=1e-12)
    assert (x[~kept] <= (amount + np.zeros_like(x))[~kept] + 1e-12).all()


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-15), ("float32", 3e-7)])
def test_the_error_function_is_exact(dtype: str, tolerance: float) -> None:
    x = np.linspace(-7, 7, 2 * BLOCK + 5).astype(dtype)
    found = _special("Erf", x)
    np.testing.assert_allclose(found, [math.erf(number) for number in x.tolist()], rtol=tolerance)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_error_function_at_the_ends(dtype: str) -> None:
    x = np.array([-np.inf, -1e30, -0.0, 1e-30, 1e30, np.inf, np.nan], dtype)
    np.testing.assert_allclose(_special("Erf", x), [-1, -1, 0, 1e-30 * 2 / math.sqrt(math.pi), 1, 1, np.nan], rtol=1e-6)


@pytest.mark.parametrize("function", ["Erf", "Softplus"])
def test_special_functions_read_strided_inputs_and_write_over_their_input(function: str) -> None:
    from specmodel.kernels.elementwise import unary
    from specmodel.ops.elementwise import Unary

    x = np.random.default_rng(1).normal(size=(70, 500))
    straight = _special(function, x)
    strided = np.empty((500, 70))
    for call in unary(Unary(function), [x.T], [strided], np.empty):
        call()
    np.testing.assert_array_equal(strided, straight.T)
    for call in unary(Unary(function), [x], [x], np.empty):
        call()
    np.testing.assert_array_equal(x, straight)


def _special(function: str, x: Any) -> Any:
    from specmodel.kernels.elementwise import unary
    from specmodel.ops.elementwise import Unary

    out = np.empty_like(x)
    with np.errstate(over="ignore"):
        for call in unary(Unary(function), [x], [out], np.empty):
            call()
    return out


def test_integers_count_as_float32_where_only_floats_make_sense() -> None:
    value = Input("x", TensorType((2,), "int32"))()
    assert [function(value).dtype for function in (erf, softplus, activation_functions.softmax)] == ["float32"] * 3


def test_glu_of_a_size_that_data_tells() -> None:
    from specmodel.types.dim import symbol, unknown

    layer = layers.find("Activation").declare({"activation": {"glu": 1}})  # type: ignore[union-attr]
    graph, _ = graph_of(layer, [TensorType((unknown("batch"), symbol("seq"), 3), "float32")])
    assert outputs_of(graph)[0].type.shown_shape == [None, "seq//2", 3]
    assert len(graph.requirements) == 1


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        ({"softmax": 2}, "`axis` 2 of the activation is no axis of its input, (2, 4) of rank 2"),
        ({"glu": -3}, "`axis` -3 of the activation is no axis of its input"),
        ({"relu": {"slope": 1}}, "unknown argument `slope` of activation `relu`"),
        ({"gelu": {"approximate": "yes"}}, 'must be true or false, found the text "yes"'),
        ({"threshold": {"threshold": 1}}, "needs the argument `default_value`"),
        ({"soft_shrink": -1}, "must be at least 0, found -1"),
        ({"tanh": 1}, "takes no arguments"),
        ("rleu", "unknown activation `rleu`"),
    ],
)
def test_a_wrong_argument_is_refused(activation: object, message: str) -> None:
    assert message in refusal(activation)
