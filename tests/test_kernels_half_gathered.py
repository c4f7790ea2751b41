"""Sums of products over half gathered windows are convolutions."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.kernels import half_gathered, in_turn, products
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.windows import Axis
from tests.dirty import Dirty
from tests.layers.naive_convolution import convolve

AXES = st.builds(Axis, st.integers(1, 3), st.integers(1, 2), st.integers(1, 2))


@st.composite
def uses(draw: st.DrawFn) -> tuple[tuple[int, ...], list[Axis]]:
    """The shape of an input and the axes of windows that fit into it."""
    axes = draw(st.lists(AXES, min_size=1, max_size=3))
    windows = [draw(st.integers(1, 4)) for _ in axes]
    sizes = [
        axis.reach(count) + draw(st.integers(0, axis.stride - 1)) for axis, count in zip(axes, windows, strict=True)
    ]
    return (draw(st.integers(1, 2)), *sizes, draw(st.integers(1, 5))), axes


@settings(max_examples=120, deadline=None)
@given(
    uses(),
    st.sampled_from([1, 5, 8, 19]),
    st.sampled_from([0.0, 0.2, 1e9]),
    st.sampled_from([64, 1 << 19]),
    st.booleans(),
    st.integers(0, 9),
)
def test_any_use_is_a_convolution(use: Any, filters: int, copy: float, size: int, deep: bool, seed: int) -> None:
    shape, axes = use
    random = np.random.default_rng(seed)
    x = random.standard_normal(shape).astype(np.float32)
    kernel = random.standard_normal((*(axis.taps for axis in axes), shape[-1], filters)).astype(np.float32)
    expected = convolve(x, kernel, [axis.stride for axis in axes], [axis.dilation for axis in axes], "valid")
    out = np.full(expected.shape, np.nan, np.float32)
    packed, matrix = np.empty(kernel.size, np.float32), kernel.reshape(-1, filters)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            half_gathered, "COPY", copy
        )  # nothing, or everything, is gathered if copies cost much, or nothing
        patch.setattr(half_gathered, "GATHERED_BYTES", size)
        patch.setattr(half_gathered, "RESULT_BYTES", size)
        patch.setattr(half_gathered, "FEWEST_ROWS", 2)
        patch.setattr(half_gathered, "DEEPEST", 512 if deep else 4)
        tiles = half_gathered.half_gathered(x, packed, 8, axes, Epilogue(out))
        for call in (*products.pack(matrix, 8, packed), *in_turn([tiles], Dirty())):
            call()
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("channels", "filters", "row", "axes"),
    [
        (3, 64, 112, 2),  # an image: windows are gathered whole
        (64, 64, 56, 1),  # along rows
        (512, 512, 56, 0),  # not at all
        (512, 512, 7, 1),  # but rows of 7 would be too short for products
    ],
)
def test_windows_are_gathered_as_far_as_it_pays(channels: int, filters: int, row: int, axes: int) -> None:
    assert half_gathered.gathered_axes([3, 3], channels, filters, row) == axes


def test_an_axis_of_one_element_does_not_hide_that_others_lie_apart() -> None:
    x = np.arange(2 * 3 * 5, dtype=np.float32).reshape(2, 1, 3, 1, 5)
    kernel = np.random.default_rng(0).standard_normal((1, 2, 1, 5, 19)).astype(np.float32)
    out, packed = np.full((2, 1, 2, 1, 19), np.nan, np.float32), np.empty(kernel.size, np.float32)
    tiles = half_gathered.half_gathered(x, packed, 8, [Axis(1, 1, 1), Axis(2, 1, 1), Axis(1, 1, 1)], Epilogue(out))
    for call in (*products.pack(kernel.reshape(-1, 19), 8, packed), *in_turn([tiles], Dirty())):
        call()
    np.testing.assert_allclose(out, convolve(x, kernel, (1, 1, 1), (1, 1, 1), "valid"), rtol=1e-4)
