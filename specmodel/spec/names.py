"""Names of inputs and entries: what they may be, and Keras' automatic ones."""

import re
from collections.abc import Container

from specmodel.diagnostics import Diagnostics, codes
from specmodel.layers.naming import snake_case
from specmodel.layers.validation import shown
from specmodel.text import Span

_REFUSED = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST = 128
_HELP = "a name has letters, digits, `_`, `-` and `.`, and starts with a letter, a digit or `_`"


def name_fault(name: str) -> str | None:
    """Why a text is no name, or None where it is one."""
    if name == "_":
        return "it stands for the entry above"
    if not name:
        return "it is empty"
    wrong = _REFUSED.search(name)
    if wrong is not None:
        return "it holds a space" if wrong[0] == " " else f"it holds {wrong[0]!r}".replace("'", "`")
    if len(name) > _LONGEST:
        return f"it has {len(name):,} characters, the most is {_LONGEST}"
    if name[0] in "-.":
        return f"it starts with `{name[0]}`"
    if ".." in name:
        return "it holds `..`"
    return "it is a number" if _is_number(name) else None


def check_name(name: object, span: Span | None, place: str, diagnostics: Diagnostics, paths: bool = False) -> bool:
    """Whether something written as a name is one; a diagnostic says why not. With `paths` it may be a path of names."""
    if not isinstance(name, str):
        diagnostics.add(codes.BAD_NAME, f"a name must be text, found {shown(name)}", span, place=place)
        return False
    fault = _path_fault(name) if paths and "/" in name else name_fault(name)
    if fault is not None:
        cut = name if len(name) <= 60 else f"{name[:57]}..."
        diagnostics.add(codes.BAD_NAME, f"`{cut}` cannot be a name: {fault}", span, place=place, help=_HELP)
    return fault is None


def _path_fault(path: str) -> str | None:
    """Why a text is no path: its words are names, or the numbers of a repeat's times."""
    faults = (None if word.isdecimal() else name_fault(word) for word in path.split("/"))
    return next((fault for fault in faults if fault is not None), None)


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


def is_automatic(name: str, class_name: str) -> bool:
    """Whether a layer of this class could have the name without being given it."""
    base, _, number = name.rpartition("_")
    return snake_case(class_name) in (name, base if number.isdecimal() else name)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
