"""Dtypes, their promotion, and the types of tensors."""

from itertools import combinations, permutations

import pytest

from specmodel.types.dim import symbol, unknown
from specmodel.types.fault import Fault
from specmodel.types.tensor import DTYPES, TensorType, check_limits, is_floating, promote

# keras.backend.result_type of Keras 3.15.1 (JAX backend) for each pair, in the order of DTYPES: a row is a dtype with
# those after it. It cuts 64-bit results to 32 bits, which specmodel does not.
NUMBERS = [name for name in DTYPES if name != "string"]
RECORDED = """
int8 int16 int32 int32 uint8 uint16 uint32 uint32 float16 bfloat16 float32 float32
int16 int32 int32 int16 int32 int32 float32 float16 bfloat16 float32 float32
int32 int32 int16 int32 int32 float32 float16 bfloat16 float32 float32
int32 int32 int32 int32 float32 float16 bfloat16 float32 float32
int32 int32 int32 float32 float16 bfloat16 float32 float32
uint16 uint32 uint32 float16 bfloat16 float32 float32
uint32 uint32 float16 bfloat16 float32 float32
uint32 float16 bfloat16 float32 float32
float16 bfloat16 float32 float32
float32 float32 float32
float32 float32
float32
"""
CUT = {"int64": "int32", "uint64": "uint32", "float64": "float32"}


def recorded() -> list[tuple[str, str, str]]:
    rows = [row.split() for row in RECORDED.strip().splitlines()]
    results = [result for row in rows for result in row]
    return [(a, b, result) for (a, b), result in zip(combinations(NUMBERS, 2), results, strict=True)]


@pytest.mark.parametrize(("a", "b", "result"), recorded())
def test_promotion_of_pairs_is_that_of_keras_but_for_64_bits(a: str, b: str, result: str) -> None:
    assert promote(a, b) == promote(b, a)
    assert CUT.get(promote(a, b), promote(a, b)) == result


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        (("int64",), "int64"),
        (("string", "string"), "string"),
        (("int64", "int32"), "int64"),
        (("uint32", "int8"), "int64"),
        (("uint64", "uint8"), "uint64"),
        (("uint64", "int8"), "float32"),
        (("int64", "float32"), "float32"),
        (("int64", "float16"), "float16"),
        (("float64", "float32"), "float64"),
        (("float64", "int8"), "float64"),
        (("uint8", "uint16", "int8"), "int32"),
        (("uint64", "int8", "float16"), "float16"),
        (("float16", "bfloat16", "float64"), "float64"),
        (("bool", "uint8", "bfloat16"), "bfloat16"),
    ],
)
def test_promotion(dtypes: tuple[str, ...], expected: str) -> None:
    assert {promote(*order) for order in permutations(dtypes)} == {expected}


def test_text_and_numbers_do_not_mix() -> None:
    with pytest.raises(Fault, match="one input is `string`, another `int32`") as caught:
        promote("int32", "string")
    assert caught.value.code == "E307"


def test_the_facts_of_dtypes() -> None:
    facts = {name: (dtype.itemsize, dtype.is_floating, dtype.is_integer) for name, dtype in DTYPES.items()}
    assert facts == {
        "bool": (1, False, False),
        **{f"{sign}int{8 * size}": (size, False, True) for sign in ("", "u") for size in (1, 2, 4, 8)},
        "float16": (2, True, False),
        "bfloat16": (2, True, False),
        "float32": (4, True, False),
        "float64": (8, True, False),
        "string": (8, False, False),
    }
    assert is_floating("bfloat16")
    assert not is_floating("int8")


def test_a_tensor_type_tells_its_rank_size_and_bytes() -> None:
    batch, seq = unknown("batch"), symbol("seq")
    type = TensorType((batch, 26, seq), "float16")
    assert (type.rank, type.size, type.bytes) == (3, batch * 26 * seq, batch * 52 * seq)
    assert type.shown_shape == [None, 26, "seq"]
    assert str(type) == "(None, 26, seq)"
    assert TensorType((), "int64").size == 1
    assert TensorType((), "int64").bytes == 8
    assert [str(TensorType(shape, "bool")) for shape in ((), (batch,), (2, 3))] == ["()", "(None,)", "(2, 3)"]


@pytest.mark.parametrize(
    ("type", "message"),
    [
        (TensorType((1,) * 9, "bool"), "a tensor has at most 8 axes, this one has 9: `(1, 1, 1, 1, 1, 1, 1, 1, 1)`"),
        (TensorType((2, 2**31), "bool"), "an axis has a size of at most 2147483647, axis 1 of `(2, 2147483648)`"),
        (TensorType((symbol("h") + 2**31,), "bool"), "axis 0 of `(h + 2147483648,)` has h + 2147483648"),
        (TensorType((2**31 - 1, 2**31 - 1, 2), "float32"), "`(2147483647, 2147483647, 2)` of `float32` takes at least"),
        (TensorType((unknown("b"), 2**31 - 1, 2**30, 4), "float32"), "a tensor takes less than 2^63 bytes"),
    ],
)
def test_a_tensor_beyond_the_limits_is_a_fault(type: TensorType, message: str) -> None:
    with pytest.raises(Fault) as caught:
        check_limits(type)
    assert caught.value.code == "E308"
    assert message in caught.value.message


def test_a_tensor_within_the_limits_passes() -> None:
    check_limits(TensorType((1,) * 8, "bool"))
    check_limits(TensorType((2**31 - 1, 2**31 - 1), "bool"))
    check_limits(TensorType((symbol("h") * 2**20, 2**31 - 1), "float32"))
