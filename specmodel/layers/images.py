"""What the layers for images share: the forms of their arguments, and images with or without a batch."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.value import Value

Seed = Annotated[int | None, "integer or null"]
FillMode = Literal["constant", "nearest", "reflect", "wrap"]
Interpolation = Literal["nearest", "bilinear"]

DATA_FORMAT: Any = Field(None, description="Where the channels stand; null means `channels_last`.")
SEED: Any = Field(None, description="Training only.")
BOUNDING_BOXES: Any = Field(
    None, description="How boxes beside images are written: corners or sizes, in pixels or as shares."
)
VALUE_RANGE: Any = Field((0, 255), description="The smallest and largest value that a pixel may have.")


def image_axis(b: Scope, x: Value, data_format: str | None) -> int:
    """The axis of the height, which that of the width follows; a `Fault` for what are no images."""
    first = data_format == "channels_first"
    form = "(batch, channels, height, width)" if first else "(batch, height, width, channels)"
    message = f"expected images, {form} or the same without the batch, found {x.type} of rank {x.rank}"
    b.require(x.rank in (3, 4), message, code=codes.WRONG_RANK)
    return x.rank - (2 if first else 3)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_pair(value: object) -> bool:
    """Whether a value is a list of two numbers."""
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))


def _value_range(value: Any) -> object:
    if not is_pair(value):
        raise refuse(f"must be a list of two numbers, found {shown(value)}")
    return tuple(value)


def factor(low: float, high: float, *, each: bool = False, above: bool = False) -> BeforeValidator:
    """Accept a number from `low` to `high`, or a list of two: each in this range, or reaching into it.

    `above` leaves `low` itself out.
    """
    interval = f"above {low} and at most {high}" if above else f"from {low} to {high}"
    wanted = f"a number {interval} or a list of two"

    def inside(number: float) -> bool:
        return (low < number if above else low <= number) and number <= high

    def parse(value: Any) -> object:
        if is_pair(value):
            fits = all(map(inside, value)) if each else value[0] <= high and value[1] >= low
        else:
            fits = _is_number(value) and inside(value)
        if not fits:
            found = list(value) if is_pair(value) else shown(value)
            raise refuse(f"must be {wanted}, found {found}")
        return tuple(value) if is_pair(value) else value

    return BeforeValidator(parse)


_Factor = tuple[float, float] | float
ValueRange = Annotated[tuple[float, float], BeforeValidator(_value_range), "list of two numbers"]
Factor = Annotated[_Factor, factor(-1, 1), "number from -1 to 1, or two"]
Share = Annotated[_Factor, factor(0, 1), "number from 0 to 1, or two"]
SharesEach = Annotated[_Factor, factor(0, 1, each=True), "number from 0 to 1, or two"]
FactorsEach = Annotated[_Factor, factor(-1, 1, each=True), "number from -1 to 1, or two"]
ZoomFactor = Annotated[_Factor, factor(-1, 1, each=True, above=True), "number above -1 up to 1, or two"]
Bits = Annotated[_Factor, factor(1, 8), "number from 1 to 8, or two"]
