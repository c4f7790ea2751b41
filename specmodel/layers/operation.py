"""What tensor operations share: Keras' `ops` as layers, and constants in the place of inputs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.elementwise import cast
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.fault import Fault
from specmodel.types.tensor import DTYPES, integer_range, is_floating

_DEEPEST = 8
"""Lists in lists: a constant has at most as many axes as any tensor."""


class Operation(Layer):
    """Base of the tensor operations. Each stands under the name of Keras' op, and is made of it in CamelCase.

    Where a layer has that name, the operation's ends in `Op`. As in Keras, an operation works in the dtype of its
    inputs, whatever the model's policy, axes count the batch axis, and masks do not pass. A `dtype` beside it casts
    floating inputs first.
    """

    @property
    def autocast(self) -> bool:  # type: ignore[override]  # as in Keras, the policy is that of layers
        """Whether floating inputs are cast: only where the entry has a dtype of its own."""
        return self.own_dtype is not None


def _checked_numbers(value: object, depth: int = 0) -> Any:
    """A number, or lists of equal lengths in each other, as tuples."""
    if isinstance(value, list | tuple):
        if not value or depth == _DEEPEST:
            what = "an empty list" if not value else f"more than {_DEEPEST} lists in each other"
            raise refuse(f"must be a number, or lists of numbers, found {what}")
        parts = tuple(_checked_numbers(part, depth + 1) for part in value)
        if len({shape_of(part) for part in parts}) > 1:
            raise refuse("must have lists of the same length at each level")
        return parts
    if not isinstance(value, bool | int | float) or (isinstance(value, int) and not -(2**63) <= value < 2**64):
        raise refuse(f"must be a number, or lists of numbers, found {shown(value)}")
    return value


def shape_of(numbers: object) -> tuple[int, ...]:
    """The shape of a constant: () for a number."""
    return (len(numbers), *shape_of(numbers[0])) if isinstance(numbers, tuple) else ()


def leaves(numbers: object) -> Iterator[Any]:
    """The numbers of a constant in row-major order."""
    if isinstance(numbers, tuple):
        for part in numbers:
            yield from leaves(part)
    else:
        yield numbers


Numbers = Annotated[Any, PlainValidator(_checked_numbers), "number or lists of numbers"]
"""A constant tensor."""
Number = Annotated[int | float, AfterValidator(_checked_numbers), "number"]
"""A number that stays an integer where it is one; infinities are numbers too."""
OptionalNumbers = Annotated[
    Any,
    PlainValidator(lambda value: None if value is None else _checked_numbers(value)),
    "number, lists of numbers, or null",
]

Dtype = Literal[
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
]
"""A dtype to compute in or to convert to."""


def constant_beside(b: Scope, numbers: object, dtype: str, field: str) -> Value:
    """A constant as an operand beside a tensor, whose dtype it takes where that can hold such numbers.

    As in Keras, a number with a fraction makes float32 of integers, and an integer makes int32 of booleans.
    """
    kinds = {type(leaf) for leaf in leaves(numbers)}
    if float in kinds and not is_floating(dtype):
        dtype = "float32"
    elif int in kinds and dtype == "bool":
        dtype = "int32"
    kind = DTYPES[dtype]
    if kind.is_integer:
        low, high = integer_range(dtype)
        beyond = next((leaf for leaf in leaves(numbers) if not low <= leaf <= high), None)
        help = f"write it with a fraction, as {beyond}.0, or put Cast before"
        message = f"`{field}` {beyond} is no {dtype}, which its input is"
        b.require(beyond is None, message, field=field, code=codes.WRONG_DTYPE, help=help)
    if kind.itemsize == 2 and kind.is_floating:
        return cast(constant(numbers, "float32"), dtype)  # rounded as the op's other values are
    return constant(numbers, dtype)


def operand(b: Scope, layer: Operation, name: str, x: Value | None, dtype: str) -> Value | None:
    """The operand that is a call argument or, under the same name, a constant among the layer's arguments."""
    numbers = getattr(layer, name)
    if numbers is None:
        return x
    message = f"`{name}` of {type(layer).__name__} is an input and a constant"
    b.require(x is None, message, field=name, code=codes.CALL_ARGUMENTS, help="give one of the two")
    return constant_beside(b, numbers, dtype, name)


def needed(b: Scope, layer: Operation, name: str, x: Value | None, dtype: str) -> Value:
    """As `operand`, for one that must be given."""
    found = operand(b, layer, name, x, dtype)
    message = f"{type(layer).__name__} needs `{name}`, as an input or a constant"
    if found is None:
        raise Fault(codes.CALL_ARGUMENTS, message)
    return found


