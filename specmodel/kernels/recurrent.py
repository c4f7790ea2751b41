"""The loops of recurrent layers. Gates lie one behind the other, (gates, batch, units): each is one run of memory."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.kernels.products import packed_product
from specmodel.ops import recurrent as ops


def lstm_loop(op: ops.LSTMLoop, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One product and nine short calls a step."""
    x, h0, c0, kernel = inputs[:4]
    gates, c = scratch((4, *h0.shape), x.dtype), scratch(c0.shape, x.dtype)
    h = scratch(h0.shape, x.dtype)
    yield partial(np.add, h0, h0, h)
    yield partial(np.copyto, c, c0)
    products = list(_products(h, kernel, op.width, gates, scratch))
    rest = [scratch(h0.shape, x.dtype) for _ in range(3 if op.masked else 1)]
    yield partial(_lstm_steps, products, gates, h, c, rest, *_of_steps(op, inputs, outputs, 4))
    yield partial(np.multiply, h, x.dtype.type(0.5), outputs[0])
    yield partial(np.copyto, outputs[1], c)


def gru_loop(op: ops.GRULoop, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One product and ten short calls a step."""
    x, h0, kernel = inputs[:3]
    units = h0.shape[1]
    gates = scratch((3, *h0.shape), x.dtype)
    row = scratch((len(h0), kernel.size // (3 * units)), x.dtype)  # the state, and 1 where the kernel has a row more
    yield partial(row.fill, 1)
    yield partial(np.copyto, row[:, :units], h0)
    products = list(_products(row, kernel, op.width, gates, scratch))
    rest = [scratch(h0.shape, x.dtype)] if op.masked else []
    yield partial(_gru_steps, products, gates, row[:, :units], rest, *_of_steps(op, inputs, outputs, 3))
    yield partial(np.copyto, outputs[0], row[:, :units])


def _products(h: Array, kernel: Array, width: int | None, gates: Array, scratch: Scratch) -> Iterator[Bound]:
    """The calls of `h @ kernel` into the gates."""
    depth, units = h.shape[1], gates.shape[2]
    if width is None:
        yield partial(np.dot, h[0], kernel.reshape(depth, -1), gates.reshape(-1))
    elif width == units:
        yield partial(np.matmul, h, kernel.reshape(-1, depth, units), gates)
    else:
        for part, gate in zip(kernel.reshape(len(gates), -1), gates, strict=True):
            yield from packed_product(h, part, width, gate, scratch)


def _of_steps(
    op: Any, inputs: Sequence[Array], outputs: Sequence[Array], gates: int
) -> tuple[Array, Array | None, Array | None]:
    """What each step reads, which samples it counts for, and where its output goes, along a first axis of steps."""
    x = inputs[0]
    batch, steps, size = x.shape
    read = x.reshape(batch, steps, gates, size // gates, copy=False).transpose(1, 2, 0, 3)
    kept = np.moveaxis(inputs[-1], 1, 0)[..., None] if op.masked else None
    written = np.moveaxis(outputs[-1], 1, 0) if op.sequences else None
    return read, kept, written


def _lstm_steps(
    products: Sequence[Bound],
    gates: Array,
    h: Array,
    c: Array,
    rest: Sequence[Array],
    read: Array,
    kept: Array | None,
    written: Array | None,
) -> None:
    add, multiply, tanh, copyto = np.add, np.multiply, np.tanh, np.copyto
    one, half = np.ones((), h.dtype), np.full((), 0.5, h.dtype)
    i, f, o, g = gates
    bounded = gates[:3]
    bent, new_h, new_c = rest if kept is not None else (rest[0], h, c)
    for x, counts, output in zip(read, _each(kept), _each(written), strict=False):
        for product in products:
            product()
        add(gates, x, gates)
        tanh(gates, gates)
        add(bounded, one, bounded)
        multiply(f, c, new_c)
        multiply(i, g, g)
        add(new_c, g, new_c)
        multiply(new_c, half, new_c)
        tanh(new_c, bent)
        multiply(o, bent, new_h)
        if counts is not None:
            copyto(h, new_h, where=counts)
            copyto(c, new_c, where=counts)
        if output is not None:
            multiply(h, half, output)


def _gru_steps(
    products: Sequence[Bound],
    gates: Array,
    h: Array,
    rest: Sequence[Array],
    read: Array,
    kept: Array | None,
    written: Array | None,
) -> None:
    add, multiply, subtract, tanh, copyto = np.add, np.multiply, np.subtract, np.tanh, np.copyto
    one, half = np.ones((), h.dtype), np.full((), 0.5, h.dtype)
    z, r, g = gates
    bounded = gates[:2]
    new = rest[0] if kept is not None else h
    for x, counts, output in zip(read, _each(kept), _each(written), strict=False):
        for product in products:
            product()
        add(bounded, x[:2], bounded)
        tanh(bounded, bounded)
        add(bounded, one, bounded)
        multiply(r, g, g)
        add(g, x[2], g)
        tanh(g, g)
        subtract(h, g, new)
        multiply(new, z, new)
        multiply(new, half, new)
        add(new, g, new)
        if counts is not None:
            copyto(h, new, where=counts)
        if output is not None:
            copyto(output, h)


def _each(steps: Array | None) -> Iterable[Any]:
    return repeat(None) if steps is None else steps
