"""TensorFlow's functions and ops, and the layers here that compute the same."""

from typing import Any

Function = tuple[str, dict[str, str]]
"""The layer here, and the names of TensorFlow's parameters in order, each with the name here."""

_X = {"x": "x"}
_XY = {"x": "x1", "y": "x2"}
_YX = {"x": "x2", "y": "x1"}
_POOL = {"input": "inputs", "ksize": "pool_size", "strides": "strides", "padding": "padding"}
_REDUCE = {"input_tensor": "x", "axis": "axis", "keepdims": "keepdims"}

FUNCTIONS: dict[str, Function] = {
    **{f"math.{name}": (kind, _XY) for name, kind in (("add", "AddOp"), ("subtract", "SubtractOp"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("multiply", "MultiplyOp"), ("divide", "Divide"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("truediv", "Divide"), ("divide_no_nan", "DivideNoNan"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("pow", "Power"), ("floordiv", "FloorDivide"), ("mod", "Mod"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("floormod", "Mod"), ("atan2", "Arctan2"))},
    "floor_div": ("FloorDivide", _XY),
    **{f"math.{name}": (kind, _XY) for name, kind in (("maximum", "MaximumOp"), ("minimum", "MinimumOp"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("greater", "Greater"), ("greater_equal", "GreaterEqual"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("less", "Less"), ("less_equal", "LessEqual"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("equal", "Equal"), ("not_equal", "NotEqual"))},
    **{f"math.logical_{name}": (f"Logical{name.capitalize()}", _XY) for name in ("and", "or", "xor")},
    "math.logical_not": ("LogicalNot", _X),
    **{f"__operators__.{name}": (kind, _XY) for name, kind in (("add", "AddOp"), ("sub", "SubtractOp"))},
    **{f"__operators__.{name}": (kind, _XY) for name, kind in (("mul", "MultiplyOp"), ("truediv", "Divide"))},
    **{f"__operators__.{name}": (kind, _XY) for name, kind in (("pow", "Power"), ("floordiv", "FloorDivide"))},
    **{f"__operators__.r{name}": (kind, _YX) for name, kind in (("add", "AddOp"), ("sub", "SubtractOp"))},
    **{f"__operators__.r{name}": (kind, _YX) for name, kind in (("mul", "MultiplyOp"), ("truediv", "Divide"))},
    "__operators__.rpow": ("Power", _YX),
    "__operators__.neg": ("Negative", _X),
    **{
        f"math.{name}": (kind, _X)
        for name, kind in (
            *(("abs", "Absolute"), ("ceil", "Ceil"), ("cos", "Cos"), ("exp", "Exp"), ("expm1", "Expm1")),
            *(("floor", "Floor"), ("log", "Log"), ("log1p", "Log1p"), ("negative", "Negative"), ("round", "Round")),
            *(("rsqrt", "Rsqrt"), ("sign", "Sign"), ("sigmoid", "Sigmoid"), ("sin", "Sin"), ("sqrt", "Sqrt")),
            *(("square", "Square"), ("tan", "Tan"), ("tanh", "Tanh"), ("erf", "Erf"), ("reciprocal", "Reciprocal")),
        )
    },
    **{f"math.reduce_{name}": (name.capitalize(), _REDUCE) for name in ("mean", "sum", "max", "min", "prod", "std")},
    "math.reduce_variance": ("Var", _REDUCE),
    "math.reduce_logsumexp": ("Logsumexp", _REDUCE),
    "math.reduce_any": ("Any", _REDUCE),
    "math.reduce_all": ("All", _REDUCE),
    "math.argmax": ("Argmax", {"input": "x", "axis": "axis"}),
    "math.argmin": ("Argmin", {"input": "x", "axis": "axis"}),
    "math.l2_normalize": ("Normalize", {"x": "x", "axis": "axis"}),
    "clip_by_value": ("Clip", {"t": "x", "clip_value_min": "x_min", "clip_value_max": "x_max"}),
    "reshape": ("ReshapeOp", {"tensor": "x", "shape": "newshape"}),
    "transpose": ("Transpose", {"a": "x", "perm": "axes"}),
    "expand_dims": ("ExpandDims", {"input": "x", "axis": "axis"}),
    "squeeze": ("Squeeze", {"input": "x", "axis": "axis"}),
    "concat": ("ConcatenateOp", {"values": "xs", "axis": "axis"}),
    "stack": ("Stack", {"values": "x", "axis": "axis"}),
    "tile": ("Tile", {"input": "x", "multiples": "repeats"}),
    "cast": ("Cast", {"x": "x", "dtype": "dtype"}),
    "linalg.matmul": ("Matmul", {"a": "x1", "b": "x2", "transpose_a": "transpose_a", "transpose_b": "transpose_b"}),
    "tensordot": ("Tensordot", {"a": "x1", "b": "x2", "axes": "axes"}),
    "math.cumsum": ("Cumsum", {"x": "x", "axis": "axis"}),
    "math.add_n": ("Add", {"inputs": "inputs"}),
    "math.top_k": ("TopK", {"input": "x", "k": "k", "sorted": "sorted"}),
    "nn.bias_add": ("AddOp", {"value": "x1", "bias": "x2"}),
    "split": ("Split", {"value": "x", "num_or_size_splits": "indices_or_sections", "axis": "axis"}),
    "unstack": ("Unstack", {"value": "x", "num": "num", "axis": "axis"}),
    "reverse": ("Flip", {"tensor": "x", "axis": "axis"}),
    "roll": ("Roll", {"input": "x", "shift": "shift", "axis": "axis"}),
    "sort": ("Sort", {"values": "x", "axis": "axis"}),
    "pad": ("Pad", {"tensor": "x", "paddings": "pad_width", "mode": "mode", "constant_values": "constant_values"}),
    "gather": ("Take", {"params": "x", "indices": "indices", "axis": "axis"}),
    "norm": ("Norm", {"tensor": "x", "ord": "ord", "axis": "axis", "keepdims": "keepdims"}),
    "zeros_like": ("ZerosLike", {"input": "x"}),
    "ones_like": ("OnesLike", {"input": "x"}),
    "image.resize": ("Resizing", {"images": "data", "size": "size", "method": "interpolation"}),
    **{f"nn.{name}": ("AveragePooling2D", _POOL) for name in ("avg_pool", "avg_pool2d")},
    **{f"nn.{name}": ("MaxPooling2D", _POOL) for name in ("max_pool", "max_pool2d")},
    "where": ("Where", {"condition": "condition", "x": "x1", "y": "x2"}),
    "one_hot": ("OneHot", {"indices": "x", "depth": "num_classes", "axis": "axis"}),
    **{name: ("Identity", {"input": "inputs"}) for name in ("identity", "stop_gradient", "convert_to_tensor")},
}
"""The functions by the name in a TFOpLambda."""

ACTIVATIONS = ("relu", "relu6", "elu", "selu", "sigmoid", "tanh", "softplus", "softsign", "silu", "swish", "gelu")
NOTHING: dict[str, Any] = {
    "type_spec": None,
    "dtype": None,
    "alpha": 0.2,
    "beta": 1.0,
    "batch_dims": 0,
    "direction": "ASCENDING",
    "data_format": "NHWC",
}
"""Parameters that may stand there with a value that changes nothing."""

DEFAULTS: dict[str, dict[str, Any]] = {
    **{kind: {"axis": 0} for kind in ("Argmax", "Argmin", "Cumsum", "Take")},
    "TopK": {"k": 1},
}
"""What TensorFlow takes where a call says nothing, and the layer here something else."""

OPS: dict[str, Function] = {
    **dict.fromkeys(("Add", "AddV2"), ("AddOp", _XY)),
    **{name: (f"{kind}Op", _XY) for name, kind in (("Sub", "Subtract"), ("Mul", "Multiply"))},
    **{name: (f"{name}Op", _XY) for name in ("Maximum", "Minimum")},
    **dict.fromkeys(("RealDiv", "Div"), ("Divide", _XY)),
    **{name: (name, _XY) for name in ("Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual")},
    "Pow": ("Power", _XY),
    "Neg": ("Negative", _X),
    "Abs": ("Absolute", _X),
    **{
        name: (name, _X)
        for name in ("Sqrt", "Rsqrt", "Square", "Exp", "Log", "Sin", "Cos", "Tanh", "Sigmoid", "Floor", "Ceil", "Sign")
    },
    **{name: (name, {"0": "x", "1": "axis"}) for name in ("Mean", "Sum", "Max", "Min", "Prod")},
    "Reshape": ("ReshapeOp", {"0": "x", "1": "newshape"}),
    "ExpandDims": ("ExpandDims", {"0": "x", "1": "axis"}),
    "Transpose": ("Transpose", {"0": "x", "1": "axes"}),
    "Tile": ("Tile", {"0": "x", "1": "repeats"}),
    **dict.fromkeys(("MatMul", "BatchMatMul", "BatchMatMulV2"), ("Matmul", _XY)),
}
"""The ops by the name in the `node_def` of a TensorFlowOpLayer."""

ATTRIBUTES: dict[str, str] = {
    **dict.fromkeys(("keep_dims", "keepDims"), "keepdims"),
    **dict.fromkeys(("transpose_a", "transposeA", "adj_x", "adjX"), "transpose_a"),
    **dict.fromkeys(("transpose_b", "transposeB", "adj_y", "adjY"), "transpose_b"),
}
"""The flags of a node that matter, with their names here."""
