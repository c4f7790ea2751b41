"""Plain values as items, which `layout` writes."""

from collections.abc import Mapping

from specmodel.yaml.layout import Item, Slot
from specmodel.yaml.layout import flow as flow_item
from specmodel.yaml.quoting import Scalar


def item_of(value: object) -> Item:
    """The item of dicts, lists, tuples and scalars; reading its text gives the same back, tuples as lists."""
    if isinstance(value, Mapping):
        return Item("mapping", slots=[Slot(item_of(inner), item_of(key)) for key, inner in value.items()])
    if isinstance(value, list | tuple):
        return Item("sequence", slots=[Slot(item_of(inner)) for inner in value])
    return Item("scalar", Scalar(value, quoted=True))


def flow(value: object) -> str:
    """A value on one line."""
    text = flow_item(item_of(value))
    assert text is not None
    return text
