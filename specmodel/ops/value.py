"""Values in static single assignment: each is made once, by one call of one op."""

from typing import TYPE_CHECKING, Any, ClassVar, Union

from specmodel.diagnostics.codes import WRONG_DTYPE
from specmodel.record import Record
from specmodel.types.assume import Assume, Constraint
from specmodel.types.dim import Dim
from specmodel.types.fault import Fault
from specmodel.types.tensor import TensorType, check_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

Operand = Union["Value", int, float, bool]


class Op(Record):
    """An operation with its attributes; calling it on values gives its first output.

    Attributes are frozen and comparable, so that equal calls can be recognised. `takes_text` tells whether inputs may
    be strings.
    """

    takes_text: ClassVar[bool] = False

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The outputs' types; what only data can decide goes to `assume`. Raises `Fault` for types that cannot be."""
        raise NotImplementedError(type(self).__name__)

    def flops(self, inputs: "Sequence[TensorType]", outputs: "Sequence[TensorType]") -> Dim:
        """Floating-point operations of one call: by default one for each output element."""
        return outputs[0].size

    def keeps_rows(
        self, inputs: "Sequence[TensorType]", outputs: "Sequence[TensorType]", rows: "Sequence[bool]"
    ) -> bool:
        """Whether row i of every output depends on row i of the inputs alone.

        `rows` tells which inputs have the batch along their first axis; the others are the same for every sample.
        The careful default is no: such a model runs in one piece.
        """
        return False

    def __call__(self, *inputs: "Value") -> "Value":
        """The first output of a call on these values."""
        return Call(self, inputs).outputs[0]


class Call:
    """One application of an op to values."""

    __slots__ = ("constraints", "inputs", "op", "outputs")

    def __init__(self, op: Op, inputs: "Sequence[Value]") -> None:
        given = [value.type for value in inputs]
        if not op.takes_text and "string" in [kind.dtype for kind in given]:
            message = "this computes with numbers, and an input is text (`string`)"
            help = "make numbers of the text first: StringLookup, Hashing or TextVectorization"
            raise Fault(WRONG_DTYPE, message, help=help)
        assume = Assume()
        types = op.infer(assume, *given)
        for kind in types:
            if not given or kind is not given[0]:  # which was checked when it was made
                check_limits(kind)
        self.op = op
        self.inputs = tuple(inputs)
        self.constraints: tuple[Constraint, ...] = tuple(assume.constraints)
        self.outputs = tuple([Value(kind, self, index) for index, kind in enumerate(types)])

    def flops(self) -> Dim:
        """The call's floating-point operations."""
        return self.op.flops([value.type for value in self.inputs], [value.type for value in self.outputs])

    def __repr__(self) -> str:
        return f"Call({self.op!r})"


class Value:
    """A typed array that a call will produce. Python operators make elementwise ops with NumPy's broadcasting."""

    __slots__ = ("call", "index", "type")

    def __init__(self, kind: TensorType, call: Call, index: int) -> None:
        self.type = kind
        self.call = call
        self.index = index

    @property
    def shape(self) -> tuple[Dim, ...]:
        """The sizes, the batch axis included."""
        return self.type.shape

    @property
    def dtype(self) -> str:
        """The element type's name."""
        return self.type.dtype

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.type.shape)

    def __repr__(self) -> str:
        return f"Value({self.type}, {type(self.call.op).__name__})"

    def __add__(self, other: Operand) -> "Value":
        return _binary("Add", self, other)

    def __radd__(self, other: Operand) -> "Value":
        return _binary("Add", other, self)

    def __sub__(self, other: Operand) -> "Value":
        return _binary("Sub", self, other)

    def __rsub__(self, other: Operand) -> "Value":
        return _binary("Sub", other, self)

    def __mul__(self, other: Operand) -> "Value":
        return _binary("Mul", self, other)

    def __rmul__(self, other: Operand) -> "Value":
        return _binary("Mul", other, self)

    def __truediv__(self, other: Operand) -> "Value":
        return _binary("Div", self, other)

    def __rtruediv__(self, other: Operand) -> "Value":
        return _binary("Div", other, self)

    def __pow__(self, other: Operand) -> "Value":
        return _binary("Pow", self, other)

    def __neg__(self) -> "Value":
        from specmodel.ops.elementwise import unary

        return unary("Neg", self)

    def __matmul__(self, other: "Value") -> "Value":
        from specmodel.ops.linear import matmul

        return matmul(self, other)

    def __and__(self, other: "Value") -> "Value":
        return _binary("And", self, other)

    def __or__(self, other: "Value") -> "Value":
        return _binary("Or", self, other)

    def __invert__(self) -> "Value":
        from specmodel.ops.elementwise import unary

        return unary("Not", self)

    def __lt__(self, other: Operand) -> "Value":
        return _binary("Less", self, other)

    def __le__(self, other: Operand) -> "Value":
        return _binary("LessEqual", self, other)

    def __gt__(self, other: Operand) -> "Value":
        return _binary("Greater", self, other)

    def __ge__(self, other: Operand) -> "Value":
        return _binary("GreaterEqual", self, other)


def _binary(function: str, a: Any, b: Any) -> Value:
    from specmodel.ops.elementwise import binary

    return binary(function, a, b)
