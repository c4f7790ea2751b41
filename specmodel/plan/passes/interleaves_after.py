"""Do elementwise work before arrays take turns: it then stands right behind the convolutions that make them."""

from specmodel.ops.elementwise import Binary, Clip, Unary
from specmodel.ops.interleave import Interleave
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, Rewrite


def interleaves_after(program: Program) -> Program:
    """The program with `interleave(f(x), f(y), …)` for `f(interleave(x, y, …))` if nothing else reads what takes turns.

    Other operands of f are fixed and the same for each place, or take turns likewise.
    """
    rewrite = Rewrite(program.inputs)
    fixed, users, watched = program.fixed(), program.users(), set(program.outputs)
    changed = False
    for old in program.instructions:
        instruction = rewrite.current(old)
        turning = [value for value in old.inputs if value not in fixed]
        free = all(value not in watched and all(map(_elementwise, users[value])) for value in turning)
        moved = _moved(instruction, rewrite, fixed) if free and turning else None
        if moved is None:
            rewrite.keep(instruction)
        else:
            changed = True
            rewrite.replace(instruction.outputs[0], moved, instruction.path)
    return rewrite.program(program) if changed else program


def _elementwise(instruction: Instruction) -> bool:
    return isinstance(instruction.op, Unary | Binary | Clip)


def _moved(instruction: Instruction, rewrite: Rewrite, fixed: set[Value]) -> Value | None:
    if not _elementwise(instruction):
        return None
    turns: list[tuple[Value, ...] | None] = []
    op: Interleave | None = None
    for value in instruction.inputs:
        if value in fixed:
            if any(size != 1 for size in value.shape[:-1]):
                return None
            turns.append(None)
            continue
        maker = rewrite.maker(value)
        if maker is None or not isinstance(maker.op, Interleave) or op not in (None, maker.op):
            return None
        op = maker.op
        turns.append(maker.inputs)
    if op is None:
        return None
    count = len(next(found for found in turns if found is not None))
    made = []
    for number in range(count):
        pairs = zip(instruction.inputs, turns, strict=True)
        made.append(instruction.op(*(value if found is None else found[number] for value, found in pairs)))
    return op(*made)
