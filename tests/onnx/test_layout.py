"""Tensors whose axes stand in another order than their values'."""

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.convert.onnx.layout import moves_nothing, reshaped, without
from specmodel.types.dim import symbol

N, H = symbol("n"), symbol("h")


@pytest.mark.parametrize(
    ("shape", "order", "wanted", "found"),
    [
        ((N, 4, 5, 6), (0, 3, 1, 2), (N, 4, 5, 2, 3), (0, 3, 4, 1, 2)),  # channels split into groups
        ((N, 4, 5, 2, 3), (0, 3, 4, 1, 2), (N, 4, 5, 6), (0, 3, 1, 2)),  # and put together again
        ((N, H, 5, 6), (0, 3, 1, 2), (N, 5 * H, 6), (0, 2, 1)),  # neighbours stay neighbours
        ((N, H, 5, 6), (0, 3, 1, 2), (N, 30 * H), None),  # channels would have to move behind the pixels
        ((N, 1, 1, 6), (0, 3, 1, 2), (N, 6), (0, 1)),
        ((N, 6), (0, 1), (N, 1, 1, 6), (0, 1, 2, 3)),
        ((N, H, 6), (1, 0, 2), (N, H, 2, 3), (1, 0, 2, 3)),
    ],
)
def test_a_reshape_in_place(
    shape: tuple[object, ...], order: tuple[int, ...], wanted: tuple[object, ...], found: tuple[int, ...] | None
) -> None:
    assert reshaped(shape, order, wanted) == found  # type: ignore[arg-type]


@st.composite
def reshapes(draw: st.DrawFn) -> tuple[list[int], tuple[int, ...], list[int]]:
    """A shape, an order of its axes, and another shape of as many elements."""
    shape = draw(st.lists(st.sampled_from([1, 2, 3, 4, 6]), min_size=1, max_size=4))
    order = draw(st.permutations(range(len(shape))))
    left, wanted = prod(shape), []
    while left > 1 and len(wanted) < 5:
        size = draw(st.sampled_from([size for size in range(1, left + 1) if left % size == 0]))
        wanted.append(size)
        left //= size
    return shape, tuple(order), [*wanted, left]


@settings(max_examples=300, deadline=None)
@given(reshapes())
def test_a_reshape_in_place_moves_no_element(case: tuple[list[int], tuple[int, ...], list[int]]) -> None:
    shape, order, wanted = case
    found = reshaped(shape, order, wanted)
    if found is not None:
        value = np.arange(prod(shape)).reshape(shape)
        tensor = value.transpose(order)
        assert (tensor.reshape([wanted[axis] for axis in found]) == value.reshape(wanted).transpose(found)).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=4), st.randoms())
def test_a_transposition_that_moves_nothing_is_a_reshape(shape: list[int], random: object) -> None:
    perm = list(range(len(shape)))
    random.shuffle(perm)  # type: ignore[attr-defined]
    value = np.arange(prod(shape)).reshape(shape)
    if moves_nothing(shape, tuple(perm)):
        assert (value.transpose(perm) == value.reshape([shape[axis] for axis in perm])).all()


def test_the_order_of_what_is_left() -> None:
    assert without((0, 3, 1, 2), (1, 2)) == (0, 1)
    assert without((1, 0, 2), (0,)) == (0, 1)
    assert without((2, 0, 1), (0,)) == (1, 0)
