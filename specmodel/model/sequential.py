"""Chains of layers, put together in Python."""

from collections.abc import Iterable, Mapping, Sequence
from threading import RLock
from typing import Any

from specmodel.diagnostics import Diagnostics, SpecError, codes
from specmodel.graph.bind import StatedShape
from specmodel.graph.build import build
from specmodel.graph.graph import Graph
from specmodel.kernels import Array
from specmodel.layers.base import Layer, call_parameters, required_parameters
from specmodel.layers.scope import POLICIES
from specmodel.model.model import Model
from specmodel.model.network import Network
from specmodel.model.weights import weights_of
from specmodel.spec.inputs import read_inputs
from specmodel.spec.model import UNBUILT_INPUT, Entry, InputSpec, ModelSpec, OutputSpec, Place, Ref
from specmodel.spec.names import NameCounter, check_name
from specmodel.types.tensor import TensorType
from specmodel.weights.store import initial_weights
from specmodel.yaml.node import Node

WRITE_A_SPEC = "a graph of layers is a spec: write it as YAML or as a mapping, and open it with specmodel.load(...)"


class Input:
    """The start of a Sequential model: the shape of its data without the batch axis.

    Sizes are integers, None (unknown) or names; `batch_size` fixes the batch. An Input is no layer.
    """

    def __init__(
        self,
        shape: Sequence[int | str | None],
        batch_size: int | None = None,
        dtype: str | None = None,
        name: str | None = None,
    ) -> None:
        called = name if name is not None else UNBUILT_INPUT
        declared: dict[str, Any] = {"shape": shape}
        if batch_size is not None:
            declared["batch"] = batch_size
        if dtype is not None:
            declared["dtype"] = dtype
        diagnostics = Diagnostics()
        found = read_inputs(Node.from_plain({called: declared}), diagnostics)
        diagnostics.raise_errors()
        self.spec: InputSpec = found[0].replace(place=Place())

    def __repr__(self) -> str:
        return f"<Input name={self.spec.name}, shape={self.spec.type}, dtype={self.spec.type.dtype}>"


