"""What holds of every program, before the passes, between them and after them."""

from specmodel.plan.passes import PASSES
from specmodel.plan.program import Program
from specmodel.types.assume import Assume


def verify(program: Program) -> None:
    """Each value is made once, before it is read, of the type that its op gives; every output is made."""
    made = set(program.inputs)
    for instruction in program.instructions:
        missing = [value for value in instruction.inputs if value not in made]
        assert not missing, f"{instruction} reads what is not there: {missing}"
        again = [value for value in instruction.outputs if value in made]
        assert not again, f"{instruction} makes again {again}"
        given = [value.type for value in instruction.inputs]
        assert instruction.op.infer(Assume(), *given) == tuple(value.type for value in instruction.outputs), instruction
        made.update(instruction.outputs)
    assert made.issuperset(program.outputs)


def verified(program: Program) -> Program:
    """The program after all passes, each of which is verified."""
    kinds = [value.type for value in program.outputs]
    verify(program)
    for one in PASSES:
        program = one(program)
        verify(program)
        assert [value.type for value in program.outputs] == kinds, one.__name__
    return program
