"""What a spec needs against what a file has, as tables; no file is read here."""

import pytest

from specmodel.ops.source import WeightSpec
from specmodel.spec.model import Place
from specmodel.text import SourceFile, Span
from specmodel.types.tensor import DTYPES
from specmodel.weights.match import Match, becomes, match, narrows
from specmodel.weights.renames import likely_renames
from specmodel.weights.stored import StoredArray


def weight(path: str, *shape: int, dtype: str = "float32") -> WeightSpec:
    return WeightSpec(path, shape, dtype, "zeros")


def array(*shape: int, dtype: str = "float32") -> StoredArray:
    return StoredArray(shape, dtype)


SPECS = [weight("head/kernel", 4, 2), weight("head/bias", 2), weight("body/kernel", 3, 4)]
GOOD = {"body/kernel": array(3, 4), "head/bias": array(2), "head/kernel": array(4, 2)}


def without(name: str) -> dict[str, StoredArray]:
    return {key: value for key, value in GOOD.items() if key != name}


def test_a_file_of_the_same_weights_fits() -> None:
    found = match(SPECS, GOOD)
    assert found == Match({name: name for name in GOOD}, (), {}, (), (), ())
    assert found.fits
    assert found.diagnostics("w.npz") == []


def test_a_name_may_end_in_colon_zero() -> None:
    found = match(SPECS, {f"{name}:0": array for name, array in GOOD.items()})
    assert found.names == {name: f"{name}:0" for name in GOOD}
    assert (found.fits, found.extra) == (True, {})


def test_the_exact_name_wins_and_the_other_is_left_over() -> None:
    found = match(SPECS, {"head/bias:0": array(7), "body/kernel:1": array(3, 4), **GOOD})
    assert found.names["head/bias"] == "head/bias"
    assert list(found.extra) == ["body/kernel:1", "head/bias:0"]
    assert found.fits


@pytest.mark.parametrize(
    ("entries", "message", "notes"),
    [
        (without("head/bias"), "1 is missing", ["missing: `head/bias` (2,) float32"]),
        (
            {},
            "3 are missing",
            [
                "missing: `body/kernel` (3, 4) float32",
                "missing: `head/bias` (2,) float32",
                "missing: `head/kernel` (4, 2) float32",
            ],
        ),
        (
            {**GOOD, "head/bias": array(3)},
            "1 is of another shape",
            ["another shape: `head/bias` is (3,) in the file, the spec needs (2,)"],
        ),
        (
            {**GOOD, "head/kernel": array(2, 4)},
            "1 is of another shape",
            [
                "another shape: `head/kernel` is (2, 4) in the file, the spec needs (4, 2): "
                "its axes are in another order"
            ],
        ),
        (
            {**GOOD, "head/bias": array(2, dtype="int32")},
            "1 is of another dtype",
            ["another dtype: `head/bias` is int32 in the file, the spec needs float32"],
        ),
        (
            {**without("head/kernel"), "head/bias": array(3, dtype="bool"), "zoo/x": array(9, dtype="int8")},
            "1 is missing, 1 is of another shape, 1 is not in the spec",
            [
                "missing: `head/kernel` (4, 2) float32",
                "another shape: `head/bias` is (3,) in the file, the spec needs (2,)",
                "not in the spec: `zoo/x` (9,) int8",
            ],
        ),
        (
            {**without("head/kernel"), "dense_1/kernel:0": array(4, 2, dtype="float16")},
            "1 is missing, 1 is not in the spec",
            [
                "missing: `head/kernel` (4, 2) float32",
                "not in the spec: `dense_1/kernel:0` (4, 2) float16",
                "likely renamed: `dense_1/kernel:0` may be `head/kernel`",
            ],
        ),
    ],
)
def test_one_error_lists_all_that_does_not_fit(entries: dict[str, StoredArray], message: str, notes: list[str]) -> None:
    found = match(SPECS, entries)
    [error] = found.diagnostics("w.npz")
    assert not found.fits
    assert (error.code, error.place) == ("E402", "w.npz")
    assert error.message == f"the weights do not fit the spec: {message}"
    assert [note.message for note in error.notes] == notes


def test_the_help_is_a_command_that_renames() -> None:
    [error] = match(SPECS, {**without("head/bias"), "out/bias:0": array(2)}).diagnostics("w.npz")
    assert error.help == "if so: `specmodel weights convert SPEC FILE -o NEW_FILE --rename out/bias=head/bias`"


def test_what_is_left_over_is_a_warning_and_what_is_rounded_a_note() -> None:
    entries = {**GOOD, "head/bias": array(2, dtype="float64"), "optimizer/step": array(dtype="int64")}
    warning, note = sorted(match(SPECS, entries).diagnostics("w.npz"), key=lambda one: one.severity, reverse=True)
    assert (warning.code, warning.severity) == ("W401", "warning")
    assert [line.message for line in warning.notes] == ["not in the spec: `optimizer/step` () int64"]
    assert (note.code, note.severity) == ("N401", "note")
    assert [line.message for line in note.notes] == ["`head/bias` is float64 in the file, float32 in the spec"]


