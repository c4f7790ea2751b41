"""TensorFlow's functions as layers: TFOpLambda and SlicingOpLambda (2.4 to 2.15), TensorFlowOpLayer (2.0 to 2.3)."""

from collections.abc import Callable
from itertools import accumulate
from typing import Any

from specmodel import layers
from specmodel.convert.keras import objects
from specmodel.convert.keras.network import Call, Item, Tensor, tensors_in
from specmodel.convert.keras.objects import ForeignError
from specmodel.convert.keras.operations import MadeOperation, bound
from specmodel.convert.keras.tf_functions import ACTIVATIONS, ATTRIBUTES, DEFAULTS, FUNCTIONS, NOTHING, OPS, Function
from specmodel.files.malformed import shown

KINDS = ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer")


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
    if (
        head in ("nn", "math")
        and name not in FUNCTIONS
        and (last in ACTIVATIONS or last in ("softmax", "leaky_relu", "log_softmax"))
    ):
        return _activation(last, call)
    found = FUNCTIONS.get(name, FUNCTIONS.get(name.removeprefix("compat.v1.")))
    if found is None:
        raise ForeignError(f"the function {shown(f'tf.{name}')} has no counterpart in specmodel")
    return _call(found, call)


def _call(found: Function, call: Call) -> MadeOperation:
    kind, names = found
    given: dict[str, Any] = dict(zip(names.values(), call.args, strict=False))
    for key, value in call.kwargs.items():
        if key in names:
            given[names[key]] = value
        elif key != "name" and value is not None and value is not False and NOTHING.get(key) != value:
            raise ForeignError(f"its argument {shown(key)} is none of {kind} in specmodel")
    return _bound(kind, {key: value for key, value in given.items() if value is not None})


def _bound(kind: str, given: dict[str, Any]) -> MadeOperation:
    """The layer of a class, called as TensorFlow's function is."""
    given = {**DEFAULTS.get(kind, {}), **given}
    if kind in _ADAPTED:
        kind, given = _ADAPTED[kind](given)
    found = layers.find(kind)
    assert found is not None
    return bound(found, {}, Call((), given))


Adapted = tuple[str, dict[str, Any]]


def _matmul(given: dict[str, Any]) -> Adapted:
    """A product whose factors are transposed first is a sum of Einstein's."""
    turned = given.pop("transpose_a", False), given.pop("transpose_b", False)
    if turned == (False, False):
        return "Matmul", given
    one, other = "...ji" if turned[0] else "...ij", "...kj" if turned[1] else "...jk"
    return "Einsum", {"subscripts": f"{one},{other}->...ik", "operands": [given.get("x1"), given.get("x2")]}


def _split(given: dict[str, Any]) -> Adapted:
    """TensorFlow gives the sizes of the parts, Keras where one ends."""
    sizes = given.get("indices_or_sections")
    if isinstance(sizes, list):
        if not all(isinstance(size, int) and size >= 0 for size in sizes):
            raise ForeignError("the sizes of its parts are not all known")
        given["indices_or_sections"] = list(accumulate(sizes))[:-1]
    return "Split", given


def _reshape(given: dict[str, Any]) -> Adapted:
    """A size that is a tensor, as that of the batch may be, follows from the others where it is the only one."""
    sizes = given.get("newshape")
    if isinstance(sizes, list) and -1 not in sizes and len(tensors_in(sizes)) == 1:
        given["newshape"] = [-1 if isinstance(size, Tensor) else size for size in sizes]
    return "ReshapeOp", given


def _pad(given: dict[str, Any]) -> Adapted:
    mode = str(given.pop("mode", "constant")).lower()
    if mode != "constant":
        given.pop("constant_values", None)
        given["mode"] = mode
    return "Pad", given


def _norm(given: dict[str, Any]) -> Adapted:
    if given.get("ord") == "euclidean":
        del given["ord"]
    return "Norm", given


def _normalize(given: dict[str, Any]) -> Adapted:
    if "axis" not in given:
        raise ForeignError("it normalizes over all axes at once, those of the batch too")
    return "Normalize", given


def _pooling(kind: str) -> Callable[[dict[str, Any]], Adapted]:
    def adapted(given: dict[str, Any]) -> Adapted:
        for name in ("pool_size", "strides"):
            sizes = given.get(name)
            if isinstance(sizes, list) and len(sizes) == 4 and sizes[0] == sizes[3] == 1:
                given[name] = sizes[1:3]
        if given.get("strides") == given.get("pool_size"):
            given.pop("strides", None)
        return kind, {**given, "padding": str(given.get("padding")).lower()}

    return adapted


def _resizing(given: dict[str, Any]) -> Adapted:
    size = given.pop("size", None)
    if not isinstance(size, list) or len(size) != 2:
        raise ForeignError("its `size` is no list of two integers")
    return "Resizing", {**given, "height": size[0], "width": size[1]}


_ADAPTED: dict[str, Callable[[dict[str, Any]], Adapted]] = {
    "Matmul": _matmul,
    "Split": _split,
    "ReshapeOp": _reshape,
    "Pad": _pad,
    "Norm": _norm,
    "Normalize": _normalize,
    **{kind: _pooling(kind) for kind in ("AveragePooling2D", "MaxPooling2D")},
    "Resizing": _resizing,
}
"""What else has to be said another way here, by the layer."""


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
    left = [key for key in given if NOTHING.get(key) != given[key] and key not in ("features", "logits", "x")]
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
    found = OPS.get(op)
    if found is None:
        raise ForeignError(f"the op {shown(op)} of TensorFlow has no counterpart in specmodel")
    args = list(call.args[0]) if len(call.args) == 1 and isinstance(call.args[0], list) else list(call.args)
    for position in sorted(constants, key=lambda key: int(key) if str(key).isdecimal() else 0):
        args.insert(int(position) if str(position).isdecimal() else 0, objects.number(constants[position]))
    kind, names = found
    given = dict(zip(names.values(), args, strict=False))
    written = node.get("attr") if isinstance(node, dict) else None
    attributes: dict[str, Any] = written if isinstance(written, dict) else {}
    for name, here in ATTRIBUTES.items():
        value = attributes.get(name)
        if isinstance(value, dict) and value.get("b") is True:
            given[here] = True
    return _bound(kind, given)
