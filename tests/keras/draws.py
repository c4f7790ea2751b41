"""Random arguments, drawn from the declaration of a layer: its types, literals and bounds."""

from collections.abc import Callable, Sequence
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from specmodel.layers.base import Layer

Json = Any

SMOOTH: tuple[Json, ...] = (
    *("elu", "gelu", "linear", "mish", "relu", "selu", "sigmoid", "silu", "softplus", "softsign", "tanh"),
    *("exponential", "hard_sigmoid", "hard_silu", "hard_tanh", "log_sigmoid", "relu6", "soft_shrink", "squareplus"),
    *("celu", "leaky_relu", "tanh_shrink", "softmax", "log_softmax", "sparse_plus", "sparse_sigmoid"),
    *({"gelu": {"approximate": True}}, {"elu": {"alpha": 0.5}}, {"celu": {"alpha": 2.0}}),
    *({"leaky_relu": {"negative_slope": 0.1}}, {"relu": {"negative_slope": 0.2, "max_value": 0.7, "threshold": 0.1}}),
    *({"soft_shrink": {"threshold": 0.2}}, {"squareplus": {"b": 1.0}}, {"log_softmax": {"axis": -1}}),
)
"""Activations without jumps, which keep the shape: near a jump a rounding error decides."""
JUMPING: tuple[Json, ...] = (
    *("hard_shrink", {"hard_shrink": {"threshold": 0.3}}),
    {"threshold": {"threshold": 0.3, "default_value": -1.0}},
)
"""Activations with jumps. `sparsemax` is in neither list: Keras 3.15 has an error there."""
INITIALIZERS: tuple[Json, ...] = (
    *("zeros", "ones", "he_normal", "GlorotUniform", "lecun_uniform", {"RandomNormal": {"stddev": 0.02}}),
    *({"Constant": {"value": 0.5}}, {"VarianceScaling": {"scale": 2.0, "mode": "fan_avg"}}, "truncated_normal"),
)
REGULARIZERS: tuple[Json, ...] = ("l2", "L1", {"L1L2": {"l1": 0.1, "l2": 0.2}}, {"L2": {"l2": 0.3}}, "l1l2")
CONSTRAINTS: tuple[Json, ...] = ("NonNeg", "max_norm", {"MaxNorm": {"max_value": 2.0}}, {"UnitNorm": {"axis": 0}})

LABELLED: dict[str, Callable[[Random], Json]] = {
    "activation": lambda random: random.choice((*SMOOTH, *JUMPING)),
    "initializer": lambda random: random.choice(INITIALIZERS),
    "regularizer or null": lambda random: random.choice((None, *REGULARIZERS)),
    "constraint or null": lambda random: random.choice((None, *CONSTRAINTS)),
}


class UndrawableError(Exception):
    """A type of argument that only a family's own rule can draw."""


def arguments(random: Random, kind: type[Layer], skip: Sequence[str] = (), share: float = 0.4) -> dict[str, Json]:
    """Arguments for a layer: every required one, and each other with the probability `share`; none of `skip`."""
    drawn = {}
    for name, info in kind.model_fields.items():
        if name in skip or name == "stateful" or (not info.is_required() and random.random() > share):
            continue
        try:
            drawn[name] = random.randint(0, 99) if name == "seed" else _value(random, info)
        except UndrawableError:
            if info.is_required():
                raise
    return drawn


def _value(random: Random, info: FieldInfo) -> Json:
    return _of(random, info.annotation, info.metadata)


def _of(random: Random, kind: Any, marks: Sequence[Any]) -> Json:
    for mark in marks:
        if isinstance(mark, str) and mark in LABELLED:
            return LABELLED[mark](random)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _of(random, inner[0], [*_flat(inner[1:]), *marks])
    if origin is Literal:
        return random.choice(inner)
    if origin in (Union, UnionType):
        choices = [one for one in inner if one is not NoneType]
        return None if len(choices) < len(inner) and random.random() < 0.3 else _of(random, choices[0], marks)
    if origin is tuple and inner and Ellipsis not in inner:
        if len({str(one) for one in inner}) == 1 and random.random() < 0.4:
            return _of(random, inner[0], ())
        return [_of(random, one, ()) for one in inner]
    return _plain(random, kind, marks)


def _plain(random: Random, kind: Any, marks: Sequence[Any]) -> Json:
    if kind is bool:
        return random.random() < 0.5
    if kind is NoneType:
        return None
    least = next((mark.gt + 1 for mark in marks if isinstance(mark, Gt)), None)
    least = next((mark.ge for mark in marks if isinstance(mark, Ge)), least)
    most = next((mark.le for mark in marks if isinstance(mark, Le)), None)
    if kind is int:
        return random.randint(int(least if least is not None else -2), min(4, int(most or 4)))
    if kind is float:
        low = 0.01 if any(isinstance(mark, Gt) for mark in marks) else float(least if least is not None else -2)
        return round(random.uniform(low, min(2.0, most if most is not None else 2.0)), 3)
    raise UndrawableError(f"{kind}")


def _flat(marks: Sequence[Any]) -> list[Any]:
    """Marks with those that pydantic's `Field` holds taken out of it."""
    return [inner for mark in marks for inner in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
