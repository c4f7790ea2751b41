"""What must be equal between a layer here and the same layer of Keras."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import jax
import keras
import numpy as np

from specmodel.layers.base import Layer
from specmodel.layers.validation import ArgumentError
from specmodel.types.fault import Fault
from tests.keras import ours, twins
from tests.keras.arrays import array_of, mask_of, weight_of
from tests.keras.uses import Use, use_of

Array = np.ndarray[Any, Any]

TOLERANCE = {"float16": 4e-3, "mixed_float16": 4e-3, "bfloat16": 3e-2, "mixed_bfloat16": 3e-2}
"""How far numbers may be off, relative to the largest; 1e-5 where the policy is not listed."""

REFUSALS = (ArgumentError, Fault)
_ATTEMPTS = 12


def compared(name: str, number: int) -> None:
    """Compare one use; where both refuse it, another."""
    for attempt in range(_ATTEMPTS):
        use = use_of(name, number, attempt)
        with _numbers_of(use.policy):
            if _compared(use):
                return
    raise AssertionError(f"no use of {name} found that Keras accepts, case {number}")


def _compared(use: Use) -> bool:
    """Whether the use is accepted; raises `AssertionError` with every difference."""
    generator = np.random.default_rng([use.number, 7])
    arrays = [array_of(given, generator, use.policy) for given in use.inputs]
    masks = [mask_of(given, generator) for given in use.inputs]
    dtypes = [array.dtype.name for array in arrays]
    try:
        layer = ours.declared(use)
        here = ours.built(layer, use, ours.known_types(use, dtypes))
    except REFUSALS as error:
        try:
            theirs = Twin(use, arrays, masks, None)
        except Exception:  # whatever Keras raises is a refusal
            return False
        if any(output.size == 0 for output in theirs.outputs):  # Keras makes nothing of something without a word
            return False
        raise AssertionError(f"{use}\n  refused: {error}\n  accepted by Keras") from None
    weights = {spec.path: weight_of(spec, generator) for spec in here.weights}
    try:
        theirs = Twin(use, arrays, masks, list(weights.values()))
    except AssertionError:
        raise
    except Exception as error:  # whatever Keras raises is a refusal
        raise AssertionError(f"{use}\n  accepted\n  refused by Keras: {type(error).__name__}: {error}") from error
    given = [array for pair in zip(arrays, masks, strict=True) for array in pair if array is not None]
    outputs, out_masks = ours.run(here, weights, given)
    found = [
        *theirs.against_weights(here),
        *_against_outputs(use, here, outputs, theirs.outputs),
        *_against_masks(out_masks, theirs.masks[: 1 if "Attention" in use.layer else None]),
        *_against_open_shapes(layer, use, dtypes, here, theirs, outputs),
    ]
    assert not found, f"{use}\n  " + "\n  ".join(found)
    return True


class Twin:
    """The use in Keras: its layer, called."""

    def __init__(self, use: Use, arrays: Sequence[Array], masks: Sequence[Array | None], weights: Any) -> None:
        keras.backend.clear_session(free_memory=False)
        self.use = use
        self.kind = type(ours.declared(use)) if weights is not None else ours.find(use.layer)
        self.names = [given.call for given in use.inputs]
        self.layer = twins.made(use.layer, use.arguments, use.beside)
        self.more = twins.call_arguments(self.layer, use.layer, use.arguments)
        if weights:
            self.called(_tensors(arrays, masks))
            shapes = [(one.path, tuple(one.shape)) for one in self.layer.weights]
            assert [shape for _, shape in shapes] == [one.shape for one in weights], f"{use}\n  Keras' weights {shapes}"
            for one, array in zip(self.layer.weights, weights, strict=True):
                one.assign(array)
            if hasattr(self.layer, "finalize_state"):  # what Keras does after it has loaded the weights of such a layer
                self.layer.finalize_state()
        found = self.called(_tensors(arrays, masks))
        self.masks = [twins.mask_of(tensor) for tensor in found]
        self.outputs = [twins.numbers(tensor) for tensor in found]

    def called(self, values: Sequence[Any]) -> list[Any]:
        """The outputs on these values."""
        return twins.called(self.layer, self.kind, self.names, values, self.more)

    def symbolic(self, types: Sequence[Any]) -> list[Any]:
        """The outputs of a new layer on shapes."""
        keras.backend.clear_session(free_memory=False)
        layer = twins.made(self.use.layer, self.use.arguments, self.use.beside)
        values = [
            keras.KerasTensor([one if isinstance(one, int) else None for one in kind.shape], kind.dtype)
            for kind in types
        ]
        for value, kind, given in zip(values, types, self.use.inputs, strict=True):
            if given.mask is not None:
                shape = [one if isinstance(one, int) else None for one in kind.shape[: len(given.mask)]]
                value._keras_mask = keras.KerasTensor(shape, "bool")
        return twins.called(layer, self.kind, self.names, values, self.more)

    def against_weights(self, here: ours.Built) -> Iterator[str]:
        """Names, order, dtypes, counts."""
        names = [one.path for one in self.layer.weights]
        if names != [spec.path for spec in here.weights]:
            yield f"weights {[spec.path for spec in here.weights]}, Keras {names}"
        dtypes = [one.dtype for one in self.layer.weights]
        if dtypes != [spec.dtype for spec in here.weights]:
            yield f"weight dtypes {[spec.dtype for spec in here.weights]}, Keras {dtypes}"
        trainable = [one.path for one in self.layer.trainable_weights]
        if trainable != [spec.path for spec in here.weights if spec.trainable]:
            yield f"trainable {[spec.path for spec in here.weights if spec.trainable]}, Keras {trainable}"
        count = sum(int(np.prod(spec.shape)) for spec in here.weights)
        if count != self.layer.count_params():
            yield f"{count} parameters, Keras {self.layer.count_params()}"


def _tensors(arrays: Sequence[Array], masks: Sequence[Array | None]) -> list[Any]:
    """Tensors with their masks: new ones for each call, because a layer may take the masks off."""
    return [twins.masked(array, mask) for array, mask in zip(arrays, masks, strict=True)]


def _against_outputs(use: Use, here: ours.Built, outputs: Sequence[Array], wanted: Sequence[Array]) -> Iterator[str]:
    if len(outputs) != len(wanted):
        yield f"{len(outputs)} outputs, Keras {len(wanted)}"
        return
    for number, (one, other) in enumerate(zip(outputs, wanted, strict=True)):
        static = here.outputs[number].value
        if tuple(static.shape) != one.shape:
            yield f"output {number}: inferred {static.shape}, executed {one.shape}"
        if one.shape != other.shape or one.dtype != other.dtype:
            yield f"output {number}: {one.shape} {one.dtype}, Keras {other.shape} {other.dtype}"
            continue
        yield from different(f"output {number}", one, other, TOLERANCE.get(use.policy, 1e-5))


def different(what: str, one: Array, other: Array, tolerance: float) -> Iterator[str]:
    """How numbers differ, if more than the tolerance relative to the largest."""
    if one.dtype.kind not in "fiub":
        if not (one == other).all():
            yield f"{what}: {one.tolist()}, Keras {other.tolist()}"
        return
    x, y = one.astype(float), other.astype(float)
    if not np.array_equal(np.isnan(x), np.isnan(y)) or not np.array_equal(np.isinf(x), np.isinf(y)):
        yield f"{what}: not finite in different places: {_short(x)}, Keras {_short(y)}"
        return
    kept = np.isfinite(x)
    scale = max(1.0, float(np.abs(y[kept]).max(initial=0)))
    error = float(np.abs(x[kept] - y[kept]).max(initial=0)) / scale
    if error > tolerance:
        place = np.unravel_index(
            int(np.argmax(np.where(kept, np.abs(np.where(kept, x, 0) - np.where(kept, y, 0)), 0))), x.shape
        )
        yield f"{what}: off by {error:.2g} at {tuple(map(int, place))}: {x[place]:.7g}, Keras {y[place]:.7g}"


def _listed(mask: Array | None) -> str:
    return "none" if mask is None else str(mask.tolist())


def _short(x: Array) -> str:
    return np.array2string(x, threshold=8, precision=4).replace("\n", "")


def _against_masks(found: Sequence[Array | None], wanted: Sequence[Array | None]) -> Iterator[str]:
    for number, (one, other) in enumerate(zip(found, wanted, strict=False)):
        if one is None or other is None:
            if one is not other:
                yield f"mask {number}: {_listed(one)}, Keras {_listed(other)}"
        elif one.shape != other.shape or not np.array_equal(one.astype(bool), other.astype(bool)):
            yield f"mask {number}: {one.tolist()}, Keras {other.tolist()}"


def _against_open_shapes(
    layer: Layer, use: Use, dtypes: Sequence[str], here: ours.Built, theirs: Twin, outputs: Sequence[Array]
) -> Iterator[str]:
    """Static shapes where the batch and some axes are unknown. More may be known here than there.

    Keras' static dtypes are those of the policy, even where what comes out is an integer: they are not compared.
    """
    types = ours.open_types(use, dtypes)
    try:
        wanted = [tuple(one.shape) for one in theirs.symbolic(types)]
    except Exception:  # Keras cannot tell without sizes
        wanted = []
    if any(
        None not in shape[1:] and shape[1:] != array.shape[1:] for shape, array in zip(wanted, outputs, strict=False)
    ):
        wanted = []  # nor is it right with them: that of RandomCrop is of training
    try:
        found = ours.built(layer, use, types)
    except REFUSALS as error:
        if wanted:
            yield f"open shapes {[str(one) for one in types]} refused: {error}; Keras: {wanted}"
        return
    for number, (output, array) in enumerate(zip(found.outputs, outputs, strict=True)):
        shape = tuple(one if isinstance(one, int) else None for one in output.value.shape)
        if any(known not in (None, true) for known, true in zip(shape, array.shape, strict=True)):
            yield f"open shape {number}: {shape}, executed {array.shape}"
        if output.value.dtype != here.outputs[number].value.dtype:
            yield f"open dtype {number}: {output.value.dtype}, executed {here.outputs[number].value.dtype}"
        if len(wanted) == len(outputs) and any(
            there is not None and one != there for one, there in zip(shape, wanted[number], strict=True)
        ):
            yield f"open shape {number}: {shape}, Keras {wanted[number]}"


def _numbers_of(policy: str) -> AbstractContextManager[Any]:
    """JAX, which Keras' NumPy backend uses too, computes in 64 bits only where it is told to."""
    return jax.enable_x64(True) if policy == "float64" else nullcontext()