class Sequential(Model):
    """A chain of layers, each with one input and one output.

    Without an `Input` (or `input_shape=` on the first layer) it is unbuilt: shapes and weights come with the first
    data. The layers keep their weights, wherever else they are called. `seed` and `dtype` mean what they do in a spec.
    """

    def __init__(
        self,
        layers: Iterable[Layer | Input] | None = None,
        name: str | None = None,
        *,
        seed: int = 0,
        dtype: str = "float32",
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"the name of a model is a text, got {name!r}")
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**64:
            raise ValueError(f"`seed` must be an integer from 0 to 2**64 - 1, got {seed!r}")
        if dtype not in POLICIES:
            raise ValueError(f"`dtype` must be one of {', '.join(POLICIES)}, got {dtype!r}")
        if layers is not None and (not isinstance(layers, Iterable) or isinstance(layers, Layer | str)):
            raise TypeError(f"Sequential takes a list of layers, got a {type(layers).__name__}")
        self._empty = ModelSpec(name if name is not None else "sequential", None, (), (), (), dtype, seed)
        self._layers: list[Layer] = []
        self._input: InputSpec | None = None
        self._types: list[TensorType] = []
        self._seen: dict[str, StatedShape] | None = None
        self._made: Network | None = None
        self._changing = RLock()
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers, the same objects that were put in; an `Input` is none of them."""
        with self._changing:
            self._name_layers()
            return list(self._layers)

    def add(self, layer: Layer | Input) -> None:
        """Put a layer at the end, or an `Input` at the start of an empty model.

        TypeError for what is no layer, ValueError for what fits no chain, `SpecError` for a wrong name or shape.
        """
        with self._changing:
            if isinstance(layer, Input):
                self._start_with(layer)
                return
            _refuse_no_layer(layer)
            _refuse_unchainable(layer, self._layers)
            start = self._input
            if start is None and not self._layers and layer._input_shape is not None:
                start = Input(layer._input_shape).spec
            self._refuse_name(layer, start)
            if start is not None:
                self._types.append(self._checked_type(layer, start))
            self._input = start
            self._layers.append(layer)
            self._change()

    def pop(self) -> Layer:
        """Take the last layer off, and return it; IndexError where there is none."""
        with self._changing:
            if not self._layers:
                raise IndexError(f"the model `{self.name}` has no layers to take off")
            if self._types:
                self._types.pop()
            self._change()
            return self._layers.pop()

    def __call__(self, x: Any) -> Any:
        """Run the model, as `Model` does; ValueError for one without layers."""
        self._refuse_empty()
        return super().__call__(x)

    def predict(self, x: Any, batch_size: int = 32) -> Any:
        """Run the model in batches, as `Model` does; ValueError for one without layers."""
        self._refuse_empty()
        return super().predict(x, batch_size)

    def _network(self) -> Network:
        with self._changing:
            if self._made is None:
                spec = self._spec()
                network = Network(spec, _graph(spec), self._numbers, _refuse_branches)
                if self._seen is not None and spec.entries:
                    network.build_on(self._seen)
                self._made = network
            return self._made

    def _change(self) -> None:
        """Forget the graph; a model that data has built is built on the same sizes again."""
        if self._made is not None and self._made.spec.inputs is None and self._made.shown.inputs is not None:
            self._seen = {given.name: _sizes(given.type) for given in self._made.shown.inputs}
        self._made = None

    def _numbers(self, graph: Graph) -> Mapping[str, Array]:
        return initial_weights(graph.weights(), self._empty.seed)

    def _spec(self) -> ModelSpec:
        if not self._layers:
            return self._empty
        names = self._name_layers()
        sources = [self._source_name(), *names[:-1]]
        entries = [_entry(*one) for one in zip(self._layers, names, sources, range(len(names)), strict=True)]
        last = OutputSpec(names[-1], Ref(names[-1]), Place())
        inputs = (self._input,) if self._input is not None else None
        order = tuple(range(len(entries)))
        return self._empty.replace(inputs=inputs, entries=tuple(entries), order=order, outputs=(last,))

    def _source_name(self) -> str:
        return self._input.name if self._input is not None else UNBUILT_INPUT

    def _name_layers(self) -> list[str]:
        """Tell the layers their names in this model."""
        names = _names(self._layers, self._source_name())
        for layer, name in zip(self._layers, names, strict=True):
            weights_of(layer).path = name
        return names

    def _checked_type(self, layer: Layer, start: InputSpec) -> TensorType:
        """What a layer that comes last makes of the output above it. Raises `SpecError`, ValueError."""
        above = self._types[-1] if self._types else start.type
        try:
            return self._type_after(layer, start.name, layer.name, above)
        except SpecError:  # to be said again with the names that layers have in the model, which cost time to make
            source, name = [start.name, *_names([*self._layers, layer], start.name)][-2:]
            return self._type_after(layer, source, name, above)

    def _type_after(self, layer: Layer, source: str, name: str, above: TensorType) -> TensorType:
        entry = _entry(layer, name, source, len(self._layers))
        spec = self._empty.replace(inputs=(InputSpec(source, above, Place()),), entries=(entry,), order=(0,))
        diagnostics = Diagnostics()
        graph = build(spec, diagnostics)
        for node in graph.nodes:
            weights_of(layer).refuse_other_shapes(node.path, node.weights, diagnostics, codes.SHARED_WEIGHT_SHAPE)
        diagnostics.raise_errors()
        _refuse_branches(graph)
        return graph.nodes[0].outputs[0].value.type

    def _start_with(self, given: Input) -> None:
        if self._input is not None:
            shape = self._input.type
            raise ValueError(f"the model `{self.name}` has an input already, `{self._input.name}` of shape {shape}")
        if self._layers:
            raise ValueError(f"an Input comes first, and the model `{self.name}` has layers already")
        self._input = given.spec
        self._change()

    def _refuse_name(self, layer: Layer, start: InputSpec | None) -> None:
        name, place = layer.own_name, f"layers[{len(self._layers)}]"
        if name is None:
            return
        diagnostics = Diagnostics()
        if check_name(name, None, place, diagnostics):
            taken = {one.own_name: f"another layer, {type(one).__name__}," for one in self._layers}
            taken[start.name if start is not None else UNBUILT_INPUT] = "the model's input"
            if name in taken:
                message = f"the name `{name}` is taken: {taken[name]} has it"
                diagnostics.add(codes.DUPLICATE_NAME, message, place=place)
        diagnostics.raise_errors()

    def _refuse_empty(self) -> None:
        if not self._layers:
            raise ValueError(f"the model `{self.name}` has no layers: add one with `model.add(layer)`")


def _sizes(kind: TensorType) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in kind.shape)


def _names(layers: Sequence[Layer], source: str) -> list[str]:
    """The name of each layer: its own or an automatic one, as in a spec."""
    counter = NameCounter({source, *(layer.own_name for layer in layers if layer.own_name is not None)})
    return [layer.own_name or counter.name(type(layer).__name__) for layer in layers]


def _entry(layer: Layer, name: str, above: str, number: int) -> Entry:
    argument = call_parameters(type(layer))[0]
    place = Place(None, f"layers[{number}].{type(layer).__name__}")
    return Entry(name, layer, ((argument, Ref(above)),), place, {}, name)


def _graph(spec: ModelSpec) -> Graph | None:
    if spec.inputs is None:
        return None
    diagnostics = Diagnostics()
    graph = build(spec, diagnostics)
    diagnostics.raise_errors()
    return graph


def _refuse_branches(graph: Graph) -> None:
    """A layer of a chain has one output."""
    for node in graph.nodes:
        if len(node.outputs) > 1:
            kind = type(node.layer).__name__
            has = f"{kind} `{node.path}` has {len(node.outputs)} outputs, and each layer of a Sequential has one"
            raise ValueError(f"{has}; {WRITE_A_SPEC}")


def _refuse_no_layer(found: object) -> None:
    if isinstance(found, Layer):
        return
    if isinstance(found, Model):
        raise TypeError(
            f"a Sequential takes layers, got the model `{found.name}`: take its layers, "
            "`Sequential([*model.layers, …])`, or write a spec"
        )
    if isinstance(found, type) and issubclass(found, Layer):
        raise TypeError(f"a Sequential takes layers, got a class: write {found.__name__}(…), with its arguments")
    raise TypeError(f"a Sequential takes layers, got {repr(found)[:80]}, of type {type(found).__name__}")


def _refuse_unchainable(layer: Layer, others: Sequence[Layer]) -> None:
    kind = type(layer)
    if any(other is layer for other in others):
        raise ValueError(
            f"{kind.__name__} `{layer.name}` is in the model already, and a Sequential calls each once; with `reuse` a "
            f"spec calls one again: {WRITE_A_SPEC}"
        )
    if kind.takes_list or len(required_parameters(kind)) > 1 or not call_parameters(kind):
        names = [f"`{name}`" for name in required_parameters(kind)]
        takes = "a list of inputs" if kind.takes_list else " and ".join(names) if names else "no input"
        raise ValueError(f"{kind.__name__} takes {takes}, and each layer of a Sequential has one input; {WRITE_A_SPEC}")
