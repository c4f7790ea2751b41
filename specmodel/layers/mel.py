"""The mel scale, on which steps sound equal: `1127 * ln(1 + f / 700)`."""

from specmodel.ops.elementwise import log, maximum, minimum
from specmodel.ops.shape import expand_dims, pad, slice_axis
from specmodel.ops.source import constant, iota
from specmodel.ops.value import Value

_BREAK = 700.0
_FACTOR = 1127.0


def mel(hertz: Value) -> Value:
    """A frequency on the scale of the Hidden Markov Model Toolkit."""
    return log(hertz / _BREAK + 1) * _FACTOR


def mel_filters(bands: int, frequencies: int, rate: float, low: float, high: float) -> Value:
    """How much of each frequency from 0 to `rate / 2` belongs to each band, (frequencies, bands) of float32.

    Bands are triangles on the mel scale with a peak of 1 and equal sides, each beginning in the middle of the one
    before; frequency 0 belongs to none.
    """
    hertz = _spaced(constant(0.0, "float32"), constant(rate / 2, "float32"), frequencies)
    height = expand_dims(mel(slice_axis(hertz, 0, 1, frequencies - 1)), 1)
    edges = _spaced(mel(constant(low, "float32")), mel(constant(high, "float32")), bands + 2)
    start, peak, end = (slice_axis(edges, 0, first, bands) for first in range(3))
    sides = minimum((height - start) / (peak - start), (end - height) / (end - peak))
    return pad(maximum(sides, 0), [(1, 0), (0, 0)])


def _spaced(first: Value, last: Value, count: int) -> Value:
    """Numbers at equal distances, both ends included."""
    part = iota((count,), 0, "float32") / max(count - 1, 1)
    return (1 - part) * first + part * last
