"""One convolution on arrays, for the tests of all of them."""

from typing import Any

import numpy as np

from specmodel import layers
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, run


def convolved(name: str, x: Any, *weights: Any, dtype: str | None = None, **arguments: Any) -> Any:
    """What a layer with these weights makes of an array; its shape is the one inferred."""
    layer = getattr(layers, name).declare(arguments, dtype=dtype)
    graph, diagnostics = graph_of(layer, [TensorType(x.shape, x.dtype.name)])
    assert [str(found) for found in diagnostics] == []
    paths = [spec.path for spec in graph.weights()]
    (result,) = run(graph, dict(zip(paths, weights, strict=True)), [x])
    assert result.shape == outputs_of(graph)[0].shape
    return result


def line(*numbers: float) -> Any:
    """A sequence of one channel, in a batch of one."""
    return np.array(numbers, "float32").reshape(1, -1, 1)


def taps(*numbers: float) -> Any:
    """A kernel of one channel and one filter."""
    return np.array(numbers, "float32").reshape(-1, 1, 1)
