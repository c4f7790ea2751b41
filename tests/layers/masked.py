"""Call a layer on arrays that carry masks, as the layers before it would send them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from specmodel.execute import execute
from specmodel.graph.graph import Graph, GraphInput
from specmodel.layers.base import Layer, call_parameters
from specmodel.layers.call import call_layer
from specmodel.layers.scope import POLICIES, Masked, Scope
from specmodel.ops.source import Input
from specmodel.ops.value import Value
from specmodel.plan.compile import compile_graph
from specmodel.spec.model import InputSpec, Place
from specmodel.types.tensor import TensorType


def call_masked(layer: Layer, arrays: Sequence[Any], masks: Sequence[Any]) -> tuple[Any, Any]:
    """The output of a layer without weights and the mask beside it, or None; a mask that is None is not there."""
    given: list[GraphInput] = []

    def value_of(array: Any) -> Value | None:
        if array is None:
            return None
        spec = InputSpec(f"x{len(given)}", TensorType(array.shape, array.dtype.name), Place())
        given.append(GraphInput(spec, Input(spec.name, spec.type)()))
        return given[-1].value

    values = [Masked(value_of(array), value_of(mask)) for array, mask in zip(arrays, masks, strict=True)]  # type: ignore[arg-type]
    name = call_parameters(type(layer))[0]
    (output,) = call_layer(
        Scope("layer", POLICIES["float32"], {}), layer, {name: values if layer.takes_list else values[0]}
    )
    wanted = [output.value] if output.mask is None else [output.value, output.mask]
    plan = compile_graph(Graph("model", tuple(given), (), (), (), ()), {}, wanted)
    found = execute(plan, [array for pair in zip(arrays, masks, strict=True) for array in pair if array is not None])
    return found[0], np.asarray(found[1]) if len(found) == 2 else None
