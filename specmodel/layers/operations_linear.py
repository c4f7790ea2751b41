"""Tensor operations that sum products: matrix products and their relatives."""

from collections.abc import Sequence
from string import ascii_letters
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import Axes
from specmodel.layers.operation import Constants, Operation, axes_of
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.elementwise import cast
from specmodel.ops.linear import einsum, matmul
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim


class Matmul(Constants):
    """The matrix product over the first's last and the second's last but one axis; axes before these are broadcast.

    An operand of one axis is a row in the first place and a column in the second, and that axis is left out again.
    """

    examples = (
        Example({}, inputs=((None, "seq", 4), (None, 4, 5)), output=(None, "seq", 5), params=0),
        Example({}, inputs=((None, 3, 4), (4, 5)), output=(None, 3, 5), params=0),
        Example({"x2": [[1, 0], [0, 1], [1, 1]]}, inputs=((None, 3),), output=(None, 2), params=0),
        Example({"x2": [1, 2, 3]}, inputs=((None, 3),), output=(None,), params=0),
        Example({}, inputs=((None, 3, 4), (None, 5, 4)), error="the sizes that Matmul sums over differ: 4 and 5"),
        Example({"x2": 2}, inputs=((None, 3),), error="Matmul takes no single numbers"),
        Example({}, inputs=((None, 3),), error="Matmul takes two inputs, or one and a constant"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The product; int8 is summed as int32."""
        first, second = self.operands(b, x1, x2)
        message = "Matmul takes no single numbers; MultiplyOp multiplies by one"
        b.require(first.rank > 0 and second.rank > 0, message, code=codes.WRONG_RANK)
        a = first if first.rank > 1 else reshape(first, (1, *first.shape))
        c = second if second.rank > 1 else reshape(second, (*second.shape, 1))
        message = f"the sizes that Matmul sums over differ: {a.shape[-1]} and {c.shape[-2]}"
        b.assume.equal(a.shape[-1], c.shape[-2], "Matmul sums over these", message=message)
        if a.dtype == c.dtype == "int8":
            a, c = cast(a, "int32"), cast(c, "int32")
        product = matmul(a, c)
        rows = product.shape[-2:-1] if first.rank > 1 else ()
        return reshape(product, (*product.shape[:-2], *rows, *(product.shape[-1:] if second.rank > 1 else ())))


def _contracted(b: Scope, first: Value, second: Value, axes: Sequence[tuple[int, int]], name: str) -> Value:
    """Products summed over pairs of axes; the first's other axes come first, then the second's."""
    free = iter(ascii_letters)
    left = [next(free) for _ in range(first.rank)]
    right = [next(free) for _ in range(second.rank)]
    for one, other in axes:
        message = f"the sizes that {name} sums over differ: {first.shape[one]} and {second.shape[other]}"
        b.assume.equal(first.shape[one], second.shape[other], f"{name} sums over these", message=message)
        right[other] = left[one]
    kept = [letter for letter in left if letter not in right] + [letter for letter in right if letter not in left]
    return einsum(f"{''.join(left)},{''.join(right)}->{''.join(kept)}", first, second)


class DotOp(Constants):
    """Products summed over the first's last and the second's last but one axis, for all pairs of their other axes."""

    examples = (
        Example({}, inputs=((None, 3, 4), (4, 5)), output=(None, 3, 5), params=0),
        Example({}, inputs=((None, 4), (2, 4, 5)), output=(None, 2, 5), params=0),
        Example({"x2": [1, 2, 3]}, inputs=((None, "seq", 3),), output=(None, "seq"), params=0),
        Example({"x2": 2}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({}, inputs=((None, 4), (5, 4)), error="the sizes that DotOp sums over differ: 4 and 5"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The product of numbers, or the sum of products."""
        first, second = self.operands(b, x1, x2)
        if first.rank == 0 or second.rank == 0:
            return first * second
        return _contracted(b, first, second, [(first.rank - 1, max(second.rank - 2, 0))], "DotOp")


def _axes_pair(value: object) -> object:
    """How many axes, or the axes of each operand."""
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise refuse(f"must not be below 0, found {value}")
        return value
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise refuse(f"must be a number of axes, or the axes of each operand, found {shown(value)}")
    return tuple(
        (part,) if isinstance(part, int) else tuple(part) if isinstance(part, list) else part for part in value
    )


class Tensordot(Constants):
    """Products summed over several axes of each operand; the other axes follow, the first's and then the second's."""

    axes: Annotated[int | tuple[Axes, Axes], BeforeValidator(_axes_pair), "integer or two lists of axes"] = Field(
        2, description="The last so many of the first with the first so many of the second, or the axes of each."
    )

    examples = (
        Example({"axes": 1}, inputs=((None, "seq", 4), (4, 5)), output=(None, "seq", 5), params=0),
        Example({"axes": [[1, 2], [1, 0]]}, inputs=((None, 3, 4), (4, 3, 6)), output=(None, 6), params=0),
        Example({"axes": [2, 0], "x2": [[1, 2], [3, 4]]}, inputs=((None, 5, 2),), output=(None, 5, 2), params=0),
        Example({"axes": 1}, inputs=((None, 4), (5, 4)), error="the sizes that Tensordot sums over differ: 4 and 5"),
        Example({"axes": [[1, 2], [0]]}, error="`axes` of Tensordot must name as many axes of each operand"),
        Example({"axes": 3}, inputs=((None, 4), (4, 5)), error="`axes` 3 is more than the operands have"),
    )

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if isinstance(self.axes, tuple) and len(self.axes[0]) != len(self.axes[1]):
            message = "`axes` of Tensordot must name as many axes of each operand"
            raise refuse(message, None, ("axes",))
        return self

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The sum of products."""
        first, second = self.operands(b, x1, x2)
        if isinstance(self.axes, int):
            message = f"`axes` {self.axes} is more than the operands have, {first.rank} and {second.rank}"
            b.require(self.axes <= min(first.rank, second.rank), message, field="axes", code=codes.BAD_AXIS)
            pairs = [(first.rank - self.axes + place, place) for place in range(self.axes)]
        else:
            one, other = (axes_of(b, axes, x.rank, "axes") for axes, x in zip(self.axes, (first, second), strict=True))
            pairs = list(zip(one, other, strict=True))
        return _contracted(b, first, second, pairs, "Tensordot")


def _check_subscripts(subscripts: str) -> str:
    text = subscripts.replace(" ", "")
    operands, arrow, output = text.partition("->")
    for part in (*operands.split(","), output):
        letters = part.replace("...", "", 1)
        if not all(letter in ascii_letters for letter in letters):
            raise refuse(
                f"must be letters, commas, `...` and one `->`, found {shown(subscripts)}", "for example bij,bjk->bik"
            )
        if len(set(letters)) < len(letters):
            raise refuse(f"must name each index once within `{part}`", "diagonals are not made here")
    unknown = next((letter for letter in output.replace("...", "") if letter not in operands), None)
    if unknown is not None:
        raise refuse(f"must not name `{unknown}` in the output alone")
    return text if arrow else f"{text}->{_implicit_output(operands)}"


def _implicit_output(operands: str) -> str:
    letters = operands.replace(",", "").replace(".", "")
    once = sorted(letter for letter in set(letters) if letters.count(letter) == 1)
    return ("..." if "..." in operands else "") + "".join(once)


class Einsum(Operation):
    """A sum of products in Einstein's notation: an index that the output lacks is summed over."""

    subscripts: Annotated[str, AfterValidator(_check_subscripts)] = Field(
        description="The indices of each input, then those of the output: bij,bjk->bik; `...` for any axes in front."
    )

    takes_list = True
    examples = (
        Example(
            {"subscripts": "bij,bjk->bik"}, inputs=((None, "n", 4), (None, 4, "m")), output=(None, "n", "m"), params=0
        ),
        Example({"subscripts": "...i,ij->...j"}, inputs=((None, "seq", 3), (3, 5)), output=(None, "seq", 5), params=0),
        Example({"subscripts": "bi->b"}, inputs=((None, 3),), output=(None,), params=0),
        Example({"subscripts": "bi,bi"}, inputs=((None, 3), (None, 3)), output=((),), params=0),
        Example(
            {"subscripts": "bij->bi"},
            inputs=((None, 3),),
            error="`bij` of `subscripts` has 3 indices, its input (None, 3)",
        ),
        Example({"subscripts": "bi,bj->bij"}, inputs=((None, 3),), error="`subscripts` has 2 operands, found 1 input"),
        Example({"subscripts": "bi,bi->b"}, inputs=((None, 3), (None, 4)), error="index `i` has the sizes 3 and 4"),
        Example({"subscripts": "bii->b"}, error="`subscripts` of Einsum must name each index once within `bii`"),
        Example({"subscripts": "bi->bk"}, error="`subscripts` of Einsum must not name `k` in the output alone"),
        Example({"subscripts": "b1->b"}, error="`subscripts` of Einsum must be letters, commas, `...` and one `->`"),
    )

    def build(self, b: Scope, operands: list[Value]) -> Value:
        """The sum of products; int8 is summed as int32."""
        inputs, output = self.subscripts.split("->")
        parts = inputs.split(",")
        message = f"`subscripts` has {len(parts)} operands, found {len(operands)} input{'s' * (len(operands) != 1)}"
        b.require(len(parts) == len(operands), message, field="subscripts", code=codes.CALL_ARGUMENTS)
        unused = "".join(letter for letter in ascii_letters if letter not in self.subscripts)
        more = [self._more(b, part, x) for part, x in zip(parts, operands, strict=True)]
        most = unused[: max(more)]
        indices = [part.replace("...", most[len(most) - count :]) for part, count in zip(parts, more, strict=True)]
        self._require_sizes(indices, operands)
        if all(x.dtype == "int8" for x in operands):
            operands = [cast(x, "int32") for x in operands]
        return einsum(f"{','.join(indices)}->{output.replace('...', most)}", *operands)

    def _more(self, b: Scope, part: str, x: Value) -> int:
        """How many axes `...` stands for."""
        named = len(part.replace("...", ""))
        message = f"`{part}` of `subscripts` has {named} indices, its input {x.type} has {x.rank} axes"
        fits = x.rank >= named if "..." in part else x.rank == named
        b.require(fits, message, field="subscripts", code=codes.WRONG_RANK)
        return x.rank - named

    def _require_sizes(self, indices: Sequence[str], operands: Sequence[Value]) -> None:
        """Stop where an index certainly has two sizes, in the words of the argument."""
        sizes: dict[str, Dim] = {}
        for letters, x in zip(indices, operands, strict=True):
            for letter, size in zip(letters, x.shape, strict=True):
                known = sizes.setdefault(letter, size)
                message = f"index `{letter}` has the sizes {known} and {size}"
                Assume().equal(known, size, message=message, field="subscripts")
