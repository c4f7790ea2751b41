"""Passes: each makes of a program another one that gives the same outputs at less cost.

A pass is a pure function in the file of its name. It may rely on the passes before it in `PASSES`, and on nothing else
about the program: outputs, among them values that somebody watches, keep their numbers and their places.

Numbers may change by the last bits where sums are taken in another order, and only in float32 and float64: what is
rounded after each op, as 16-bit floats are, stays rounded there.
"""

from collections.abc import Callable

from specmodel.plan.passes.activations import activations
from specmodel.plan.passes.attentions import attentions
from specmodel.plan.passes.common_subexpressions import common_subexpressions
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.einsums import einsums
from specmodel.plan.passes.epilogues import epilogues
from specmodel.plan.passes.fast_winograd import fast_winograd
from specmodel.plan.passes.halos import halos
from specmodel.plan.passes.identities import identities
from specmodel.plan.passes.interleaves_after import interleaves_after
from specmodel.plan.passes.packed_convolutions import packed_convolutions
from specmodel.plan.passes.packed_products import packed_products
from specmodel.plan.passes.pointwise_convolutions import pointwise_convolutions
from specmodel.plan.passes.recurrences import recurrences
from specmodel.plan.passes.reshapes_after import reshapes_after
from specmodel.plan.passes.scales_after import scales_after
from specmodel.plan.passes.scales_before import scales_before
from specmodel.plan.passes.standardizations import standardizations
from specmodel.plan.passes.transposed_convolutions import transposed_convolutions
from specmodel.plan.passes.transposes import transposes
from specmodel.plan.passes.wide_operands import wide_operands
from specmodel.plan.passes.winograd import winograd
from specmodel.plan.program import Program

Pass = Callable[[Program], Program]

PASSES: tuple[Pass, ...] = (
    activations,
    standardizations,
    attentions,
    einsums,
    recurrences,
    transposes,
    common_subexpressions,
    identities,
    reshapes_after,
    dead_code,
    scales_after,
    scales_before,
    transposed_convolutions,
    interleaves_after,
    pointwise_convolutions,
    halos,
    winograd,
    packed_products,
    packed_convolutions,
    dead_code,
    epilogues,
    wide_operands,
)
"""The passes in the order in which they are applied."""
FAST_PASSES = tuple(fast_winograd if one is winograd else one for one in PASSES)
"""The same with `fast_math`."""


def unchanged(program: Program) -> Program:
    """The program as it is."""
    return program


def optimised(program: Program) -> Program:
    """The program after all passes."""
    return _after(PASSES, program)


def optimised_fast(program: Program) -> Program:
    """The program after all passes, with those that make errors larger."""
    return _after(FAST_PASSES, program)


def _after(passes: tuple[Pass, ...], program: Program) -> Program:
    for one in passes:
        program = one(program)
    return program
