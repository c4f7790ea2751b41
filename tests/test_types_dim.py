"""Symbolic sizes: what they print, and that every law of them is one of the integers they stand for."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume as suppose
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.types.bounds import at_least, equal, lower_bound
from specmodel.types.dim import (
    Dim,
    divide,
    evaluate,
    is_known,
    merged,
    solve,
    symbol,
    symbols,
    unknown,
    unknowns,
    variables,
)
from specmodel.types.fault import Fault
from specmodel.types.formula import described, parse_dim, shown, text

h, w, seq, batch = symbol("h"), symbol("w"), symbol("seq"), unknown("batch")
NAMES = ("h", "w", "seq", "?batch")


def halved(dim: Dim, times: int) -> Dim:
    for _ in range(times):
        dim = (dim - 1) // 2 + 1
    return dim


@pytest.mark.parametrize(
    ("dim", "expected"),
    [
        (seq, "seq"),
        (2 * seq, "2*seq"),
        (seq * 2 + seq, "3*seq"),
        (w * h + 1, "h*w + 1"),
        (1 + h, "h + 1"),
        (1 - h, "-h + 1"),
        (w - h, "-h + w"),
        (-2 * h - 3, "-2*h - 3"),
        (h * h + h * w + w + 7, "h*h + h*w + w + 7"),
        ((h + 1) * (h - 1), "h*h - 1"),
        ((seq - 1) // 2 + 1, "(seq - 1)//2 + 1"),
        ((h - 3) // 2 + 1, "(h - 1)//2"),
        ((h - 2) // 2 + 1, "h//2"),
        ((h + 1) // 2, "(h - 1)//2 + 1"),
        (halved(h, 5), "(h - 1)//32 + 1"),
        (h // 2 // 3, "h//6"),
        ((h // 2 + w) // 3, "(h + 2*w)//6"),
        ((h + h // 2) // 2, "(3*h)//4"),
        ((2 * h) // 4, "h//2"),
        ((2 * h + 1) // 2, "h"),
        ((2 * h + 1) // 4, "h//2"),
        ((6 * h - 3) // 4, "h + h//2 - 1"),
        ((3 * h) // 2, "h + h//2"),
        ((h * w) // 2, "(h*w)//2"),
        ((h // 2) * w, "w*(h//2)"),
        (2 * (h // 2), "2*(h//2)"),
        (-(h // 2) + w // 2, "-(h//2) + w//2"),
        (1 - h * w - w // 2, "-h*w - w//2 + 1"),
        ((2 * (h // 2)) // 3, "(2*(h//2))//3"),
        ((h - 1) // 2 * ((w - 1) // 2) * 64, "64*((h - 1)//2)*((w - 1)//2)"),
    ],
)
def test_a_size_is_shown_in_its_normal_form(dim: Dim, expected: str) -> None:
    assert shown(dim) == text(dim) == expected


@pytest.mark.parametrize(
    ("dim", "expected"),
    [
        (h - h, 0),
        (h * 0, 0),
        (h + 3 - h, 3),
        ((h + 5 - h) // 2, 2),
        ((2 * h + 1) // 2 - h, 0),
        (0 * h // 7, 0),
    ],
)
def test_what_is_constant_is_an_int(dim: Dim, expected: int) -> None:
    assert type(dim) is int
    assert dim == expected


def test_an_unknown_size_is_shown_as_null_and_described_by_its_key() -> None:
    assert shown(batch) is None
    assert shown(batch * h + 1) is None
    assert text(batch + 1) == "None"
    assert shown(4) == 4
    assert described(batch * 2) == "`2*batch`"
    assert described(h // 2) == "`h//2`"
    assert described(5) == "5"


def test_what_a_size_depends_on() -> None:
    dim = (batch * h - 1) // 2 + w
    assert variables(dim) == {"?batch", "h", "w"}
    assert symbols(dim) == {"h", "w"}
    assert unknowns(dim) == {"?batch"}
    assert variables(7) == frozenset()
    assert is_known(7)
    assert not is_known(h)


def test_a_name_and_an_unknown_size_of_the_same_key_differ() -> None:
    assert symbol("batch") != unknown("batch")
    assert evaluate(symbol("batch") + batch, {"batch": 2}) == 2 + batch


@pytest.mark.parametrize("name", ["", "1h", "h w", "a-b", "?h", "größe", "x" * 129])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a name for a size"):
        symbol(name)


@pytest.mark.parametrize("divisor", [0, -1])
def test_division_is_by_positive_integers(divisor: int) -> None:
    with pytest.raises(ValueError, match="divided by positive integers"):
        h // divisor


def test_a_dim_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        h.text = "w"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (12, 4, 3),
        (12, 5, None),
        (0, 5, 0),
        (12, 0, None),
        (h, 1, h),
        (h, 2, None),
        (64 * h * w, 64, h * w),
        (64 * h * w, h, 64 * w),
        (h * w, w, h),
        (h * w, 2 * w, None),
        (h * w + h, h, w + 1),
        (h * h - 1, h + 1, h - 1),
        (h * h + 1, h + 1, None),
        (h, w, None),
        (5, h, None),
        (batch * 4 * (h // 2), batch * (h // 2), 4),
    ],
)
def test_division_without_remainder(a: Dim, b: Dim, expected: Dim | None) -> None:
    assert divide(a, b) == expected


@pytest.mark.parametrize(
    ("dim", "size", "expected"),
    [
        (h, 7, ("h", 7)),
        (batch, 7, ("?batch", 7)),
        (16 * h, 32, ("h", 2)),
        (16 * h, 33, None),
        (2 * h + 1, 7, ("h", 3)),
        (h * w, 6, None),
        (h + w, 6, None),
        (h // 2, 6, None),
        (6, 6, None),
    ],
)
def test_solving_for_one_symbol(dim: Dim, size: int, expected: tuple[str, int] | None) -> None:
    assert solve(dim, size) == expected


def test_merging_counts_every_size_once_in_any_order() -> None:
    a, b, c = unknown("a"), unknown("b"), unknown("c")
    both = merged(a, b)
    assert both == merged(b, a) == merged(both, a) == merged(both, both, 1)
    assert merged(both, c) == merged(a, merged(c, b))
    assert shown(both) is None
    assert described(both) == "`broadcast(a, b)`"
    assert merged(a, 1) == a
    assert merged(both, 5) == 5
    assert evaluate(both, {"?a": 1}) == b
    assert evaluate(both * 2, {"?a": 1, "?b": 4}) == 8
    assert evaluate(both // 2, {"?a": 6}) == 3
    assert variables(both) == {"?a", "?b"}


@pytest.mark.parametrize(
    "grow",
    [
        lambda dim: dim * dim + w,  # the degree doubles
        lambda dim: dim + (3 * dim + w) // 2,  # the text doubles
        lambda dim: (3 * dim) // 2 // 5 * 7,  # divisions pile up
        lambda dim: dim * (2**31 - 1) ** 99,  # the digits pile up
    ],
)
def test_a_size_that_grows_for_ever_is_a_fault(grow: Any) -> None:
    def grown() -> None:
        dim: Dim = h
        for _ in range(500):
            dim = grow(dim)

    with pytest.raises(Fault, match="too long a formula") as caught:
        grown()
    assert caught.value.code == "E308"


# Expression trees, once as sizes and once as plain integers.

Tree = Any


def trees() -> st.SearchStrategy[Tree]:
    leaves = st.sampled_from(NAMES) | st.integers(-4, 9)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from("+-*"), inner, inner),
            st.tuples(st.just("//"), inner, st.integers(1, 6)),
        ),
        max_leaves=8,
    )


def as_dim(tree: Tree) -> Dim:
    if isinstance(tree, str):
        return unknown(tree[1:]) if tree.startswith("?") else symbol(tree)
    return tree if isinstance(tree, int) else apply(tree, as_dim)


def as_int(tree: Tree, sizes: Mapping[str, int]) -> int:
    if isinstance(tree, str):
        return sizes[tree]
    return tree if isinstance(tree, int) else apply(tree, lambda inner: as_int(inner, sizes))


def apply(tree: Tree, value: Any) -> Any:
    operator, left, right = tree[0], value(tree[1]), value(tree[2])
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    return left * right if operator == "*" else left // right


def sizes_of(low: int = 1, high: int = 40) -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries({name: st.integers(low, high) for name in NAMES})


@given(trees(), sizes_of())
@settings(max_examples=300, deadline=None)
def test_the_normal_form_has_the_value_of_what_was_written(tree: Tree, sizes: dict[str, int]) -> None:
    assert evaluate(as_dim(tree), sizes) == as_int(tree, sizes)


@given(trees(), sizes_of(), st.sets(st.sampled_from(NAMES)))
@settings(max_examples=150, deadline=None)
def test_sizes_may_be_put_in_one_after_the_other(tree: Tree, sizes: dict[str, int], first: set[str]) -> None:
    some = evaluate(as_dim(tree), {name: sizes[name] for name in first})
    assert variables(some).isdisjoint(first)
    assert evaluate(some, sizes) == as_int(tree, sizes)


@given(trees())
@settings(max_examples=300, deadline=None)
def test_what_is_shown_is_read_back_as_the_same_size(tree: Tree) -> None:
    dim = as_dim(tree)
    formula = shown(dim)
    suppose(formula is not None)
    assert parse_dim(str(formula)) == dim
    if isinstance(dim, int):
        return
    again = eval(str(formula), {name: symbol(name) for name in symbols(dim)})  # what is shown is Python too
    assert again == dim


@given(trees(), trees(), sizes_of())
@settings(max_examples=300, deadline=None)
def test_certainty_about_sizes_is_never_wrong(left: Tree, right: Tree, sizes: dict[str, int]) -> None:
    a, b = as_int(left, sizes), as_int(right, sizes)
    assert equal(as_dim(left), as_dim(right)) in (None, a == b)
    assert at_least(as_dim(left), as_dim(right)) in (None, a >= b)
    bound = lower_bound(as_dim(left))
    assert bound is None or a >= bound


@given(trees(), trees(), sizes_of())
@settings(max_examples=150, deadline=None)
def test_a_quotient_times_the_divisor_is_the_dividend(left: Tree, right: Tree, sizes: dict[str, int]) -> None:
    a, b = as_dim(left), as_dim(right)
    suppose(b != 0)
    assert divide(a * b, b) == a
    quotient = divide(a, b)
    if quotient is not None:
        assert quotient * b == a


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (h, h, True),
        (3, 4, False),
        (h, w, None),
        (h, 5, None),
        (h, 0, False),
        (h, h + 1, False),
        (2 * h, 3, False),
        (2 * h, 4 * w + 1, False),
        (h + w, 1, False),
        (h * w + 1, h * w, False),
        (h // 2 + (h + 1) // 2, h, True),
        (h // 2, h, False),
        (batch, h, None),
    ],
)
def test_equality_of_sizes(a: Dim, b: Dim, expected: bool | None) -> None:
    assert equal(a, b) is expected
    assert equal(b, a) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (5, 5, True),
        (4, 5, False),
        (h, 1, True),
        (h, 2, None),
        (h + 2, 3, True),
        (h, h + 1, False),
        (h * w, h, True),
        (h * w, h + 1, None),
        ((h - 1) // 2 + 1, 1, True),
        (h, (h - 1) // 2 + 1, True),
        ((h - 1) // 2 + 1, h + 1, False),
        (h, 2 * (h // 2), True),
        ((h + 1) // 2, h // 2, True),
        (h // 2, 1, None),
        ((h - 1) // 32 + 1, 1, True),
        (merged(batch, unknown("b")), 1, True),
    ],
)
def test_order_of_sizes(a: Dim, b: Dim, expected: bool | None) -> None:
    assert at_least(a, b) is expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("7", 7),
        ("h", h),
        ("16*h", 16 * h),
        ("h*16", 16 * h),
        (" ( seq-1 ) // 2+1 ", (seq - 1) // 2 + 1),
        ("-h + 2*h", h),
        ("2*h//4", h // 2),
        ("-h//2", -h // 2),
        ("w - h//2", w - h // 2),
        ("2*(h//4)", 2 * (h // 4)),
        ("h//2//2", h // 4),
        ("h//(1 + 1)", h // 2),
        ("12 // 5", 2),
        ("h - h", 0),
    ],
)
def test_reading_a_size(written: str, expected: Dim) -> None:
    assert parse_dim(written) == expected


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "expected a number, a name or `(`, found the end in ``"),
        ("h +", "expected a number, a name or `(`, found the end in `h +`"),
        ("h w", "expected an operator or the end, found `w` in `h w`"),
        ("2h", "expected an operator or the end, found `h` in `2h`"),
        ("(h", "expected `)`, found the end in `(h`"),
        ("h)", "expected an operator or the end, found `)` in `h)`"),
        ("h / 2", "expected a number, a name, an operator or a parenthesis, found `/` in `h / 2`"),
        ("h ** 2", "expected a number, a name or `(`, found `*` in `h ** 2`"),
        ("--h", "expected a number, a name or `(`, found `-` in `--h`"),
        ("h.w", "expected a number, a name, an operator or a parenthesis, found `.` in `h.w`"),
        ("höhe", "expected a number, a name, an operator or a parenthesis, found `ö` in `höhe`"),
        ("h // 0", "`//` divides by a positive integer, found 0 in `h // 0`"),
        ("h // w", "`//` divides by a positive integer, found `w` in `h // w`"),
        ("None", "`None` is not a name for a size; a size that is not known is written as a bare null"),
        ("h" * 129, "is not a name for a size"),
        ("9" * 1001, "a number in a size has at most 1000 digits, found 1001"),
        ("h+" * 5000, "a size is written in at most 4096 characters, found 10000"),
        ("(" * 70 + "h" + ")" * 70, "a size has at most 64 parentheses inside each other"),
        ("*".join(["(h + w + a + b)"] * 40), "too long a formula"),
    ],
)
def test_reading_what_is_no_size(written: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011, the message is compared below
        parse_dim(written)
    assert message in str(caught.value)


@given(st.text(alphabet="hw12(+-*/) .é\n", max_size=12))
@settings(max_examples=200, deadline=None)
def test_reading_any_text_gives_a_size_or_a_value_error(written: str) -> None:
    try:
        dim = parse_dim(written)
    except ValueError:
        return
    assert parse_dim(str(dim)) == dim
