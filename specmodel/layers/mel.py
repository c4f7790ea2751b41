"""The mel scale, on which steps sound equal: `1127 * ln(1 + f / 700)`."""

from math import log

from specmodel.ops.elementwise import log as logarithm
from specmodel.ops.elementwise import maximum, minimum
from specmodel.ops.shape import expand_dims, pad
from specmodel.ops.source import iota
from specmodel.ops.value import Value

_BREAK = 700.0
_FACTOR = 1127.0


def mel(hertz: float) -> float:
    """A frequency on the scale of the Hidden Markov Model Toolkit."""
    return _FACTOR * log(1 + hertz / _BREAK)


def mel_filters(bands: int, frequencies: int, rate: float, low: float, high: float) -> Value:
    """(frequencies, bands) of float64: how much of each frequency from 0 to `rate / 2` belongs to each band.

    Bands are triangles on the mel scale with a peak of 1 and equal sides, each beginning in the middle of the one
    before; frequency 0 belongs to none.
    """
    hertz = (iota((frequencies - 1,), 0, "float64") + 1) * (rate / 2 / max(frequencies - 1, 1))
    height = expand_dims(logarithm(hertz * (1 / _BREAK) + 1) * _FACTOR, 1)
    side = (mel(high) - mel(low)) / (bands + 1)
    start = iota((bands,), 0, "float64") * side + mel(low)
    place = (height - start) * (1 / side)  # 0 where a band begins, 1 at its peak, 2 where it ends
    return pad(maximum(minimum(place, 2 - place), 0), [(1, 0), (0, 0)])
