"""What each call of a model becomes: a layer, an operation or a block, and what it reads."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import PrivateAttr

from specmodel.convert.keras import operations, tf_operations
from specmodel.convert.keras.arguments import Made, Reader
from specmodel.convert.keras.masks import Masks, is_mask_argument, unread
from specmodel.convert.keras.network import Call, Item, Network, Tensor, tensors_in
from specmodel.convert.keras.objects import ForeignError
from specmodel.convert.keras.order import Unit
from specmodel.convert.keras.wiring import wired
from specmodel.files.malformed import shown
from specmodel.layers.base import Layer
from specmodel.layers.scope import Scope
from specmodel.layers.validation import ArgumentError
from specmodel.ops.value import Value
from specmodel.record import Record


class Origin(Record):
    """Where a layer of the spec comes from: its path there, and the layer.

    `groups` are its own in a weights file of Keras 3 and those of the models around it, from the outermost; `way` are
    the numbers that lead to it in the file.
    """

    path: str
    layer: Layer
    groups: tuple[str, ...]
    way: tuple[int, ...]


class Block(Record):
    """A nested model as a block: its name, its inputs with the keys they may be passed by, its outputs."""

    name: str
    inputs: tuple[str, ...]
    keys: tuple[str, ...]
    outputs: tuple[str, ...]
    origins: "tuple[Origin, ...]"


class BlockArgument(Layer):
    """A block where a layer is asked; each is a class of its own, of the block's name."""

    _block: Any = PrivateAttr(default=None)

    @classmethod
    def of(cls, block: Block) -> Layer:
        """The argument that a block is."""
        kind: Any = type(cls)
        made: BlockArgument = kind(block.name, (cls,), {"__module__": cls.__module__}).declare({})
        made._block = block
        return made

    @property
    def block(self) -> Block:
        """The block."""
        found = self._block
        assert isinstance(found, Block)
        return found

    def build(self, b: Scope, x: Value) -> Value:
        """It is written, never built."""
        raise NotImplementedError


class Use(Record):
    """One call. `own` are call arguments that are no tensors, `policy` is the layer's dtype as the file has it."""

    item: Item
    number: int
    layer: Layer | None
    block: Block | None
    tensors: dict[str, Any]
    own: dict[str, Any]
    policy: str | None

    @property
    def operation(self) -> bool:
        """Whether it is a function rather than a layer."""
        return is_operation(self.item)


class Report(Record):
    """Where what is wrong is said: all of it, each with the layer it is about."""

    foreign: Callable[[str], None]
    dropped: Callable[[str], None]


def is_operation(item: Item) -> bool:
    """Whether an item is a function of Keras or TensorFlow as a node."""
    return item.operation or item.kind in tf_operations.KINDS


def uses_of(
    network: Network,
    order: Sequence[Unit],
    reader: Reader,
    block_of: Callable[[Item], Block],
    path: tuple[str, ...],
    report: Report,
) -> list[Use]:
    """The calls in their order, without operations that nobody reads. What cannot be imported is reported."""
    masks = Masks(network)
    made: dict[str, Made | None] = {}
    uses: list[Use] = []
    failed: list[tuple[Item, str]] = []
    for item_number, call_number in order:
        item = network.items[item_number]
        what = f"layer {shown('/'.join((*path, item.name)))} ({item.kind})"
        use = None
        try:
            if item.network is not None:
                use = _block_use(item, call_number, block_of(item), masks)
            elif is_operation(item):
                use = _operation_use(item, call_number)
            else:
                if item.name not in made:
                    made[item.name] = None  # reported once, whatever happens
                    made[item.name] = found = reader.layer(item)
                    for text in found.dropped:
                        report.dropped(f"{what}: {text}")
                use = _layer_use(item, call_number, made[item.name], masks, what, report)
        except ForeignError as error:
            failed.append((item, f"{what}: {error}"))
        except ArgumentError as error:
            failed += [(item, f"{what}: {fault.message}") for fault in error.faults]
        if use is not None:
            uses.append(use)
            masks.note(item, call_number, use.layer, _travelling(use))
    reads = [(use.item.name, tensors_in(list(use.tensors.values()))) for use in uses]
    reads += [(item.name, tensors_in([[call.args, call.kwargs] for call in item.calls])) for item, _ in failed]
    functions = {
        item.name for item in [*(use.item for use in uses), *(item for item, _ in failed)] if is_operation(item)
    }
    gone = unread(network, reads, functions)
    for item, message in failed:
        if item.name not in gone:
            report.foreign(message)
    return [use for use in uses if use.item.name not in gone]


def _travelling(use: Use) -> list[Tensor]:
    """The tensors whose masks may travel on: those of the first argument."""
    return tensors_in(next(iter(use.tensors.values()), None))


def _layer_use(item: Item, number: int, made: Made | None, masks: Masks, what: str, report: Report) -> Use | None:
    if made is None:
        return None
    found = wired(made.layer, item.calls[number], masks)
    if found.training:
        report.dropped(f"{what}: it is called with `training=True`, and runs here as it does after training")
    return Use(item, number, made.layer, None, found.tensors, found.own, made.policy)


def _operation_use(item: Item, number: int) -> Use:
    call = item.calls[number]
    of_tensorflow = item.kind in tf_operations.KINDS
    made = tf_operations.tf_operation(item, call) if of_tensorflow else operations.operation(item, call)
    return Use(item, number, made.layer, None, made.tensors, {}, None)


def _block_use(item: Item, number: int, block: Block, masks: Masks) -> Use:
    """The call of a nested model."""
    call = item.calls[number]
    given = _model_arguments(block, call)
    first = next((tensor for value in given.values() for tensor in tensors_in(value)), None)
    for name, value in call.kwargs.items():
        if name in ("training", "inputs") or not tensors_in(value):
            continue
        if is_mask_argument(name) and isinstance(value, Tensor) and masks.implied(first, value):
            continue
        raise ForeignError(f"its call has the argument {shown(name)}, which a block has not")
    missing = [name for name in block.inputs if name not in given]
    if missing:
        raise ForeignError(f"it is called without its input {shown(missing[0])}")
    return Use(item, number, None, block, {name: given[name] for name in block.inputs}, {}, None)


def _model_arguments(block: Block, call: Call) -> dict[str, Any]:
    args: list[Any] = list(call.args) or [call.kwargs.get("inputs")]
    if len(args) == 1 and isinstance(args[0], dict):
        named = dict(zip(block.keys, block.inputs, strict=True))
        unknown = [key for key in args[0] if key not in named]
        if unknown:
            raise ForeignError(f"it is called with {shown(str(unknown[0]))}, which is none of its inputs")
        return {named[key]: _tensor(value) for key, value in args[0].items()}
    if len(args) == 1 and isinstance(args[0], list | tuple):
        args = tensors_in(args[0])
    if len(args) > len(block.inputs):
        raise ForeignError(f"it is called with {len(args)} inputs, and has {len(block.inputs)}")
    return {name: _tensor(value) for name, value in zip(block.inputs, args, strict=False)}


def _tensor(value: Any) -> Tensor:
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Tensor):
        raise ForeignError("it is called with a constant, and a block takes tensors")
    return value
