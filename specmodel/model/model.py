"""Models in Python programs."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from specmodel.kernels import Array
from specmodel.layers.base import Layer
from specmodel.model.arrays import by_name
from specmodel.model.network import Network
from specmodel.model.weights import Weight
from specmodel.record import Record
from specmodel.summary.figures import Figures, figures
from specmodel.summary.table import render
from specmodel.weights.store import Weights, held_dtype, load_weights, save_weights

NO_FUNCTIONAL = (
    "there is no functional Model(...): a graph of layers is a spec; write it as YAML or as a mapping and open it with "
    "specmodel.load(...)"
)


class ModelValue(Record):
    """An input or output of a model. In a shape None is an unknown size, a text a formula; unbuilt, it has none."""

    name: str
    shape: tuple[int | str | None, ...] | None
    dtype: str | None


class Model:
    """A model that a spec describes, with its weights: arrays in, arrays out.

    `specmodel.load` and `specmodel.loads` make one of a spec, `specmodel.Sequential` chains layers.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError(NO_FUNCTIONAL)

    _opened: Network

    @classmethod
    def _of(cls, network: Network) -> Self:
        model = cls.__new__(cls)
        model._opened = network
        return model

    def _network(self) -> Network:
        return self._opened

    @property
    def name(self) -> str:
        """The model's name."""
        return self._network().spec.name

    @property
    def layers(self) -> list[Layer]:
        """The layers in the file's order, one that is reused once."""
        return [entry.layer for entry in self._network().spec.entries if not entry.reused]

    @property
    def built(self) -> bool:
        """Whether shapes are known and weights exist."""
        return self._network().graph is not None

    @property
    def inputs(self) -> list[ModelValue]:
        """The inputs; none are known of an unbuilt model."""
        return [_value(found) for found in self.describe()["inputs"]]

    @property
    def outputs(self) -> list[ModelValue]:
        """The outputs; of an unbuilt model only their names are known."""
        return [_value(found) for found in self.describe()["outputs"]]

    def summary(self) -> None:
        """Print the table of layers, output shapes and parameters. ValueError while unbuilt."""
        network = self._network()
        if network.graph is None:
            raise ValueError(
                f"the model `{self.name}` is not built yet: its shapes follow from its input. Call it on data, or "
                "give it an input shape, then show it"
            )
        print(render(network.shown, network.graph))

    def describe(self) -> Figures:
        """The figures of the model: the dictionary that `specmodel summary --format json` prints."""
        network = self._network()
        return figures(network.shown, network.graph)

    @property
    def weights(self) -> list[Weight]:
        """The weights: layers in order, each in the order of Keras' `layer.weights`. ValueError while unbuilt."""
        network = self._network()
        if network.graph is None:
            raise ValueError(
                f"the model `{self.name}` has no weights yet: their shapes follow from its input. Call it on data, or "
                "give it an input shape"
            )
        return network.weights()

    def get_weights(self) -> list[Array]:
        """Copies of the weights' arrays, in their order."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replace the weights by arrays in their order. ValueError, and nothing changed, where one does not fit."""
        found = self.weights
        given = list(weights)
        if len(given) != len(found):
            raise ValueError(f"the model `{self.name}` has {len(found)} weights, got {len(given)} arrays")
        arrays = {weight.path: _fitting(weight, one) for weight, one in zip(found, given, strict=True)}
        self._network().take_numbers(Weights([weight.spec for weight in found], lambda spec: arrays[spec.path]))

    def load_weights(self, path: "str | os.PathLike[str]") -> None:
        """Take the weights from an .npz or .safetensors file, by their paths. `SpecError` lists what does not fit."""
        network, specs = self._network(), [weight.spec for weight in self.weights]
        network.take_numbers(load_weights(path, specs, network.graph))

    def save_weights(self, path: "str | os.PathLike[str]") -> None:
        """Write the weights to an .npz or .safetensors file, by their paths; the file appears whole or not at all."""
        found = {weight.path: weight for weight in self.weights}
        specs = [weight.spec for weight in found.values()]
        save_weights(path, Weights(specs, lambda spec: found[spec.path].array(), keep=False))

    def save(self, path: "str | os.PathLike[str]", weights: "str | os.PathLike[str] | None" = None) -> None:
        """Write a spec that means the same; with `weights`, a file beside it or below its folder, these too.

        A model that was built from data is written with the sizes it was built on, its batch left open.
        """
        from specmodel.model.saving import save, with_open_batch

        network = self._network()
        spec = network.spec if network.spec.inputs is not None else with_open_batch(network.shown)
        save(self, spec, path, weights)

    def __call__(self, x: Any) -> Any:
        """Run the model: arrays or nested lists in, arrays of the caller's own out.

        Several inputs are a list in order or a dict by name; several outputs come as a list. The first data builds an
        unbuilt model. `SpecError` where the data does not fit.
        """
        network = self._network()
        return _outputs(network.run(by_name(x, network.inputs)))

    def predict(self, x: Any, batch_size: int = 32) -> Any:
        """Run the model as a call does, `batch_size` samples at a time where it treats them apart."""
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"`batch_size` must be a positive integer, got {batch_size!r}")
        network = self._network()
        arrays = by_name(x, network.inputs)
        rows = {array.shape[0] if array.ndim > 0 else 0 for array in arrays.values()}
        if len(rows) != 1 or max(rows) <= batch_size or not network.treats_rows_apart(arrays):
            return _outputs(network.run(arrays))
        starts = range(0, max(rows), batch_size)
        pieces = [network.run(_slice(arrays, start, start + batch_size)) for start in starts]
        return _outputs([np.concatenate(parts) for parts in zip(*pieces, strict=True)])

    def __repr__(self) -> str:
        network = self._network()
        layers = len(network.spec.entries)
        state = "" if network.graph is not None else ", unbuilt"
        return f"<{type(self).__name__} name={self.name}, {layers} {'layer' if layers == 1 else 'layers'}{state}>"


def _slice(arrays: Mapping[str, Array], start: int, end: int) -> dict[str, Array]:
    return {name: array[start:end] for name, array in arrays.items()}


def _outputs(found: list[Array]) -> Any:
    return found[0] if len(found) == 1 else found


def _value(found: Figures) -> ModelValue:
    shape = found["shape"]
    return ModelValue(found["name"], tuple(shape) if shape is not None else None, found["dtype"])


def _fitting(weight: Weight, given: Any) -> Array:
    """A copy of an array that can stand for a weight."""
    array = np.array(given)
    if array.shape != weight.shape:
        raise ValueError(f"the weight `{weight.path}` has the shape {weight.shape}, got one of shape {array.shape}")
    if not np.can_cast(array.dtype, held_dtype(weight.dtype), "same_kind"):
        raise ValueError(f"the weight `{weight.path}` is {weight.dtype}, got an array of {array.dtype}")
    return array
