"""Random networks as specs and as Keras' functional models: numbers, shapes and every figure of the summary."""

from typing import Any

import keras
import numpy as np
import yaml

import specmodel
from tests.keras import twins
from tests.keras.compare import different, weight_of
from tests.keras.graphs import Network, network, open_shape

Array = np.ndarray[Any, Any]

TOLERANCE = 1e-4
"""Relative to the largest number: a normalization after another magnifies what rounding leaves."""


def test_random_networks_are_those_of_keras(cases: range) -> None:
    failures = []
    for number in range(cases.start, cases.start + 4 * len(cases)):
        found = network(number)
        text = yaml.safe_dump(found.spec(), sort_keys=False)
        differences = compared(found, text)
        if differences:
            failures.append(f"network {number}\n{text}  " + "\n  ".join(differences))
    assert not failures, f"{len(failures)} networks differ\n\n" + "\n\n".join(failures)


def compared(found: Network, text: str) -> list[str]:
    """What differs between the spec and Keras' model of the same layers."""
    generator = np.random.default_rng(found.number)
    there = functional(found)
    try:
        here = specmodel.loads(text)
    except specmodel.SpecError as error:
        return [f"refused: {error}"]
    specs = {weight.path: weight.spec for weight in here.weights}
    theirs = {weight.path: weight for weight in there.weights}
    if specs.keys() != theirs.keys():
        return [f"weights {sorted(specs)}, Keras {sorted(theirs)}"]
    numbers = {path: weight_of(spec, generator) for path, spec in specs.items()}
    for path, array in numbers.items():
        theirs[path].assign(array)
    here.set_weights([numbers[weight.path] for weight in here.weights])
    return [*_figures(found, here, there), *_outputs(found, here, there, generator)]


def functional(found: Network) -> Any:
    """The network as a functional model of Keras."""
    keras.backend.clear_session(free_memory=False)
    values = [
        keras.Input(open_shape(shape), dtype=dtype, name=found.name_of(number))
        for number, (shape, dtype) in enumerate(found.inputs)
    ]
    made: list[Any] = []
    for number, step in enumerate(found.steps):
        name = None if found.chain else f"step{number}"
        layer = made[step.again] if step.again is not None else twins.made(step.layer, step.arguments, {}, name)
        made.append(layer)
        given = [values[one] for one in step.inputs]
        apart = step.layer == "MultiHeadAttention"
        values.append(layer(*given) if apart else layer(given if len(given) > 1 else given[0]))
    for layer, step in zip(made, found.steps, strict=True):
        if not step.trainable:  # set before, Keras would not freeze the layers inside that it makes when it builds
            layer.trainable = False
    return keras.Model(values[: len(found.inputs)], [values[one] for one in found.outputs])


def _figures(found: Network, here: specmodel.Model, there: Any) -> list[str]:
    """The summary's figures."""
    described = here.describe()
    wanted = {
        "parameters": there.count_params(),
        "trainable": sum(int(np.prod(one.shape)) for one in there.trainable_weights),
        "non_trainable": sum(int(np.prod(one.shape)) for one in there.non_trainable_weights),
    }
    differences = [
        f"{name} {described['totals'][name]}, Keras {count}"
        for name, count in wanted.items()
        if described["totals"][name] != count
    ]
    shapes = [tuple(one["shape"]) for one in described["outputs"]]
    if shapes != [tuple(one.shape) for one in there.outputs]:
        differences.append(f"outputs {shapes}, Keras {[tuple(one.shape) for one in there.outputs]}")
    counts = {layer.name: layer.count_params() for layer in there.layers}
    if found.chain:  # a Dropout inside another layer makes Keras pass over a number in automatic names
        order = [layer.count_params() for layer in there.layers[1:]]
        counts = {layer["path"]: count for layer, count in zip(described["layers"], order, strict=True)}
    for step, layer in zip(found.steps, described["layers"], strict=True):
        if step.again is None and layer["parameters"] != counts[layer["path"]]:
            differences.append(f"{layer['path']}: {layer['parameters']} parameters, Keras {counts[layer['path']]}")
    return differences


def _outputs(found: Network, here: specmodel.Model, there: Any, generator: np.random.Generator) -> list[str]:
    arrays = [_sample(open_shape(shape), dtype, generator) for shape, dtype in found.inputs]
    results = here(arrays if len(arrays) > 1 else arrays[0])
    wanted = there(arrays if len(arrays) > 1 else arrays[0], training=False)
    pairs = zip(
        results if isinstance(results, list) else [results],
        wanted if isinstance(wanted, list | tuple) else [wanted],
        strict=True,
    )
    return [text for number, (one, other) in enumerate(pairs) for text in _compared(number, one, twins.numbers(other))]


def _compared(number: int, one: Array, other: Array) -> list[str]:
    if one.shape != other.shape or one.dtype != other.dtype:
        return [f"output {number}: {one.shape} {one.dtype}, Keras {other.shape} {other.dtype}"]
    return list(different(f"output {number}", one, other, TOLERANCE))


def _sample(shape: tuple[int | None, ...], dtype: str, generator: np.random.Generator) -> Array:
    sizes = (3, *(6 if size is None else size for size in shape))
    if dtype == "int32":
        return generator.integers(0, 4, sizes).astype(dtype)
    array = generator.normal(size=sizes).astype(dtype)
    if len(sizes) == 3:
        array[0, -2:] = 0  # steps that Masking takes for padding
    return array
