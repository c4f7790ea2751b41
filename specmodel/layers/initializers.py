"""The initializers' declarations: names, arguments and defaults of `keras.initializers`.

What numbers they give is told by `specmodel.weights.initialize`. A `seed` replaces the model's seed for that weight.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from specmodel.layers.fields import IntList, PosReal, Real
from specmodel.layers.objects import Config
from specmodel.layers.validation import refuse, shown

Distribution = Literal["truncated_normal", "untruncated_normal", "uniform"]
Mode = Literal["fan_in", "fan_out", "fan_avg"]

WINDOWS = (
    *("hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop"),
    *("boxcar", "bartlett", "triang", "cosine", "barthann", "bohman"),
)
"""The windows that `STFT` knows by name."""


def _distribution(value: object) -> object:
    text = value.lower() if isinstance(value, str) else value
    return "truncated_normal" if text == "normal" else text


def _window(value: object) -> object:
    if value is None or (isinstance(value, str) and value in WINDOWS):
        return value
    if isinstance(value, list | tuple) and value:
        return tuple(value)
    raise refuse(f"must be a list of numbers, null or one of {', '.join(WINDOWS)}, found {shown(value)}")


class Constant(Config):
    """The same number everywhere."""

    value: Real = 0.0


class Zeros(Config):
    """0 everywhere."""


class Ones(Config):
    """1 everywhere."""


class Identity(Config):
    """A matrix with `gain` on the diagonal and 0 elsewhere; weights of two axes only."""

    gain: Real = 1.0


class STFT(Config):
    """Cosines or sines under a window: a convolution with it is a Fourier transform. For (steps, 1, frequencies)."""

    side: Literal["real", "imag"] = "real"
    window: Annotated[str | tuple[Real, ...] | None, BeforeValidator(_window)] = "hann"
    scaling: Literal["density", "spectrum"] | None = "density"
    periodic: bool = False


class RandomNormal(Config):
    """Normal numbers."""

    mean: Real = 0.0
    stddev: Real = 0.05
    seed: int | None = None


class TruncatedNormal(Config):
    """Normal numbers within two standard deviations of the mean."""

    mean: Real = 0.0
    stddev: Real = 0.05
    seed: int | None = None


class RandomUniform(Config):
    """Uniform numbers from `minval` to `maxval`."""

    minval: Real = -0.05
    maxval: Real = 0.05
    seed: int | None = None


class Orthogonal(Config):
    """`gain` times a matrix with orthonormal rows or columns, from a normal one; leading axes count as rows.

    A. Saxe, J. McClelland and S. Ganguli, Exact solutions to the nonlinear dynamics of learning (2014).
    """

    gain: Real = 1.0
    seed: int | None = None


class VarianceScaling(Config):
    """Numbers of the variance `scale / n`, where `n` is one of the weight's fans or their mean.

    The fans are the products of the sizes along `input_axes` and `output_axes`; without these, those of a dense or a
    convolution kernel.
    """

    scale: PosReal = 1.0
    mode: Mode = "fan_in"
    distribution: Annotated[Distribution, BeforeValidator(_distribution)] = "truncated_normal"
    seed: int | None = None
    input_axes: IntList | None = None
    output_axes: IntList | None = None


class _Scaled(Config):
    """Variance scaling with fixed arguments."""

    scale: ClassVar[float] = 1.0
    mode: ClassVar[Mode] = "fan_in"
    distribution: ClassVar[Distribution] = "truncated_normal"

    seed: int | None = None
    input_axes: IntList | None = None
    output_axes: IntList | None = None


class GlorotUniform(_Scaled):
    """Uniform, variance `2 / (fan_in + fan_out)`. X. Glorot and Y. Bengio (2010)."""

    mode = "fan_avg"
    distribution = "uniform"


class GlorotNormal(_Scaled):
    """Truncated normal, variance `2 / (fan_in + fan_out)`. X. Glorot and Y. Bengio (2010)."""

    mode = "fan_avg"


class LecunUniform(_Scaled):
    """Uniform, variance `1 / fan_in`. Y. LeCun and others, Efficient BackProp (1998)."""

    distribution = "uniform"


class LecunNormal(_Scaled):
    """Truncated normal, variance `1 / fan_in`. Y. LeCun and others, Efficient BackProp (1998)."""


class HeUniform(_Scaled):
    """Uniform, variance `2 / fan_in`. K. He and others (2015)."""

    scale = 2.0
    distribution = "uniform"


class HeNormal(_Scaled):
    """Truncated normal, variance `2 / fan_in`. K. He and others (2015)."""

    scale = 2.0
