"""TernaryDense, against its definition by hand."""

import numpy as np
import pytest

from specmodel import layers
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, run

KERNEL = np.array([[0.9, -0.2], [-0.6, 0.1], [0.05, -0.7]], np.float32)
X = np.array([[1.0, 2.0, 3.0]], np.float32)


@pytest.mark.parametrize(
    ("threshold", "signs", "scale"),
    [
        (None, [[1, 0], [-1, 0], [0, -1]], 0.425),  # half the mean of |kernel| is 0.2125
        (0.15, [[1, -1], [-1, 0], [0, -1]], 1.0),
        (0.0, [[1, -1], [-1, 1], [1, -1]], 1.0),
        (10.0, [[0, 0], [0, 0], [0, 0]], 1.0),
    ],
)
def test_weights_count_by_their_signs(threshold: float | None, signs: list[list[int]], scale: float) -> None:
    layer = layers.find("TernaryDense").declare({"units": 2, "threshold": threshold})  # type: ignore[union-attr]
    graph, _ = graph_of(layer, [TensorType((1, 3), "float32")])
    weights = {"layer/kernel": KERNEL, "layer/bias": np.array([0.5, -0.5], np.float32)}
    (found,) = run(graph, weights, [X])
    wanted = X @ np.array(signs) * scale + [0.5, -0.5]
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
