"""Windows of signal processing, by name."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

COSINES: dict[str, tuple[float, ...]] = {
    "boxcar": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}
"""Windows that are sums of cosines with alternating signs.

F. Harris, On the use of windows for harmonic analysis with the discrete Fourier transform (1978).
"""


def window(name: str, size: int, periodic: bool) -> Array:
    """A window of `size` numbers; a periodic one is the symmetric one of a number more, without its last."""
    count = size + 1 if periodic else size
    if count <= 1 or size == 1:
        return np.ones(size)
    return _symmetric(name, count)[:size]


def _symmetric(name: str, count: int) -> Array:
    x: Array = np.arange(count) / (count - 1)
    if name in COSINES:
        parts: list[Array] = [(-1) ** k * a * np.cos(2 * np.pi * k * x) for k, a in enumerate(COSINES[name])]
        return sum(parts[1:], parts[0])
    middle: Array = np.abs(2 * x - 1)  # 1 at both ends, 0 in the middle
    shapes: dict[str, Array] = {
        "bartlett": 1 - middle,
        "triang": 1 - middle * (count - 1) / (count + count % 2),
        "cosine": np.sin(np.pi / count * (np.arange(count) + 0.5)),
        "barthann": 0.62 - 0.24 * middle + 0.38 * np.cos(np.pi * middle),
        "bohman": (1 - middle) * np.cos(np.pi * middle) + np.sin(np.pi * middle) / np.pi * (middle < 1),
    }
    return shapes[name]
