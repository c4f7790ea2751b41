"""Make convolutions of three taps with still fewer products, for those who ask: errors are ten times as large."""

from specmodel.plan.passes.winograd import with_tiles
from specmodel.plan.program import Program

SIDES = (2, 4)
"""Of the tiles: those of four take a quarter of the products. Factors up to 8 in transforms make errors larger."""


def fast_winograd(program: Program) -> Program:
    """The program with tiles of four along each axis, where they cost less than those of two that `winograd` takes."""
    return with_tiles(program, SIDES)
