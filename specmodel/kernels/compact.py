"""Arrays of elementwise work on as few axes as it needs: NumPy is quickest with arrays of one shape and scalars."""

from collections.abc import Sequence

from specmodel.kernels import Array


def compact(*arrays: Array) -> tuple[Array, ...]:
    """Views of arrays that broadcast to the last, without its axes of size one; flat where all are whole.

    An array of one element becomes a scalar.
    """
    out = arrays[-1]
    kept = [axis - out.ndim for axis, size in enumerate(out.shape) if size != 1]
    seen = [_on(x, kept) for x in arrays]
    whole = [x for x in seen if x.ndim > 0]
    if all(x.shape == seen[-1].shape and x.flags.c_contiguous for x in whole):
        return tuple(x.reshape(-1) if x.ndim > 0 else x for x in seen)
    return tuple(seen)


def _on(x: Array, kept: Sequence[int]) -> Array:
    """The array on the axes, counted from the end, that are kept; all others have the size one."""
    if x.size == 1:
        return x.reshape(())
    return x.reshape([x.shape[axis] for axis in kept if -axis <= x.ndim])
