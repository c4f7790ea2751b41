"""The activation functions; each name and signature is that of `keras.activations`.

A function's parameters behind the first are the arguments a spec may give it: `{gelu: {approximate: true}}`.
"""

from specmodel.ops.elementwise import maximum
from specmodel.ops.elementwise import sigmoid as _sigmoid
from specmodel.ops.elementwise import tanh as _tanh
from specmodel.ops.reduce import softmax as _softmax
from specmodel.ops.value import Value


def relu(x: Value) -> Value:
    """`max(x, 0)`."""
    return maximum(x, 0)


def sigmoid(x: Value) -> Value:
    """`1 / (1 + exp(-x))`."""
    return _sigmoid(x)


def tanh(x: Value) -> Value:
    """The hyperbolic tangent."""
    return _tanh(x)


def softmax(x: Value, axis: int = -1) -> Value:
    """Exponentials that sum to one along an axis."""
    return _softmax(x, axis)
