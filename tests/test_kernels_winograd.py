"""Tiles that are transformed, multiplied and transformed back make a convolution."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.kernels import in_turn, winograd
from specmodel.kernels.products import pack
from specmodel.ops.winograd import Winograd
from tests.dirty import Dirty
from tests.layers.naive_convolution import convolve


def made(x: Any, kernel: Any, side: int, size: int = 1 << 20) -> Any:
    """The convolution of x, whose sizes need not fit tiles."""
    axes = x.ndim - 2
    sizes = tuple(length - 2 for length in x.shape[1:-1])
    op = Winograd(side, sizes, kernel.shape[-1], 8)
    more = [(0, count * side + 2 - length) for count, length in zip(op.tiles, x.shape[1:-1], strict=True)]
    padded = np.pad(x, [(0, 0), *more, (0, 0)])
    transform = np.array(winograd.kernel_transform(side, axes))
    matrix = transform @ kernel.reshape(3**axes, -1).astype(float)
    packed = np.empty(matrix.size, np.float32)
    for call in pack(matrix.astype(np.float32).reshape(-1, kernel.shape[-1]), 8, packed):
        call()
    out = np.full((len(x), *sizes, kernel.shape[-1]), np.nan, np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd, "TILE_BYTES", size)
        patch.setattr(winograd, "FEWEST", 1)
        scratch = Dirty()
        for call in in_turn(winograd.winograd(op, [padded, packed], [out], scratch), scratch):
            call()
    return out


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(3, 9), min_size=1, max_size=3),
    st.integers(1, 2),
    st.integers(1, 5),
    st.sampled_from([1, 7, 8, 12]),
    st.sampled_from([2, 4]),
    st.sampled_from([100, 1 << 20]),
    st.integers(0, 9),
)
def test_any_size_is_convolved(
    lengths: list[int], batch: int, channels: int, filters: int, side: int, size: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    x = random.standard_normal((batch, *lengths, channels)).astype(np.float32)
    kernel = random.standard_normal((*(3,) * len(lengths), channels, filters)).astype(np.float32)
    ones = (1,) * len(lengths)
    expected = convolve(x, kernel, ones, ones, "valid")
    np.testing.assert_allclose(made(x, kernel, side, size), expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize(("side", "most"), [(2, 1e-6), (4, 3e-5)])
@pytest.mark.parametrize("channels", [16, 128, 512])
def test_the_error_is_what_is_documented(side: int, most: float, channels: int) -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal((1, 14, 14, channels)).astype(np.float32)
    kernel = random.standard_normal((3, 3, channels, 64)).astype(np.float32)
    expected = convolve(x, kernel, (1, 1), (1, 1), "valid")
    assert np.abs(made(x, kernel, side) - expected).max() <= most * np.abs(expected).max()
