"""Tensor operations against NumPy written out, and the rules of operands, axes, slices and dtypes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.graph.rows import mixing_layer
from specmodel.layers.validation import ArgumentError
from specmodel.types.dim import evaluate, symbol, unknown
from specmodel.types.fault import Fault
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, run

BATCH, SEQ = unknown("batch"), symbol("seq")
X = np.arange(24, dtype=np.float32).reshape(2, 3, 4) - 7
INF, NAN = float("inf"), float("nan")


def made(name: str, **arguments: Any) -> Any:
    return layers.find(name).declare(arguments)  # type: ignore[union-attr]


def applied(layer: Any, *arrays: Any, dtype: str | None = None) -> list[Any]:
    graph, diagnostics = graph_of(layer, [TensorType(x.shape, dtype or x.dtype.name) for x in arrays])
    assert [found.message for found in diagnostics] == []
    return run(graph, {}, arrays)


def refusal(layer: Any, *types: TensorType) -> str:
    _, diagnostics = graph_of(layer, types)
    (found,) = (found for found in diagnostics if found.severity == "error")
    return found.message


def column(*values: float, dtype: Any = np.float32) -> Any:
    return np.array([values], dtype)


@pytest.mark.parametrize(
    ("layer", "given", "wanted"),
    [
        (made("Absolute"), [-2, 0, 3], [2, 0, 3]),
        (made("Negative"), [-2, 0.5], [2, -0.5]),
        (made("Sign"), [-2, 0, 3], [-1, 0, 1]),
        (made("Square"), [-3, 0.5], [9, 0.25]),
        (made("Sqrt"), [9, 0.25], [3, 0.5]),
        (made("Rsqrt"), [4, 0.25], [0.5, 2]),
        (made("Reciprocal"), [4, -0.5], [0.25, -2]),
        (made("Exp2"), [3, -1], [8, 0.5]),
        (made("Log2"), [8, 0.5], [3, -1]),
        (made("Log10"), [1000, 0.1], [3, -1]),
        (made("Log1p"), [0, INF], [0, INF]),
        (made("Expm1"), [0, -INF], [0, -1]),
        (made("Sigmoid"), [0, INF, -INF], [0.5, 1, 0]),
        (made("Floor"), [-1.5, 2.5], [-2, 2]),
        (made("Ceil"), [-1.5, 2.5], [-1, 3]),
        (made("Trunc"), [-1.5, 2.5], [-1, 2]),
        (made("Round"), [0.5, 1.5, -2.5], [0, 2, -2]),
        (made("Round", decimals=1), [0.26, -1.34], [0.3, -1.3]),
        (made("Round", decimals=-1), [14, 16], [10, 20]),
        (made("Isnan"), [NAN, 1, INF], [True, False, False]),
        (made("Isfinite"), [NAN, 1, INF], [False, True, False]),
        (made("Arcsinh"), [0, np.sinh(1)], [0, 1]),
        (made("Arccosh"), [1, np.cosh(2)], [0, 2]),
        (made("Arctanh"), [0, np.tanh(0.5)], [0, 0.5]),
        (made("Clip", x_min=-1, x_max=1), [-2, 0.5, 3], [-1, 0.5, 1]),
        (made("Clip", x_min=None, x_max=1), [-2, 3], [-2, 1]),
        (made("Normalize"), [3, 4], [0.6, 0.8]),
        (made("Normalize", order=1), [1, -3], [0.25, -0.75]),
        (made("Cumsum", axis=1), [1, 2, 3], [1, 3, 6]),
        (made("Cumprod", axis=1), [2, 3, 4], [2, 6, 24]),
        (made("Sort"), [3, 1, 2], [1, 2, 3]),
        (made("Argsort"), [3, 1, 2, 1], [1, 3, 2, 0]),
        (made("LogicalNot"), [0, 2], [True, False]),
    ],
)
def test_functions_of_one_tensor(layer: Any, given: list[float], wanted: list[Any]) -> None:
    (found,) = applied(layer, column(*given))
    np.testing.assert_allclose(found[0], wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "first", "second", "wanted"),
    [
        ("AddOp", 7, 2, 9),
        ("SubtractOp", 7, 2, 5),
        ("MultiplyOp", 7, 2, 14),
        ("Divide", 7, 2, 3.5),
        ("DivideNoNan", 7, 0, 0),
        ("FloorDivide", -7, 2, -4),
        ("Mod", -7, 2, 1),
        ("Mod", 7, -2, -1),
        ("Power", 7, 2, 49),
        ("MaximumOp", 7, 2, 7),
        ("MinimumOp", 7, 2, 2),
        ("Arctan2", 1, 1, np.pi / 4),
        ("Logaddexp", 1000, 1000, 1000 + np.log(2)),
        ("Equal", 7, 2, False),
        ("NotEqual", 7, 2, True),
        ("Less", 7, 2, False),
        ("LessEqual", 2, 2, True),
        ("Greater", 7, 2, True),
        ("GreaterEqual", 1, 2, False),
        ("LogicalAnd", 7, 0, False),
        ("LogicalOr", 7, 0, True),
        ("LogicalXor", 7, 2, False),
    ],
)
def test_two_operands_are_inputs_or_a_constant_in_either_place(
    name: str, first: float, second: float, wanted: float
) -> None:
    a, b = column(first), column(second)
    for found in (
        applied(made(name), a, b),
        applied(made(name, x2=second), a),
        applied(made(name, x1=first), b),
        applied(made(name, x2=[[second]]), a),
    ):
        np.testing.assert_allclose(found[0], [[wanted]], rtol=1e-6)


@pytest.mark.parametrize(
    ("layer", "dtype", "wanted"),
    [
        (made("AddOp", x2=1), "int8", "int8"),
        (made("AddOp", x2=0.5), "int64", "float32"),
        (made("AddOp", x2=1), "bool", "int32"),
        (made("AddOp", x2=True), "bool", "bool"),
        (made("AddOp", x2=0.1), "float16", "float16"),
        (made("Divide", x2=2), "int32", "float32"),
        (made("Divide", x2=2), "float64", "float64"),
        (made("Power", x2=2), "uint8", "uint8"),
        (made("Exp"), "int32", "float32"),
        (made("Floor"), "int32", "float32"),
        (made("Trunc"), "int32", "int32"),
        (made("Square"), "bool", "int32"),
        (made("Sum", axis=1), "int8", "int32"),
        (made("Sum", axis=1), "uint8", "uint32"),
        (made("Prod", axis=1), "bool", "int32"),
        (made("Max", axis=1), "int8", "int8"),
        (made("Mean", axis=1), "int32", "float32"),
        (made("Var", axis=1), "float16", "float16"),
        (made("Argmax", axis=1), "float64", "int32"),
        (made("Cumsum", axis=1), "bool", "int32"),
        (made("Cumsum", axis=1, dtype="float64"), "int32", "float64"),
        (made("Where", x1=1, x2=0.5), "bool", "float32"),
        (made("OneHot", num_classes=3), "int64", "float32"),
        (made("Matmul", x2=[1, 2, 3]), "int8", "int32"),
        (made("DotOp", x2=[1, 2, 3]), "int8", "int8"),
        (made("ZerosLike"), "bool", "bool"),
        (made("Clip", x_min=0.5, x_max=2), "int32", "float32"),
    ],
)
def test_dtypes_are_those_of_keras(layer: Any, dtype: str, wanted: str) -> None:
    graph, diagnostics = graph_of(layer, [TensorType((2, 3), dtype)])
    assert [found.message for found in diagnostics] == []
    assert outputs_of(graph)[0].dtype == wanted


@pytest.mark.parametrize(
    ("layer", "dtype", "message"),
    [
        (made("AddOp", x2=-1), "uint8", "`x2` -1 is no uint8, which its input is"),
        (made("AddOp", x1=300), "int8", "`x1` 300 is no int8, which its input is"),
        (made("Power", x2=-1), "int32", "integers have no power of -1"),
        (made("Negative"), "bool", "Negative takes numbers, found (2, 3) of bool"),
        (made("SubtractOp", x2=True), "bool", "SubtractOp takes numbers"),
        (made("Take", axis=1, indices=[3]), "float32", "index 3 is outside axis 1, which has the size 3"),
        (made("Split", indices_or_sections=2, axis=1), "float32", "axis 1 has 3 elements: no 2 equal pieces"),
        (made("Pad", pad_width=[[0, 0], [3, 0]], mode="reflect"), "float32", "3 elements mirrored at axis 1 need 4"),
        (made("Pad", pad_width=1, constant_values=0.5), "int32", "`constant_values` 0.5 is no int32"),
        (made("Matmul"), "float32", "Matmul takes two inputs"),
    ],
)
def test_operands_that_do_not_fit_are_refused(layer: Any, dtype: str, message: str) -> None:
    assert message in refusal(layer, TensorType((2, 3), dtype))


def test_a_negative_power_among_integers_is_an_error_of_the_data() -> None:
    with pytest.raises(Fault, match="no power of -2"):
        applied(made("Power"), column(3, dtype=np.int32), column(-2, dtype=np.int32))


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        (made("ReshapeOp", newshape=[-1, 6]), X.reshape(4, 6)),
        (made("Ravel"), X.ravel()),
        (made("Transpose"), X.T),
        (made("Moveaxis", source=[0, 1], destination=[2, 0]), np.moveaxis(X, (0, 1), (2, 0))),
        (made("ExpandDims", axis=[0, -1]), X[None, ..., None]),
        (made("BroadcastTo", shape=[2, None, None, 4]), np.stack([X, X])),
        (made("GetItem", key=":, -1, 1:"), X[:, -1, 1:]),
        (made("GetItem", key="..., null, ::-2"), X[..., None, ::-2]),
        (made("GetItem", key=1), X[1]),
        (made("Take", axis=1, indices=[[2, -1], [0, 0]]), X[:, [[2, 2], [0, 0]]]),
        (made("Take", indices=-1), X[-1, -1, -1]),
        (made("Flip", axis=[0, 2]), X[::-1, :, ::-1]),
        (made("Repeat", repeats=2, axis=1), X.repeat(2, axis=1)),
        (made("Tile", repeats=[2, 1, 3]), np.tile(X, (2, 1, 3))),
        (
            made("Pad", pad_width=[[0, 0], [1, 2], [3, 0]], mode="reflect"),
            np.pad(X, ((0, 0), (1, 2), (3, 0)), "reflect"),
        ),
        (made("Pad", pad_width=1, mode="symmetric"), np.pad(X, 1, "symmetric")),
        (made("Pad", pad_width=[1, 2], mode="edge"), np.pad(X, (1, 2), "edge")),
        (made("Pad", pad_width=1, constant_values=5), np.pad(X, 1, constant_values=5)),
        (made("FullLike", fill_value=0.5), np.full_like(X, 0.5)),
        (made("Tril", k=1), np.tril(X, 1)),
        (made("Triu", k=-1), np.triu(X, -1)),
        (made("Var", axis=[0, 2]), X.var((0, 2))),
        (made("Std", keepdims=True), X.std(keepdims=True)),
        (made("CountNonzero", axis=1), np.count_nonzero(X, 1)),
        (made("Logsumexp", axis=1), np.log(np.exp(X.astype(np.float64)).sum(1))),
        (made("Argmin"), np.argmin(X)),
        (made("Norm", ord=3, axis=1), (np.abs(X) ** 3).sum(1) ** (1 / 3)),
        (made("Norm", ord=INF, axis=[1, 2]), np.abs(X).sum(2).max(1)),
        (made("Norm", ord=-1, axis=[1, 2]), np.abs(X).sum(1).min(1)),
        (made("Norm"), np.sqrt((X * X).sum())),
        (made("Max", axis=1, initial=3), X.max(1, initial=3)),
        (made("Matmul", x2=[1, 2, 3, 4]), X @ np.array([1, 2, 3, 4], np.float32)),
        (made("Tensordot", axes=[[2], [1]], x2=[[1, 0, 0, 1]]), (X[..., 0] + X[..., 3])[..., None]),
        (made("Where", x2=-1), None),
    ],
)
def test_operations_on_a_tensor_of_three_axes(layer: Any, wanted: Any) -> None:
    given = (X,) if wanted is not None else (X > 0, X)
    (found,) = applied(layer, *given)
    np.testing.assert_allclose(found, wanted if wanted is not None else np.where(X > 0, X, -1), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shift", [-5, -1, 0, 1, 4, 9])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_roll(shift: int, axis: int | None) -> None:
    np.testing.assert_array_equal(applied(made("Roll", shift=shift, axis=axis), X)[0], np.roll(X, shift, axis))


def test_top_k_takes_the_first_of_equal_elements() -> None:
    values, places = applied(made("TopK", k=3), column(1, 5, 3, 5))
    assert values.tolist() == [[5, 5, 3]]
    assert places.tolist() == [[1, 3, 2]]


def test_a_one_hot_row_of_an_integer_outside_is_zero() -> None:
    (found,) = applied(made("OneHot", num_classes=3, axis=1), column(0, 2, -1, 3, dtype=np.int32))
    assert found.tolist() == [[[1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]]]


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]), ("...i,ij", [(2, 3, 4), (4, 5)]), ("b...,b...->...", [(2, 3), (2, 3)])],
)
def test_einsum(subscripts: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = [np.random.default_rng(1).normal(size=shape).astype(np.float32) for shape in shapes]
    wanted: Any = np.einsum(subscripts, *arrays)
    np.testing.assert_allclose(applied(made("Einsum", subscripts=subscripts), *arrays)[0], wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shape", "wanted"),
    [
        (made("Slice", axis=1, start=2), (BATCH, SEQ), [None, "seq - 2"]),
        (made("Slice", axis=1, stop=-1, step=2), (BATCH, SEQ), [None, "seq//2"]),
        (made("Slice", axis=1, stop=8), (BATCH, SEQ), [None, None]),
        (made("Slice", axis=1, stop=8), (BATCH, SEQ + 8), [None, 8]),
        (made("Slice", axis=1, start=-8), (BATCH, SEQ + 8), [None, 8]),
        (made("Slice", axis=1, start=None, step=-2), (BATCH, SEQ), [None, "(seq - 1)//2 + 1"]),
        (made("ReshapeOp", newshape=[-1, 4]), (BATCH, SEQ, 4), [None, 4]),
        (made("ReshapeOp", newshape=[-1, 8]), (BATCH, 4, 8), [None, 8]),
        (made("Roll", shift=3, axis=1), (BATCH, SEQ), [None, "seq"]),
        (made("Split", indices_or_sections=2, axis=1), (BATCH, 2 * SEQ), [None, "seq"]),
        (made("Tile", repeats=[1, 3]), (BATCH, SEQ), [None, "3*seq"]),
        (made("Ravel"), (2, SEQ), ["2*seq"]),
    ],
)
def test_sizes_without_numbers(layer: Any, shape: tuple[Any, ...], wanted: list[Any]) -> None:
    graph, diagnostics = graph_of(layer, [TensorType(shape, "float32")])
    assert [found.message for found in diagnostics if found.severity == "error"] == []
    assert outputs_of(graph)[0].type.shown_shape == wanted


def test_a_slice_that_might_keep_nothing_is_asked_of_the_data() -> None:
    graph, _ = graph_of(made("Slice", axis=1, start=2), [TensorType((BATCH, SEQ), "float32")])
    assert [one.constraint.text for one in graph.requirements] == ["`seq` is at least 3"]


@pytest.mark.parametrize(
    ("layer", "apart"),
    [
        (made("Mean", axis=1), True),
        (made("Mean", axis=0, keepdims=True), False),
        (made("Transpose", axes=[1, 0, 2]), False),
        (made("Take", axis=1, indices=[0]), True),
        (made("Slice", axis=0, start=1), False),
        (made("ZerosLike"), True),
        (made("Sort", axis=1), True),
        (made("Sort", axis=0), False),
        (made("Matmul", x2=[[1], [2], [3], [4]]), True),
    ],
)
def test_samples_stay_apart_unless_the_batch_axis_is_touched(layer: Any, apart: bool) -> None:
    graph, _ = graph_of(layer, [TensorType((BATCH, 3, 4), "float32")])
    assert (mixing_layer(graph) is None) == apart


def test_an_operation_computes_in_the_dtype_of_its_input_unless_it_has_one_of_its_own() -> None:
    kinds = [TensorType((2, 3), "float64")]
    own = layers.find("Exp").declare({}, dtype="float16")  # type: ignore[union-attr]
    assert [outputs_of(graph_of(layer, kinds)[0])[0].dtype for layer in (made("Exp"), own)] == ["float64", "float16"]


@pytest.mark.parametrize(
    ("key", "written"),
    [(":,0", ":, 0"), ([":", None, "..."], ":, null, ..."), (-1, "-1"), (" 1: , ::2", "1:, ::2"), ("None", "null")],
)
def test_a_key_has_one_written_form(key: Any, written: str) -> None:
    assert made("GetItem", key=key).key == written


@pytest.mark.parametrize("key", [[], 10**12, "1:2:3:4", "a:b", "1.5", "", ":, ", True, {"a": 1}, "1" * 40])
def test_a_key_that_is_none_is_refused(key: Any) -> None:
    with pytest.raises(ArgumentError, match="`key` of GetItem must hold"):
        made("GetItem", key=key)


PLACES = st.none() | st.integers(-7, 7)
STEPS = st.integers(-3, 3).filter(bool)


@settings(max_examples=150, deadline=None)
@given(length=st.integers(1, 6), start=PLACES, stop=PLACES, step=STEPS)
def test_a_slice_means_what_it_means_in_python(length: int, start: int | None, stop: int | None, step: int) -> None:
    layer = made("Slice", axis=1, start=start, stop=stop, step=step)
    x = np.arange(2 * length, dtype=np.float32).reshape(2, length)
    wanted = x[:, start:stop:step]
    if wanted.size == 0:
        assert "keeps nothing of axis 1" in refusal(layer, TensorType(x.shape, "float32"))
        return
    np.testing.assert_array_equal(applied(layer, x)[0], wanted)
    graph, diagnostics = graph_of(layer, [TensorType((BATCH, SEQ), "float32")])
    if not diagnostics.failed:
        size = evaluate(outputs_of(graph)[0].shape[1], {"seq": length})
        assert size == wanted.shape[1] or not isinstance(size, int)
        assert all(one.constraint.holds({"seq": length}) is not False for one in graph.requirements)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_executed_shape_is_the_inferred_one(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    name, arguments = data.draw(
        st.sampled_from(
            [
                ("Sum", {"axis": axis, "keepdims": True}),
                ("Argmax", {"axis": axis}),
                ("Repeat", {"repeats": 3, "axis": axis}),
                ("Roll", {"shift": 2, "axis": axis}),
                ("Pad", {"pad_width": 2, "mode": "edge"}),
                ("Stack", {"axis": axis}),
                ("Unstack", {"axis": axis}),
                ("ExpandDims", {"axis": axis}),
                ("Cumsum", {}),
                ("Sort", {"axis": axis}),
                ("Take", {"axis": axis, "indices": [[0], [-1]]}),
                ("AddOp", {"x1": 2}),
            ]
        )
    )
    graph, diagnostics = graph_of(made(name, **arguments), [TensorType(shape, "float32")])
    assert not list(diagnostics)
    results = run(graph, {}, [np.ones(shape, np.float32)])
    assert [result.shape for result in results] == [value.shape for value in outputs_of(graph)]


def test_einsum_sums_small_integers_without_overflow() -> None:
    x = np.full((1, 4), 100, np.int8)
    assert applied(made("Einsum", subscripts="bi,bi->b"), x, x)[0].tolist() == [40000]
