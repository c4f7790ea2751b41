"""What is known of a tensor before there is one: its shape and its dtype."""

from specmodel.diagnostics.codes import TOO_BIG, WRONG_DTYPE
from specmodel.record import Record
from specmodel.types.bounds import lower_bound
from specmodel.types.dim import Dim
from specmodel.types.fault import Fault
from specmodel.types.formula import shown, text

MAX_RANK = 8
MAX_DIM = 2**31 - 1
MAX_BYTES = 2**63 - 1


class DType(Record):
    """A kind of element; `itemsize` is in bytes, a string counts as the 8 bytes that refer to it."""

    name: str
    itemsize: int
    is_floating: bool = False
    is_integer: bool = False
    is_signed: bool = False


DTYPES: dict[str, DType] = {
    dtype.name: dtype
    for dtype in (
        DType("bool", 1),
        *(DType(f"int{8 * size}", size, is_integer=True, is_signed=True) for size in (1, 2, 4, 8)),
        *(DType(f"uint{8 * size}", size, is_integer=True) for size in (1, 2, 4, 8)),
        DType("float16", 2, is_floating=True, is_signed=True),
        DType("bfloat16", 2, is_floating=True, is_signed=True),
        DType("float32", 4, is_floating=True, is_signed=True),
        DType("float64", 8, is_floating=True, is_signed=True),
        DType("string", 8),
    )
}

LARGEST = {
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float32": 3.4028234663852886e38,
    "float64": 1.7976931348623157e308,
}
"""The largest number of each floating-point dtype."""


def integer_range(dtype: str) -> tuple[int, int]:
    """The smallest and the largest number of an integer dtype."""
    kind = DTYPES[dtype]
    bits = 8 * kind.itemsize
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind.is_signed else (0, 2**bits - 1)


def is_floating(dtype: str) -> bool:
    """Whether it is the name of a floating-point dtype."""
    return DTYPES[dtype].is_floating


def promote(first: str, *others: str) -> str:
    """The dtype of an operation on arrays of these dtypes.

    The lattice of Keras 3 (`keras.backend.result_type`) with 64-bit types kept as they are, which most of its backends
    cut to 32 bits. Integers without a common type (uint64 and a signed one) give float32. Raises `Fault` for text
    beside numbers.
    """
    names = {first, *others}
    if len(names) == 1:
        return first
    if "string" in names:
        number = min(names - {"string"})
        raise Fault(WRONG_DTYPE, f"text and numbers do not mix: one input is `string`, another `{number}`")
    kinds = [DTYPES[name] for name in names]
    if any(kind.is_floating for kind in kinds):
        return _widest_float({kind.name for kind in kinds if kind.is_floating})
    signed = max((kind.itemsize for kind in kinds if kind.is_signed), default=0)
    unsigned = max((kind.itemsize for kind in kinds if kind.is_integer and not kind.is_signed), default=0)
    if signed == 0:
        return f"uint{8 * unsigned}"
    if unsigned == 8:
        return "float32"
    return f"int{8 * max(signed, 2 * unsigned)}"


def _widest_float(names: set[str]) -> str:
    if names == {"float16", "bfloat16"}:  # neither holds the other
        return "float32"
    return max(names, key=lambda name: DTYPES[name].itemsize)


class TensorType(Record):
    """A shape, the batch axis included, and the name of a dtype."""

    shape: tuple[Dim, ...]
    dtype: str

    @property
    def rank(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @property
    def size(self) -> Dim:
        """How many elements there are."""
        return product(self.shape)

    @property
    def bytes(self) -> Dim:
        """How much memory the elements take."""
        return self.size * DTYPES[self.dtype].itemsize

    @property
    def shown_shape(self) -> list[int | str | None]:
        """The shape in JSON: numbers, formulas, None for what is unknown."""
        return [shown(dim) for dim in self.shape]

    def __str__(self) -> str:
        return shape_text(self.shape)


def product(dims: tuple[Dim, ...]) -> Dim:
    """The product of sizes; 1 for none."""
    number = 1
    formula: Dim | None = None
    for dim in dims:
        if isinstance(dim, int):
            number *= dim
        else:
            formula = dim if formula is None else formula * dim
    return number if formula is None else formula * number


def numbers(shape: tuple[Dim, ...]) -> tuple[int, ...]:
    """The sizes of a shape that holds numbers alone, as every shape does by the time a model runs."""
    assert all(isinstance(size, int) for size in shape), shape
    return tuple(size for size in shape if isinstance(size, int))


def shape_text(shape: tuple[Dim, ...]) -> str:
    """The shape in tables and messages: `(None, 26, seq)`, `(None,)`, `()`."""
    sizes = [text(dim) for dim in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def check_limits(type: TensorType) -> None:
    """Raise `Fault` for more than 8 axes, an axis over 2^31 - 1 or one of 2^63 bytes, as far as sizes tell."""
    if type.rank > MAX_RANK:
        raise Fault(TOO_BIG, f"a tensor has at most {MAX_RANK} axes, this one has {type.rank}: `{type}`")
    least = DTYPES[type.dtype].itemsize
    for axis, dim in enumerate(type.shape):
        bound = dim if isinstance(dim, int) else lower_bound(dim)
        if bound is not None and bound > MAX_DIM:
            raise Fault(TOO_BIG, f"an axis has a size of at most {MAX_DIM}, axis {axis} of `{type}` has {text(dim)}")
        least *= max(bound, 0) if bound is not None else 0
    if least > MAX_BYTES:
        raise Fault(TOO_BIG, f"a tensor takes less than 2^63 bytes, `{type}` of `{type.dtype}` takes at least {least}")
