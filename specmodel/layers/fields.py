"""The types of layer arguments, each written once. The text in an annotation's metadata is what the manual calls it."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from specmodel.layers.base import Layer
from specmodel.layers.objects import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS, Named
from specmodel.layers.validation import refuse, shown
from specmodel.layers.written import layer_argument

PosInt = Annotated[int, Field(gt=0, le=2**31 - 1), "positive integer"]
NonNegInt = Annotated[int, Field(ge=0, le=2**31 - 1), "integer from 0"]
Real = Annotated[float, Field(allow_inf_nan=False), "number"]
PosReal = Annotated[float, Field(gt=0, allow_inf_nan=False), "positive number"]
Rate = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), "number from 0 to 1"]
"""A share of what is dropped, from 0 to 1."""


def _none_is_linear(value: object) -> object:
    return "linear" if value is None else ACTIVATIONS.parse(value)


def _or_none(family: Any) -> Any:
    return lambda value: None if value is None else family.parse(value)


Activation = Annotated[str | Named, BeforeValidator(_none_is_linear), "activation"]
Initializer = Annotated[str | Named, BeforeValidator(INITIALIZERS.parse), "initializer"]
Regularizer = Annotated[str | Named | None, BeforeValidator(_or_none(REGULARIZERS)), "regularizer or null"]
Constraint = Annotated[str | Named | None, BeforeValidator(_or_none(CONSTRAINTS)), "constraint or null"]


def _as_list(value: object) -> object:
    """A list as the tuple it becomes; strict validation asks for tuples, YAML gives lists."""
    return tuple(_as_list(item) for item in value) if isinstance(value, list) else value


def _sizes(rank: int, least: int = 1) -> Any:
    def parse(value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            if value < least:  # once, not for each axis
                raise refuse(f"must be {'greater than 0' if least == 1 else f'at least {least}'}, found {value}")
            return (value,) * rank
        value = _as_list(value)
        if not isinstance(value, tuple) or len(value) != rank:
            wanted = f"an integer or a list of {rank}" if rank > 1 else "an integer"
            raise refuse(f"must be {wanted}, found {shown(value)}")
        return value

    return BeforeValidator(parse)


Sizes1 = Annotated[tuple[PosInt], _sizes(1), "positive integer"]
Sizes2 = Annotated[tuple[PosInt, PosInt], _sizes(2), "positive integer or 2 of them"]
Sizes3 = Annotated[tuple[PosInt, PosInt, PosInt], _sizes(3), "positive integer or 3 of them"]
"""A positive size for each spatial axis; one integer means the same for all."""

SizesOrZeros1 = Annotated[tuple[NonNegInt], _sizes(1, 0), "integer from 0"]
SizesOrZeros2 = Annotated[tuple[NonNegInt, NonNegInt], _sizes(2, 0), "integer from 0, or 2 of them"]
SizesOrZeros3 = Annotated[tuple[NonNegInt, NonNegInt, NonNegInt], _sizes(3, 0), "integer from 0, or 3 of them"]
"""A size that may be 0 for each spatial axis; one integer means the same for all."""

IntList = Annotated[tuple[int, ...], BeforeValidator(_as_list), "list of integers"]


def _axes(value: object) -> object:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else _as_list(value)


Axes = Annotated[tuple[int, ...], BeforeValidator(_axes), "axis or list of axes"]
"""One axis or several; the batch axis is 0."""


def lower(value: object) -> object:
    """A text in small letters, as Keras takes names in any; anything else as it is."""
    return value.lower() if isinstance(value, str) else value


Padding = Annotated[Literal["valid", "same"], BeforeValidator(lower)]
DataFormat = Annotated[Literal["channels_last", "channels_first"] | None, BeforeValidator(lower)]
"""Where the channels stand; null means `channels_last`."""

LayerArgument = Annotated[Layer, PlainValidator(layer_argument), "layer"]
"""A layer inside a layer, given as one or written like an entry: `{LSTM: 64}`."""
