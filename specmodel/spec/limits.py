"""How many entries and references a spec may hold, so that no file keeps `check` busy for long."""

from specmodel.diagnostics import SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.yaml.node import Node

ENTRIES = 100_000
"""Of `layers`: several times the longest networks that people build."""
REFERENCES = 2_000
"""In one list of `inputs` or `outputs`, and of inputs that a spec declares."""


def refuse_too_much(spec: Node) -> None:
    """Raise `SpecError` (E105) where a list of a spec is longer than any that a network needs."""
    layers = spec.items.get("layers")
    entries = layers.elements if layers is not None else ()
    if layers is not None and len(entries) > ENTRIES:
        raise _too_many(layers, "layers", len(entries), ENTRIES)
    for owner in (spec, *entries):
        for key in ("inputs", "outputs"):
            held = owner.items.get(key)
            count = len(held.elements) + len(held.items) if held is not None else 0
            if held is not None and count > REFERENCES:
                raise _too_many(held, key, count, REFERENCES)


def _too_many(node: Node, key: str, count: int, most: int) -> SpecError:
    message = f"`{key}` holds {count:,} values, and {most:,} is the most"
    return failure(codes.LIMIT, message, node.span, place=node.place)
