"""Records: frozen, equal by value, and the same however many there are of a class."""

import pytest

from specmodel.record import MANY, Record


class Point(Record):
    x: int
    y: int = 2


class Named(Point):
    name: str = ""

    def __post_init__(self) -> None:
        if self.name == "wrong":
            raise ValueError(self.name)


FEW, MADE_OFTEN = "few", "made often"


@pytest.fixture(params=[FEW, MADE_OFTEN])
def kinds(request: pytest.FixtureRequest) -> tuple[type[Point], type[Named]]:
    """Fresh classes, and classes of which many records were made: those have an `__init__` of their own."""
    point, named = type("Point", (Point,), {"__annotations__": {}}), type("Named", (Named,), {"__annotations__": {}})
    if request.param == MADE_OFTEN:
        for number in range(MANY + 1):
            point(number)
            named(number, 0, "n")
    return point, named


def test_fields_are_given_in_order_or_by_name(kinds: tuple[type[Point], type[Named]]) -> None:
    point, named = kinds
    assert (point(1).y, point(1, 3).y, point(1, y=3).y, point(y=3, x=1).x) == (2, 3, 3, 1)
    assert point(1, 2) == point(1) != point(2)
    assert hash(point(1, 2)) == hash(point(1))
    assert repr(named(1, 2, "a")) == "Named(x=1, y=2, name='a')"


@pytest.mark.parametrize(("given", "by_name"), [((), {}), ((1, 2, 3), {}), ((1,), {"z": 1})])
def test_what_fits_no_field_is_refused(
    kinds: tuple[type[Point], type[Named]], given: tuple[int, ...], by_name: dict[str, int]
) -> None:
    with pytest.raises(TypeError, match="Point"):
        kinds[0](*given, **by_name)


def test_values_are_checked_and_never_change(kinds: tuple[type[Point], type[Named]]) -> None:
    point, named = kinds
    with pytest.raises(ValueError, match="wrong"):
        named(1, 2, "wrong")
    with pytest.raises(AttributeError):
        point(1).x = 5


def test_a_class_has_its_own_fields_however_often_its_base_was_used(kinds: tuple[type[Point], type[Named]]) -> None:
    class Further(kinds[0]):  # type: ignore[misc, name-defined]
        z: int = 0

    assert Further(1, 2, 3).z == 3
    assert Further(1).y == 2
