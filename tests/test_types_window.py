"""Window arithmetic against naive counting and against numbers that Keras gave."""

from collections.abc import Sequence

import pytest
from hypothesis import assume as suppose
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.types.assume import Assume
from specmodel.types.dim import Dim, evaluate, symbol, unknown
from specmodel.types.fault import Fault
from specmodel.types.window import (
    Padding,
    transposed_length,
    transposed_padding,
    window_extent,
    window_length,
    window_padding,
)

h = symbol("h")


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "dilation", "expected"),
    [
        (28, 3, 1, "valid", 1, "26"),
        (28, 2, 2, "valid", 1, "14"),
        (28, 3, 1, "valid", 2, "24"),
        (h, 1, 1, "valid", 1, "h"),
        (h, 3, 1, "valid", 1, "h - 2"),
        (h, 3, 2, "valid", 1, "(h - 1)//2"),
        (h, 2, 2, "valid", 1, "h//2"),
        (h, 3, 1, "valid", 2, "h - 4"),
        (h, 3, 1, "same", 1, "h"),
        (h, 3, 2, "same", 1, "(h - 1)//2 + 1"),
        (h, 5, 3, "causal", 1, "(h - 1)//3 + 1"),
        (2 * h, 2, 2, "valid", 1, "h"),
        (2 * h, 3, 2, "same", 1, "h"),
    ],
)
def test_lengths(size: Dim, kernel: int, stride: int, padding: Padding, dilation: int, expected: str) -> None:
    assert str(window_length(Assume(), size, kernel, stride, padding, dilation)) == expected


def test_a_window_larger_than_its_input_is_a_fault() -> None:
    with pytest.raises(Fault) as caught:
        window_length(Assume(), 4, 3, dilation=2, axis=1)
    assert caught.value.code == "E304"
    assert caught.value.field == "kernel_size"
    assert caught.value.message == "a window of 5 (3 with dilation 2) does not fit into axis 1, which has the size 4"
    with pytest.raises(Fault, match="a window of 2 does not fit into the axis, which has the size 1"):
        window_length(Assume(), 1, 2, 2, field="pool_size")
    assert window_length(Assume(), 1, 2, 2, "same") == 1


def test_a_window_that_may_be_larger_than_its_input_is_a_constraint() -> None:
    assume = Assume()
    window_length(assume, unknown("image.1"), 3)
    window_length(assume, h + 2, 3)
    window_length(assume, h, 3, padding="same")
    assert [constraint.text for constraint in assume.constraints] == ["`image.shape[1]` is at least 3"]


KERNELS, STRIDES, DILATIONS = st.integers(1, 6), st.integers(1, 5), st.integers(1, 3)
PADDINGS: st.SearchStrategy[Padding] = st.sampled_from(["valid", "same", "causal"])


@given(st.integers(1, 30), KERNELS, STRIDES, PADDINGS, DILATIONS)
@settings(max_examples=300, deadline=None)
def test_the_length_is_the_number_of_windows_in_the_padded_axis(
    size: int, kernel: int, stride: int, padding: Padding, dilation: int
) -> None:
    before, after = window_padding(size, kernel, stride, padding, dilation)
    padded = list(range(-before, size + after))
    windows = [padded[start::dilation][:kernel] for start in range(0, len(padded), stride)]
    count = sum(len(window) == kernel for window in windows)
    if count == 0:
        with pytest.raises(Fault):
            window_length(Assume(), size, kernel, stride, padding, dilation)
        return
    assert window_length(Assume(), size, kernel, stride, padding, dilation) == count
    assert evaluate(window_length(Assume(), h, kernel, stride, padding, dilation), {"h": size}) == count


@given(st.integers(1, 30), KERNELS, STRIDES, DILATIONS)
@settings(max_examples=200, deadline=None)
def test_same_padding_is_even_or_has_one_more_at_the_end(size: int, kernel: int, stride: int, dilation: int) -> None:
    before, after = window_padding(size, kernel, stride, "same", dilation)
    assert after - before in (0, 1)
    assert before + after < window_extent(kernel, dilation)


CONVOLVED = [  # Conv1D of Keras 3.15.1 on 1, 2, … with the kernel 1, 4, 9, …: size, kernel, stride, padding, dilation
    (5, 3, 1, "valid", 2, [58]),
    (5, 3, 1, "same", 2, [31, 44, 58, 18, 23]),
    (5, 3, 3, "valid", 1, [36]),
    (5, 3, 3, "same", 1, [36, 24]),
    (5, 3, 3, "causal", 1, [9, 50]),
    (5, 4, 3, "causal", 1, [16, 100]),
    (8, 3, 3, "causal", 1, [9, 50, 92]),
    (8, 4, 1, "causal", 3, [16, 32, 48, 73, 98, 123, 152, 181]),
    (8, 4, 3, "causal", 1, [16, 100, 190]),
]


@pytest.mark.parametrize(("size", "kernel", "stride", "padding", "dilation", "expected"), CONVOLVED)
def test_a_convolution_with_these_lengths_and_pads_is_that_of_keras(
    size: int, kernel: int, stride: int, padding: Padding, dilation: int, expected: Sequence[int]
) -> None:
    before, after = window_padding(size, kernel, stride, padding, dilation)
    padded = [0] * before + list(range(1, size + 1)) + [0] * after
    length = window_length(Assume(), size, kernel, stride, padding, dilation)
    assert isinstance(length, int)
    starts = [index * stride for index in range(length)]
    assert [sum((tap + 1) ** 2 * padded[s + tap * dilation] for tap in range(kernel)) for s in starts] == expected


