"""What a model's config says, the same for all dialects."""

from typing import Any

from specmodel.record import Record


class Tensor(Record):
    """Output number `output` of call number `call` of a layer."""

    layer: str
    call: int = 0
    output: int = 0


class Call(Record):
    """One call of a layer: arguments by position and by name, with a `Tensor` where Keras passes one."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Item(Record):
    """A layer, an operation or a nested model: `kind` is its class, `config` its arguments as they are in the file.

    `module` and `registered` tell whose class it is, where the file says. `network` holds a nested model. `catalogue`
    is the layer here that it is, where the class does not tell; `operation` is a function rather than a layer.
    """

    name: str
    kind: str
    config: dict[str, Any]
    calls: tuple[Call, ...] = ()
    module: str | None = None
    registered: str | None = None
    network: "Network | None" = None
    catalogue: str | None = None
    operation: bool = False


class Port(Record):
    """An input of a model: its name, its shape with the batch in front, its dtype."""

    name: str
    shape: tuple[int | None, ...] | None
    dtype: str


class Output(Record):
    """An output of a model; `key` is its name where the model has names for its outputs."""

    key: str | None
    tensor: Tensor


class Network(Record):
    """A model. `inputs` is None for a Sequential that was never built. Items stand in the order of `model.layers`."""

    name: str
    kind: str
    items: tuple[Item, ...]
    inputs: tuple[Port, ...] | None
    outputs: tuple[Output, ...]
    keys: tuple[str, ...] = ()
    """The keys of the inputs where the model is called with a dict."""


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors in a call argument, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [tensor for part in value for tensor in tensors_in(part)] if isinstance(value, list | tuple) else []
