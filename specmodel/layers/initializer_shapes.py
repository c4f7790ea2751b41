"""Which weights an initializer can start, told without importing the initializers."""

from typing import Any

from specmodel.layers.objects import INITIALIZERS, Named, Pieces


def misfit(initializer: str | Named | Pieces, shape: tuple[int, ...]) -> str | None:
    """Why an initializer cannot make a weight of this shape: a clause that begins with a verb; None where it can."""
    if isinstance(initializer, Pieces):
        return None
    name, given = (initializer, {}) if isinstance(initializer, str) else (initializer.name, dict(initializer.arguments))
    match INITIALIZERS.spellings[name]:
        case "Identity" if len(shape) != 2:
            return "makes weights of 2 axes only"
        case "Orthogonal" if len(shape) < 2:
            return "makes weights of at least 2 axes"
        case "STFT":
            return _stft_misfit(given.get("window"), shape)
        case _:
            return _axes_misfit(given, len(shape))


def _stft_misfit(window: Any, shape: tuple[int, ...]) -> str | None:
    if len(shape) != 3 or shape[1] != 1:
        return "makes weights of the shape (steps, 1, frequencies) only"
    if isinstance(window, tuple) and len(window) != shape[0]:
        return f"has a window of {len(window)} numbers, but the weight has {shape[0]} steps"
    return None


def _axes_misfit(given: dict[str, Any], rank: int) -> str | None:
    for field in ("input_axes", "output_axes"):
        for axis in given.get(field) or ():
            if not -rank <= axis < rank:
                return f"names the axis {axis} in `{field}`, but the weight has {rank} axes"
    return None
