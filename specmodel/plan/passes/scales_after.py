"""Fold factors and summands behind a linear op into its weights and one bias: batch normalisation costs nothing."""

from specmodel.ops.conv import DepthwiseConv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.plan.passes.affine import Affine, affine_step, is_linear
from specmodel.plan.program import Instruction, Program, Rewrite
from specmodel.record import Record


class _Chain(Record):
    """A linear instruction and the affine steps behind it, as far as nothing else reads what lies between."""

    linear: Instruction
    steps: Affine


def scales_after(program: Program) -> Program:
    """The program with `linear(x, weights * scale) + shift` for a linear op with fixed weights and what follows it.

    Features are the last axis. The new weights are computed once, when the plan is made.
    """
    chains = _chains(program)
    if not chains:
        return program
    rewrite = Rewrite(program.inputs)
    for instruction in program.instructions:
        chain = chains.get(instruction.outputs[0])
        if chain is None:
            rewrite.keep(rewrite.current(instruction))
        else:
            folded = _folded(rewrite.current(chain.linear), chain.steps)
            rewrite.replace(instruction.outputs[0], folded, chain.linear.path)
    return rewrite.program(program)


def _chains(program: Program) -> dict[Value, _Chain]:
    """The chains that are worth it, by their last values."""
    fixed, readers = program.fixed(), program.only_reader()
    found = {}
    for linear in program.instructions:
        if not is_linear(linear, fixed):
            continue
        x, steps, count = linear.outputs[0], Affine(), 0
        while x in readers and (step := affine_step(readers[x], x, fixed)) is not None:
            x, steps, count = readers[x].outputs[0], steps.then(*step), count + 1
        if steps.scale is not None or count > 1:
            found[x] = _Chain(linear, steps)
    return found


def _folded(linear: Instruction, steps: Affine) -> Value:
    x, weights = linear.inputs
    if steps.scale is not None:
        weights = weights * _for_filters(linear, steps.scale)
    made = linear.op(x, weights)
    return made if steps.shift is None else made + steps.shift


def _for_filters(linear: Instruction, scale: Value) -> Value:
    """The scale in the form that meets the weights' axes of filters."""
    weights = linear.inputs[1]
    if scale.rank == 0:
        return scale
    if isinstance(linear.op, DepthwiseConv):
        return reshape(scale, weights.shape[-2:])
    return reshape(scale, (*scale.shape, 1)) if isinstance(linear.op, ConvTranspose) else scale
