"""Adaptive pooling against windows that are cut out one by one."""

from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.layers.alone import numbers, output, refusal, shape, to_first

REDUCE = {"Max": np.max, "Average": np.mean}


def twin(kind: str, x: Any, sizes: tuple[int, ...]) -> Any:
    out = np.empty((len(x), *sizes, x.shape[-1]))
    for place in product(*map(range, sizes)):
        steps = [Fraction(size, count) for size, count in zip(x.shape[1:-1], sizes, strict=True)]
        box = [slice(floor(i * step), ceil((i + 1) * step)) for i, step in zip(place, steps, strict=True)]
        out[(slice(None), *place)] = REDUCE[kind](x[(slice(None), *box)], axis=tuple(range(1, x.ndim - 1)))
    return out


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["Max", "Average"]), st.data())
def test_each_window_is_reduced(kind: str, data: st.DataObject) -> None:
    rank = data.draw(st.integers(1, 3))
    sides = st.lists(st.integers(1, 6), min_size=rank, max_size=rank)
    sizes, wanted = data.draw(sides), tuple(data.draw(sides))
    first = data.draw(st.booleans())
    x = numbers(2, *sizes, 3)
    arguments = {"output_size": list(wanted), "data_format": "channels_first" if first else None}
    result = output(f"Adaptive{kind}Pooling{rank}D", arguments, np.ascontiguousarray(to_first(x)) if first else x)
    expected = twin(kind, x, wanted)
    np.testing.assert_allclose(result, to_first(expected) if first else expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "count", "wanted"),
    [
        ("Average", 2, [1.5, 4.5]),  # seven steps: 0-3 and 3-6
        ("Average", 3, [1, 3, 5]),
        ("Max", 3, [2, 4, 6]),
        ("Average", 1, [3]),
        ("Average", 7, [0, 1, 2, 3, 4, 5, 6]),
        ("Max", 8, [0, 1, 2, 3, 4, 5, 6, 6]),
    ],
)
def test_windows_overlap_where_they_do_not_divide_the_steps(kind: str, count: int, wanted: list[float]) -> None:
    x = np.arange(7, dtype=np.float32).reshape(1, 7, 1)
    np.testing.assert_array_equal(output(f"Adaptive{kind}Pooling1D", {"output_size": count}, x).ravel(), wanted)


def test_the_size_of_the_input_may_be_unknown() -> None:
    assert shape("AdaptiveMaxPooling2D", {"output_size": [3, 2]}, "h", None, 4) == (3, 2, 4)


def test_integers_stay_integers_as_maxima_and_become_floats_as_means() -> None:
    x = np.arange(8, dtype=np.int32).reshape(1, 8, 1)
    assert output("AdaptiveMaxPooling1D", {"output_size": 3}, x).dtype == np.int32
    mean = output("AdaptiveAveragePooling1D", {"output_size": 4}, x)
    assert mean.dtype == np.float32
    assert mean.ravel().tolist() == [0.5, 2.5, 4.5, 6.5]


def test_refusals() -> None:
    assert refusal("AdaptiveMaxPooling2D", {"output_size": [1, 0]}) == (
        "`output_size[1]` of AdaptiveMaxPooling2D must be greater than 0, found 0"
    )
    assert refusal("AdaptiveMaxPooling1D", {"output_size": 2}, 4).startswith("expected an input of rank 3")
