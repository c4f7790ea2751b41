"""Fold factors and summands in front of a linear op into its weights and a bias: rescaling costs nothing."""

from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.linear import MatMul
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.plan.passes.affine import Affine, affine_step, is_linear
from specmodel.plan.program import Instruction, Program, Rewrite


def scales_before(program: Program) -> Program:
    """The program with `linear(x, scale * weights) + linear(shift, weights)` for a linear op on `x * scale + shift`.

    All that reads the scaled value must be linear with fixed weights. A summand stays where the op pads with zeros,
    for these would be moved with it.
    """
    chains = _Chains(program)
    rewrite = Rewrite(program.inputs)
    changed = False
    for instruction in program.instructions:
        found = chains.before(instruction)
        if found is None:
            rewrite.keep(rewrite.current(instruction))
        else:
            changed = True
            x, steps = found
            moved = rewrite.current(instruction.replace(inputs=(x, instruction.inputs[1])))
            rewrite.replace(instruction.outputs[0], _folded(moved, steps), instruction.path)
    return rewrite.program(program) if changed else program


class _Chains:
    def __init__(self, program: Program) -> None:
        self.fixed, self.makers = program.fixed(), program.makers()
        self.users, self.watched = program.users(), set(program.outputs)

    def before(self, linear: Instruction) -> tuple[Value, Affine] | None:
        """What a linear instruction's input is made of, and the steps that make it, if there are any to fold."""
        if not self._folds(linear):
            return None
        x, found = linear.inputs[0], []
        while (step := self._step(x)) is not None and (step[1] in ("Mul", "Div") or not _pads(linear)):
            before, function, operand = step
            found.append((function, operand))
            x = before
            if len(self.users[x]) > 1:
                break
        steps = Affine()
        for function, operand in reversed(found):
            steps = steps.then(function, operand)
        return (x, steps) if found else None

    def _step(self, x: Value) -> tuple[Value, str, Value] | None:
        """What an affine instruction makes x of, its function and its operand, if nothing but folds reads x."""
        maker = self.makers.get(x)
        if maker is None or x in self.watched or len(maker.inputs) != 2:
            return None
        before = next((value for value in maker.inputs if value not in self.fixed), None)
        step = affine_step(maker, before, self.fixed) if before is not None else None
        if before is None or step is None:
            return None
        users = self.users[x]
        return (before, *step) if len(users) == 1 or all(map(self._folds, users)) else None

    def _folds(self, user: Instruction) -> bool:
        one_group = not isinstance(user.op, Conv) or user.op.groups == 1
        return one_group and is_linear(user, self.fixed)


def _pads(linear: Instruction) -> bool:
    return isinstance(linear.op, ConvTranspose) or getattr(linear.op, "padding", "valid") != "valid"


def _folded(linear: Instruction, steps: Affine) -> Value:
    x, weights = linear.inputs
    scaled = weights if steps.scale is None else weights * _for_features(linear, steps.scale)
    made = linear.op(x, scaled)
    if steps.shift is None:
        return made
    summands = weights * _for_features(linear, steps.shift)
    if isinstance(linear.op, MatMul):
        return made + reduce("Sum", summands, 0)
    axes = range(weights.rank - (2 if isinstance(linear.op, DepthwiseConv) else 1))
    return made + reshape(reduce("Sum", summands, tuple(axes)), made.shape[-1:])


def _for_features(linear: Instruction, one: Value) -> Value:
    """Numbers of features in the form that meets the weights' axis of features."""
    last = one.rank == 0 or isinstance(linear.op, ConvTranspose)
    return one if last else reshape(one, (*one.shape, 1))
