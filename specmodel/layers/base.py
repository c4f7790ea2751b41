"""The base class of all layers."""

from collections.abc import Iterator, Mapping
from copy import copy
from functools import cache
from pathlib import PurePath
from typing import Any, ClassVar, Self, get_args

from pydantic import BaseModel, ConfigDict, PrivateAttr

from specmodel.diagnostics import Diagnostics, codes
from specmodel.layers.naming import snake_case
from specmodel.layers.objects import REGULARIZERS, Named
from specmodel.layers.scope import Scope
from specmodel.layers.validation import ArgumentError, ArgumentFault, shown, validated
from specmodel.ops.value import Value
from specmodel.record import Record

Shape = tuple[int | str | None, ...]


class Example(Record):
    """A use of a layer that is true: the suite builds it, runs it and compares.

    Shapes hold the batch axis as None. `error` is a part of the message that the arguments (or these inputs) must give.
    `inputs` and `outputs` are lists of shapes; `call` names the inputs by the layer's call arguments.
    """

    arguments: Mapping[str, Any]
    inputs: tuple[Shape, ...] = ()
    output: Shape | tuple[Shape, ...] | None = None
    params: int | None = None
    error: str | None = None
    dtypes: tuple[str, ...] = ()
    call: tuple[str, ...] = ()


_BESIDE = ("name", "trainable", "dtype", "input_shape")
"""What a program writes among the arguments and a spec beside them, unless an argument has that name."""


_DECLARED: dict[tuple[type, str, str], "Layer"] = {}
"""Layers by what they were declared with; each is copied, never handed out."""
_MOST_DECLARED, _LONGEST_DECLARED = 4096, 1024


class Layer(BaseModel):
    """A layer: its arguments, as Keras names them, and what it builds of its inputs.

    A subclass declares its constructor arguments in Keras' order, then the call arguments that are no tensors, and one
    `build(b, …)` whose parameters are named as those of the Keras layer's `call`.
    """

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True, arbitrary_types_allowed=True)

    supports_masking: ClassVar[bool] = False
    """Whether a mask passes through, as Keras' attribute of this name says."""
    autocast: ClassVar[bool] = True
    """Whether floating inputs are cast to the dtype the layer computes in before `build` sees them."""
    integer_dtypes: ClassVar[bool] = False
    """Whether `dtype` beside the layer may be int32 or int64, for a layer that makes integers."""
    takes_list: ClassVar[bool] = False
    """Whether the first call argument is a list of values, as for the merging layers."""
    call_only: ClassVar[tuple[str, ...]] = ()
    """Fields that Keras has among the arguments of the layer's call: a reuse may change them."""
    file_arguments: ClassVar[tuple[str, ...]] = ()
    """Fields that are the path of a file where they are a text."""
    examples: ClassVar[tuple[Example, ...]] = ()

    _name: str | None = PrivateAttr(default=None)
    _trainable: bool = PrivateAttr(default=True)
    _dtype: str | None = PrivateAttr(default=None)
    _activity_regularizer: "str | Named | None" = PrivateAttr(default=None)
    _input_shape: Any = PrivateAttr(default=None)
    _alone: Any = PrivateAttr(default=None)

    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        own: dict[str, Any] = {}
        own |= {key: kwargs.pop(key) for key in _BESIDE if key in kwargs.keys() - type(self).model_fields}
        faults = _fill(self, _bind(type(self), args, kwargs), own)
        if faults:
            found = Diagnostics()
            for fault in faults:
                found.add(fault.code, fault.message, place=type(self).__name__, help=fault.help)
            found.raise_errors()

    @classmethod
    def declare(cls, arguments: Mapping[str, Any], **own: Any) -> Self:
        """The layer with these arguments; raises `ArgumentError`. `own` holds `name`, `trainable` and `dtype`.

        A family of networks declares the same layers again and again: each is validated once.
        """
        key = (cls, repr(arguments), repr(own))
        known = _DECLARED.get(key)
        if known is None:
            known = cls.__new__(cls)
            faults = _fill(known, arguments, own)
            if faults:
                raise ArgumentError(faults)
            if (
                len(_DECLARED) < _MOST_DECLARED
                and len(key[1]) < _LONGEST_DECLARED
                and not _holds_layers([*known.__dict__.values()])
            ):
                _DECLARED[key] = known
        return copy(known)  # type: ignore[return-value]  # the key has the class

    @classmethod
    def positional(cls) -> tuple[str, ...]:
        """The arguments in the order of Keras' constructor."""
        return tuple(name for name in cls.model_fields if name not in cls.call_only)

    @classmethod
    def list_arguments(cls) -> tuple[str, ...]:
        """The call arguments that may be lists of values."""
        states = ("initial_state", "states")
        return (*call_parameters(cls)[:1], "mask", *states) if cls.takes_list else states

    @property
    def name(self) -> str:
        """The name it was given, or the automatic one that it has where it was last used."""
        if self._name is None and self._alone is not None and self._alone.path is not None:
            return str(self._alone.path)
        return self.declared_name

    @property
    def declared_name(self) -> str:
        """The name it was given, or the one Keras would derive from the class."""
        return self._name if self._name is not None else snake_case(type(self).__name__)

    @property
    def own_name(self) -> str | None:
        """The name it was given, if any."""
        return self._name

    @property
    def own_trainable(self) -> bool:
        """What `trainable` beside the layer says."""
        return bool(_private(self, "_trainable"))

    @property
    def own_dtype(self) -> str | None:
        """The dtype policy beside the layer, if any."""
        dtype: str | None = _private(self, "_dtype")
        return dtype

    def build(self, b: Scope, /, *inputs: Any, **more: Any) -> Value | tuple[Value, ...]:
        """Make the layer's output of its inputs, the values its parameters name: the whole meaning of the layer.

        Raises `Fault`.
        """
        raise NotImplementedError(type(self).__name__)

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> "Value | tuple[Value | None, ...] | None":
        """The mask that travels with the output, if `supports_masking`: by default the first argument's own.

        `values` are the call arguments by name, `mask` is the mask (or list of masks) of the first.
        """
        first: Value | None = mask[0] if isinstance(mask, list) else mask
        return first

    def held(self) -> "Iterator[Layer]":
        """The layers inside this one."""
        for name in layer_arguments(type(self)):
            found = getattr(self, name)
            yield from [found] if isinstance(found, Layer) else found or ()

    def changed_arguments(self) -> dict[str, Any]:
        """The arguments that differ from their defaults, as they were validated, in declaration order."""
        changed = {
            name: getattr(self, name)
            for name, info in type(self).model_fields.items()
            if info.is_required() or getattr(self, name) != info.get_default()
        }
        if self._activity_regularizer is not None:
            changed["activity_regularizer"] = self._activity_regularizer
        return changed

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the layer on arrays, outside any model; its weights are made on the first call (seed 0)."""
        from specmodel.model.alone import call_alone

        return call_alone(self, args, kwargs)

    @property
    def weights(self) -> list[Any]:
        """The weights of a layer that was called on arrays; before that there are none."""
        from specmodel.model.alone import weights_alone

        return weights_alone(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _private(layer: Layer, name: str) -> Any:
    """A private attribute, past pydantic's `__getattr__`: large specs ask for these at every layer."""
    return (layer.__pydantic_private__ or {})[name]


