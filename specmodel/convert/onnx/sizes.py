"""Sizes that only data tells, as tensors: read off the graph's inputs, and formulas computed of them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from specmodel.convert.onnx.inexpressible import InexpressibleError
from specmodel.convert.onnx.ir import Tensor
from specmodel.types.dim import Dim, SymbolicDim
from specmodel.types.formula import described
from specmodel.types.polynomial import Atom, Monomial, polynomial

if TYPE_CHECKING:
    from specmodel.convert.onnx.builder import Builder


def size(b: "Builder", dim: Dim) -> Tensor:
    """A size as a vector of one int64."""
    if isinstance(dim, int):
        return b.ints([dim])
    root = b.root
    return root.once(("size", dim), lambda: _made(root, dim))


def scalar_size(b: "Builder", dim: Dim) -> Tensor:
    """A size as an int64 without axes."""
    if isinstance(dim, int):
        return b.scalar(dim, "int64")
    root = b.root
    return root.once(("scalar size", dim), lambda: root.node("Squeeze", size(root, dim), shape=()))


def sizes(b: "Builder", dims: Sequence[Dim]) -> Tensor:
    """Sizes as a vector of int64."""
    if all(isinstance(dim, int) for dim in dims):
        return b.ints(dim for dim in dims if isinstance(dim, int))
    if len(dims) == 1:
        return size(b, dims[0])
    root = b.root
    return root.once(
        ("sizes", tuple(dims)), lambda: root.node("Concat", *_runs(root, dims), shape=(len(dims),), axis=0)
    )


def span(b: "Builder", length: Dim) -> Tensor:
    """The int64 numbers 0, 1, 2 … of a vector of this length."""
    ends = b.scalar(0, "int64"), scalar_size(b, length), b.scalar(1, "int64")
    return b.node("Range", *ends, shape=(length,))


def keep_size(b: "Builder", dim: Dim, tensor: Tensor, axis: int) -> None:
    """Say that a size which no input tells is that of a tensor's axis."""
    if not isinstance(dim, int):
        b.once(("size", dim), lambda: b.node("Shape", tensor, dtype="int64", shape=(1,), start=axis, end=axis + 1))


def reshape_target(b: "Builder", tensor: Tensor, wanted: tuple[Dim, ...]) -> tuple[Tensor, bool]:
    """What `Reshape` is given, and whether a 0 in it is a size.

    Otherwise 0 stands for the size that the axis has, and -1, once, for what is left: no size has to be computed then.
    """
    if any(dim == 0 for dim in wanted):
        return sizes(b, wanted), True
    before = tensor.shape if tensor.shape is not None else ()
    kept = [0 if axis < len(before) and before[axis] == dim else dim for axis, dim in enumerate(wanted)]
    kept = [dim if isinstance(dim, int) else 0 if keep == 0 else dim for dim, keep in zip(wanted, kept, strict=True)]
    open_axes = [axis for axis, dim in enumerate(kept) if not isinstance(dim, int)]
    if len(open_axes) == 1:
        kept[open_axes[0]] = -1
    if all(isinstance(dim, int) for dim in kept):
        return b.ints(dim for dim in kept if isinstance(dim, int)), False
    return sizes(b, wanted), False


def _runs(b: "Builder", dims: Sequence[Dim]) -> Iterable[Tensor]:
    """The sizes as vectors, numbers in a row as one."""
    run: list[int] = []
    for dim in dims:
        if isinstance(dim, int):
            run.append(dim)
            continue
        if run:
            yield b.ints(run)
            run = []
        yield size(b, dim)
    if run:
        yield b.ints(run)


def _made(b: "Builder", dim: SymbolicDim) -> Tensor:
    """A size read off an input that has it, or computed."""
    for tensor in b.block.inputs:
        for axis, found in enumerate(tensor.shape or ()):
            if found == dim:
                return b.node("Shape", tensor, dtype="int64", shape=(1,), start=axis, end=axis + 1)
    return _sum(b, dim)


def _sum(b: "Builder", dim: SymbolicDim) -> Tensor:
    total: Tensor | None = None
    constant = 0
    for monomial, coefficient in dim.terms:
        if not monomial:
            constant = coefficient
            continue
        term = _product(b, monomial, coefficient)
        total = term if total is None else b.node("Add", total, term, shape=(1,))
    assert total is not None
    return total if constant == 0 else b.node("Add", total, b.ints([constant]), shape=(1,))


def _product(b: "Builder", monomial: Monomial, coefficient: int) -> Tensor:
    result: Tensor | None = None
    for atom in monomial:
        factor = b.once(("atom", atom), lambda atom=atom: _atom(b, atom))  # type: ignore[misc]
        result = factor if result is None else b.node("Mul", result, factor, shape=(1,))
    assert result is not None
    return result if coefficient == 1 else b.node("Mul", result, b.ints([coefficient]), shape=(1,))


def _atom(b: "Builder", atom: Atom) -> Tensor:
    if atom.numerator is not None:
        return _quotient(b, atom.numerator, atom.divisor)
    if atom.parts:  # sizes are at least 1, so that of those that broadcast the largest wins
        return b.node("Max", *(size(b, part) for part in atom.parts), shape=(1,))
    return _symbol(b, atom)


def _quotient(b: "Builder", numerator: SymbolicDim, divisor: int) -> Tensor:
    """The floor of a quotient. ONNX cuts toward 0, which is another number below 0: the divisor is added before."""
    below = any(not monomial and coefficient < 0 for monomial, coefficient in numerator.terms)
    shifted = numerator + divisor if below else numerator
    quotient = b.node("Div", size(b, shifted), b.ints([divisor]), shape=(1,))
    return b.node("Sub", quotient, b.ints([1]), shape=(1,)) if below else quotient


def _symbol(b: "Builder", atom: Atom) -> Tensor:
    """A symbol, of an input's axis that is a multiple of it plus a constant."""
    kept = b.known(("size", polynomial([((atom,), 1)])))
    if kept is not None:
        return kept
    for tensor in b.block.inputs:
        for dim in tensor.shape or ():
            if isinstance(dim, SymbolicDim) and dim.terms[0][0] == (atom,) and len(dim.terms) <= 2:
                rest = polynomial(dim.terms[1:])
                if isinstance(rest, int):
                    known = b.node("Sub", size(b, dim), b.ints([rest]), shape=(1,)) if rest else size(b, dim)
                    return b.node("Div", known, b.ints([dim.terms[0][1]]), shape=(1,))
    raise InexpressibleError(f"the size {described(polynomial([((atom,), 1)]))} can be read off no input")