def test_long_lists_are_cut_and_counted() -> None:
    specs = [weight(f"layer_{number:04}/kernel", 1, number) for number in range(1, 1001)]
    extra = {f"e{number:03}": array(dtype="int8") for number in range(21)}
    [error] = match(specs, extra).diagnostics("w.npz")
    lines = [note.message for note in error.notes]
    assert lines[19:22] == [
        "missing: `layer_0020/kernel` (1, 20) float32",
        "and 980 more missing",
        "not in the spec: `e000` () int8",
    ]
    assert lines[41:] == ["and 1 more not in the spec"]


def test_a_spec_that_names_the_file_is_the_place() -> None:
    span = Span(SourceFile("s.yaml", "weights: w.npz"), 1, 10, 1, 15)
    [error] = match(SPECS, without("head/bias")).diagnostics("w.npz", Place(span))
    assert str(error).startswith("s.yaml:1:10: error[E402] weights file `w.npz`: the weights do not fit")
    [error] = match(SPECS, without("head/bias")).diagnostics("w.npz", Place(None, "weights"))
    assert str(error).startswith("weights: error[E402] weights file `w.npz`: the weights do not fit")


FLOATS = {"float16", "bfloat16", "float32", "float64"}


@pytest.mark.parametrize("stored", DTYPES)
def test_floats_become_floats_and_nothing_else_does(stored: str) -> None:
    assert becomes(stored, stored)
    assert not narrows(stored, stored)
    for wanted in FLOATS:
        assert becomes(stored, wanted) == (stored in FLOATS)
    for wanted in DTYPES.keys() - FLOATS - {stored}:
        assert stored not in FLOATS or not becomes(stored, wanted)


@pytest.mark.parametrize(
    ("stored", "wanted", "expected"),
    [
        ("int8", "int16", True), ("int32", "int64", True), ("uint8", "int16", True), ("uint8", "uint64", True),
        ("int16", "int8", False), ("uint8", "int8", False), ("int8", "uint8", False), ("int8", "uint64", False),
        ("bool", "int8", False), ("int8", "bool", False), ("string", "int8", False), ("bool", "string", False),
    ],
)  # fmt: skip
def test_integers_become_integers_that_hold_them_all(stored: str, wanted: str, expected: bool) -> None:
    assert becomes(stored, wanted) == expected


@pytest.mark.parametrize(
    ("stored", "wanted", "expected"),
    [
        ("float64", "float32", True), ("float32", "float16", True), ("float32", "bfloat16", True),
        ("float16", "bfloat16", True), ("bfloat16", "float16", True),
        ("float16", "float32", False), ("bfloat16", "float32", False), ("float32", "float64", False),
        ("int64", "int32", False),
    ],
)  # fmt: skip
def test_narrowing_is_the_loss_of_some_numbers(stored: str, wanted: str, expected: bool) -> None:
    assert narrows(stored, wanted) == expected


def pairs(missing: list[WeightSpec], extra: dict[str, StoredArray]) -> dict[str, str]:
    return dict(likely_renames(missing, extra))


KERNEL, BIAS = array(4, 4), array(4)


@pytest.mark.parametrize(
    ("missing", "extra", "expected"),
    [
        ([weight("head/kernel", 4, 4)], {"dense_1/kernel": KERNEL}, {"dense_1/kernel": "head/kernel"}),
        ([weight("head/kernel", 4, 4)], {"dense_1/kernel": array(4, 5)}, {}),
        ([weight("head/kernel", 4, 4)], {"lookup/table": KERNEL}, {}),
        ([weight("bn/moving_variance", 4)], {"bn/moving_var": BIAS}, {"bn/moving_var": "bn/moving_variance"}),
        ([weight("bn/moving_variance", 4)], {"bn/moving_var:0": BIAS}, {"bn/moving_var:0": "bn/moving_variance"}),
        (
            [weight(f"conv{end}/kernel", 4, 4) for end in ("", "_1", "_2")],
            {f"conv_{number}/kernel": KERNEL for number in (11, 10, 9)},
            {"conv_9/kernel": "conv/kernel", "conv_10/kernel": "conv_1/kernel", "conv_11/kernel": "conv_2/kernel"},
        ),
        (
            [weight("enc/attention/kernel", 4, 4), weight("dec/output/kernel", 4, 4)],
            {"a/output_proj/kernel": KERNEL, "b/attention_proj/kernel": KERNEL},
            {"a/output_proj/kernel": "dec/output/kernel", "b/attention_proj/kernel": "enc/attention/kernel"},
        ),
        (
            [weight("bn/gamma", 4), weight("bn/beta", 4)],
            {"norm/beta": BIAS, "norm/gamma": BIAS},
            {"norm/beta": "bn/beta", "norm/gamma": "bn/gamma"},
        ),
    ],
)
def test_likely_renames(missing: list[WeightSpec], extra: dict[str, StoredArray], expected: dict[str, str]) -> None:
    assert pairs(missing, extra) == expected


def test_an_integer_array_is_no_renamed_float() -> None:
    assert match([weight("a/kernel", 2)], {"b/kernel": array(2, dtype="int8")}).renames == ()


def test_many_equal_shapes_are_paired_in_their_order() -> None:
    missing = [weight(f"new_{number}/kernel", 4, 4) for number in range(300)]
    extra = {f"old_{number}/kernel": KERNEL for number in range(300)}
    assert pairs(missing, extra) == {f"old_{number}/kernel": f"new_{number}/kernel" for number in range(300)}
