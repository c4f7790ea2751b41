"""One call of a layer: dtypes and masks around its `build`, as Keras' `Layer.__call__` arranges them."""

from collections.abc import Callable, Mapping
from typing import Any

from specmodel.diagnostics import codes
from specmodel.layers.base import Layer, call_parameters
from specmodel.layers.scope import Masked, Scope
from specmodel.ops.elementwise import cast
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating

_MASK_DROPPED = "does not pass masks on: the layers after it will not know which steps are padding"


def call_layer(b: Scope, layer: Layer, arguments: Mapping[str, Any]) -> tuple[Masked, ...]:
    """Build a layer on its call arguments, by the names of its parameters: `Masked` values, None, or lists of them.

    Floating inputs are cast to the compute dtype, unless the layer's `autocast` says no. Unless one is given, a
    parameter `NAME_mask` receives the mask that travels with `NAME`, and `mask` that of the first argument where it is
    the only one: as in Keras, a recurrent layer with an initial state reads no travelling mask, but passes it on.
    Raises `Fault`.
    """
    names = call_parameters(type(layer))
    read = _autocast(b.policy.compute) if layer.autocast and is_floating(b.policy.compute) else _as_it_is
    values = {name: _map(read, given) for name, given in arguments.items()}
    first = arguments.get(names[0]) if names else None
    alone = sum(given is not None for given in arguments.values()) == 1
    for name in names:
        source = arguments.get(name.removesuffix("_mask")) if name != "mask" else first if alone else None
        if values.get(name) is None and name.endswith("mask") and source is not None:
            travelling = _map(lambda x: x.mask, source)
            if _any(travelling):
                values[name] = travelling
    result = layer.build(b, **values)
    outputs: tuple[Any, ...] = result if isinstance(result, tuple) else (result,)
    if isinstance(outputs[0], Masked):  # a layer around layers, which have the say about their masks
        return outputs
    previous = values.get("mask") if values.get("mask") is not None else _map(lambda x: x.mask, first)
    masks = _output_masks(b, layer, values, previous, outputs)
    return tuple(Masked(x, mask) for x, mask in zip(outputs, masks, strict=True))


def _output_masks(
    b: Scope, layer: Layer, values: dict[str, Any], previous: Any, outputs: tuple[Value, ...]
) -> tuple[Value | None, ...]:
    if not layer.supports_masking:
        if _any(previous):
            b.warn(codes.MASK_DROPPED, _MASK_DROPPED)
        return (None,) * len(outputs)
    mask = layer.compute_mask(b, values, previous)
    if isinstance(mask, tuple):
        return mask + (None,) * (len(outputs) - len(mask))
    return (mask,) + (None,) * (len(outputs) - 1)


def _autocast(dtype: str) -> Callable[[Masked], Value]:
    return lambda x: cast(x.value, dtype) if is_floating(x.value.dtype) else x.value


def _as_it_is(x: Masked) -> Value:
    return x.value


def _map(function: Callable[[Masked], Any], given: Any) -> Any:
    """Apply a function to each `Masked` of a call argument, which may be a list."""
    if isinstance(given, Masked):
        return function(given)
    return [_map(function, item) for item in given] if isinstance(given, list) else None


def _any(masks: Any) -> bool:
    """Whether there is a mask among them."""
    return any(_any(mask) for mask in masks) if isinstance(masks, list) else masks is not None
