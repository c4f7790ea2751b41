"""The arguments that a use of a block gives to its params."""

from specmodel.diagnostics import Diagnostics, codes
from specmodel.layers.validation import shown, unknown_argument
from specmodel.spec.entries import WrittenEntry
from specmodel.spec.expansion.blocks import Recipe
from specmodel.yaml.node import Node


def bind_arguments(recipe: Recipe, entry: WrittenEntry, diagnostics: Diagnostics) -> dict[str, Node] | None:
    """The arguments by param; a scalar or list is the first one. None where one is unknown or missing."""
    value, name, sound = entry.value, recipe.block.name, True
    given = recipe.given(value)
    if value is not None and value.kind != "mapping" and not given and value.plain() is not None:
        message = f"{name} takes no arguments, found {shown(value.plain())}"
        diagnostics.add(codes.BAD_ARGUMENT, message, value.span, place=value.place)
        return None
    for key in [key for key in given if key not in recipe.params]:
        assert value is not None
        fault = unknown_argument(name, key, recipe.params)
        span, help, sound = value.key_spans.get(key), fault.help, False
        diagnostics.add(fault.code, fault.message, span, place=given[key].place, help=help, meant=fault.meant)
    for param in recipe.params.values():
        if param.default is None and param.name not in given and sound:
            message = f"{name} needs the argument `{param.name}`"
            diagnostics.add(codes.MISSING_ARGUMENT, message, entry.head, place=entry.node.place)
            sound = False
    return given if sound else None
