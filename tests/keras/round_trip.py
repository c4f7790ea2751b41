"""A model that the real Keras saves is imported, and gives the same numbers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import specmodel
from specmodel.model.importing import read_foreign, write_imported
from tests.keras import twins
from tests.keras.compare import different

Array = np.ndarray[Any, Any]


def randomized(model: Any, seed: int = 0) -> Any:
    """The model with random weights: variances positive, integers as they are."""
    generator = np.random.default_rng(seed)
    for weight in model.weights:
        if "int" in weight.dtype or "seed" in weight.path:
            continue
        spread = generator.uniform(0.5, 1.5, weight.shape) if "variance" in weight.path else None
        weight.assign(spread if spread is not None else generator.normal(0, 0.3, weight.shape))
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):  # what Keras does after it has loaded the weights of such a layer
            layer.finalize_state()
    return model


def imported(model: Any, folder: Path, suffix: str = ".keras") -> Any:
    """The model after Keras has saved it and specmodel has read it; `check` finds no mistake in the spec."""
    file, spec = folder / f"model{suffix}", folder / "model.yaml"
    model.save(file)
    write_imported(read_foreign(file), spec)
    assert [str(found) for found in specmodel.check(spec) if found.severity == "error"] == []
    return specmodel.load(spec)


def differences(
    model: Any, arrays: Sequence[Array], folder: Path, tolerance: float, suffix: str = ".keras"
) -> list[str]:
    """What differs between a model of Keras and its import: outputs, parameters. `arrays` are for `model.inputs`."""
    try:
        here = imported(model, folder, suffix)
    except specmodel.SpecError as error:
        return [f"refused: {error}"]
    by_name = dict(zip([_name(given) for given in model.inputs], arrays, strict=True))
    found = here(by_name if len(arrays) > 1 else arrays[0])
    wanted = _outputs(model(_arranged(model, by_name), training=False))
    return [
        *_numbers(found if isinstance(found, list) else [found], [twins.numbers(one) for one in wanted], tolerance),
        *_counts(model, here),
    ]


def _name(tensor: Any) -> str:
    """The name of an input's layer."""
    return str(tensor._keras_history.operation.name)


def _arranged(model: Any, by_name: dict[str, Array]) -> Any:
    """Arrays as the model takes them: one, a list, or a dict."""
    if len(by_name) == 1:
        return next(iter(by_name.values()))
    if isinstance(model.input, dict):
        return {key: by_name[_name(given)] for key, given in model.input.items()}
    return list(by_name.values())


def _outputs(result: Any) -> list[Any]:
    """The outputs in the order of their names."""
    parts = list(result.values()) if isinstance(result, dict) else result
    return [one for part in parts for one in _outputs(part)] if isinstance(parts, list | tuple) else [parts]


def _numbers(found: Sequence[Array], wanted: Sequence[Array], tolerance: float) -> Iterator[str]:
    if len(found) != len(wanted):
        yield f"{len(found)} outputs, Keras {len(wanted)}"
        return
    for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
        if one.shape != other.shape:
            yield f"output {number}: {one.shape}, Keras {other.shape}"
        else:
            yield from different(f"output {number}", one, other, tolerance)


def _counts(model: Any, here: Any) -> Iterator[str]:
    parameters = here.describe()["totals"]["parameters"]
    if parameters != model.count_params():
        yield f"{parameters} parameters, Keras {model.count_params()}"
