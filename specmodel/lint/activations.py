"""Which function a layer puts its output through last."""

from specmodel.layers.base import Layer
from specmodel.layers.objects import ACTIVATIONS, Named
from specmodel.lint.network import kind_of

ALONE = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "leaky_relu", "ELU": "elu", "Softmax": "softmax"}
"""Layers that are one function."""
FUNCTIONS = (*ALONE, "Activation")
"""The kinds of layers that are an activation and nothing else."""
_APPLY_LAST = frozenset(
    (
        *("Activation", "Dense", "EinsumDense", "TernaryDense"),
        *(f"Conv{rank}D{suffix}" for rank in (1, 2, 3) for suffix in ("", "Transpose")),
        *("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"),
    )
)
"""Layers whose argument `activation` is that function; in recurrent ones it is part of the cell."""


def activation_of(layer: Layer) -> str | None:
    """The function's name, aliases resolved; None where there is none that bends."""
    kind = kind_of(layer)
    if kind in ALONE:
        return ALONE[kind]
    if kind not in _APPLY_LAST:
        return None
    written: str | Named = getattr(layer, "activation", "linear")
    name = ACTIVATIONS.spellings[written if isinstance(written, str) else written.name]
    return name if name != "linear" else None
