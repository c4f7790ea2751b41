"""A layer called on arrays, outside any model."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from specmodel.diagnostics import Diagnostics, did_you_mean
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.kernels import Array
from specmodel.layers.base import Layer, call_parameters, required_parameters
from specmodel.model.arrays import array_of
from specmodel.model.runner import Runner
from specmodel.model.weights import LayerWeights, Weight, name_below, weights_of
from specmodel.spec.model import Argument, Entry, InputSpec, ModelSpec, OutputSpec, Place, Ref
from specmodel.spec.names import check_name
from specmodel.types.dim import unknown
from specmodel.types.tensor import TensorType
from specmodel.weights.store import initial_weights

SEED = 0
"""Seeds the weights of layers that no model has built."""
_LOCK = Lock()


def call_alone(layer: Layer, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The layer's output for arrays or nested lists, in an array of the caller's own; several outputs as a list.

    The first call makes the weights that the layer lacks. TypeError for what is no call of this layer, `SpecError` for
    data that does not fit it.
    """
    arrays, arguments = _flat(layer, _bound(layer, args, kwargs))
    inputs = tuple(InputSpec(name, _open_type(name, array), Place()) for name, array in arrays.items())
    shapes = {name: array.shape for name, array in arrays.items()}
    found = _runner(layer, inputs, arguments, shapes).run(arrays)
    return found[0] if len(found) == 1 else found


def weights_alone(layer: Layer) -> list[Weight]:
    """The weights of a layer that was called or stands in a built model; none before that."""
    home = weights_of(layer)
    return home.weights(layer.name)


def _runner(
    layer: Layer,
    inputs: tuple[InputSpec, ...],
    arguments: tuple[tuple[str, Argument], ...],
    shapes: Mapping[str, tuple[int, ...]],
) -> Runner:
    """The runner for calls of this form, made at the first one, whose shapes tell how many outputs there are."""
    home, name = weights_of(layer), layer.name
    key = (name, inputs, arguments)
    with _LOCK:
        if key not in home.runners:
            _refuse_name(layer)
            entry = Entry(name, layer, arguments, Place(), {}, name)
            spec = ModelSpec(name, inputs, (entry,), (0,), ())
            (node,) = build_bound(spec, shapes)[1].nodes
            refs = [Ref(name, index) for index in range(len(node.outputs))]
            spec = spec.replace(outputs=tuple(OutputSpec(str(ref), ref, Place()) for ref in refs))
            home.runners[key] = Runner(spec, None, lambda graph: _numbers(home, graph, home.runners[key]))
        return home.runners[key]


def _numbers(home: LayerWeights, graph: Graph, reader: Runner) -> Mapping[str, Array]:
    """The weights for a plan; those that are not there yet are made."""
    (node,) = graph.nodes
    diagnostics = Diagnostics()
    home.refuse_other_shapes(node.path, node.weights, diagnostics)
    diagnostics.raise_errors()
    home.declare(node.path, node.weights, initial_weights(node.weights, SEED))
    home.read_by(reader)
    return {spec.path: home.array(name_below(node.path, spec)) for spec in node.weights}


def _bound(layer: Layer, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The call's arguments by the names of Keras' `call`."""
    kind, names = type(layer).__name__, call_parameters(type(layer))
    if len(args) > len(names):
        raise TypeError(f"{kind} is called with {', '.join(names) or 'nothing'}, got {len(args)} arguments")
    bound = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name in bound:
            raise TypeError(f"{kind} got `{name}` twice")
        if name not in names:
            raise TypeError(_no_argument(layer, name, names))
        bound[name] = value
    missing = [name for name in required_parameters(type(layer)) if bound.get(name) is None]
    if missing:
        raise TypeError(f"{kind} is called with {', '.join(names)}; `{missing[0]}` is missing")
    return {name: bound[name] for name in names if bound.get(name) is not None}


def _no_argument(layer: Layer, name: str, names: Sequence[str]) -> str:
    kind = type(layer).__name__
    if name in type(layer).call_only:
        return f"`{name}` stands among the arguments of {kind} itself here: {kind}(…, {name}=…)"
    if name == "training":
        return f"{kind} has no argument `training`: layers run as they do after training"
    near = did_you_mean(name, names)
    hint = f"did you mean `{near}`?" if near is not None else f"it is called with {', '.join(names) or 'nothing'}"
    return f"{kind} has no call argument `{name}`: {hint}"


def _flat(layer: Layer, bound: Mapping[str, Any]) -> tuple[dict[str, Array], tuple[tuple[str, Argument], ...]]:
    """The arrays by names of their own, and the call's arguments as references to these."""
    arrays: dict[str, Array] = {}
    arguments: list[tuple[str, Argument]] = []
    takes_first = call_parameters(type(layer))[0] if type(layer).takes_list else None
    for name, value in bound.items():
        listed = isinstance(value, list | tuple) and name in type(layer).list_arguments()
        if name == takes_first and not listed:
            raise TypeError(f"{type(layer).__name__} takes a list of arrays, got a {type(value).__name__}")
        if not listed:
            arrays[name] = _array(value, name)
            arguments.append((name, Ref(name)))
            continue
        refs = [Ref(f"{name}[{number}]") for number in range(len(value))]
        arrays.update({ref.target: _array(one, ref.target) for ref, one in zip(refs, value, strict=True)})
        arguments.append((name, tuple(refs)))
    return arrays, tuple(arguments)


def _array(value: Any, name: str) -> Array:
    from specmodel.model.model import NO_FUNCTIONAL
    from specmodel.model.sequential import Input

    if isinstance(value, Input | Layer):
        raise TypeError(f"a layer is called on arrays, got {value!r}; {NO_FUNCTIONAL}")
    return array_of(value, name)


def _open_type(name: str, array: Array) -> TensorType:
    """The array's rank and dtype; its sizes come with each call."""
    dtype = "string" if array.dtype.kind == "U" else array.dtype.name
    return TensorType(tuple(unknown(f"{name}.{axis}") for axis in range(array.ndim)), dtype)


def _refuse_name(layer: Layer) -> None:
    diagnostics = Diagnostics()
    if layer.own_name is not None:
        check_name(layer.own_name, None, type(layer).__name__, diagnostics)
    diagnostics.raise_errors()
