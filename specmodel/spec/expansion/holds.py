"""What a use of a group or block means for all inside, and whether it may stand where it stands."""

from specmodel.diagnostics import Diagnostics, codes
from specmodel.layers.scope import POLICIES
from specmodel.spec.entries import WrittenEntry
from specmodel.spec.expansion.blocks import Recipe
from specmodel.spec.expansion.definitions import Hold, Level
from specmodel.spec.faults import refused, shown_at
from specmodel.yaml.node import Node


def held_inside(entry: WrittenEntry, level: Level, diagnostics: Diagnostics) -> Hold:
    """What stands beside a group or block, for what is inside."""
    items = entry.node.items
    trainable, dtype = items.get("trainable"), items.get("dtype")
    hold = level.hold
    if trainable is not None and isinstance(trainable.value, bool):
        hold = hold.replace(trainable=hold.trainable and trainable.value)
    elif trainable is not None and not refused(trainable):
        message = f"`trainable` must be true or false, found {shown_at(trainable)}"
        diagnostics.add(codes.BAD_ARGUMENT, message, trainable.span, place=trainable.place)
    named = held_dtype(dtype, diagnostics) if dtype is not None else None
    return hold.replace(dtype=named) if named is not None else hold


def held_dtype(node: Node, diagnostics: Diagnostics) -> str | None:
    """The dtype policy that a value names; null is none, and anything else is reported."""
    if isinstance(node.value, str) and node.value in POLICIES:
        return node.value
    if not (node.kind == "scalar" and node.value is None) and not refused(node):
        message = f"`dtype` must be one of {', '.join(POLICIES)}, found {shown_at(node)}"
        diagnostics.add(codes.BAD_ARGUMENT, message, node.span, place=node.place)
    return None


def contains_itself(recipe: Recipe, entry: WrittenEntry, level: Level, diagnostics: Diagnostics) -> bool:
    """Whether a block is used inside of itself, which is reported."""
    if not level.is_in(recipe.identity):
        return False
    message, place = f"the block `{recipe.block.name}` contains itself", entry.node.place
    help = "blocks cannot recur; a `repeat` writes an entry many times"
    diagnostics.add(codes.BLOCK_CYCLE, message, entry.head, place=place, help=help)
    return True
