"""Put bias, activation and shortcut where the tiles they are about are made: while these are in the cache."""

from collections.abc import Iterator, Sequence

from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.elementwise import COMPARISONS, LOGIC, PREDICATES
from specmodel.ops.fused import STAGES, Fused, Stage
from specmodel.ops.linear import MatMul
from specmodel.ops.packed import PackedConv, PackedMatMul
from specmodel.ops.reduce import Standardize
from specmodel.ops.value import Op, Value
from specmodel.ops.winograd import Winograd
from specmodel.plan.program import Instruction, Program

WIDE = (Conv, DepthwiseConv, MatMul, PackedConv, PackedMatMul, Standardize, Winograd)
"""Cores whose tiles cost enough to be worth an epilogue of any size."""
CHAIN_ELEMENTS = 1 << 15
"""A chain of elementwise ops on fewer elements stays in the cache as it is."""
MOST_STAGES = 32


def epilogues(program: Program) -> Program:
    """The program with one instruction for each chain of elementwise ops and what they follow, in the last one's place.

    What is read elsewhere, or is an output, ends a chain.
    """
    finder = _Chains(program)
    return finder.fused() if finder.chains else program


class _Chains:
    """`chains` leads from the position of a chain's last instruction to the positions of all."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.instructions = program.instructions
        self.chains: dict[int, list[int]] = {}
        self.fixed = program.fixed()
        self.readers: dict[Value, list[int]] = {}
        for position, instruction in enumerate(self.instructions):
            for value in dict.fromkeys(instruction.inputs):
                self.readers.setdefault(value, []).append(position)
        self.taken: set[int] = set()
        watched = set(program.outputs)
        # The later of two products takes a sum of both; of elementwise ops the first begins the chain.
        wide = [n for n, one in enumerate(self.instructions) if isinstance(one.op, WIDE)]
        plain = [n for n, one in enumerate(self.instructions) if _elementwise(one.op) and _large(one.outputs[0])]
        for start in (*reversed(wide), *plain):
            if start not in self.taken and _floating(self.instructions[start]) and not self._fixed(start):
                found = self._chain(start, watched)
                if len(found) > 1:
                    self.chains[found[-1]] = found
                    self.taken.update(found)

    def fused(self) -> Program:
        """The program with an instruction for each chain."""
        inside = self.taken - self.chains.keys()
        made = [
            _fused([self.instructions[n] for n in self.chains[position]]) if position in self.chains else instruction
            for position, instruction in enumerate(self.instructions)
            if position not in inside
        ]
        return self.program.replace(instructions=tuple(made))

    def _fixed(self, position: int) -> bool:
        return self.instructions[position].outputs[0] in self.fixed

    def _chain(self, start: int, watched: set[Value]) -> list[int]:
        """The longest chain of instructions that only the last one leaves."""
        first = self.instructions[start].outputs[0]
        made, found, best = {first}, [start], 1
        for position in self._after(start, first):
            instruction = self.instructions[position]
            if position in self.taken or not _continues(instruction, first) or len(found) > MOST_STAGES:
                continue
            found.append(position)
            made.add(instruction.outputs[0])
            chain = set(found)
            inner = made - {instruction.outputs[0]}
            if inner.isdisjoint(watched) and all(chain.issuperset(self.readers.get(value, ())) for value in inner):
                best = len(found)
        return found[:best]

    def _after(self, start: int, first: Value) -> Iterator[int]:
        """The positions of instructions that read the first result or what is made of it, in order."""
        waiting = list(self.readers.get(first, ()))
        seen = set(waiting)
        while waiting:
            waiting.sort(reverse=True)
            position = waiting.pop()
            yield position
            instruction = self.instructions[position]
            if position not in self.taken and _continues(instruction, first):
                new = [one for one in self.readers.get(instruction.outputs[0], ()) if one not in seen]
                seen.update(new)
                waiting.extend(new)


def _fused(chain: Sequence[Instruction]) -> Instruction:
    core, *rest = chain
    results = [one.outputs[0] for one in chain]
    outer = list(dict.fromkeys(value for one in rest for value in one.inputs if value not in results))
    numbers = {value: number for number, value in enumerate((results[0], *outer, *results[1:]))}
    stages = tuple(Stage(one.op, tuple(numbers[value] for value in one.inputs)) for one in rest)
    return Instruction(Fused(core.op, len(core.inputs), stages), (*core.inputs, *outer), chain[-1].outputs, core.path)


def _continues(instruction: Instruction, first: Value) -> bool:
    return _elementwise(instruction.op) and instruction.outputs[0].type == first.type and _floating(instruction)


def _elementwise(op: Op) -> bool:
    function = getattr(op, "function", "")
    return isinstance(op, STAGES) and function not in PREDICATES | COMPARISONS | LOGIC


def _floating(instruction: Instruction) -> bool:
    """Whether all is float32, or all float64: what is rounded after each op must not be put together."""
    kinds = {value.dtype for value in (*instruction.inputs, *instruction.outputs)}
    return kinds in ({"float32"}, {"float64"})


def _large(value: Value) -> bool:
    size = value.type.size
    return isinstance(size, int) and size >= CHAIN_ELEMENTS
