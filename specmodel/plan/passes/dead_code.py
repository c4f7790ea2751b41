"""Leave out what no output needs."""

from specmodel.plan.program import Program


def dead_code(program: Program) -> Program:
    """The program without the instructions that lead to no output."""
    needed = set(program.outputs)
    kept = []
    for instruction in reversed(program.instructions):
        if not needed.isdisjoint(instruction.outputs):
            needed.update(instruction.inputs)
            kept.append(instruction)
    return program if len(kept) == len(program.instructions) else program.replace(instructions=tuple(reversed(kept)))
