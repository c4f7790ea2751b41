"""What a call of a layer reads: Keras' call arguments as those of the catalogue's layers."""

from typing import Any

from specmodel.convert.keras.masks import Masks, is_mask_argument
from specmodel.convert.keras.network import Call, Tensor, tensors_in
from specmodel.convert.keras.objects import ForeignError
from specmodel.convert.keras.operations import Tensors
from specmodel.files.malformed import shown
from specmodel.layers.base import Layer, call_parameters
from specmodel.record import Record


class Wired(Record):
    """The tensors of a call by argument, the call's own arguments, and whether it was a call for training."""

    tensors: Tensors
    own: dict[str, Any]
    training: bool


def wired(layer: Layer, call: Call, masks: Masks) -> Wired:
    """What a layer's call reads. Raises ForeignError for what its call here does not take."""
    kind = type(layer)
    names = call_parameters(kind)
    given = _by_name(layer, call)
    own: dict[str, Any] = {}
    tensors: Tensors = {}
    training = given.pop("training", None) is True
    first = next(iter(tensors_in(given.get(names[0]))), None) if names else None
    for name, value in given.items():
        found = tensors_in(value)
        if name in kind.call_only and not found:
            own[name] = value
        elif _says_nothing(value) or (is_mask_argument(name) and _is_implied(name, value, given, names, masks, first)):
            continue
        elif name not in names:
            raise ForeignError(f"its call has the argument {shown(name)}, which {kind.__name__} has not in specmodel")
        elif not found or (isinstance(value, list | tuple) and len(found) != _size(value)):
            raise ForeignError(f"the call argument {shown(name)} is a constant, and must be a tensor in specmodel")
        elif isinstance(value, Tensor) and not (layer.takes_list and name == names[0]):
            tensors[name] = value
        else:
            tensors[name] = tuple(found)
    return Wired({name: tensors[name] for name in names if name in tensors}, own, training)


def _by_name(layer: Layer, call: Call) -> dict[str, Any]:
    """The call's arguments by the names of the catalogue's layer."""
    names = call_parameters(type(layer))
    args = list(call.args)
    more: dict[str, Any] = {}
    if args and isinstance(args[0], list | tuple) and not layer.takes_list:
        args[0], more = _unpacked(layer, list(args[0]))
    if len(args) > len(names):
        raise ForeignError(f"it is called with {len(args)} arguments, and {type(layer).__name__} takes {len(names)}")
    kwargs = {name: value for name, value in call.kwargs.items() if not _says_nothing(value)}
    if names and not args and "inputs" in kwargs and names[0] not in kwargs:
        kwargs[names[0]] = kwargs.pop("inputs")
    return {**dict(zip(names, args, strict=False)), **more, **kwargs}


def _unpacked(layer: Layer, values: list[Any]) -> tuple[Any, dict[str, Any]]:
    """A list in the place of one input: a recurrent layer's states follow its sequence in Keras 2."""
    if len(values) == 1:
        return values[0], {}
    if values and "initial_state" in call_parameters(type(layer)):
        return values[0], {"initial_state": values[1] if len(values) == 2 else values[1:]}
    raise ForeignError(f"it is called with a list of {len(values)}, and {type(layer).__name__} takes one input")


def _is_implied(
    name: str, value: Any, given: dict[str, Any], names: tuple[str, ...], masks: Masks, first: Tensor | None
) -> bool:
    """Whether a mask would come by itself."""
    if isinstance(value, list | tuple):
        sources = tensors_in(given.get(names[0]))
        return len(sources) == len(value) and all(
            mask is None or (isinstance(mask, Tensor) and masks.implied(source, mask))
            for source, mask in zip(sources, value, strict=True)
        )
    source = first if name == "mask" else next(iter(tensors_in(given.get(name.removesuffix("_mask")))), None)
    return isinstance(value, Tensor) and masks.implied(source, value)


def _says_nothing(value: Any) -> bool:
    """Whether an argument is None, or a list of nothing else."""
    return value is None or (isinstance(value, list | tuple) and all(part is None for part in value))


def _size(value: Any) -> int:
    return sum(_size(part) if isinstance(part, list | tuple) else 1 for part in value)
