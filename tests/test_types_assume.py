"""Constraints on sizes, broadcasting, and the faults of what cannot hold."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.types.assume import Assume, Constraint, Kind
from specmodel.types.broadcast import broadcast
from specmodel.types.dim import Dim, evaluate, symbol, unknown
from specmodel.types.fault import Fault

h, seq, length, a, b = symbol("h"), symbol("seq"), symbol("len"), unknown("a"), unknown("b")


@pytest.mark.parametrize(
    ("kind", "left", "right", "expected"),
    [
        ("equal", seq, length, "`seq` equals `len`"),
        ("equal", a, 2 * b, "`a` equals `2*b`"),
        ("at_least", h, 3, "`h` is at least 3"),
        ("divisible", h, 4, "`h` is a multiple of 4"),
        ("equal_or_one", a, 5, "`a` is 1 or 5"),
        ("equal_or_one", a, b, "`a` equals `b`, or one of them is 1"),
    ],
)
def test_a_constraint_in_words(kind: Kind, left: Dim, right: Dim, expected: str) -> None:
    assert Constraint(kind, left, right).text == expected


@pytest.mark.parametrize(
    ("kind", "left", "right", "sizes", "expected"),
    [
        ("equal", seq, length, {"seq": 3, "len": 3}, True),
        ("equal", seq, length, {"seq": 3, "len": 4}, False),
        ("equal", seq, length, {"seq": 3}, None),
        ("equal", 2 * seq, length, {"len": 3}, False),
        ("equal", a, 4, {"?a": 4}, True),
        ("at_least", h, 3, {"h": 3}, True),
        ("at_least", h, 3, {"h": 2}, False),
        ("at_least", h, 3, {}, None),
        ("divisible", h, 4, {"h": 8}, True),
        ("divisible", h, 4, {"h": 9}, False),
        ("divisible", h * seq, 4, {"h": 8}, True),
        ("divisible", h * seq, 4, {"h": 2}, None),
        ("divisible", 2 * h + 1, 2, {}, False),
        ("equal_or_one", a, b, {"?a": 1}, True),
        ("equal_or_one", a, b, {"?b": 1}, True),
        ("equal_or_one", a, b, {"?a": 3, "?b": 3}, True),
        ("equal_or_one", a, b, {"?a": 3, "?b": 2}, False),
        ("equal_or_one", a, b, {"?a": 3}, None),
        ("equal_or_one", a + 1, 3, {"?a": 3}, False),
    ],
)
def test_whether_a_constraint_holds(
    kind: Kind, left: Dim, right: Dim, sizes: dict[str, int], expected: bool | None
) -> None:
    assert Constraint(kind, left, right).holds(sizes) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected", "constraints"),
    [
        (3, 3, 3, []),
        (h, h, h, []),
        (h, 3, 3, ["`h` equals 3"]),
        (3, h, 3, ["3 equals `h`"]),
        (a, h, h, ["`a` equals `h`"]),
        (h, seq, h, ["`h` equals `seq`"]),
        (a, b, a, ["`a` equals `b`"]),
    ],
)
def test_equal_sizes_give_the_better_known(left: Dim, right: Dim, expected: Dim, constraints: list[str]) -> None:
    assume = Assume()
    assert assume.equal(left, right) == expected
    assert [constraint.text for constraint in assume.constraints] == constraints


def test_a_relation_is_kept_once_with_its_first_reason() -> None:
    assume = Assume()
    assume.equal(h, seq, "`Add` adds its inputs")
    assume.equal(h, seq, "`Multiply` multiplies its inputs")
    assume.at_least(h, 3, reason="a window of 3 must fit")
    assert assume.constraints == [
        Constraint("equal", h, seq, "`Add` adds its inputs"),
        Constraint("at_least", h, 3, "a window of 3 must fit"),
    ]


def test_division_gives_the_quotient_and_asks_for_a_multiple() -> None:
    assume = Assume()
    assert assume.divisible(12, 4) == 3
    assert assume.divisible(8 * h, 4) == 2 * h
    assert assume.constraints == []
    assert assume.divisible(h, 4) == h // 4
    assert [constraint.text for constraint in assume.constraints] == ["`h` is a multiple of 4"]


@pytest.mark.parametrize(
    ("act", "code", "message"),
    [
        (lambda assume: assume.equal(3, 4), "E302", "3 and 4 cannot be the same size"),
        (lambda assume: assume.equal(h, h + 1), "E302", "`h` and `h + 1` cannot be the same size"),
        (lambda assume: assume.equal(2 * h, 3, message="no", code="E305"), "E305", "no"),
        (lambda assume: assume.at_least(2, 3), "E309", "2 is less than 3"),
        (lambda assume: assume.at_least(h, h + 1, "E304", "too large"), "E304", "too large"),
        (lambda assume: assume.divisible(9, 2), "E309", "9 is not a multiple of 2"),
        (lambda assume: assume.equal_or_one(3, 4), "E302", "3 and 4 are not the same size, and neither is 1"),
    ],
)
def test_what_cannot_hold_is_a_fault_with_a_message_of_its_own_or_the_callers(
    act: Callable[[Assume], object], code: str, message: str
) -> None:
    with pytest.raises(Fault) as caught:
        act(Assume())
    assert (caught.value.code, caught.value.message) == (code, message)


def test_a_fault_carries_the_field_and_the_help() -> None:
    with pytest.raises(Fault) as caught:
        Assume().equal(3, 4, field="units", help="make them equal")
    assert (caught.value.field, caught.value.help) == ("units", "make them equal")
    assert str(caught.value) == "[E302] 3 and 4 cannot be the same size"


def test_a_contradiction_with_an_earlier_constraint_is_a_fault_that_names_it() -> None:
    assume = Assume()
    assume.equal(2 * seq, 10, "`Dot` multiplies its inputs")
    assume.equal(b, 7)
    assume.at_least(seq, 5)  # follows
    assert len(assume.constraints) == 2
    with pytest.raises(Fault) as caught:
        assume.equal(seq, 6)
    assert caught.value.message == "`seq` and 6 cannot be the same size: `seq` is 5 (`Dot` multiplies its inputs)"
    with pytest.raises(Fault) as caught:
        assume.at_least(seq, b)
    assert caught.value.message == "`seq` is less than `b`: `b` is 7 already, `seq` is 5 (`Dot` multiplies its inputs)"


def test_constraints_of_several_calls_meet_in_one_place() -> None:
    first, second, whole = Assume(), Assume(), Assume()
    first.equal(seq, 5, "`add` adds its inputs")
    second.equal(seq, 6)
    for constraint in first.constraints:
        whole.add(constraint)
    assert whole.constraints == first.constraints
    with pytest.raises(Fault) as caught:
        whole.add(second.constraints[0])
    assert caught.value.message == "`seq` and 6 cannot be the same size: `seq` is 5 (`add` adds its inputs)"


Shape = tuple[Dim, ...]


@pytest.mark.parametrize(
    ("shapes", "expected", "constraints"),
    [
        ([], (), []),
        ([(3, 4)], (3, 4), []),
        ([(3, 1), (1, 4)], (3, 4), []),
        ([(2, 3), (3,), ()], (2, 3), []),
        ([(0, 3), (1, 3)], (0, 3), []),
        ([(a, 3), (1, 3)], (a, 3), []),
        ([(a, 3), (a, 1)], (a, 3), []),
        ([(h, 3), (5, 3)], (5, 3), ["`h` is 1 or 5"]),
        ([(5,), (h,)], (5,), ["`h` is 1 or 5"]),
        ([(h + 1,), (5,)], (5,), ["`h + 1` equals 5"]),
        ([(h,), (seq,)], (h,), ["`h` equals `seq`"]),
        ([(a,), (seq,)], (seq,), ["`a` equals `seq`"]),
        ([(h,), (1,), (h,)], (h,), []),
    ],
)
def test_broadcasting(shapes: list[Shape], expected: Shape, constraints: list[str]) -> None:
    assume = Assume()
    assert broadcast(assume, *shapes) == expected
    assert [constraint.text for constraint in assume.constraints] == constraints


def test_two_unknown_sizes_broadcast_to_another_unknown_one() -> None:
    assume = Assume()
    (size,) = broadcast(assume, (a,), (b,))
    assert (size,) == broadcast(assume, (b,), (a,)) == broadcast(assume, (size,), (a,), (b,))
    assert assume.constraints[0].text == "`a` equals `b`, or one of them is 1"
    assert evaluate(size, {"?a": 1, "?b": 4}) == 4


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            [(a, 3), (a, 4)],
            "the shapes `(None, 3)` and `(None, 4)` do not fit together: axis 1 is 3 in the first and 4 in the second",
        ),
        (
            [(2, 3), (1, 1), (4,)],
            "the shapes `(2, 3)` and `(4,)` do not fit together: axis -1 is 3 in the first and 4 in the second",
        ),
        (
            [(1, 1), (1, 3), (1, 4)],
            "the shapes `(1, 3)` and `(1, 4)` do not fit together: axis 1 is 3 in the first and 4 in the second",
        ),
        (
            [(h,), (h + 1,)],
            "the shapes `(h,)` and `(h + 1,)` do not fit together: axis 0 is h in the first and h + 1 in the second",
        ),
        (
            [(0,), (2,)],
            "the shapes `(0,)` and `(2,)` do not fit together: axis 0 is 0 in the first and 2 in the second",
        ),
        (
            [(2 * h,), (5,)],
            "the shapes `(2*h,)` and `(5,)` do not fit together: axis 0 is 2*h in the first and 5 in the second",
        ),
    ],
)
def test_shapes_that_do_not_broadcast(shapes: list[Shape], message: str) -> None:
    with pytest.raises(Fault) as caught:
        broadcast(Assume(), *shapes)
    assert caught.value.code == "E302"
    assert caught.value.message == message


def test_shapes_that_do_not_broadcast_for_a_size_that_is_known_by_now() -> None:
    assume = Assume()
    assume.equal(h, 5)
    with pytest.raises(Fault) as caught:
        broadcast(assume, (h, h), (5, 6))
    assert caught.value.message == (
        "the shapes `(h, h)` and `(5, 6)` do not fit together: axis 1 is h in the first and 6 in the second: "
        "`h` is 5 already"
    )


DIMS: list[Dim] = [1, 2, 3, 6, h, 2 * h, seq, seq + 1, a, b, 2 * a]


@given(
    st.lists(st.lists(st.sampled_from(DIMS), max_size=3).map(tuple), min_size=1, max_size=3),
    st.fixed_dictionaries({name: st.integers(1, 3) for name in ("h", "seq", "?a", "?b")}),
)
@settings(max_examples=400, deadline=None)
def test_broadcasting_agrees_with_numpy_wherever_the_constraints_hold(
    shapes: list[Shape], sizes: dict[str, int]
) -> None:
    assume = Assume()
    concrete = [tuple(int(str(evaluate(dim, sizes))) for dim in shape) for shape in shapes]
    try:
        result = broadcast(assume, *shapes)
    except Fault:
        if all(isinstance(dim, int) for shape in shapes for dim in shape):
            with pytest.raises(ValueError, match="mismatch"):
                np.broadcast_shapes(*concrete)
        return
    if all(constraint.holds(sizes) for constraint in assume.constraints):
        assert tuple(evaluate(dim, sizes) for dim in result) == np.broadcast_shapes(*concrete)
    else:  # only what the rules for named sizes ask beyond NumPy's
        assert any(constraint.kind == "equal" for constraint in assume.constraints) or not fits(concrete)


def fits(shapes: list[tuple[int, ...]]) -> bool:
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True
