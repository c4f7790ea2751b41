"""The weights of layers in files that Keras has written: which dataset each is, and what has to be done to it.

Headers alone are read, without NumPy. LSTM and GRU weights that were made for cuDNN are recognised by the length of
their bias, which is twice that of Keras' own.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from specmodel.files.hdf5 import Dataset, Group
from specmodel.files.malformed import MalformedError, counted, shown
from specmodel.graph.graph import Node
from specmodel.layers.base import Layer
from specmodel.ops.source import WeightSpec
from specmodel.record import Record
from specmodel.weights.keras_groups import IDF_WEIGHTS, first_own, places_of
from specmodel.weights.stored import StoredArray

if TYPE_CHECKING:
    import numpy as np

CUDNN_PARTS = ("kernel", "recurrent_kernel", "bias")
"""The weights of a layer that cuDNN has a layout of its own for."""
_VARIABLES = "vars"
_STATES = ("optimizer", "optimizer_weights", "seed_generator", "metrics", "_metrics", "top_level_model_weights")
_MOST_NAMES = 100_000


class Owner(Record):
    """A layer that owns weights: its path in the spec."""

    path: str
    layer: Layer
    weights: tuple[WeightSpec, ...]

    @classmethod
    def of(cls, node: Node) -> "Owner":
        """The owner that a node of a graph is."""
        return cls(node.path, node.layer, node.weights)

    def names(self) -> list[str]:
        """The names of its weights below its path."""
        return [spec.path.removeprefix(f"{self.path}/") for spec in self.weights]


class Source(Record):
    """A weight in a file. `gates` is not 0 where it was made for cuDNN, and `part` tells which of the three it is.

    `integer` is the narrower dtype that integers are wanted in: Keras 2 counted in int64.
    """

    dataset: Dataset
    gates: int = 0
    part: str = ""
    integer: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape it has in the end."""
        shape = self.dataset.shape
        if self.part != "bias" or not self.gates:
            return shape
        return (shape[0] // 2,) if self.gates == 4 else (2, shape[0] // 2)

    @property
    def stored(self) -> StoredArray:
        """Its shape and dtype; MalformedError for what are no numbers."""
        self.dataset.require_numbers()
        return StoredArray(self.shape, self.integer or self.dataset.dtype)

    def array(self) -> "np.ndarray[Any, Any]":
        """Its numbers."""
        from specmodel.files.hdf5.arrays import array_of

        array = array_of(self.dataset)
        if self.integer:
            if (array != array.astype(self.integer)).any():
                raise MalformedError(f"{shown(self.dataset.path)} has a number beyond {self.integer}")
            return array.astype(self.integer)
        if not self.gates:
            return array
        from specmodel.weights.cudnn import from_cudnn

        return from_cudnn(array, self.part, self.gates)


class Found(Record):
    """The weights in a file by path, and the datasets that are none of them."""

    sources: Mapping[str, Source]
    left: tuple[Dataset, ...]


def by_class(root: Group, groups: Mapping[str, str], owners: Iterable[Owner]) -> Found:
    """The weights in a file of Keras 3; `groups` leads the path of each layer to its group."""
    sources: dict[str, Source] = {}
    repeated: set[str] = set()
    for owner in owners:
        group = groups.get(owner.path)
        if group is None:
            continue
        datasets: dict[str, Dataset] = {}
        for name, (below, number) in places_of(owner.layer, owner.names()).items():
            found = _variable(root, f"{group}/{below}" if below else group, number)
            if found is not None:
                datasets[name] = found
        sources.update(_sources(owner, datasets))
        repeated |= {f"{group}/{_VARIABLES}/{number}" for number in range(first_own(owner.layer))}
    return Found(sources, _left(root, sources, repeated))


def by_layer(group: Group, layers: Sequence[tuple[str, Sequence[Owner]]]) -> Found:
    """The weights in a file of Keras 2: below each layer's name, those that are trained first.

    `layers` are the names with the layers that stand there: one, or all those of a nested model.
    """
    sources: dict[str, Source] = {}
    for name, owners in layers:
        datasets = list(layer_datasets(group, name))
        every = [(owner, spec) for owner in owners for spec in owner.weights]
        every.sort(key=lambda pair: not pair[1].trainable)
        if len(datasets) < len(every):
            has = f"the layer {shown(name)} has {counted(len(datasets), 'weight')} in the file"
            raise MalformedError(f"{has}, and {len(every):,} are needed")
        taken: dict[str, dict[str, Dataset]] = {}
        for (owner, spec), dataset in zip(every, datasets, strict=False):
            taken.setdefault(owner.path, {})[spec.path.removeprefix(f"{owner.path}/")] = dataset
        for owner in owners:
            sources.update(_sources(owner, taken.get(owner.path, {})))
    return Found(sources, _left(group, sources, ()))


def _left(root: Group, sources: Mapping[str, Source], repeated: Container[str]) -> tuple[Dataset, ...]:
    """The datasets that no layer takes, but for what training or the drawing of random numbers goes on from."""
    taken = {source.dataset.path for source in sources.values()}
    found = (one for one in root.datasets() if one.path not in taken and one.path not in repeated)
    return tuple(one for one in found if not _is_state(one.path.split("/")))


def _is_state(parts: Sequence[str]) -> bool:
    return parts[-1] == IDF_WEIGHTS or any(part in _STATES or part.startswith("StateVar") for part in parts)


def layer_datasets(group: Group, name: str) -> Iterator[Dataset]:
    """The datasets of a layer in a file of Keras 2, in the order of its `weight_names`."""
    layer = group.group(name)
    if layer is None:
        return
    for weight in names_in(layer, "weight_names"):
        found = layer.get(weight)
        if not isinstance(found, Dataset):
            raise MalformedError(f"the layer {shown(name)} has no weight {shown(weight)}, which it lists")
        yield found


def names_in(group: Group, attribute: str) -> list[str]:
    """A list of names; one that was too long for an attribute stands in several, which are numbered."""
    if attribute in group.attributes:
        return _names(group, attribute)
    names: list[str] = []
    for number in count():
        if f"{attribute}{number}" not in group.attributes or len(names) > _MOST_NAMES:
            return names
        names += _names(group, f"{attribute}{number}")
    return names


def _names(group: Group, attribute: str) -> list[str]:
    value = group.attributes[attribute]
    if not isinstance(value, list):
        raise MalformedError(f"the attribute {shown(attribute)} is no list of names")
    return value


def _variable(root: Group, group: str, number: int) -> Dataset | None:
    """A variable; the attributes of some layers had an underscore in front in earlier versions."""
    head, _, last = group.rpartition("/")
    other = last[1:] if last.startswith("_") else f"_{last}"
    for name in (group, f"{head}/{other}" if head else other):
        found = root.get(f"{name}/{_VARIABLES}/{number}")
        if isinstance(found, Dataset):
            return found
    return None


def _sources(owner: Owner, datasets: Mapping[str, Dataset]) -> dict[str, Source]:
    """The weights of a layer by path, those for cuDNN told from Keras' own."""
    specs = dict(zip(owner.names(), owner.weights, strict=True))
    found = {}
    for name, dataset in datasets.items():
        if specs[name].dtype == "bfloat16":
            dataset.read_as_bfloat16()
        elif (dataset.dtype, specs[name].dtype) == ("int64", "int32"):
            found[f"{owner.path}/{name}"] = Source(dataset, integer="int32")
            continue
        scope, slash, last = name.rpartition("/")
        bias = datasets.get(f"{scope}{slash}bias")
        gates = _cudnn_gates(
            datasets.get(f"{scope}{slash}kernel"), datasets.get(f"{scope}{slash}recurrent_kernel"), bias
        )
        wanted = specs.get(f"{scope}{slash}bias")
        if gates and wanted is not None and wanted.shape != (bias.shape if bias is not None else ()):
            found[f"{owner.path}/{name}"] = Source(dataset, gates, last)
        else:
            found[f"{owner.path}/{name}"] = Source(dataset)
    return found


def _cudnn_gates(kernel: Dataset | None, recurrent: Dataset | None, bias: Dataset | None) -> int:
    """4 for an LSTM and 3 for a GRU of cuDNN; 0 for what is neither."""
    if kernel is None or recurrent is None or bias is None:
        return 0
    if len(kernel.shape) != 2 or len(recurrent.shape) != 2 or len(bias.shape) != 1 or recurrent.shape[0] == 0:
        return 0
    gates, rest = divmod(recurrent.shape[1], recurrent.shape[0])
    whole = rest == 0 and gates in (3, 4) and kernel.shape[1] == recurrent.shape[1]
    return gates if whole and bias.shape[0] == 2 * recurrent.shape[1] else 0
