"""Where weights live: with the layer object, whether a model runs it or it is called by itself."""

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakSet

import numpy as np

from specmodel.diagnostics import Diagnostics, codes
from specmodel.kernels import Array
from specmodel.layers.base import Layer
from specmodel.model.runner import Runner
from specmodel.ops.source import WeightSpec
from specmodel.types.tensor import shape_text
from specmodel.weights.store import held_dtype

Number = tuple[Mapping[str, Array], str]
"""Where an array is, or will be made when it is asked for: a mapping and the key in it."""


class LayerWeights:
    """The weights of one layer object by their names below its path (`kernel`, `lstm_cell/bias`).

    All models that the layer stands in, and the layer called by itself, share them. Whoever needs them first declares
    them; numbers are made when they are first asked for. `path` is the layer's path where it was last used.
    """

    def __init__(self) -> None:
        self.path: str | None = None
        self.runners: dict[object, Runner] = {}
        self._specs: dict[str, WeightSpec] = {}
        self._numbers: dict[str, Number] = {}
        self._readers: WeakSet[Runner] = WeakSet()

    def __deepcopy__(self, memo: object) -> "LayerWeights":
        """The same numbers, to be set apart from these."""
        copy = LayerWeights()
        copy._specs, copy._numbers = dict(self._specs), dict(self._numbers)
        return copy

    def declare(self, path: str, specs: Iterable[WeightSpec], numbers: Mapping[str, Array]) -> None:
        """Take up the weights that the layer needs at `path`, with their numbers; those that are here already stay."""
        self.path = path
        for spec in specs:
            name = name_below(path, spec)
            if name not in self._specs:
                self._specs[name] = spec
                self._numbers[name] = (numbers, spec.path)

    def refuse_other_shapes(
        self, path: str, specs: Iterable[WeightSpec], diagnostics: Diagnostics, code: str = codes.DATA_MISMATCH
    ) -> None:
        """Report those of the weights that are here already in another shape than the layer needs at `path`."""
        for spec in specs:
            here = self._specs.get(name_below(path, spec))
            if here is not None and here.shape != spec.shape:
                has = f"the weight `{spec.path}` has the shape {shape_text(here.shape)}"
                message = f"{has}, and these inputs need {spec.type}"
                help = "a layer keeps the weights of its first call: its inputs must fit them"
                diagnostics.add(code, message, help=help)

    def read_by(self, runner: Runner) -> None:
        """Tell the runner from now on when numbers change."""
        self._readers.add(runner)

    def array(self, name: str) -> Array:
        """The array itself, which is never changed in place."""
        mapping, key = self._numbers[name]
        return mapping[key]

    def put(self, numbers: Mapping[str, Number]) -> None:
        """Replace numbers by name."""
        self._numbers.update(numbers)
        for runner in list(self._readers):
            runner.forget_plans()

    def weights(self, path: str) -> "list[Weight]":
        """The weights as they are called where the layer stands at `path`, in the order of Keras' `layer.weights`."""
        return [Weight(spec.replace(path=f"{path}/{name}"), self, name) for name, spec in self._specs.items()]


class Weight:
    """A weight of a layer: where it stands, what it is, and its numbers."""

    def __init__(self, spec: WeightSpec, home: LayerWeights, name: str) -> None:
        self.spec = spec
        self._home = home
        self._name = name

    @property
    def path(self) -> str:
        """The path of its layer, and Keras' name of the weight: `layer1/kernel`."""
        return self.spec.path

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return self.spec.shape

    @property
    def dtype(self) -> str:
        """The name of its dtype."""
        return self.spec.dtype

    @property
    def trainable(self) -> bool:
        """Whether training would change it."""
        return self.spec.trainable

    def numpy(self) -> Array:
        """A copy of its numbers; bfloat16, which NumPy lacks, comes as float32."""
        return np.array(self.array(), held_dtype(self.dtype) if self.dtype != "string" else None)

    def array(self) -> Array:
        """Its numbers where they are kept: not to be changed."""
        return self._home.array(self._name)

    def put(self, mapping: Mapping[str, Array], key: str) -> None:
        """Take the numbers from `mapping[key]`, when they are asked for."""
        self._home.put({self._name: (mapping, key)})

    def __repr__(self) -> str:
        return f"<Weight '{self.path}' shape={self.shape} dtype={self.dtype}, numpy=\n{self.array()!r}>"


def weights_of(layer: Layer) -> LayerWeights:
    """The weights that live with a layer object."""
    found: Any = layer._alone
    if found is None:
        found = layer._alone = LayerWeights()
    assert isinstance(found, LayerWeights)
    return found


def name_below(path: str, spec: WeightSpec) -> str:
    """The weight's name below the path of its layer."""
    return spec.path.removeprefix(f"{path}/")
