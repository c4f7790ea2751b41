"""A program as matchers look at it."""

from collections.abc import Callable, Mapping, Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.layout import Order
from specmodel.ops.value import Op, Value
from specmodel.plan.program import Instruction, Program
from specmodel.record import Record

Lower = Callable[[Builder], None]


class Fused(Record):
    """A group of instructions as one: the values it reads, and its lowering.

    `inside` are the values made and read within the group, which is only lowered as one where nobody else needs them.
    `wants` is the order in which the first of the values is read, if that matters.
    """

    reads: tuple[Value, ...]
    inside: frozenset[Value]
    lower: Lower
    wants: Order | None = None


class Reading:
    """A program with the groups that matchers find in it; `matchers` are those for the last op of a group."""

    def __init__(self, program: Program, matchers: "Mapping[type[Op], Sequence[Matcher]]") -> None:
        self.program = program
        self.matchers = matchers
        self.makers = program.makers()
        self.users = program.users()
        self.fixed = program.fixed()
        self.outputs = set(program.outputs)
        self.fused: dict[Value, Fused] = {}

    def maker(self, value: Value, kind: type[Op]) -> Instruction | None:
        """The instruction that makes a value, if it is of this kind."""
        found = self.makers.get(value)
        return found if found is not None and isinstance(found.op, kind) else None

    def is_read(self, value: Value) -> bool:
        """Whether an instruction or an output of the program needs the value."""
        return value in self.outputs or value in self.users

    def needed(self) -> list[Instruction]:
        """The instructions that the outputs need, in order, when groups are lowered as one.

        `fused` leads from the first output of such a group to the group.
        """
        found: set[Value] = set()
        stack = [(value, False) for value in reversed(self.program.outputs)]
        order: list[Instruction] = []
        while stack:
            value, ready = stack.pop()
            instruction = self.makers.get(value)
            if instruction is None:
                continue
            if ready:
                order.append(instruction)
            elif instruction.outputs[0] not in found:
                found.add(instruction.outputs[0])
                stack.append((value, True))
                stack.extend((read, False) for read in reversed(self._reads(instruction)))
        return order

    def _reads(self, instruction: Instruction) -> tuple[Value, ...]:
        for match in self.matchers.get(type(instruction.op), ()):
            fused = match(self, instruction)
            if fused is not None and self._alone(fused, instruction):
                self.fused[instruction.outputs[0]] = fused
                return fused.reads
        return instruction.inputs

    def _alone(self, fused: Fused, last: Instruction) -> bool:
        """Whether nobody else needs what is inside; weights and what is made of them alone may be had twice."""
        own = {*fused.inside, *last.outputs}
        return all(
            value not in self.outputs and all(user.outputs[0] in own for user in self.users[value])
            for value in fused.inside - self.fixed
        )


Matcher = Callable[[Reading, Instruction], Fused | None]
