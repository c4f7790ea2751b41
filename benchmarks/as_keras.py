"""A network as a Keras model, on the backend that KERAS_BACKEND names: values are Keras' tensors."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from benchmarks.forms import walk
from specmodel.spec.model import ModelSpec

Array = np.ndarray[Any, Any]


class KerasModel:
    """Calls the Keras layer of each class, made of the same arguments; the weights are put in afterwards."""

    def __init__(self) -> None:
        self.layers: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._called

    def _called(self, path: str, layer: Any, *values: Any) -> Any:
        arguments = {k: v for k, v in layer.changed_arguments().items() if not k.endswith("_initializer")}
        made = self.layers[path] = getattr(keras.layers, type(layer).__name__)(**arguments)
        return made(list(values)) if type(layer).takes_list else made(*values)


def session(spec: ModelSpec, weights: Mapping[str, Array], x: Array) -> Callable[[], Array]:
    """A call of the network in Keras on an input of the spec's, compiled where the backend can."""
    form = KerasModel()
    given = keras.Input(batch_shape=x.shape)
    model = keras.Model(given, walk(spec, form, {one.name: given for one in spec.inputs or ()}))
    for path, layer in form.layers.items():
        layer.set_weights([array for name, array in weights.items() if name.startswith(f"{path}/")])
    return RUNS[keras.backend.backend()](model, x)


def _numpy(model: Any, x: Array) -> Callable[[], Array]:
    return lambda: np.asarray(model(x, training=False))


def _jax(model: Any, x: Array) -> Callable[[], Array]:
    import jax

    trainable, others = (
        [v.value for v in found] for found in (model.trainable_variables, model.non_trainable_variables)
    )
    run = jax.jit(lambda x: model.stateless_call(trainable, others, x, training=False)[0])
    return lambda: np.asarray(run(x))


def _tensorflow(model: Any, x: Array) -> Callable[[], Array]:
    import tensorflow

    run = tensorflow.function(lambda x: model(x, training=False))
    given = tensorflow.constant(x)
    return lambda: np.asarray(run(given))


def _torch(model: Any, x: Array) -> Callable[[], Array]:
    import torch

    given = torch.from_numpy(x)

    def run() -> Array:
        with torch.inference_mode():
            return np.asarray(model(given, training=False))

    return run


RUNS = {"numpy": _numpy, "jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
"""How a model runs on each backend."""
