"""Rearranging by a pattern of named axes, as in einops."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import PosInt
from specmodel.layers.operation import Operation
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.shape import reshape, transpose
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.formula import described
from specmodel.types.tensor import product

_AXIS = r"[A-Za-z_]\w*"
_SIDE = re.compile(rf"\s*(?:(?:{_AXIS}|1|\((?:\s*{_AXIS}\s*)*\))\s*)*")


def _check_pattern(value: object) -> str:
    example = "for example `b (h p) w -> b h (w p)`"
    if not isinstance(value, str) or value.count("->") != 1 or len(value) > 200:
        raise refuse(f"must be two lists of axes and `->` between them, found {shown(value)}", example)
    sides = value.split("->")
    for side in sides:
        if not _SIDE.fullmatch(side):
            raise refuse(f"must hold names of axes, parentheses and 1, found `{side.strip()}`", example)
    names = [[name for group in groups_of(side) for name in group] for side in sides]
    twice = next((name for side in names for name in side if side.count(name) > 1), None)
    if twice is not None:
        raise refuse(f"must name each axis once on each side, found `{twice}` twice")
    if sorted(names[0]) != sorted(names[1]):
        apart = sorted(set(names[0]) ^ set(names[1]))[0]
        raise refuse(f"must have the same axes on both sides, found `{apart}` on one of them")
    return value


def groups_of(side: str) -> list[list[str]]:
    """The axes of one side of a pattern, those in parentheses together; 1 is a group of none."""
    found = re.findall(rf"\([^)]*\)|{_AXIS}|1", side)
    return [[] if part == "1" else re.findall(_AXIS, part) for part in found]


class Rearrange(Operation):
    """The axes in another order, some taken apart and others merged, as a pattern says: `b h w c -> b (h w) c`."""

    pattern: Annotated[str, BeforeValidator(_check_pattern), "pattern"] = Field(
        description="The axes of the input and those of the output; axes in parentheses are one axis together."
    )
    axes_lengths: dict[str, PosInt] = Field({}, description="Sizes of axes that are taken apart.")

    examples = (
        Example({"pattern": "b h w c -> b c h w"}, inputs=((None, "h", "w", 3),), output=(None, 3, "h", "w"), params=0),
        Example({"pattern": "b h w c -> b (h w c)"}, inputs=((None, 4, 5, 3),), output=(None, 60), params=0),
        Example(
            {"pattern": "b (h p) (w q) c -> b h w (p q c)", "axes_lengths": {"p": 2, "q": 2}},
            inputs=((None, 4, "2*n", 3),),
            output=(None, 2, "n", 12),
            params=0,
        ),
        Example(
            {"pattern": "b h -> b w"}, error="`pattern` of Rearrange must have the same axes on both sides, found `h`"
        ),
        Example({"pattern": "b h"}, error="must be two lists of axes and `->` between them"),
        Example(
            {"pattern": "b h -> h b"},
            inputs=((None, 4, 5),),
            error="the pattern has 2 axes, the input (None, 4, 5) has 3",
        ),
        Example(
            {"pattern": "b (h p) -> b h p"},
            inputs=((None, 4),),
            error="give all but one of the axes `h`, `p` in `axes_lengths`",
        ),
    )

    def build(self, b: Scope, tensor: Value) -> Value:
        """The input with every axis apart, in the order of the output, merged as that says."""
        left, right = (groups_of(side) for side in self.pattern.split("->"))
        message = f"the pattern has {len(left)} axes, the input {tensor.type} has {tensor.rank}"
        b.require(len(left) == tensor.rank, message, field="pattern", code=codes.WRONG_RANK)
        sizes: dict[str, Dim] = {}
        for group, size in zip(left, tensor.shape, strict=True):
            sizes |= self._sizes(b, group, size)
        names = [name for group in left for name in group]
        apart = reshape(tensor, [sizes[name] for name in names])
        turned = transpose(apart, [names.index(name) for group in right for name in group])
        return reshape(turned, [product(tuple(sizes[name] for name in group)) for group in right])

    def _sizes(self, b: Scope, group: Sequence[str], size: Dim) -> dict[str, Dim]:
        """The size of each axis of a group that are one axis of the input."""
        found: dict[str, Any] = {name: self.axes_lengths[name] for name in group if name in self.axes_lengths}
        open_names = [name for name in group if name not in found]
        names = ", ".join(f"`{name}`" for name in group)
        message = f"give all but one of the axes {names} in `axes_lengths`"
        b.require(len(open_names) < 2, message, field="pattern", code=codes.UNKNOWN_SIZE)
        known = product(tuple(found.values()))
        assert isinstance(known, int)
        if open_names:
            message = f"an axis of {described(size)} elements is no multiple of {known}"
            left = b.assume.divisible(
                size, known, codes.BAD_SIZE, message, reason="an axis is taken apart", field="axes_lengths"
            )
            return found | {open_names[0]: left}
        message = f"an axis of {described(size)} elements is not one of {known}"
        b.assume.equal(size, known, "an axis is taken apart", message=message, field="axes_lengths")
        return found
