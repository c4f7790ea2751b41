"""Looking into a config, which is JSON that may hold anything."""

from typing import Any

from specmodel.files.malformed import MalformedError, shown

Json = Any
"""What JSON holds: dict, list, str, int, float, bool, None."""


def mapping(value: Json, what: str) -> dict[str, Json]:
    """A value that must be a mapping."""
    if not isinstance(value, dict):
        raise MalformedError(f"{what} must be a mapping, found {kind_of(value)}")
    return value


def listed(value: Json, what: str) -> list[Json]:
    """A value that must be a list."""
    if not isinstance(value, list):
        raise MalformedError(f"{what} must be a list, found {kind_of(value)}")
    return value


def text(value: Json, what: str) -> str:
    """A value that must be a text."""
    if not isinstance(value, str):
        raise MalformedError(f"{what} must be a text, found {kind_of(value)}")
    return value


def index(value: Json, what: str) -> int:
    """A value that must be a whole number from 0 up."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise MalformedError(f"{what} must be a whole number from 0 up, found {kind_of(value)}")
    return value


def kind_of(value: Json) -> str:
    """What a value is, for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {shown(value, 40)}"
    if isinstance(value, int | float):
        return f"the number {shown(repr(value), 40)}"
    return "a mapping" if isinstance(value, dict) else "a list"


def is_object(value: Json) -> bool:
    """Whether it is a mapping that stands for an object: a class and its config."""
    return isinstance(value, dict) and "class_name" in value and "config" in value
