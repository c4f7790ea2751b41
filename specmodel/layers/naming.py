"""Names as Keras makes them."""

import re
from functools import cache


@cache  # a spec has few kinds of layers, each many times
def snake_case(class_name: str) -> str:
    """The name Keras derives from a class name: `BatchNormalization` -> `batch_normalization`, `ReLU` -> `re_lu`."""
    split = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", class_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", split).lower()
