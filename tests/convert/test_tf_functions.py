"""Functions of TensorFlow as layers of tf.keras, as the entries that they become."""

from pathlib import Path
from typing import Any

import pytest

from tests.convert.configs import entries_of, functional, older, source
from tests.convert.test_functional import said

X, Y, Z = source("x", 4, 6), source("y", 4, 6), source("z", 6, 4)


def called(function: str, *more: Any, **kwargs: Any) -> Any:
    """A model whose output is a function of `x`, and `y` or `z` where these are among the arguments."""
    node = [["x", 0, 0, kwargs], *[[one, 0, 0, kwargs] for one in more]]
    return functional([X, Y, Z, older("TFOpLambda", f"tf.{function}", *node, function=function)], [f"tf.{function}"])


Y_HERE = ["y", 0, 0]
FUNCTIONS: dict[str, tuple[Any, str]] = {
    "with a constant": (called("math.maximum", y=0.1, name=None), "MaximumOp: 0.1"),
    "with a tensor": (called("math.floormod", y=Y_HERE), "Mod"),
    "an older name": (called("compat.v1.floor_div", y=0.5, name=None), "FloorDivide: 0.5"),
    "an activation": (called("math.softplus"), "Activation: softplus"),
    "a product": (called("linalg.matmul", b=["z", 0, 0], transpose_b=False), "Matmul"),
    "a product with the second turned": (
        called("linalg.matmul", b=Y_HERE, transpose_b=True),
        'Einsum: "...ij,...kj->...ik"',
    ),
    "a product with the first turned": (
        called("linalg.matmul", b=Y_HERE, transpose_a=True),
        'Einsum: "...ji,...jk->...ik"',
    ),
    "a name of its own": (
        called("compat.v1.transpose", perm=[0, 2, 1], name="turned", conjugate=False),
        "Transpose: [0, 2, 1]",
    ),
    "parts of a size": (called("split", num_or_size_splits=2, axis=-1), "Split: {indices_or_sections: 2, axis: -1}"),
    "parts of several sizes": (
        called("split", num_or_size_splits=[1, 2, 3], axis=2),
        "Split: {indices_or_sections: [1, 3], axis: 2}",
    ),
    "the first axis by default": (called("math.cumsum"), "Cumsum: 0"),
    "padding": (
        called("compat.v1.pad", paddings=[[0, 0], [1, 2], [0, 0]], mode="REFLECT", name=None, constant_values=0),
        "Pad: {pad_width: [[0, 0], [1, 2], [0, 0]], mode: reflect}",
    ),
    "padding with a number": (
        called("compat.v1.pad", paddings=[[0, 0], [1, 2], [0, 0]], mode="CONSTANT", constant_values=1.5),
        "Pad: {pad_width: [[0, 0], [1, 2], [0, 0]], constant_values: 1.5}",
    ),
    "some rows": (called("compat.v1.gather", indices=[0, 2], axis=1, batch_dims=0), "Take: {axis: 1, indices: [0, 2]}"),
    "a length": (called("compat.v1.norm", ord="euclidean", axis=-1, keepdims=None), "Norm: -1"),
    "a size that another tensor has": (called("reshape", shape=[Y_HERE, 24]), "ReshapeOp: [-1, 24]"),
    "a sum of many": (called("math.add_n", "y"), "Add"),
    "the largest": (called("math.top_k"), "TopK: 1"),
}
IMAGES: dict[str, tuple[Any, str]] = {
    "nn.max_pool2d": (
        {"ksize": [1, 2, 3, 1], "strides": 2, "padding": "SAME"},
        "MaxPooling2D: {pool_size: [2, 3], strides: 2, padding: same}",
    ),
    "nn.avg_pool2d": ({"ksize": 2, "strides": 2, "padding": "VALID"}, "AveragePooling2D: 2"),
    "image.resize": ({"size": [4, 5], "method": "nearest"}, "Resizing: {height: 4, width: 5, interpolation: nearest}"),
}
REFUSED: dict[str, tuple[Any, str]] = {
    "a function that is none here": (called("nn.crelu"), "the function `tf.nn.crelu` has no counterpart in specmodel"),
    "an argument that is none here": (
        called("compat.v1.gather", indices=[0], axis=1, batch_dims=1),
        "its argument `batch_dims` is none of Take in specmodel",
    ),
    "all axes at once": (called("math.l2_normalize"), "it normalizes over all axes at once, those of the batch too"),
}


@pytest.mark.parametrize(("config", "written"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_is_an_entry(config: Any, written: str, tmp_path: Path) -> None:
    assert entries_of(config, tmp_path).partition("outputs:")[0].strip().splitlines()[-1].strip(" -:") == written


@pytest.mark.parametrize("name", IMAGES)
def test_a_function_of_images_is_a_layer(name: str, tmp_path: Path) -> None:
    kwargs, written = IMAGES[name]
    node = ["x", 0, 0, kwargs]
    config = functional([source("x", 8, 8, 3), older("TFOpLambda", f"tf.{name}", node, function=name)], [f"tf.{name}"])
    assert entries_of(config, tmp_path) == f"  - {written}\n"


@pytest.mark.parametrize(("config", "message"), REFUSED.values(), ids=REFUSED)
def test_a_function_that_cannot_be_said_is_told(config: Any, message: str, tmp_path: Path) -> None:
    (found,) = said(config, tmp_path)
    assert found.partition(": ")[2] == message


def test_what_nobody_reads_needs_no_counterpart(tmp_path: Path) -> None:
    layers = [
        X,
        older("TFOpLambda", "tf.compat.v1.shape", "x", function="compat.v1.shape"),
        older(
            "SlicingOpLambda", "size", ["tf.compat.v1.shape", 0, 0, {"slice_spec": 0}], function="__operators__.getitem"
        ),
        older("TFOpLambda", "tf.reshape", ["x", 0, 0, {"shape": [["size", 0, 0], 24]}], function="reshape"),
    ]
    assert entries_of(functional(layers, ["tf.reshape"]), tmp_path) == "  - ReshapeOp: [-1, 24]\n"
