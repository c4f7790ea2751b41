"""Windows at the border of an axis whose size is unknown: each model runs on several sizes."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel.convert.onnx.export import export_onnx
from specmodel.execute import execute
from specmodel.graph.bind import build_bound
from specmodel.model.opening import open_mapping
from specmodel.plan.compile import compile_graph
from tests.onnx.exported import shaken
from tests.onnxruntime.running import difference, in_onnxruntime

WINDOWS = ((1, 2), (1, 3), (2, 3), (2, 2), (3, 2), (3, 5), (4, 1))
POOLS = [
    {kind: {"pool_size": window, "strides": stride, "padding": padding}}
    for kind, (window, stride), padding in product(("MaxPooling1D", "AveragePooling1D"), WINDOWS, ("same", "valid"))
]
CONVOLUTIONS = [
    {"Conv1D": {"filters": 2, "kernel_size": window, "strides": stride, "padding": padding, "dilation_rate": dilation}}
    for window, stride, dilation in ((1, 3, 1), (2, 3, 1), (3, 2, 1), (3, 1, 2), (4, 1, 1))
    for padding in ("same", "valid", "causal")
]
TRANSPOSED = [
    {"Conv1DTranspose": {"filters": 2, "kernel_size": window, "strides": stride, "padding": padding, **more}}
    for (window, stride), padding in product(((1, 3), (2, 3), (3, 2), (4, 2), (3, 1)), ("same", "valid"))
    for more in ({}, {"output_padding": stride - 1})
]
ADAPTIVE = [
    {kind: count} for kind, count in product(("AdaptiveAveragePooling1D", "AdaptiveMaxPooling1D"), (1, 2, 3, 5))
]


@pytest.mark.parametrize("layer", [*POOLS, *CONVOLUTIONS, *TRANSPOSED, *ADAPTIVE], ids=str)
def test_a_layer_on_several_sizes(layer: Any, tmp_path: Path) -> None:
    spec, graph = open_mapping({"inputs": {"x": ["n", 2]}, "layers": [layer]}, Path()).sound()
    assert graph is not None
    weights, path = shaken(list(graph.weights())), tmp_path / "model.onnx"
    export_onnx(path, graph, weights)
    for size in range(7, 13):
        x = np.random.default_rng(size).normal(size=(2, size, 2)).astype(np.float32)
        known = build_bound(spec, {"x": x.shape}, graph)[1]
        (wanted,), (found,) = execute(compile_graph(known, weights), [x]), in_onnxruntime(path, [x])
        assert difference(found, wanted) < 1e-5