TRANSPOSED = [  # keras.ops.conv_transpose of Keras 3.15.1 (JAX) on 1, 2, 3 with the kernel 1, 4, 9, …
    # kernel, stride, padding, output_padding, dilation
    (1, 4, "valid", None, 1, [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]),
    (1, 4, "same", 1, 1, [1, 0, 0, 0, 2, 0, 0, 0, 3, 0]),
    (2, 1, "same", 0, 1, [6, 11]),
    (2, 2, "same", None, 1, [1, 4, 2, 8, 3, 12]),
    (2, 2, "same", 0, 1, [4, 2, 8, 3]),
    (2, 2, "same", 1, 1, [1, 4, 2, 8, 3]),
    (2, 3, "same", 1, 1, [1, 4, 0, 2, 8, 0, 3]),
    (2, 3, "same", 2, 1, [1, 4, 0, 2, 8, 0, 3, 12]),
    (2, 4, "valid", 1, 1, [1, 4, 0, 0, 2, 8, 0, 0, 3, 12, 0]),
    (3, 1, "same", None, 2, [7, 8, 21]),
    (3, 4, "same", 1, 1, [1, 4, 9, 0, 2, 8, 18, 0, 3, 12]),
    (4, 2, "valid", 1, 1, [1, 4, 11, 24, 21, 44, 27, 48, 0]),
    (5, 2, "valid", 1, 1, [1, 4, 11, 24, 46, 44, 77, 48, 75, 0]),
    (5, 3, "valid", 2, 1, [1, 4, 9, 18, 33, 18, 35, 62, 27, 48, 75, 0, 0]),
    (5, 4, "same", 3, 1, [1, 4, 9, 16, 27, 8, 18, 32, 53, 12, 27, 48]),
    (7, 1, "valid", None, 1, [1, 6, 20, 46, 84, 134, 196, 206, 147]),
    (7, 3, "same", 2, 1, [9, 18, 33, 54, 84, 62, 99, 146, 75]),
    (7, 4, "valid", 2, 1, [1, 4, 9, 16, 27, 44, 67, 32, 53, 84, 125, 48, 75, 108, 147, 0, 0]),
]


@pytest.mark.parametrize(("kernel", "stride", "padding", "output_padding", "dilation", "expected"), TRANSPOSED)
def test_a_transposed_convolution_with_these_lengths_and_pads_is_that_of_keras(
    kernel: int, stride: int, padding: Padding, output_padding: int | None, dilation: int, expected: Sequence[int]
) -> None:
    assert padding != "causal"
    assert transposed_length(Assume(), 3, kernel, stride, padding, output_padding, dilation) == len(expected)
    before, after = transposed_padding(kernel, stride, padding, output_padding, dilation)
    spread = [0] * before + [1, *[0] * (stride - 1), 2, *[0] * (stride - 1), 3] + [0] * after
    extent = window_extent(kernel, dilation)
    starts = range(len(spread) - extent + 1)
    flipped = [(kernel - tap) ** 2 for tap in range(kernel)]
    slid = [sum(flipped[tap] * spread[s + tap * dilation] for tap in range(kernel)) for s in starts]
    assert slid == expected


@given(st.integers(1, 30), KERNELS, STRIDES, DILATIONS)
@settings(max_examples=200, deadline=None)
def test_a_transposed_convolution_undoes_the_length_and_padding_of_a_convolution(
    size: int, kernel: int, stride: int, dilation: int
) -> None:
    length = transposed_length(Assume(), size, kernel, stride, "same", None, dilation)
    assert length == size * stride
    assert window_length(Assume(), length, kernel, stride, "same", dilation) == size
    cut = window_extent(kernel, dilation) - 1 - transposed_padding(kernel, stride, "same", None, dilation)[0]
    assert cut == window_padding(size * stride, kernel, stride, "same", dilation)[0]


@given(st.integers(1, 30), KERNELS, STRIDES, st.sampled_from(["valid", "same"]), st.none() | st.integers(0, 4))
@settings(max_examples=200, deadline=None)
def test_the_transposed_length_is_that_of_the_padded_axis(
    size: int, kernel: int, stride: int, padding: Padding, output_padding: int | None
) -> None:
    assert padding != "causal"
    suppose(output_padding is None or output_padding < stride)
    before, after = transposed_padding(kernel, stride, padding, output_padding)
    expected = (size - 1) * stride + 1 + before + after - kernel + 1
    if expected < 1:
        with pytest.raises(Fault):
            transposed_length(Assume(), size, kernel, stride, padding, output_padding)
        return
    assert transposed_length(Assume(), size, kernel, stride, padding, output_padding) == expected
    symbolic = transposed_length(Assume(), h, kernel, stride, padding, output_padding)
    assert evaluate(symbolic, {"h": size}) == expected


def test_a_transposed_convolution_that_makes_nothing_is_a_fault() -> None:
    with pytest.raises(Fault) as caught:
        transposed_length(Assume(), 1, 2, 2, "same", 0)
    assert caught.value.code == "E309"
    assert caught.value.field == "output_padding"
    assume = Assume()
    assert str(transposed_length(assume, h, 2, 2, "same", 0)) == "2*h - 2"
    assert [constraint.text for constraint in assume.constraints] == ["`2*h - 2` is at least 1"]
