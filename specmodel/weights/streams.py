"""Random numbers that are the same on every platform and with every NumPy.

Only the raw bits come from a generator, whose stream is guaranteed; all else is exact IEEE arithmetic: sums, products,
quotients and square roots, each rounded once. No function of the C library, whose last digit differs between platforms.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Map = Callable[[Array], Array]

CHUNK = 16384  # numbers at a time: they and their intermediate results stay in the cache
WITHIN_TWO = 0.9544997361036416  # the share of normal numbers within two standard deviations, erf(sqrt(2))


def fill(out: Array, seed: int, path: str, number: Map) -> None:
    """Write random numbers over a contiguous array: `number` of uniform ones from -0.5 to 0.5, both exclusive.

    They depend on seed and path alone; a longer array begins with the numbers of a shorter one.
    """
    bits = _generator(seed, path)
    flat = out.reshape(-1, copy=False)
    for start in range(0, flat.size, CHUNK):
        part = flat[start : start + CHUNK]
        raw = bits.random_raw(part.size)
        # Of 53 bits and the half behind them, so that neither end nor the middle is hit and the sign is fair.
        centred = (raw >> np.uint64(11)).astype(np.float64)
        centred += 0.5
        centred *= 2.0**-53
        centred -= 0.5
        part[:] = number(centred)


def _generator(seed: int, path: str) -> np.random.PCG64:
    """A generator whose state is the hash of seed and path."""
    digest = blake2b(f"{seed}\0{path}".encode("utf-8", "surrogatepass"), digest_size=32).digest()
    state, increment = int.from_bytes(digest[:16], "little"), int.from_bytes(digest[16:], "little") | 1
    bits = np.random.PCG64(0)
    bits.state = {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": increment},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return bits


def normal_quantile(centred: Array) -> Array:
    """The standard normal numbers of which a share of `centred + 0.5` is smaller, to 16 digits.

    Algorithm AS 241 of M. Wichura, The percentage points of the normal distribution (1988).
    """
    r = 0.180625 - centred * centred
    result = _ratio(r, _MIDDLE)
    result *= centred
    tails = np.flatnonzero(np.abs(centred) > 0.425)
    if tails.size:
        sides = centred[tails]
        r = np.sqrt(-_log(0.5 - np.abs(sides)))
        values = _ratio(r - 1.6, _TAIL)
        far = np.flatnonzero(r > 5)
        if far.size:
            values[far] = _ratio(r[far] - 5, _FAR_TAIL)
        result[tails] = np.copysign(values, sides)
    return result


def _ratio(x: Array, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> Array:
    """A quotient of two polynomials, highest powers first."""
    numerator, denominator = (_polynomial(x, side) for side in coefficients)
    numerator /= denominator
    return numerator


def _polynomial(x: Array, coefficients: tuple[float, ...]) -> Array:
    result = x * coefficients[0]
    for coefficient in coefficients[1:-1]:
        result += coefficient
        result *= x
    result += coefficients[-1]
    return result


def _log(x: Array) -> Array:
    """The natural logarithm of numbers from 0 to 1, by its series around 1 for a mantissa from 0.7 to 1.4."""
    mantissa, exponent = np.frexp(x)
    low = mantissa < 0.7071067811865476
    mantissa = np.where(low, mantissa * 2, mantissa)
    s = (mantissa - 1) / (mantissa + 1)
    series = _polynomial(s * s, _LOG)
    result: Array = (exponent - low) * 0.6931471805599453 + 2 * s * series
    return result


_LOG = tuple(1 / odd for odd in range(21, 0, -2))
_MIDDLE = (
    (
        *(2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4),
        *(1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    ),
    (
        *(5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4),
        *(5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
    ),
)
_TAIL = (
    (
        *(7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0),
        *(3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    ),
    (
        *(1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1),
        *(6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
    ),
)
_FAR_TAIL = (
    (
        *(2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2),
        *(2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    ),
    (
        *(2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4),
        *(1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
    ),
)
