"""The numbers that weights start with: Keras' distributions, from streams of our own."""

from collections.abc import Callable, Sequence
from math import prod, sqrt
from typing import Any

import numpy as np

from specmodel.layers.objects import INITIALIZERS, Named, Pieces
from specmodel.ops.source import WeightSpec
from specmodel.record import Record
from specmodel.weights.bfloat16 import as_bfloat16
from specmodel.weights.streams import WITHIN_TWO, Map, fill, normal_quantile
from specmodel.weights.windows import window

Array = np.ndarray[Any, Any]

TRUNCATED_DEVIATION = 0.87962566103423978  # the standard deviation of normal numbers within two of them


class Start(Record):
    """What an initializer is asked for. `kept` is the dtype numbers are made in."""

    shape: tuple[int, ...]
    kept: "np.dtype[Any]"
    seed: int
    path: str

    def random(self, own_seed: int | None, number: Map) -> Array:
        """An array of the shape, each element `number` of a uniform one from -0.5 to 0.5."""
        out = np.empty(self.shape, self.kept)
        fill(out, self.seed if own_seed is None else own_seed, self.path, number)
        return out


def initial(spec: WeightSpec, seed: int = 0) -> Array:
    """The array a weight starts with.

    It depends on the seed, the weight's path and its declaration alone, and is the same on every platform and with
    every NumPy; the last digit of `Orthogonal` and `STFT` may follow the platform's LAPACK and cosines. A `seed` of the
    initializer's own replaces `seed`. bfloat16, which NumPy lacks, comes as float32 of the same values.
    """
    kept = np.dtype(np.float64 if spec.dtype == "float64" else np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        made = _made(spec.initializer, Start(spec.shape, kept, seed, spec.path))
        return as_bfloat16(made) if spec.dtype == "bfloat16" else made.astype(spec.dtype, copy=False)


def _made(initializer: object, start: Start) -> Array:
    if isinstance(initializer, Pieces):
        return _joined(initializer, start)
    assert isinstance(initializer, str | Named), initializer
    name, arguments = (initializer, ()) if isinstance(initializer, str) else (initializer.name, initializer.arguments)
    declared = INITIALIZERS.declaration(name)(**dict(arguments))
    return _MAKERS[INITIALIZERS.spellings[name]](declared, start)


def _joined(pieces: Pieces, start: Start) -> Array:
    """Each piece under a path of its own, so that no two have the same numbers."""
    made = [
        _made(initializer, start.replace(shape=(*start.shape[:-1], columns), path=f"{start.path}#{number}"))
        for number, (initializer, columns) in enumerate(pieces.parts)
    ]
    joined = np.concatenate(made, axis=-1)
    assert joined.shape == start.shape, (joined.shape, start)
    return joined


def _constant(declared: Any, start: Start) -> Array:
    return np.full(start.shape, declared.value, start.kept)


def _zeros(declared: Any, start: Start) -> Array:
    return np.zeros(start.shape, start.kept)


def _ones(declared: Any, start: Start) -> Array:
    return np.ones(start.shape, start.kept)


def _identity(declared: Any, start: Start) -> Array:
    made: Array = np.eye(*start.shape, dtype=start.kept)
    made *= declared.gain
    return made


def _random_uniform(declared: Any, start: Start) -> Array:
    return _uniform(start, declared.seed, declared.minval, declared.maxval)


def _random_normal(declared: Any, start: Start) -> Array:
    return start.random(declared.seed, lambda u: normal_quantile(u) * declared.stddev + declared.mean)


def _truncated_normal(declared: Any, start: Start) -> Array:
    return start.random(declared.seed, lambda u: normal_quantile(u * WITHIN_TWO) * declared.stddev + declared.mean)


def _uniform(start: Start, seed: int | None, low: float, high: float) -> Array:
    middle, width = low / 2 + high / 2, high - low
    return start.random(seed, lambda u: u * width + middle)


def _variance_scaling(declared: Any, start: Start) -> Array:
    fan_in, fan_out = fans(start.shape, declared.input_axes, declared.output_axes)
    count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[declared.mode]
    variance = declared.scale / max(1.0, count)
    match declared.distribution:
        case "uniform":
            limit = sqrt(3 * variance)
            return _uniform(start, declared.seed, -limit, limit)
        case "untruncated_normal":
            deviation = sqrt(variance)
            return start.random(declared.seed, lambda u: normal_quantile(u) * deviation)
        case _:
            deviation = sqrt(variance) / TRUNCATED_DEVIATION
            return start.random(declared.seed, lambda u: normal_quantile(u * WITHIN_TWO) * deviation)


def fans(
    shape: tuple[int, ...], input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[int, int]:
    """How many inputs each output of a weight sums, and how many outputs each input goes to.

    A weight of more than two axes is a convolution kernel: window, inputs, outputs.
    """
    if input_axes is not None and output_axes is not None:
        return prod(shape[axis] for axis in input_axes), prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    field = prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


def _orthogonal(declared: Any, start: Start) -> Array:
    """The Q of a tall normal matrix, its signs chosen so that every rotation is as likely."""
    rows, columns = prod(start.shape[:-1]), start.shape[-1]
    tall = start.replace(shape=(max(rows, columns), min(rows, columns)), kept=np.dtype(np.float64))
    q, r = np.linalg.qr(tall.random(declared.seed, normal_quantile))
    q *= np.where(np.diagonal(r) < 0, -declared.gain, declared.gain)
    made: Array = q if rows >= columns else q.T
    return made.reshape(start.shape).astype(start.kept)


def _stft(declared: Any, start: Start) -> Array:
    """The windowed waves of each frequency, divided by the window's norm."""
    steps, _, frequencies = start.shape
    angle: Array = np.arange(steps)[:, None] * np.arange(frequencies) * (-np.pi / max(1, frequencies - 1))
    waves: Array = np.cos(angle) if declared.side == "real" else np.sin(angle)
    if declared.window is not None:
        shape = declared.window
        weights = window(shape, steps, declared.periodic) if isinstance(shape, str) else np.array(shape)
        norm = {"density": sqrt(np.sum(weights**2)), "spectrum": np.sum(np.abs(weights)), None: 1.0}[declared.scaling]
        waves *= weights[:, None] / norm
    return waves.reshape(start.shape).astype(start.kept)


_MAKERS: dict[str, Callable[[Any, Start], Array]] = {
    "Constant": _constant,
    "Zeros": _zeros,
    "Ones": _ones,
    "Identity": _identity,
    "STFT": _stft,
    "RandomUniform": _random_uniform,
    "RandomNormal": _random_normal,
    "TruncatedNormal": _truncated_normal,
    "Orthogonal": _orthogonal,
    "VarianceScaling": _variance_scaling,
    **dict.fromkeys(("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform"), _variance_scaling),
    **dict.fromkeys(("LecunNormal", "LecunUniform"), _variance_scaling),
}