@cache
def call_parameters(cls: type[Layer]) -> tuple[str, ...]:
    """The names of a layer's call arguments, in order."""
    code = cls.build.__code__
    return code.co_varnames[2 : code.co_argcount]


@cache
def required_parameters(cls: type[Layer]) -> tuple[str, ...]:
    """The call arguments without a default."""
    names = call_parameters(cls)
    return names[: len(names) - len(cls.build.__defaults__ or ())]


@cache
def layer_arguments(cls: type[Layer]) -> tuple[str, ...]:
    """The arguments that are layers or lists of them."""
    return tuple(name for name, info in cls.model_fields.items() if _is_of_layers(info.annotation))


def _is_of_layers(kind: object) -> bool:
    return (isinstance(kind, type) and issubclass(kind, Layer)) or any(map(_is_of_layers, get_args(kind)))


def relocated(layer: Layer, below: PurePath) -> Layer:
    """The layer with the files that it names below a folder, those of layers inside it included."""
    changes: dict[str, Any] = {}
    for name in type(layer).file_arguments:
        if isinstance(getattr(layer, name), str):
            changes[name] = (below / getattr(layer, name)).as_posix()
    for name in layer_arguments(type(layer)):
        found = getattr(layer, name)
        if isinstance(found, Layer):
            changes[name] = relocated(found, below)
        elif found is not None:
            changes[name] = tuple(relocated(one, below) for one in found)
    return layer.model_copy(update=changes) if changes else layer


def _bind(cls: type[Layer], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    names = cls.positional()
    if len(args) > len(names):
        raise TypeError(f"{cls.__name__} takes at most {len(names)} arguments, got {len(args)}")
    bound = dict(zip(names, args, strict=False))
    twice = [name for name in bound if name in kwargs]
    if twice:
        raise TypeError(f"{cls.__name__} got `{twice[0]}` twice")
    return bound | kwargs


def _fill(layer: Layer, arguments: Mapping[str, Any], own: Mapping[str, Any]) -> list[ArgumentFault]:
    """Validate arguments into a fresh layer, with the keys that stand beside it; what is wrong comes back.

    Every Keras layer takes an `activity_regularizer`, whether or not its own constructor names one.
    """
    regularizer = None
    faults = []
    if "activity_regularizer" in arguments and "activity_regularizer" not in type(layer).model_fields:
        arguments = dict(arguments)
        regularizer = arguments.pop("activity_regularizer")
    try:
        validated(type(layer).__name__, layer, arguments)
        if regularizer is not None:
            layer._activity_regularizer = REGULARIZERS.checked("activity_regularizer", regularizer)
    except ArgumentError as error:
        faults.extend(error.faults)
    faults.extend(own_faults(own, type(layer).integer_dtypes))
    if not faults:
        for key, value in own.items():
            setattr(layer, f"_{key}", value)
    return faults


def _holds_layers(value: object) -> bool:
    """Whether a layer stands among the arguments of this one: it has weights of its own."""
    if isinstance(value, list | tuple):
        return any(map(_holds_layers, value))
    return isinstance(value, Layer)


def own_faults(own: Mapping[str, Any], integers: bool = False) -> list[ArgumentFault]:
    """What is wrong with `trainable` and `dtype` beside a layer, which may be an integer one with `integers`."""
    from specmodel.layers.scope import INTEGER_POLICIES, POLICIES

    faults = []
    if not isinstance(own.get("trainable", True), bool):
        message = f"`trainable` must be true or false, found {shown(own['trainable'])}"
        faults.append(ArgumentFault(("trainable",), codes.BAD_ARGUMENT, message))
    dtype = own.get("dtype")
    choices = (*POLICIES, *INTEGER_POLICIES) if integers else tuple(POLICIES)
    if dtype is not None and dtype not in choices:
        message = f"`dtype` must be one of {', '.join(choices)}, found {shown(dtype)}"
        faults.append(ArgumentFault(("dtype",), codes.BAD_ARGUMENT, message))
    return faults
