"""Which instructions run once, when the plan is made, and which run each time."""

from specmodel.plan.program import Instruction, Program, is_source
from specmodel.record import Record


class Schedule(Record):
    """The instructions of a program by when they run.

    `sources` are weights and constants, `prepared` depend on these alone: they run once, when the plan is made.
    """

    sources: tuple[Instruction, ...]
    prepared: tuple[Instruction, ...]
    running: tuple[Instruction, ...]


def schedule(program: Program) -> Schedule:
    """The instructions of a program, each group in its order."""
    fixed = program.fixed()
    sources = tuple(one for one in program.instructions if is_source(one.op))
    others = [one for one in program.instructions if not is_source(one.op)]
    prepared = tuple(one for one in others if one.outputs[0] in fixed)
    return Schedule(sources, prepared, tuple(one for one in others if one.outputs[0] not in fixed))
