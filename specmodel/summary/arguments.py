"""A layer's arguments in words: their types, as the manual has them."""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from specmodel.layers.base import Layer
from specmodel.summary.table import plain_text


def argument_type(layer: type[Layer], name: str) -> str:
    """The type of one argument: `positive integer`, `valid or same`, `activation`."""
    owner = next(kind for kind in layer.__mro__ if name in getattr(kind, "__annotations__", {}))
    return _text(owner.__annotations__[name])


def _text(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        return next((text for text in metadata if isinstance(text, str)), None) or _text(inner)
    if origin is Literal:
        return " or ".join(plain_text(choice) for choice in get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(_text(choice) for choice in get_args(annotation))
    if origin in (tuple, list):
        return "list"
    plain = {int: "integer", float: "number", bool: "true or false", str: "text", type(None): "null", None: "null"}
    return plain.get(annotation, getattr(annotation, "__name__", str(annotation)))
