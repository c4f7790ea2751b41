"""The regularization layers give their input back; their arguments, and those for training alone, are checked."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.layers.objects import CONSTRAINTS, REGULARIZERS
from specmodel.layers.validation import ArgumentError
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, run
from tests.layers.masked import call_masked

LAYERS: list[tuple[str, dict[str, Any], int | None]] = [
    ("ActivityRegularization", {"l1": 0.1}, None),
    ("AlphaDropout", {"rate": 0.5, "noise_shape": [None, 1]}, None),
    ("Dropout", {"rate": 0.9, "seed": 3}, None),
    ("GaussianDropout", {"rate": 0.5}, None),
    ("GaussianNoise", {"stddev": 1}, None),
    ("SpatialDropout1D", {"rate": 0.5}, 3),
    ("SpatialDropout2D", {"rate": 0.5}, 4),
    ("SpatialDropout3D", {"rate": 0.5, "data_format": "channels_first"}, 5),
]


def made(name: str, arguments: dict[str, Any]) -> Any:
    return layers.find(name).declare(arguments)  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "arguments", "rank"), LAYERS)
@settings(max_examples=10, deadline=None)
@given(sizes=st.lists(st.integers(1, 4), min_size=5, max_size=5), free=st.integers(1, 5))
def test_the_output_is_the_input(
    name: str, arguments: dict[str, Any], rank: int | None, sizes: list[int], free: int
) -> None:
    x = np.random.default_rng(0).normal(size=sizes[: rank if rank is not None else free]).astype(np.float32)
    graph, _ = graph_of(made(name, arguments), [TensorType(x.shape, "float32")])
    np.testing.assert_array_equal(run(graph, {}, [x])[0], x)


@pytest.mark.parametrize(("name", "arguments", "rank"), LAYERS)
def test_a_mask_passes_through(name: str, arguments: dict[str, Any], rank: int | None) -> None:
    mask = np.array([[True, False]])
    _, passed = call_masked(made(name, arguments), [np.ones((1, 2, 3, 1, 1)[: rank or 3], np.float32)], [mask])
    np.testing.assert_array_equal(passed, mask)


@pytest.mark.parametrize(("name", "arguments", "rank"), [case for case in LAYERS if case[2] is not None])
def test_spatial_dropout_asks_for_its_rank(name: str, arguments: dict[str, Any], rank: int) -> None:
    _, diagnostics = graph_of(made(name, arguments), [TensorType((2,) * (rank - 1), "float32")])
    assert [f"expected an input of rank {rank}, (batch, " in found.message for found in diagnostics] == [True]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("Dropout", {"rate": -0.5}, "`rate` of Dropout must be at least 0, found -0.5"),
        ("Dropout", {"rate": 1.5}, "`rate` of Dropout must be at most 1, found 1.5"),
        ("Dropout", {"rate": "half"}, "`rate` of Dropout must be a number"),
        ("Dropout", {"rate": 0.5, "noise_shape": 3}, "`noise_shape` of Dropout must be a list, found 3"),
        ("Dropout", {"rate": 0.5, "noise_shape": [20, 0]}, "`noise_shape[1]` of Dropout must be greater than 0"),
        ("Dropout", {"rate": 0.5, "seed": 1.5}, "`seed` of Dropout must be an integer, found 1.5"),
        ("AlphaDropout", {"rate": 2}, "`rate` of AlphaDropout must be at most 1"),
        ("GaussianDropout", {}, "GaussianDropout needs the argument `rate`"),
        ("GaussianNoise", {"stddev": -1}, "`stddev` of GaussianNoise must be at least 0"),
        ("ActivityRegularization", {"l2": -1}, "`l2` of ActivityRegularization must be at least 0"),
        ("SpatialDropout2D", {"rate": 0.5, "data_format": "last"}, "`data_format` of SpatialDropout2D must be"),
    ],
)
def test_a_wrong_argument_is_refused(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        made(name, arguments)
    assert [message in fault.message for fault in raised.value.faults] == [True]


@pytest.mark.parametrize(
    ("family", "written"),
    [
        (REGULARIZERS, "l2"),
        (REGULARIZERS, {"L1": 0.1}),
        (REGULARIZERS, {"l1_l2": {"l1": None, "l2": 0.5}}),
        (REGULARIZERS, {"orthogonal_regularizer": {"factor": 0.1, "mode": "columns"}}),
        (CONSTRAINTS, "non_neg"),
        (CONSTRAINTS, {"max_norm": {"max_value": 3, "axis": [0, 1, 2]}}),
        (CONSTRAINTS, {"MinMaxNorm": {"min_value": 0.5, "rate": 0.9, "axis": 1}}),
        (CONSTRAINTS, {"UnitNorm": 1}),
    ],
)
def test_regularizers_and_constraints_are_taken(family: Any, written: Any) -> None:
    assert family.parse(written) is not None


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("kernel_regularizer", {"l2": -1}, "must be at least 0, found -1"),
        ("kernel_regularizer", {"orthogonal": {"mode": "rows and columns"}}, "must be `rows` or `columns`"),
        ("kernel_regularizer", "l3", "unknown regularizer `l3`"),
        ("kernel_constraint", {"max_norm": {"max": 1}}, "unknown argument `max` of constraint `max_norm`"),
        ("kernel_constraint", {"unit_norm": {"axis": 0.5}}, "must be a list, found 0.5"),
    ],
)
def test_wrong_regularizers_and_constraints_are_refused(argument: str, value: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        made("Dense", {"units": 1, argument: value})
    assert [message in fault.message for fault in raised.value.faults] == [True]
