"""Operations as Keras writes them: a class of `keras.ops` with its config, and constants among the call's arguments."""

from collections.abc import Mapping
from typing import Any, TypeVar

from specmodel.convert.keras.dialects import OPERATION_CLASSES
from specmodel.convert.keras.export.arguments import InexpressibleError, Json
from specmodel.layers.base import Layer, call_parameters
from specmodel.layers.naming import snake_case
from specmodel.layers.operation import leaves

Value = TypeVar("Value")

_MODULES: dict[str, str] = {
    **dict.fromkeys("Cast SaturateCast Scatter ScatterUpdate Slice SliceUpdate Unstack".split(), "core"),
    **dict.fromkeys("Erf Erfc Erfinv ExtractSequences FFT FFT2 IFFT2 IRFFT ISTFT Logdet Logsumexp".split(), "math"),
    **dict.fromkeys("RFFT Rsqrt STFT SegmentMax SegmentMin SegmentProd SegmentSum TopK".split(), "math"),
    **dict.fromkeys("Cholesky CholeskyInverse Det Inv MatrixRank Norm Pinv Solve SolveTriangular".split(), "linalg"),
    **dict.fromkeys("AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm Celu Conv ConvTranspose".split(), "nn"),
    **dict.fromkeys("DepthToSpace DepthwiseConv DotProductAttention Elu Fold Gelu Glu HardShrink".split(), "nn"),
    **dict.fromkeys("HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu LogSigmoid LogSoftmax MaxPool".split(), "nn"),
    **dict.fromkeys("Moments MultiHot Normalize OneHot RMSNorm Relu Relu6 Selu SeparableConv Sigmoid".split(), "nn"),
    **dict.fromkeys("Silu SoftShrink Softmax Softplus Softsign SpaceToDepth SparsePlus SparseSigmoid".split(), "nn"),
    **dict.fromkeys("Sparsemax Squareplus TanhShrink Threshold Unfold".split(), "nn"),
    **dict.fromkeys("AffineTransform CropImages ExtractPatches GaussianBlur HSVToRGB MapCoordinates".split(), "image"),
    **dict.fromkeys("PadImages PerspectiveTransform RGBToGrayscale RGBToHSV Resize SobelEdges".split(), "image"),
    "Rearrange": "einops",
}
"""Where Keras keeps the class of an operation; in `numpy` unless it is named here."""
_CALLED: dict[str, tuple[str, ...]] = {
    "Digitize": ("bins",),
    "DotProductAttention": ("scale",),
    "FullLike": ("fill_value",),
    "GetItem": ("key",),
    "Isclose": ("rtol", "atol"),
    "Pad": ("constant_values",),
    "PerspectiveTransform": ("start_points", "end_points"),
    **dict.fromkeys(("Nanpercentile", "Nanquantile", "Percentile", "Quantile"), ("q",)),
}
"""Arguments of operations here that Keras' call takes rather than its class."""


def operation_object(layer: Layer, name: str, rank: int) -> tuple[Json, dict[str, Any]]:
    """The object, and the constants of its call by the names of the call's arguments; `rank` is the first input's.

    Raises `InexpressibleError`.
    """
    if layer.own_dtype is not None:
        raise InexpressibleError("an operation of Keras has no dtype of its own")
    kind, given = type(layer).__name__, layer.changed_arguments()
    if kind == "Slice":
        kind, given = "GetItem", {"key": _slice_key(given, rank)}
    elif kind == "GetItem":
        given = {"key": key_objects(str(given["key"]))}
    public = OPERATION_CLASSES.get(kind, kind.removesuffix("Op"))
    if not call_parameters(type(layer)):
        raise InexpressibleError("Keras makes a tensor that depends on no input where the model is written, not in it")
    if kind == "BroadcastTo" and None in given["shape"]:
        raise InexpressibleError("Keras broadcasts to sizes that are known alone")
    called = {*call_parameters(type(layer)), *_CALLED.get(kind, ())}
    config = {"name": name, **{key: _argument(key, value) for key, value in given.items() if key not in called}}
    constants = {key: _constant(value) for key, value in given.items() if key in called}
    module = f"keras.src.ops.{_MODULES.get(public, 'numpy')}"
    return {"module": module, "class_name": public, "config": config, "registered_name": public}, constants


