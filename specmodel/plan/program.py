"""The program: what a plan is made of, a list of instructions in the order in which they run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from specmodel.graph.graph import Graph
from specmodel.ops.source import Constant, Iota, Weight
from specmodel.ops.value import Call, Op, Value
from specmodel.record import Record

EMPTY: Mapping[Call, str] = {}


class Instruction(Record):
    """An op that makes values of others; `path` is the layer it belongs to."""

    op: Op
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    path: str = ""


class Program(Record):
    """Instructions that lead from inputs to outputs, each after those whose values it reads.

    Values are names here, made once each: which instruction makes one stands in the program alone, for a pass may have
    put another in the place of the call that `value.call` leads to. Weights and constants are instructions too, and
    theirs is always that of the call. `still` are inputs that no run changes, as a loop's body has them.
    """

    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    instructions: tuple[Instruction, ...]
    still: frozenset[Value] = frozenset()

    def makers(self) -> dict[Value, Instruction]:
        """The instruction that makes each value."""
        return {value: instruction for instruction in self.instructions for value in instruction.outputs}

    def users(self) -> dict[Value, list[Instruction]]:
        """The instructions that read each value, once each; values that nobody reads are left out."""
        found: dict[Value, list[Instruction]] = {}
        for instruction in self.instructions:
            for value in dict.fromkeys(instruction.inputs):
                found.setdefault(value, []).append(instruction)
        return found

    def only_reader(self) -> dict[Value, Instruction]:
        """The instruction that reads a value, for those that one alone reads, once, and that are no outputs."""
        found: dict[Value, Instruction] = {}
        several = set(self.outputs)
        for instruction in self.instructions:
            for value in instruction.inputs:
                if found.setdefault(value, instruction) is not instruction or instruction.inputs.count(value) > 1:
                    several.add(value)
        return {value: instruction for value, instruction in found.items() if value not in several}

    def fixed(self) -> set[Value]:
        """The values that are the same in every run: weights, constants, and what is made of these alone."""
        found = set(self.still)
        for instruction in self.instructions:
            if is_source(instruction.op) or (instruction.inputs and found.issuperset(instruction.inputs)):
                found.update(instruction.outputs)
        return found


Maker = Callable[[Value], Instruction | None]
"""Tells the instruction that makes a value; None for an input."""


class Rewrite:
    """A program in the making: a pass goes through another one and puts each instruction here, or something else."""

    def __init__(self, inputs: Iterable[Value]) -> None:
        self._instructions: list[Instruction] = []
        self._makers: dict[Value, Instruction | None] = dict.fromkeys(inputs)
        self._instead: dict[Value, Value] = {}

    def current(self, instruction: Instruction) -> Instruction:
        """The instruction with its inputs as they are called by now."""
        if self._instead.keys().isdisjoint(instruction.inputs):
            return instruction
        return instruction.replace(inputs=tuple(self._instead.get(value, value) for value in instruction.inputs))

    def keep(self, instruction: Instruction) -> None:
        """Put an instruction at the end."""
        self._instructions.append(instruction)
        self._makers.update(dict.fromkeys(instruction.outputs, instruction))

    def maker(self, value: Value) -> Instruction | None:
        """The instruction that makes a value that is there; None for an input."""
        return self._makers[value]

    def replace(self, old: Value, new: Value, path: str) -> None:
        """Read `new` wherever `old` was read; the calls that make it of values that are there are put at the end."""
        self.include(new, path)
        self._instead[old] = new

    def program(self, like: Program) -> Program:
        """The program as it stands, with the inputs and outputs of another."""
        outputs = tuple(self._instead.get(value, value) for value in like.outputs)
        return like.replace(outputs=outputs, instructions=tuple(self._instructions))

    def include(self, value: Value, path: str) -> None:
        """Put the calls at the end that make a value of values that are there."""
        for call in calls_to([value], self._makers.keys()):
            self.keep(Instruction(call.op, call.inputs, call.outputs, path))


def rewritten(program: Program, rule: Callable[[Instruction], Value | None]) -> Program:
    """The program with the values that a rule gives in the place of the first outputs of instructions.

    The rule is asked for each instruction and gives None for what stays. A value it gives is made of values that are
    there by then, or by calls of such.
    """
    return rewritten_with_makers(program, lambda instruction, maker: rule(instruction))


def rewritten_with_makers(program: Program, rule: Callable[[Instruction, Maker], Value | None]) -> Program:
    """As `rewritten`, with a rule that looks at what makes the values that are there by then."""
    rewrite = Rewrite(program.inputs)
    changed = False
    for old in program.instructions:
        instruction = rewrite.current(old)
        new = rule(instruction, rewrite.maker)
        if new is None:
            rewrite.keep(instruction)
        else:
            changed = True
            rewrite.replace(instruction.outputs[0], new, instruction.path)
    return rewrite.program(program) if changed else program


def lowered(graph: Graph, outputs: Sequence[Value]) -> Program:
    """The program of a graph: the calls that the outputs need, weights first, then in the order of its nodes."""
    needed = dict.fromkeys(calls_to(outputs, {given.value for given in graph.inputs}))
    sources = dict.fromkeys(call for call in needed if is_source(call.op))
    path_of: dict[Call, str] = {}
    for node in graph.in_order():
        path_of.update((call, node.path) for call in node.calls if call in needed)
    return program_of([given.value for given in graph.inputs], outputs, {**sources, **path_of, **needed}, path_of)


def program_of(
    inputs: Iterable[Value], outputs: Iterable[Value], calls: Iterable[Call], paths: Mapping[Call, str] = EMPTY
) -> Program:
    """The program of calls in the order in which they are given; `paths` are those of their layers."""
    instructions = tuple(Instruction(call.op, call.inputs, call.outputs, paths.get(call, "")) for call in calls)
    return Program(tuple(inputs), tuple(outputs), instructions)


def calls_to(values: Sequence[Value], made: AbstractSet[Value]) -> list[Call]:
    """The calls that lead to values from those that are made already, inputs first."""
    found: dict[Call, None] = {}
    stack = [(value.call, False) for value in reversed(values) if value not in made]
    while stack:
        call, ready = stack.pop()
        if ready:
            found[call] = None
        elif call not in found:
            stack.append((call, True))
            stack.extend((value.call, False) for value in reversed(call.inputs) if value not in made)
    return list(found)


def is_source(op: Op) -> bool:
    """Whether an op's value is there before anything runs."""
    return isinstance(op, Weight | Constant | Iota)
