"""The merging layers: broadcasting, masks, sums of products, and what they refuse."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.graph.rows import mixing_layer
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, run
from tests.layers.masked import call_masked

GENERATOR = np.random.default_rng(3)
BATCH = unknown("batch")
ELEMENTWISE: dict[str, Callable[[Sequence[Any]], Any]] = {
    "Add": lambda xs: reduce(np.add, xs),
    "Subtract": lambda xs: xs[0] - xs[1],
    "Multiply": lambda xs: reduce(np.multiply, xs),
    "Average": lambda xs: reduce(np.add, xs) / len(xs),
    "Maximum": lambda xs: reduce(np.maximum, xs),
    "Minimum": lambda xs: reduce(np.minimum, xs),
}


def made(name: str, **arguments: Any) -> Any:
    return layers.find(name).declare(arguments)  # type: ignore[union-attr]


def applied(layer: Any, *arrays: Any) -> Any:
    graph, diagnostics = graph_of(layer, [TensorType(x.shape, x.dtype.name) for x in arrays])
    assert [found.message for found in diagnostics] == []
    return run(graph, {}, arrays)[0]


def refusal(layer: Any, *shapes: tuple[Any, ...]) -> str:
    _, diagnostics = graph_of(layer, [TensorType(shape, "float32") for shape in shapes])
    (found,) = diagnostics
    return found.message


def arrays_of(*shapes: tuple[int, ...]) -> list[Any]:
    return [GENERATOR.normal(size=shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize(
    ("shapes", "padded"),
    [
        ([(2, 4, 5), (2, 4, 5)], [(2, 4, 5), (2, 4, 5)]),
        ([(2, 1, 5), (2, 4, 1)], [(2, 1, 5), (2, 4, 1)]),
        ([(2, 5), (2, 4, 5)], [(2, 1, 5), (2, 4, 5)]),
        ([(2, 3, 4, 5), (2, 5)], [(2, 3, 4, 5), (2, 1, 1, 5)]),
    ],
)
def test_inputs_are_broadcast_behind_the_batch(name: str, shapes: list[Any], padded: list[Any]) -> None:
    xs = arrays_of(*shapes)
    wanted = ELEMENTWISE[name]([x.reshape(shape) for x, shape in zip(xs, padded, strict=True)])
    np.testing.assert_allclose(applied(made(name), *xs), wanted, rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if name != "Subtract"])
@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_inputs_is_merged(name: str, count: int) -> None:
    xs = arrays_of(*[(2, 3)] * count)
    np.testing.assert_allclose(applied(made(name), *xs), ELEMENTWISE[name](xs), rtol=1e-6)


def test_integers_stay_integers_but_for_their_average() -> None:
    xs = [np.array([[1, 2]], np.int32), np.array([[3, 5]], np.int32)]
    assert applied(made("Add"), *xs).dtype == np.int32
    np.testing.assert_array_equal(applied(made("Average"), *xs), np.array([[2, 3.5]], np.float32))


X, Y = np.array([[[1.0], [2], [3], [4]]], np.float32), np.array([[[9.0], [8], [1], [2]]], np.float32)
ON_X, ON_Y = np.array([[True, True, False, False]]), np.array([[True, False, True, False]])


@pytest.mark.parametrize(
    ("name", "masks", "wanted", "mask"),
    [
        ("Add", [ON_X, ON_Y], [10, 10, 4, 6], [True, True, True, False]),
        ("Add", [ON_X, None], [10, 10, 4, 6], None),
        ("Multiply", [ON_X, ON_Y], [9, 2, 1, 0], [True, True, True, False]),
        ("Multiply", [ON_X, None], [9, 16, 1, 2], None),
        ("Multiply", [None, ON_Y], [9, 2, 3, 4], None),
        ("Maximum", [ON_X, ON_Y], [9, 2, 1, 4], [True, True, True, False]),
        ("Maximum", [ON_X, None], [9, 8, 1, 2], None),
        ("Minimum", [None, ON_Y], [1, 2, 1, 4], None),
        ("Minimum", [None, None], [1, 2, 1, 2], None),
    ],
)
def test_masks_of_merged_inputs(name: str, masks: list[Any], wanted: list[float], mask: list[bool] | None) -> None:
    found, passed = call_masked(made(name), [X, Y], masks)
    np.testing.assert_array_equal(found.ravel(), wanted)
    assert (None if passed is None else passed.tolist()) == (None if mask is None else [mask])


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_concatenate_joins_along_its_axis(axis: int) -> None:
    xs = arrays_of((2, 3, 4), (2, 3, 4), (2, 3, 4))
    np.testing.assert_array_equal(applied(made("Concatenate", axis=axis), *xs), np.concatenate(xs, axis))


@pytest.mark.parametrize(
    ("axis", "masks", "mask"),
    [
        (-1, [ON_X, ON_Y], [True, True, True, False]),
        (-1, [ON_X, None], [True, True, True, True]),
        (1, [ON_X, ON_Y], [True, True, False, False, True, False, True, False]),
        (1, [None, ON_Y], [True, True, True, True, True, False, True, False]),
        (1, [None, None], None),
    ],
)
def test_masks_of_joined_inputs(axis: int, masks: list[Any], mask: list[bool] | None) -> None:
    _, passed = call_masked(made("Concatenate", axis=axis), [X, Y], masks)
    assert (None if passed is None else passed.tolist()) == (None if mask is None else [mask])


@pytest.mark.parametrize(
    ("axes", "shapes", "equation"),
    [
        (1, [(2, 5), (2, 5)], None),
        (-1, [(2, 4, 5), (2, 3, 5)], "bik,bjk->bij"),
        ([1, 2], [(2, 3, 5), (2, 9, 3)], "bki,bjk->bij"),
        ([2, 1], [(2, 3, 5), (2, 5)], "bik,bk->bi"),
        ([1, 2], [(2, 5), (2, 3, 5)], "bk,bjk->bj"),
        ([2, 3], [(2, 3, 4, 5), (2, 6, 2, 4)], "bikj,bmnk->bijmn"),
        ([-1, -2], [(2, 3, 5), (2, 5, 9)], "bik,bkj->bij"),
    ],
)
def test_dot_sums_products_over_one_axis_of_each(axes: Any, shapes: list[Any], equation: str | None) -> None:
    x, y = arrays_of(*shapes)
    wanted: Any = np.einsum(equation, x, y) if equation is not None else (x * y).sum(1, keepdims=True)
    np.testing.assert_allclose(applied(made("Dot", axes=axes), x, y), wanted, rtol=1e-5, atol=1e-6)


def test_normalized_dot_is_the_cosine() -> None:
    x, y = np.array([[3, 4], [1, 0], [0, 0]], np.float32), np.array([[4, 3], [-2, 0], [1, 1]], np.float32)
    found = applied(made("Dot", axes=1, normalize=True), x, y)
    np.testing.assert_allclose(found.ravel(), [0.96, -1, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("layer", "shapes", "message"),
    [
        (made("Add"), [(BATCH, 4, 5), (BATCH, 3, 5)], "`(None, 4, 5)` and `(None, 3, 5)` do not fit together"),
        (made("Maximum"), [(BATCH, 5), (BATCH, 3, 4)], "shapes `(None, 5)` and `(None, 3, 4)` cannot be merged"),
        (made("Multiply"), [(2, 5), (3, 5)], "shapes `(2, 5)` and `(3, 5)` have different batch sizes"),
        (made("Subtract"), [(BATCH, 5)], "Subtract takes 2 inputs, found 1"),
        (made("Concatenate", axis=1), [(1, 2, 1, 2, 1), (1, 1, 1, 3, 1)], "`(1, 1, 1, 3, 1)` cannot be joined"),
        (made("Concatenate", axis=-4), [(BATCH, 5, 2)] * 2, "`axis` -4 is no axis of an input of rank 3"),
        (made("Dot", axes=[1, 0]), [(BATCH, 5), (BATCH, 5)], "`axes` 0 is the batch"),
        (made("Dot", axes=[2, 1]), [(BATCH, 5), (BATCH, 5)], "`axes` 2 is no axis of an input of rank 2"),
        (made("Dot", axes=1), [(BATCH, 5), (BATCH, 4)], "`(None, 5)` and `(None, 4)` do not fit: axis 1 of the first"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(layer: Any, shapes: list[Any], message: str) -> None:
    assert message in refusal(layer, *shapes)


@pytest.mark.parametrize(
    ("layer", "shapes", "wanted"),
    [
        (made("Add"), [(BATCH, symbol("seq"), 5), (BATCH, 5)], [None, "seq", 5]),
        (made("Add"), [(BATCH, symbol("seq"), 5), (BATCH, 7, 5)], [None, 7, 5]),
        (made("Concatenate", axis=1), [(BATCH, symbol("a"), 5), (BATCH, symbol("b"), 5)], [None, "a + b", 5]),
        (made("Dot", axes=2), [(BATCH, symbol("a"), 5), (BATCH, symbol("b"), 5)], [None, "a", "b"]),
        (made("Dot", axes=1), [(BATCH, symbol("a"), 5), (BATCH, 4, 6)], [None, 5, 6]),
    ],
)
def test_sizes_without_numbers(layer: Any, shapes: list[Any], wanted: list[Any]) -> None:
    graph, diagnostics = graph_of(layer, [TensorType(shape, "float32") for shape in shapes])
    assert not diagnostics.failed
    assert outputs_of(graph)[0].type.shown_shape == wanted


@pytest.mark.parametrize(
    ("layer", "mixes"),
    [(made("Dot", axes=2), None), (made("Concatenate"), None), (made("Concatenate", axis=0), "layer")],
)
def test_samples_stay_apart_unless_batches_are_joined(layer: Any, mixes: str | None) -> None:
    graph, _ = graph_of(layer, [TensorType((BATCH, 3, 4), "float32")] * 2)
    assert mixing_layer(graph) == mixes


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_executed_shape_is_the_inferred_one(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*ELEMENTWISE, "Concatenate", "Dot"]))
    shape = (2, *data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    if name == "Concatenate":
        axis = data.draw(st.integers(-len(shape), len(shape) - 1))
        layer, shapes = made(name, axis=axis), [shape] * data.draw(st.integers(1, 3))
    elif name == "Dot":
        axis = data.draw(st.integers(1, len(shape) - 1))
        layer, shapes = made(name, axes=[axis, 1]), [shape, (2, shape[axis], data.draw(st.integers(1, 3)))]
    else:
        ones = data.draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
        other = (2, *(1 if one else size for one, size in zip(ones[1:], shape[1:], strict=True)))
        layer, shapes = made(name), [shape, other]
    graph, diagnostics = graph_of(layer, [TensorType(one, "float32") for one in shapes])
    assert not diagnostics.failed
    assert run(graph, {}, arrays_of(*shapes))[0].shape == outputs_of(graph)[0].shape