class Constants(Operation):
    """Base of operations with operands `x1` and `x2`, one of which may be a constant among the arguments."""

    x2: OptionalNumbers = Field(None, description="A constant in place of the second operand.")
    x1: OptionalNumbers = Field(
        None, description="A constant in place of the first operand; the input is then the second."
    )

    needs_tensor: ClassVar[bool] = True
    """Whether one of the operands must be an input."""

    @model_validator(mode="after")
    def _one_tensor(self) -> Self:
        if self.needs_tensor:
            refuse_two_constants(self, ("x1", "x2"))
        return self

    def operands(self, b: Scope, x1: Value | None, x2: Value | None) -> tuple[Value, Value]:
        """Both operands: tensors in the order of the call where no constant stands."""
        return pair_of(b, self, ("x1", "x2"), x1, x2)


def refuse_two_constants(layer: Operation, names: tuple[str, str]) -> None:
    """Raise pydantic's error where both operands are constants."""
    first, second = names
    if getattr(layer, first) is not None and getattr(layer, second) is not None:
        message = f"`{first}` and `{second}` of {type(layer).__name__} are both constants, and one must be an input"
        raise refuse(message, "write the result as a constant", (first,))


def pair_of(
    b: Scope, layer: Operation, names: tuple[str, str], first: Value | None, second: Value | None
) -> tuple[Value, Value]:
    """The two operands of these names: inputs in the order of the call, but for one that is a constant."""
    given = [x for x in (first, second) if x is not None]
    field = names[0] if getattr(layer, names[0]) is not None else names[1]
    numbers = getattr(layer, field)
    name, found = type(layer).__name__, ("no input", "one input", "two inputs")[len(given)]
    if numbers is None:
        message = f"{name} takes two inputs, or one and a constant `{names[1]}` or `{names[0]}`; found {found}"
        b.require(len(given) == 2, message, code=codes.CALL_ARGUMENTS)
        return given[0], given[1]
    message = f"{name} takes one input beside the constant `{field}`, found {found}"
    b.require(len(given) == 1, message, code=codes.CALL_ARGUMENTS)
    made = constant_beside(b, numbers, given[0].dtype, field)
    return (made, given[0]) if field == names[0] else (given[0], made)


def require_numbers(b: Scope, layer: Layer, values: Sequence[Value]) -> None:
    """Stop where booleans or text stand for numbers."""
    for x in values:
        message = f"{type(layer).__name__} takes numbers, found {x.type} of {x.dtype}"
        help = "put `Cast: int32` before it"
        b.require(x.dtype not in ("bool", "string"), message, code=codes.WRONG_DTYPE, help=help)


def require_bits(b: Scope, layer: Layer, values: Sequence[Value]) -> None:
    """Stop where something else than integers or booleans stands."""
    for x in values:
        message = f"{type(layer).__name__} takes integers or booleans, found {x.type} of {x.dtype}"
        fits = x.dtype == "bool" or DTYPES[x.dtype].is_integer
        b.require(fits, message, code=codes.WRONG_DTYPE, help="put `Cast: int32` before it")


def axes_of(b: Scope, axes: Sequence[int] | None, rank: int, field: str = "axis") -> tuple[int, ...]:
    """Axes counted from the front, in the order given; all of them for None. A `Fault` for one that is named twice."""
    if axes is None:
        return tuple(range(rank))
    found = tuple(b.axis(axis, rank, field) for axis in axes)
    twice = next((axis for axis in found if found.count(axis) > 1), None)
    b.require(twice is None, f"`{field}` names axis {twice} twice", field=field, code=codes.BAD_AXIS)
    return found


def floating(x: Value) -> Value:
    """The value itself, or as float32 where it holds no floating-point numbers."""
    return x if is_floating(x.dtype) else cast(x, "float32")


def whole(x: Value, dtype: str) -> Value:
    """Sums of products of integers, made as floating-point numbers, in the integers' dtype; others as they are."""
    return x if is_floating(dtype) else cast(cast(x, "int32"), dtype)


class Elementwise(Operation):
    """Base of the functions of one tensor, element by element: the output has the input's shape."""

    examples: ClassVar[tuple[Example, ...]] = (
        Example({}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({}, inputs=((None, "h", "w"),), output=(None, "h", "w"), params=0),
        Example({"x": 1}, error="unknown argument `x`"),
    )


def made_from(
    table: Mapping[str, tuple[str, str]], name: str, base: type[Layer], module: dict[str, Any]
) -> type[Layer]:
    """The class of an operation that is one op's function, made of its line in a module's table and kept there.

    A pydantic class costs more than half a millisecond, which many specs need for few of the operations.
    """
    if name not in table:
        raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")
    function, text = table[name]
    members = {"__module__": module["__name__"], "__qualname__": name, "__doc__": text, "function": function}
    metaclass: Any = type(base)
    made: type[Layer] = metaclass(name, (base,), members)
    module[name] = made
    return made
