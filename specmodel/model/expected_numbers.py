"""Numbers that a spec expects: exact ones, bounds, with suffixes, or formulas of named sizes."""

import re
from collections.abc import Collection

from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.spec.faults import refused, shown_at
from specmodel.types.bounds import at_least
from specmodel.types.dim import Dim, symbols
from specmodel.types.formula import parse_dim
from specmodel.yaml.node import Node

_NUMBER = re.compile(r"([0-9]{1,30})(?:\.([0-9]{1,30}))? ?(K|M|G|KiB|MiB|GiB)?")
_FACTORS = {None: 1, "K": 10**3, "M": 10**6, "G": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_FORMS = "write 5000, 1.5M, 64 KiB (the suffixes are K M G KiB MiB GiB), or bounds: {min: 1M, max: 5M}"
_BOUNDS = ("min", "max")

Found = int | str | None
"""A figure of a model: a number, a formula of named sizes, None where it depends on an unknown size."""


def check_form(key: str, node: Node, sizes: Collection[str], diagnostics: Diagnostics) -> bool:
    """Whether what is expected of a figure is a number, bounds or a formula of `sizes`; what is not is reported."""
    if node.kind != "mapping":
        return _is_expected(key, node, sizes, diagnostics)
    if not node.items and not refused(node):
        _refuse(key, node, diagnostics)
    sound = bool(node.items)
    for name, value in node.items.items():
        if name not in _BOUNDS:
            near = did_you_mean(name, _BOUNDS)
            help = f"did you mean `{near}`?" if near else "bounds are `min` and `max`"
            message, span = f"unknown key `{name}` of the bounds of `{key}`", node.key_spans.get(name)
            diagnostics.add(codes.UNKNOWN_KEY, message, span, place=value.place, help=help)
            sound = False
        else:
            sound = _is_expected(key, value, (), diagnostics) and sound
    return sound


def check_figure(key: str, found: Found, node: Node, diagnostics: Diagnostics) -> None:
    """Report a figure that is not what is expected of it, whose form is right."""
    if node.kind != "mapping":
        _check_exact(key, found, node, diagnostics)
        return
    for word, bound in (("at least", "min"), ("at most", "max")):
        value = node.items.get(bound)
        number = _number(value) if value is not None else None
        if value is None or number is None:
            continue
        size = _size(found)
        holds = _within(size, bound, number) if size is not None else None
        if not holds:
            but = f"and {_undecided(found)}" if found is None or holds is None else f"found {_shown(found)}"
            message = f"`{key}` is expected to be {word} {number:,}, {but}"
            diagnostics.add(codes.EXPECTATION, message, value.span, place=value.place)


def _check_exact(key: str, found: Found, node: Node, diagnostics: Diagnostics) -> None:
    number = _number(node)
    wanted: int | float | str = number if number is not None else str(node.value)
    if found is None:
        message = f"`{key}` is expected to be {_shown(wanted)}, and {_undecided(found)}"
        diagnostics.add(codes.EXPECTATION, message, node.span, place=node.place)
    elif wanted != found and (_size(found) is None or _size(found) != _size(wanted)):
        message = f"`{key}` is expected to be {_shown(wanted)}, found {_shown(found)}"
        diagnostics.add(codes.EXPECTATION, message, node.span, place=node.place)


def _is_expected(key: str, node: Node, sizes: Collection[str], diagnostics: Diagnostics) -> bool:
    if refused(node):
        return False
    formula = _size(node.value) if isinstance(node.value, str) else None
    if _number(node) is None and (formula is None or not symbols(formula) <= {*sizes}):
        _refuse(key, node, diagnostics)
        return False
    return True


def _refuse(key: str, node: Node, diagnostics: Diagnostics) -> None:
    message = f"`{key}` of `expect` is a number, or {{min, max}}, found {shown_at(node)}"
    diagnostics.add(codes.BAD_ARGUMENT, message, node.span, place=node.place, help=_FORMS)


def _within(size: Dim, bound: str, number: int | float) -> bool | None:
    """Whether a size keeps a bound: always, never, or only data can decide (None)."""
    if isinstance(size, int):
        return size >= number if bound == "min" else size <= number
    whole = int(number)
    return at_least(size, whole + (whole < number)) if bound == "min" else at_least(whole, size)


def _size(found: int | float | str | None) -> Dim | None:
    """The figure as a size; None for one that is none: `max(…, …)`, a fraction."""
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    try:
        return parse_dim(found) if isinstance(found, str) else None
    except ValueError:
        return None


def _number(node: Node) -> int | float | None:
    """The number that is written, with its suffix; one without a fraction is an integer."""
    value = node.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    decimals = match[2] or ""
    scaled = int(match[1] + decimals) * _FACTORS[match[3]]
    unit = int(10 ** len(decimals))
    return scaled // unit if scaled % unit == 0 else scaled / unit


def _shown(figure: int | float | str) -> str:
    return f"`{figure}`" if isinstance(figure, str) else f"{figure:,}"


def _undecided(found: Found) -> str:
    depends = "depends on sizes that only data gives"
    return f"is `{found}`, which {depends}" if found is not None else depends
