"""EinsumDense: a dense layer whose product is written in Einstein's notation."""

from string import ascii_letters
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Activation, Constraint, Initializer, PosInt, Real, Regularizer
from specmodel.layers.lora import LORA_ALPHA, LORA_RANK, adapted, require_unconstrained
from specmodel.layers.objects import INITIALIZERS, Named
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.linear import einsum
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.types.dim import Dim
from specmodel.types.formula import described

SCALED = frozenset(
    ("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "VarianceScaling")
)
"""Initializers whose numbers depend on which axes of the kernel are summed over."""


class Equation(Record):
    """The indices of input, kernel and output; `ellipsis` is the side on which `...` stands for other axes."""

    input: str
    kernel: str
    output: str
    ellipsis: Literal["left", "right"] | None = None

    def spelled_out(self, count: int) -> "Equation":
        """The same with letters of their own in place of `...`, for `count` axes."""
        free = [letter for letter in ascii_letters if letter not in self.input + self.kernel + self.output]
        more = "".join(free[:count])
        if self.ellipsis == "left":
            return Equation(more + self.input, self.kernel, more + self.output)
        return Equation(self.input + more, self.kernel, self.output + more)

    def __str__(self) -> str:
        return f"{self.input},{self.kernel}->{self.output}"


def parse_equation(text: str) -> Equation:
    """The parts of an equation; raises a pydantic error that says what is wrong with it."""
    operands, arrow, output = text.partition("->")
    inputs, comma, kernel = operands.partition(",")
    ellipsis: Literal["left", "right"] | None = None
    if inputs.startswith("...") and output.startswith("..."):
        ellipsis, inputs, output = "left", inputs[3:], output[3:]
    elif inputs.endswith("...") and output.endswith("..."):
        ellipsis, inputs, output = "right", inputs[:-3], output[:-3]
    if not (arrow and comma) or not all(part.isascii() and part.isalpha() for part in (inputs, kernel, output)):
        raise refuse(
            f"must be written `abc,cd->abd`, `...c,cd->...d` or `ab...,bc->ac...`, found {shown(text)}",
            "letters name the axes of the input, the kernel and the output; there are no spaces",
        )
    for part, name in ((inputs, "input"), (kernel, "kernel"), (output, "output")):
        twice = next((letter for letter in part if part.count(letter) > 1), None)
        if twice is not None:
            raise refuse(f"`equation` names the index `{twice}` twice in the {name} `{part}`")
    for letter in output:
        if letter not in inputs + kernel:
            raise refuse(f"`equation` has the index `{letter}` in the output alone, not in the input or the kernel")
    for letter in kernel:
        if letter not in inputs + output:
            raise refuse(f"`equation` has the index `{letter}` in the kernel alone, not in the input or the output")
    return Equation(inputs, kernel, output, ellipsis)


def _checked_equation(text: str) -> str:
    parse_equation(text)
    return text


def _partial_shape(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if not isinstance(value, list | tuple):
        raise refuse(f"must be an integer or a list of integers and nulls, found {shown(value)}")
    return tuple(value)


class EinsumDense(Layer):
    """A product with a kernel over any axes: `activation(einsum(equation, inputs, kernel) + bias)`.

    Input and output have the axes that the equation names; the batch is the first of both.
    """

    equation: Annotated[str, AfterValidator(_checked_equation)] = Field(
        description="Axes of input, kernel and output: `abc,cd->abd`; `...` on one side stands for any others."
    )
    output_shape: Annotated[tuple[PosInt | None, ...], BeforeValidator(_partial_shape)] = Field(
        description="Sizes of the output's named axes without the batch; null for those the input tells."
    )
    activation: Activation = Field("linear", description="Applied to the sum.")
    bias_axes: str | None = Field(None, description="Output axes that the bias has, such as `d`; null for no bias.")
    kernel_initializer: Initializer = Field("glorot_uniform", description="Start of `kernel`.")
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`.")
    kernel_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    kernel_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")
    lora_rank: PosInt | None = Field(None, description=LORA_RANK.format("kernel"))
    lora_alpha: Real | None = Field(None, description=LORA_ALPHA)
    gptq_unpacked_column_size: None = Field(None, description="Not supported; null.")
    quantization_config: None = Field(None, description="Not supported; null.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")

    examples = (
        Example(
            {"equation": "abc,cd->abd", "output_shape": [None, 4], "bias_axes": "d"},
            inputs=((None, "seq", 3),),
            output=(None, "seq", 4),
            params=16,
        ),
        Example(
            {"equation": "...x,xy->...y", "output_shape": 5},
            inputs=((None, 7, 2, 3),),
            output=(None, 7, 2, 5),
            params=15,
        ),
        Example(
            {"equation": "ab...,bcd->acd...", "output_shape": [2, 3], "bias_axes": "c"},
            inputs=((None, 4, "h", "w"),),
            output=(None, 2, 3, "h", "w"),
            params=26,
        ),
        Example({"equation": "abc,cd", "output_shape": 4}, error="`equation` of EinsumDense must be written `abc,cd"),
        Example({"equation": "ab,bc->ad", "output_shape": 4}, error="the index `d` in the output alone"),
        Example({"equation": "ab,bcd->ac", "output_shape": 4}, error="the index `d` in the kernel alone"),
        Example(
            {"equation": "ab,bc->ac", "output_shape": 4, "bias_axes": "b"},
            error="`bias_axes` names the index `b`, which the output `ac` does not have",
        ),
        Example(
            {"equation": "abc,cd->abd", "output_shape": 4},
            inputs=((None, 5, 3),),
            error="`output_shape` must have 2 sizes, for the indices `b` and `d`, found 1",
        ),
        Example(
            {"equation": "ab,bc->ac", "output_shape": [None]},
            inputs=((None, 3),),
            error="`output_shape` must give a size for the index `c`, which the input does not have",
        ),
        Example(
            {"equation": "abc,cd->abd", "output_shape": [6, 4]},
            inputs=((None, 5, 3),),
            error="the index `b` is 6 in `output_shape`, but 5 in the input",
        ),
        Example(
            {"equation": "abc,cd->abd", "output_shape": [6, 4]},
            inputs=((None, "seq", 3),),
            error="the index `b` is 6 in `output_shape`, but the size of its axis of the input, `seq`, is not known",
        ),
        Example(
            {"equation": "abc,cd->abd", "output_shape": [None, 4]},
            inputs=((None, 5),),
            error="expected an input of rank 3, one axis for each index of `abc`",
        ),
        Example(
            {"equation": "abc,cd->abd", "output_shape": [None, 4]},
            inputs=((None, 5, None),),
            error="the size of the index `c` must be known",
        ),
    )

    @model_validator(mode="after")
    def _lora_is_unconstrained(self) -> Self:
        require_unconstrained("EinsumDense", self.lora_rank, "kernel_constraint", self.kernel_constraint)
        return self

    @model_validator(mode="after")
    def _bias_axes_are_of_the_output(self) -> Self:
        if self.bias_axes is None:
            return self
        output = parse_equation(self.equation).output
        if not self.bias_axes:
            raise refuse("`bias_axes` must name an index or be null, found an empty text", None, ("bias_axes",))
        for letter in self.bias_axes:
            if letter not in output:
                message = f"`bias_axes` names the index `{letter}`, which the output `{output}` does not have"
                raise refuse(message, None, ("bias_axes",))
        return self

    def build(self, b: Scope, inputs: Value) -> Value:
        """The product, the bias, the activation."""
        written = parse_equation(self.equation)
        elided = self._elided(b, written, inputs)
        equation = written.spelled_out(elided)
        begins = equation.output[0] == equation.input[0]
        message = f"the output of `{self.equation}` must begin with the index `{equation.input[0]}` of the batch"
        b.require(begins, message, field="equation")
        sizes = self._sizes(b, written, equation, inputs)
        initializer = fanned(self.kernel_initializer, equation)
        frozen = self.lora_rank is not None
        kernel = b.weight("kernel", self._known(b, sizes, equation.kernel), initializer, trainable=not frozen)
        bias = self._bias(b, written, sizes, elided)
        kernel = adapted(b, "lora_kernel", kernel, self.lora_rank, self.lora_alpha)
        y = einsum(str(equation), inputs, kernel)
        return b.activation(self.activation, y if bias is None else y + bias)

    def _bias(self, b: Scope, written: Equation, sizes: dict[str, Dim], elided: int) -> Value | None:
        """The bias, with an axis for each index of the output from the first that it has."""
        if self.bias_axes is None:
            return None
        first = min(written.output.index(letter) for letter in self.bias_axes)
        named = self._known(b, sizes, self.bias_axes)
        of = dict(zip(self.bias_axes, named, strict=True))
        after = elided if written.ellipsis == "right" else 0
        shape = (*(of.get(letter, 1) for letter in written.output[first:]), *(1,) * after)
        return b.weight("bias", shape, self.bias_initializer)

    def _elided(self, b: Scope, written: Equation, inputs: Value) -> int:
        """How many axes `...` stands for."""
        elided = inputs.rank - len(written.input)
        if written.ellipsis is None:
            b.require_rank(inputs, len(written.input), f"one axis for each index of `{written.input}`")
        message = (
            f"expected an input of at least {len(written.input)} axes, one for each index of `{written.input}`, "
            f"found {inputs.type}"
        )
        b.require(elided >= 0, message, code=codes.WRONG_RANK)
        return elided

    def _sizes(self, b: Scope, written: Equation, equation: Equation, inputs: Value) -> dict[str, Dim]:
        """The size of each index, from the input and `output_shape`."""
        sizes: dict[str, Dim] = dict(zip(equation.input, inputs.shape, strict=True))
        named = [letter for letter in equation.output[1:] if letter in written.output]
        b.require(
            len(named) == len(self.output_shape),
            f"`output_shape` must have {_count(named)}, found {len(self.output_shape)}",
            field="output_shape",
            help="the batch, and the axes that `...` stands for, are not written",
        )
        for letter, size in zip(named, self.output_shape, strict=True):
            if size is None:
                message = f"`output_shape` must give a size for the index `{letter}`, which the input does not have"
                b.require(letter in sizes, message, field="output_shape")
            elif letter in sizes:
                self._require_stated(b, letter, size, sizes[letter])
            else:
                sizes[letter] = size
        return sizes

    def _require_stated(self, b: Scope, letter: str, size: int, found: Dim) -> None:
        """A size that `output_shape` states must be known of the input, and be the same, as Keras wants it."""
        stated = f"the index `{letter}` is {size} in `output_shape`, but"
        b.require(
            isinstance(found, int),
            f"{stated} the size of its axis of the input, {described(found)}, is not known",
            field="output_shape",
            code=codes.UNKNOWN_SIZE,
            help="write null there for a size that the input tells, or give that axis a size where it comes from",
        )
        b.require(found == size, f"{stated} {found} in the input", field="output_shape", code=codes.INCOMPATIBLE_SHAPES)

    def _known(self, b: Scope, sizes: dict[str, Dim], letters: str) -> tuple[int, ...]:
        help = "a weight's shape depends on it: give that axis a size where it comes from"
        return tuple(b.known(sizes[letter], f"the size of the index `{letter}`", help) for letter in letters)


def fanned(initializer: str | Named, equation: Equation) -> str | Named:
    """The kernel's initializer, told which axes are summed over and which remain, unless it says so itself."""
    name, given = (initializer, {}) if isinstance(initializer, str) else (initializer.name, dict(initializer.arguments))
    complete = given.get("input_axes") is not None and given.get("output_axes") is not None
    if complete or INITIALIZERS.spellings[name] not in SCALED:
        return initializer
    kept = tuple(axis for axis, letter in enumerate(equation.kernel) if letter in equation.output)
    summed = tuple(axis for axis, letter in enumerate(equation.kernel) if letter not in equation.output)
    return Named(name, tuple((given | {"input_axes": summed, "output_axes": kept}).items()))


def _count(letters: list[str]) -> str:
    names = [f"`{letter}`" for letter in letters]
    if len(names) == 1:
        return f"1 size, for the index {names[0]}"
    return f"{len(names)} sizes, for the indices {', '.join(names[:-1])} and {names[-1]}" if names else "no sizes"
