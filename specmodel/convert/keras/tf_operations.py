"""TensorFlow's functions as layers: TFOpLambda and SlicingOpLambda (2.4 to 2.15), TensorFlowOpLayer (2.0 to 2.3)."""

from typing import Any

from specmodel import layers
from specmodel.convert.keras import objects
from specmodel.convert.keras.network import Call, Item
from specmodel.convert.keras.objects import ForeignError
from specmodel.convert.keras.operations import MadeOperation, bound
from specmodel.files.malformed import shown

KINDS = ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer")

Function = tuple[str, dict[str, str]]
"""The layer here, and the names of TensorFlow's parameters in order, each with the name here."""

_X = {"x": "x"}
_XY = {"x": "x1", "y": "x2"}
_YX = {"x": "x2", "y": "x1"}
_REDUCE = {"input_tensor": "x", "axis": "axis", "keepdims": "keepdims"}

FUNCTIONS: dict[str, Function] = {
    **{f"math.{name}": (kind, _XY) for name, kind in (("add", "AddOp"), ("subtract", "SubtractOp"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("multiply", "MultiplyOp"), ("divide", "Divide"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("truediv", "Divide"), ("divide_no_nan", "DivideNoNan"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("pow", "Power"), ("floordiv", "FloorDivide"), ("mod", "Mod"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("maximum", "MaximumOp"), ("minimum", "MinimumOp"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("greater", "Greater"), ("greater_equal", "GreaterEqual"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("less", "Less"), ("less_equal", "LessEqual"))},
    **{f"math.{name}": (kind, _XY) for name, kind in (("equal", "Equal"), ("not_equal", "NotEqual"))},
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
    "linalg.matmul": ("Matmul", {"a": "x1", "b": "x2"}),
    "where": ("Where", {"condition": "condition", "x": "x1", "y": "x2"}),
    "one_hot": ("OneHot", {"indices": "x", "depth": "num_classes", "axis": "axis"}),
    **{name: ("Identity", {"input": "inputs"}) for name in ("identity", "stop_gradient", "convert_to_tensor")},
}
"""The functions by the name in a TFOpLambda."""

_ACTIVATIONS = ("relu", "relu6", "elu", "selu", "sigmoid", "tanh", "softplus", "softsign", "silu", "swish", "gelu")
_NOTHING: dict[str, Any] = {
    "name": None,
    "type_spec": None,
    "dtype": None,
    "alpha": 0.2,
    "beta": 1.0,
    "approximate": False,
}
"""Parameters that may stand there with a value that changes nothing."""

_OPS: dict[str, Function] = {
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


def tf_operation(item: Item, call: Call) -> MadeOperation:
    """The operation of one call; raises ForeignError for a function that has no counterpart."""
    if item.kind == "TensorFlowOpLayer":
        return _from_node(item, call)
    name = item.config.get("function")
    if not isinstance(name, str):
        raise ForeignError("it does not say which function of TensorFlow it calls")
    if name == "__operators__.getitem":
        return _slice(call)
    head, _, last = name.rpartition(".")
    if head == "nn" and (last in _ACTIVATIONS or last in ("softmax", "leaky_relu", "log_softmax")):
        return _activation(last, call)
    found = FUNCTIONS.get(name, FUNCTIONS.get(name.removeprefix("compat.v1.")))
    if found is None:
        raise ForeignError(f"the function {shown(f'tf.{name}')} has no counterpart in specmodel")
    return _call(found, call)


def _call(found: Function, call: Call) -> MadeOperation:
    kind_name, names = found
    kind = layers.find(kind_name)
    assert kind is not None
    given: dict[str, Any] = dict(zip(names, call.args, strict=False))
    for key, value in call.kwargs.items():
        if key in names:
            given[key] = value
        elif value is not None and value is not False and _NOTHING.get(key) != value:
            raise ForeignError(f"its argument {shown(key)} is none of {kind_name} in specmodel")
    return bound(kind, {}, Call((), {names[key]: value for key, value in given.items() if value is not None}))


def _activation(name: str, call: Call) -> MadeOperation:
    kind = layers.find("Activation")
    assert kind is not None
    given = {key: value for key, value in call.kwargs.items() if value is not None and key != "name"}
    own: dict[str, Any] = {}
    if name == "leaky_relu":
        own = {"negative_slope": objects.number(given.pop("alpha", 0.2))}
    elif name in ("softmax", "log_softmax") and "axis" in given:
        own = {"axis": given.pop("axis")}
    elif name == "gelu" and given.pop("approximate", False):
        own = {"approximate": True}
    left = [key for key in given if _NOTHING.get(key) != given[key] and key not in ("features", "logits", "x")]
    if left:
        raise ForeignError(f"its argument {shown(left[0])} is none of the activation `{name}`")
    written = objects.activation(name, False)
    return bound(kind, {"activation": {written: own} if own else written}, Call(call.args[:1], {}))


def _slice(call: Call) -> MadeOperation:
    """`x[…]`: the indices stand in `slice_spec`."""
    spec = call.kwargs.get("slice_spec")
    kind = layers.find("GetItem")
    assert kind is not None
    return bound(kind, {}, Call(call.args[:1], {"key": spec}))


def _from_node(item: Item, call: Call) -> MadeOperation:
    node, constants = item.config.get("node_def"), item.config.get("constants") or {}
    op = node.get("op") if isinstance(node, dict) else None
    if not isinstance(op, str) or not isinstance(constants, dict):
        raise ForeignError("it does not say which op of TensorFlow it is")
    if op in ("Relu", "Relu6", "Elu", "Selu", "Softmax", "Softplus", "Softsign"):
        return _activation(op.lower(), call)
    if op in ("Identity", "StopGradient"):
        return _call(FUNCTIONS["identity"], call)
    found = _OPS.get(op)
    if found is None:
        raise ForeignError(f"the op {shown(op)} of TensorFlow has no counterpart in specmodel")
    args = list(call.args[0]) if len(call.args) == 1 and isinstance(call.args[0], list) else list(call.args)
    for position in sorted(constants, key=lambda key: int(key) if str(key).isdecimal() else 0):
        args.insert(int(position) if str(position).isdecimal() else 0, objects.number(constants[position]))
    kind_name, names = found
    kind = layers.find(kind_name)
    assert kind is not None
    given = dict(zip(names.values(), args, strict=False))
    attributes = node.get("attr") if isinstance(node, dict) else None
    keep = attributes.get("keep_dims", attributes.get("keepDims")) if isinstance(attributes, dict) else None
    if isinstance(keep, dict) and keep.get("b") is True:
        given["keepdims"] = True
    return bound(kind, {}, Call((), given))
