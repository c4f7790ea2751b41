"""Bind calls of ops to arrays: kernels, views, and the bodies of loops."""

from collections.abc import Mapping, Sequence

import numpy as np

from specmodel.kernels import Array, Body, Bound, kernel_of, view_of
from specmodel.kernels.dtypes import physical, rounding
from specmodel.ops.value import Call, Value
from specmodel.plan.buffers import Buffers, assign, byte_size
from specmodel.plan.scratch import Pool
from specmodel.types.tensor import numbers


class Workspace(Pool):
    """Scratch arrays of one step, and the bodies of ops that have one."""

    def body(
        self,
        arguments: Sequence[Value],
        calls: Sequence[Call],
        results: Sequence[Value],
        captured: Mapping[Value, Array],
        carried: Mapping[Value, Value],
    ) -> Body:
        """Bind a body to buffers that are scratch of the current step; see `specmodel.kernels.BodyScratch`."""
        buffers = assign(arguments, calls, results, set(captured), carried)
        arrays = dict(captured)
        inner = Workspace()
        bound = bind_all(calls, buffers, self((buffers.total,), np.uint8), arrays, inner)
        self.total += inner.total
        return Body(
            tuple(arrays[value] for value in arguments),
            tuple(arrays[value] for value in results),
            tuple(one for _, group in bound for one in group),
        )


def bind_all(
    calls: Sequence[Call], buffers: Buffers, arena: Array, arrays: dict[Value, Array], pool: Workspace
) -> list[tuple[Call, tuple[Bound, ...]]]:
    """Every call that does work with its bound calls; `arrays` receives the array of every value.

    Texts are objects, which have no place in the arena: theirs are arrays of their own.
    """
    for value, offset in buffers.offsets.items():
        shape, dtype = numbers(value.type.shape), physical(value.dtype)
        if dtype.hasobject:
            arrays[value] = np.empty(shape, dtype)
        else:
            arrays[value] = arena[offset : offset + byte_size(value.type)].view(dtype).reshape(shape)
    bound = []
    for call in calls:
        if call.outputs[0] in buffers.views:
            seen = _view(call, arrays)
            assert seen is not None, call
            arrays[call.outputs[0]] = seen
        else:
            bound.append((call, _bind(call, arrays, pool)))
    return bound


def prepare(call: Call, arrays: dict[Value, Array], pool: Workspace) -> None:
    """Run a call whose inputs never change, once, into an array of its own."""
    seen = _view(call, arrays)
    if seen is not None:
        arrays[call.outputs[0]] = seen
        return
    for value in call.outputs:
        arrays[value] = np.empty(numbers(value.type.shape), physical(value.dtype))
    with np.errstate(all="ignore"):
        for bound in _bind(call, arrays, pool):
            bound()


def _bind(call: Call, arrays: Mapping[Value, Array], pool: Workspace) -> tuple[Bound, ...]:
    outputs = [arrays[value] for value in call.outputs]
    pool.reset()
    bound = list(kernel_of(type(call.op))(call.op, [arrays[value] for value in call.inputs], outputs, pool))
    for value, out in zip(call.outputs, outputs, strict=True):
        bound.extend(rounding(value.dtype, out, pool))
    return tuple(bound)


def _view(call: Call, arrays: Mapping[Value, Array]) -> Array | None:
    view = view_of(type(call.op))
    return view(call.op, arrays[call.inputs[0]]) if view is not None else None


def aligned_block(size: int) -> Array:
    """Uninitialised bytes that start at a multiple of 64."""
    block = np.empty(size + 64, np.uint8)
    start = -block.ctypes.data % 64
    return block[start : start + size]
