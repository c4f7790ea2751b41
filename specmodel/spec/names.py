"""Names of inputs and entries: what they may be, and Keras' automatic ones."""

import re
from collections.abc import Container

from specmodel.diagnostics import Diagnostics, codes
from specmodel.layers.naming import snake_case
from specmodel.text import Span

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def name_fault(name: str) -> str | None:
    """Why a text is no name, or None where it is one."""
    if name == "_":
        return "`_` is the entry above, not a name"
    if _NAME.fullmatch(name) is None or ".." in name:
        return (
            "a name has up to 128 letters, digits, `_`, `-` and `.`, starts with none of `-` and `.`, and holds no `..`"
        )
    if _is_number(name):
        return "a name is no number"
    return None


def check_name(name: object, span: Span | None, place: str, diagnostics: Diagnostics) -> bool:
    """Whether something written as a name is one; a diagnostic says why not."""
    fault = name_fault(name) if isinstance(name, str) else "a name is a text"
    if fault is None:
        return True
    diagnostics.add(codes.BAD_NAME, f"{str(name)[:60]!r} is no name: {fault}".replace("'", "`"), span, place=place)
    return False


class NameCounter:
    """Hands out Keras' automatic names within one scope: `dense`, `dense_1`, …, passing over names that are taken."""

    def __init__(self, taken: Container[str]) -> None:
        self._taken = taken
        self._next: dict[str, int] = {}

    def name(self, class_name: str) -> str:
        """The next automatic name for a layer of this class."""
        base = snake_case(class_name)
        while True:
            count = self._next.get(base, 0)
            self._next[base] = count + 1
            name = f"{base}_{count}" if count else base
            if name not in self._taken:
                return name


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
