"""Plain values to YAML text in one canonical form: blocks where a line would be long, flow where it fits."""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import isinf, isnan

from specmodel.yaml.scalars import resolve

WIDTH = 100
"""Columns that a mapping or list written on one line may take."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def document(items: Mapping[str, object], lists: Sequence[str] = ()) -> str:
    """The text of a mapping of dicts, lists, tuples and scalars; reading it gives the same back, tuples as lists.

    A dict has a line for each key, and so have the lists of the keys `lists` for each element.
    """
    lines: list[str] = []
    for key, value in items.items():
        if (isinstance(value, Mapping) or (key in lists and isinstance(value, list | tuple))) and value:
            lines += [f"{scalar(key)}:", *_block(value, 2)]
        else:
            lines += _entry(key, value, 0)
    return "\n".join(lines) + "\n"


def flow(value: object) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{scalar(key)}: {flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(flow(item) for item in value)}]"
    return scalar(value)


def scalar(value: object) -> str:
    """A text, number, truth value or None; quoted where the bare text would mean something else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"YAML holds no {type(value).__name__}")
    if _PLAIN.fullmatch(value) is not None and resolve(value) == value:
        return value
    return f'"{"".join(_ESCAPES.get(character) or _escaped(character) for character in value)}"'


def _float(value: float) -> str:
    if isnan(value):
        return ".nan"
    if isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return repr(value)


def _escaped(character: str) -> str:
    """A character inside double quotes."""
    code = ord(character)
    if character.isprintable() and not 0xD800 <= code <= 0xDFFF:
        return character
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _block(value: object, indent: int) -> Iterator[str]:
    """The lines of a mapping or list below its key."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _entry(key, inner, indent)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _element(item, indent)


def _entry(key: str, value: object, indent: int) -> Iterator[str]:
    head = f"{' ' * indent}{scalar(key)}:"
    line = f"{head} {flow(value)}" if value is not None else head
    if len(line) > WIDTH and isinstance(value, Mapping | list | tuple) and value:
        yield head
        yield from _block(value, indent + 2)
    else:
        yield line


def _element(value: object, indent: int) -> Iterator[str]:
    """An element of a list; a mapping gets its entries below each other."""
    margin = " " * indent
    if isinstance(value, Mapping) and value:
        for number, line in enumerate(_block(value, indent + 2)):
            yield f"{margin}- {line[indent + 2 :]}" if number == 0 else line
    else:
        yield f"{margin}- {flow(value)}"
