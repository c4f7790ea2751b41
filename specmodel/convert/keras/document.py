"""The spec of a model: what a person would have written, and where each layer of it comes from."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from specmodel.convert.keras import objects
from specmodel.convert.keras.arguments import Reader
from specmodel.convert.keras.names import Names, block_name, spec_name
from specmodel.convert.keras.network import Item, Network, Port, Tensor
from specmodel.convert.keras.objects import ForeignError
from specmodel.convert.keras.order import in_order
from specmodel.convert.keras.reading import CHAINED, INPUT_LAYER
from specmodel.convert.keras.resolving import resolved
from specmodel.convert.keras.uses import Block, BlockArgument, Origin, Report, Use, is_operation, uses_of
from specmodel.convert.keras.widening import widened
from specmodel.diagnostics import Diagnostics, codes
from specmodel.files.malformed import MalformedError, shown
from specmodel.files.sizes import MOST_AXES
from specmodel.layers.base import Layer
from specmodel.layers.scope import POLICIES
from specmodel.record import Record
from specmodel.spec.expansion.blocks import DEFAULT_INPUT
from specmodel.spec.model import Argument, InputSpec, Place, Ref
from specmodel.spec.writing import Plain, Step, layer_step, reuse_step, written_inputs, written_outputs, written_steps
from specmodel.types.dim import unknown
from specmodel.types.tensor import DTYPES, MAX_DIM, TensorType
from specmodel.weights.keras_groups import INNER, counted_names

Arguments = tuple[tuple[str, Argument], ...]


class Imported(Record):
    """A spec as a mapping, the origins of its layers, and the model that it is made of."""

    document: Plain
    origins: tuple[Origin, ...]
    network: Network


class _Scope(Record):
    """The entries of a model or block, its outputs by name, and where its layers come from."""

    steps: tuple[Step, ...]
    outputs: tuple[tuple[str, Ref], ...]
    origins: tuple[Origin, ...]


def imported(network: Network, older: bool, place: str, diagnostics: Diagnostics) -> Imported:
    """The spec of a model; `older` tells that Keras 2 wrote it. What cannot be imported is reported on the file."""
    return _Writer(older, place, diagnostics).model(network)


class _Writer:
    def __init__(self, older: bool, place: str, diagnostics: Diagnostics) -> None:
        self.place = place
        self.diagnostics = diagnostics
        self.reader = Reader(older, self.argument)
        self.called = Names(place, diagnostics)
        self.blocks: dict[str, Plain] = {}
        self.dtype = "float32"

    def model(self, network: Network) -> Imported:
        """The whole document."""
        self.dtype = _commonest_policy(network)
        names = self.called.inputs(network)
        document: Plain = {"name": network.name.replace("$(", "$$(")} if network.name else {}
        if self.dtype != "float32":
            document["dtype"] = self.dtype
        if network.inputs is not None:
            inputs = [self.input(port, names[port.name]) for port in network.inputs]
            document["inputs"] = written_inputs([given for given in inputs if given is not None])
        scope = self.scope(network, (), names)
        self.diagnostics.raise_errors()
        if not scope.steps:
            raise MalformedError("the model has no layers, and a spec needs one")
        if self.blocks:
            document["blocks"] = self.blocks
        document["layers"] = written_steps(scope.steps, list(dict.fromkeys(names.values())))
        outputs = written_outputs(scope.outputs, scope.steps[-1].name)
        if outputs is not None:
            document["outputs"] = outputs
        return Imported(document, scope.origins, network)

    def input(self, port: Port, name: str) -> InputSpec | None:
        """An input of the model."""
        wrong = _wrong_port(port)
        if wrong is not None or port.shape is None:
            self.foreign(f"the input {shown(port.name)} {wrong}")
            return None
        sizes = tuple(size if size is not None else unknown(f"{name}.{axis}") for axis, size in enumerate(port.shape))
        return InputSpec(name, TensorType(sizes, port.dtype), Place())

    def foreign(self, message: str) -> None:
        """Report what has no counterpart here."""
        self.diagnostics.add(codes.FOREIGN_LAYER, message, place=self.place)

    def dropped(self, message: str) -> None:
        """Report what is left out, since running needs it not."""
        self.diagnostics.add(codes.NOT_IMPORTED, message, place=self.place)

    def scope(self, network: Network, path: tuple[str, ...], inputs: dict[str, str]) -> _Scope:
        """The entries of a model or block whose inputs are called `inputs`; `path` leads to it in the file."""
        network = resolved(network)
        if self.reader.older:
            network = widened(network)
        units = [
            (number, call)
            for number, item in enumerate(network.items)
            if item.kind != INPUT_LAYER
            for call in range(len(item.calls))
        ]
        report = Report(self.foreign, self.dropped)
        order = in_order(network, units)
        uses = uses_of(network, order, self.reader, lambda item: self.block(item, (*path, item.name)), path, report)
        names = self.called.calls(uses, set(inputs.values()))
        called = {(use.item.name, use.number): (name, use.block) for use, name in zip(uses, names, strict=True)}
        position = {item.name: number for number, item in enumerate(network.items)}
        stored = [item for item in network.items if not is_operation(item)]
        groups = dict(zip([i.name for i in stored], counted_names(i.kind for i in stored), strict=True))
        steps: list[Step] = []
        origins: list[Origin] = []
        owners: dict[str, tuple[Step, Use]] = {}
        for use, name in zip(uses, names, strict=True):
            arguments = tuple((key, _refs(value, called, inputs)) for key, value in use.tensors.items())
            if use.item.name in owners:
                owner, first = owners[use.item.name]
                steps.append(reuse_step(owner, name, owner.name, _changed(use, first), arguments))
                continue
            step = self.step(use, name, arguments)
            steps.append(step)
            if not use.operation:
                owners[use.item.name] = (step, use)
                origins += _origins(use, name, groups[use.item.name], position[use.item.name])
        refs = [_ref(output.tensor, called, inputs) for output in network.outputs]
        return _Scope(tuple(steps), tuple(zip(self.called.outputs(network, refs), refs, strict=True)), tuple(origins))

    def step(self, use: Use, name: str, arguments: Arguments) -> Step:
        """The entry of a first call."""
        if use.block is not None:
            return Step(name, use.block.name, None, {}, arguments, use.block.inputs, False, use.block.name)
        layer = use.layer
        assert layer is not None
        if use.own:
            kind = type(layer)
            layer = kind.declare({**layer.changed_arguments(), **use.own}, trainable=layer.own_trainable)
        step = layer_step(name, layer, arguments)
        if use.policy is None or use.policy == self.dtype or use.policy not in POLICIES:
            return step
        return step.replace(beside={**step.beside, "dtype": use.policy})

    def block(self, item: Item, path: tuple[str, ...]) -> Block:
        """The block that a nested model is; models that are equal but for their weights are one."""
        network = item.network
        assert network is not None
        ports = network.inputs
        taken = {inner.name for inner in network.items if inner.kind != INPUT_LAYER}
        if ports is None or len(ports) == 1:
            only = spec_name(DEFAULT_INPUT, taken, "input")
            names = {port.name: only for port in ports or ()} or {CHAINED: only}
        else:
            names = self.called.inputs(network)
        scope = self.scope(network, path, names)
        written: Plain = {}
        inputs = list(dict.fromkeys(names.values()))
        if inputs != [DEFAULT_INPUT]:
            written["inputs"] = inputs
        written["layers"] = written_steps(scope.steps, inputs)
        if not scope.steps:
            raise ForeignError("it is a model without layers")
        outputs = written_outputs(scope.outputs, scope.steps[-1].name)
        if outputs is not None:
            written["outputs"] = outputs
        name = next((known for known, block in self.blocks.items() if block == written), None)
        if name is None:
            name = block_name(item.name, self.blocks)
            self.blocks[name] = written
        keys = network.keys if len(network.keys) == len(inputs) else tuple(names)
        return Block(name, tuple(inputs), keys, tuple(output for output, _ in scope.outputs), scope.origins)

    def argument(self, item: Item) -> Layer:
        """A nested model as the argument of a layer."""
        block = self.block(item, (item.name,))
        if len(block.inputs) != 1:
            raise ForeignError(f"it is around a model of {len(block.inputs)} inputs, and a layer gives one")
        return BlockArgument.of(block)


def _wrong_port(port: Port) -> str | None:
    """Why an input can be none here."""
    if not port.shape:
        return "has no shape"
    if port.dtype not in DTYPES or port.dtype == "bfloat16":
        return f"is of dtype {shown(port.dtype)}, which no input has here"
    if len(port.shape) > MOST_AXES or any(size is not None and not 0 < size <= MAX_DIM for size in port.shape):
        return f"has the shape {list(port.shape)}, which is beyond the limits"
    return None


def _refs(value: Any, called: Any, inputs: dict[str, str]) -> Argument:
    if isinstance(value, Tensor):
        return _ref(value, called, inputs)
    return tuple(_ref(one, called, inputs) for one in value)


def _ref(tensor: Tensor, called: Any, inputs: dict[str, str]) -> Ref:
    """A reference to a tensor. Of a block with several outputs these have names."""
    if (tensor.layer, tensor.call) not in called:
        return Ref(inputs.get(tensor.layer, tensor.layer))
    name, block = called[(tensor.layer, tensor.call)]
    if block is not None and 0 < tensor.output < len(block.outputs):
        return Ref(f"{name}/{block.outputs[tensor.output]}")
    return Ref(name, tensor.output)


def _origins(use: Use, name: str, group: str, number: int) -> Iterator[Origin]:
    """Where an entry comes from; of a block, and of one that is an argument, where all inside do."""
    if use.layer is not None:
        yield Origin(name, use.layer, (group,), (number,))
    inside = [(name, group, use.block)] if use.block is not None else []
    for held in use.layer.held() if use.layer is not None else ():
        if isinstance(held, BlockArgument):
            inside.append((f"{name}/{held.declared_name}", f"{group}/{INNER}", held.block))
    for path, around, block in inside:
        for origin in block.origins:
            yield Origin(f"{path}/{origin.path}", origin.layer, (around, *origin.groups), (number, *origin.way))


def _changed(use: Use, first: Use) -> Plain:
    """The call arguments in which a later call differs from the first."""
    kind = type(use.layer) if use.layer is not None else None
    names = kind.call_only if kind is not None else ()
    defaults = {name: kind.model_fields[name].get_default() for name in names} if kind is not None else {}
    now, then = {**defaults, **use.own}, {**defaults, **first.own}
    return {name: now[name] for name in names if now[name] != then[name]}


def _commonest_policy(network: Network) -> str:
    counts: Counter[str] = Counter(_policies(network))
    return max(counts, key=lambda name: counts[name]) if counts else "float32"


def _policies(network: Network) -> Iterator[str]:
    for item in network.items:
        if item.network is not None:
            yield from _policies(item.network)
        elif item.kind != INPUT_LAYER and not is_operation(item):
            try:
                found = objects.policy(item.config.get("dtype"))
            except ForeignError:
                continue
            if found in POLICIES:
                yield found
