"""Walk through a flat spec with something that knows its layers: it computes them, or writes them down."""

from collections.abc import Mapping
from typing import Any

from specmodel.layers.naming import snake_case
from specmodel.spec.model import ModelSpec, Ref


def walk(spec: ModelSpec, form: object, inputs: Mapping[str, Any]) -> Any:
    """What `form` makes of the only output.

    `form` has a method for each class of layers, `max_pooling2d(path, layer, *values)`; a layer that calls another one
    again does not occur.
    """
    values = dict(inputs)
    for index in spec.order:
        entry = spec.entries[index]
        made = getattr(form, snake_case(type(entry.layer).__name__))
        values[entry.path] = made(entry.path, entry.layer, *(values[ref.target] for ref in entry.refs()))
    (output,) = spec.outputs
    assert output.ref == Ref(output.ref.target)
    return values[output.ref.target]