_OPERATORS = {
    "Add": "+",
    "Subtract": "-",
    "Multiply": "*",
    "Divide": "/",
    "Power": "**",
    "Mod": "%",
    "FloorDivide": "//",
    "Matmul": "@",
    "Less": "<",
    "LessEqual": "<=",
    "Greater": ">",
    "GreaterEqual": ">=",
}
"""Operations of two operands that Python has a sign for."""


def python_operation(layer: Layer, tensors: dict[str, str]) -> str:
    """The operation as Python code; `tensors` are those it is called with, by the names of the arguments."""
    kind, changed = type(layer).__name__, layer.changed_arguments()
    public = kind.removesuffix("Op")
    given = {key: repr(_argument(key, value)) for key, value in changed.items()}
    constants = {key: _python_constant(changed[key]) for key in given if key in call_parameters(type(layer))}
    called_with = operands(layer, tensors, constants)
    if public in _OPERATORS and {*called_with} == {"x1", "x2"}:
        return f"{called_with['x1']} {_OPERATORS[public]} {called_with['x2']}"
    if kind == "GetItem":
        return f"{tensors['x']}[{str(layer.changed_arguments()['key']).replace('null', 'None')}]"
    if kind == "Slice":
        own = layer.changed_arguments()
        ends = [own.get("start", 0), own.get("stop"), own.get("step", 1)]
        text = f"{'' if ends[0] in (0, None) else ends[0]}:{'' if ends[1] is None else ends[1]}"
        text += "" if ends[2] == 1 else f":{ends[2]}"
        return f"{tensors['x']}[{'..., ' if own['axis'] == -1 else ':, ' * own['axis']}{text}]"
    if kind == "Einsum":
        listed = tensors["operands"].strip("[]")
        return f"ops.einsum({given['subscripts']}, {listed})"
    called = [*called_with.values(), *(f"{key}={value}" for key, value in given.items() if key not in constants)]
    return f"ops.{snake_case(public)}({', '.join(called)})"


def _python_constant(value: Any) -> str:
    return f"ops.array({_plain(value)})" if isinstance(value, tuple) else repr(value)


def key_objects(key: str) -> list[Any]:
    """An index text as Keras writes what stands between the brackets."""
    return [_index(part.strip()) for part in key.split(",")]


def _index(part: str) -> Any:
    if part == "...":
        return {"class_name": "__ellipsis__", "config": {}}
    if part == "null":
        return None
    if ":" not in part:
        return int(part)
    ends = [int(end) if end.strip() else None for end in part.split(":")]
    return _slice(*ends)


def _slice(start: int | None = None, stop: int | None = None, step: int | None = None) -> Json:
    return {"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}}


def _slice_key(given: dict[str, Any], rank: int) -> list[Any]:
    whole = [_slice() for _ in range(given["axis"] % rank)]
    return [*whole, _slice(given.get("start", 0), given.get("stop"), given.get("step", 1))]


def operands(layer: Layer, given: Mapping[str, Value], constants: Mapping[str, Value]) -> dict[str, Value]:
    """What an operation is called with: inputs take the places that constants leave, in their order."""
    free = iter(name for name in call_parameters(type(layer)) if name not in constants)
    taken = given.keys() & constants.keys()
    inputs = {next(free): value for value in given.values()} if taken else dict(given)
    together = {**inputs, **constants}
    order = [*call_parameters(type(layer)), *constants]
    return {name: together[name] for name in dict.fromkeys(order) if name in together}


def is_variadic(layer: Layer) -> bool:
    """Whether Keras' operation takes its list of tensors one by one."""
    return type(layer).__name__ == "Einsum"


def _argument(key: str, value: Any) -> Any:
    """An argument of the class; one axis as an integer, since Keras takes lists of axes unevenly."""
    single = key == "axis" and isinstance(value, list | tuple) and len(value) == 1
    return value[0] if single else _plain(value)


def _constant(value: Any) -> Any:
    """A constant of the call: lists of numbers are arrays."""
    if not isinstance(value, tuple) or not value or isinstance(value[0], str):
        return _plain(value)
    dtype = "float32" if any(isinstance(leaf, float) for leaf in leaves(value)) else "int32"
    return {"class_name": "__numpy__", "config": {"value": _plain(value), "dtype": dtype}}


def _plain(value: Any) -> Any:
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
