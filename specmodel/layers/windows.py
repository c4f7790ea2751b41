"""Arguments that all layers with a sliding kernel share: how they are described, and how they exclude each other."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from specmodel.diagnostics.codes import BAD_ARGUMENT
from specmodel.layers.fields import lower
from specmodel.layers.validation import ArgumentFault

KERNEL_SIZE = "Size of the window along each spatial axis."
STRIDES = "Step of the window along each spatial axis."
DILATION_RATE = "Distance between the window's elements along each spatial axis."
DATA_FORMAT = "Where the channels stand, `channels_last` or `channels_first`; null means the former."
PADDING = "`valid` keeps the window inside the input; `same` puts zeros around it: ceil(size / stride) windows."
CAUSAL_PADDING = f"{PADDING[:-1]}; `causal` puts them all in front, so that no step sees a later one."

CausalPadding = Annotated[Literal["valid", "same", "causal"], BeforeValidator(lower)]


def strides_and_dilation(owner: str, strides: tuple[int, ...], dilation: tuple[int, ...]) -> list[ArgumentFault]:
    """The fault of a window that strides and is dilated, which Keras refuses even on different axes."""
    if max(strides) == 1 or max(dilation) == 1:
        return []
    message = (
        f"`strides` and `dilation_rate` of {owner} cannot both be above 1, found {list(strides)} and {list(dilation)}"
    )
    return [ArgumentFault(("dilation_rate",), BAD_ARGUMENT, message, "leave one of the two out")]
