"""Ops with an epilogue: the core leaves each tile to the stages."""

from collections.abc import Iterator, Sequence

from specmodel.kernels import Array, Scratch, Work, core_of
from specmodel.kernels.epilogue import Epilogue
from specmodel.ops import fused as ops


def fused(op: ops.Fused, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Work]:
    """The core's work, which ends in the stages."""
    core = core_of(type(op.core))
    assert core is not None, op.core
    epilogue = Epilogue(outputs[0], op.stages, inputs[op.arity :])
    yield from core(op.core, inputs[: op.arity], epilogue, scratch)
