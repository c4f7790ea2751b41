"""What a layer's `build` speaks to: weights, preconditions, and the layers inside it."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specmodel.diagnostics import codes
from specmodel.files.location import NamedFiles
from specmodel.files.malformed import MalformedError
from specmodel.layers.initializer_shapes import misfit
from specmodel.layers.objects import ACTIVATIONS, Named, Pieces
from specmodel.ops.elementwise import cast
from specmodel.ops.source import Weight, WeightSpec
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.fault import Fault
from specmodel.types.tensor import TensorType, is_floating

if TYPE_CHECKING:
    from specmodel.layers.base import Layer


class Policy(Record):
    """A dtype policy: what a layer computes in and what it keeps its weights in (keras.dtype_policies)."""

    compute: str
    variable: str


POLICIES = {
    **{name: Policy(name, name) for name in ("float16", "float32", "float64", "bfloat16")},
    "mixed_float16": Policy("float16", "float32"),
    "mixed_bfloat16": Policy("bfloat16", "float32"),
}
INTEGER_POLICIES = {name: Policy(name, name) for name in ("int32", "int64")}
"""What beside those some layers that make integers may have."""


def policy_of(name: str) -> Policy:
    """The policy of a name that a layer's `dtype` has."""
    return POLICIES.get(name) or INTEGER_POLICIES[name]


class Warned(Record):
    """What a layer does otherwise than its user may think: a clause behind the layer's name.

    `inside` tells which layer it is where that is not the one that is called.
    """

    code: str
    message: str
    help: str | None = None
    inside: Any = None


class Masked(Record):
    """A value, and the mask that travels with it (true where a step counts)."""

    value: Value
    mask: Value | None = None


class Scope:
    """One call of one layer. `weights` is shared by the whole graph: a path that is there already is used again.

    `batch` is the size of the model's batch, for layers that read no input to take it from; `files` are those that
    arguments may name.
    """

    def __init__(
        self,
        path: str,
        policy: Policy,
        weights: dict[str, Value],
        *,
        trainable: bool = True,
        batch: Dim = 1,
        files: NamedFiles | None = None,
    ) -> None:
        self.path = path
        self.policy = policy
        self.trainable = trainable
        self.batch = batch
        self.assume = Assume()
        self.declared: dict[str, Value] = {}
        self.warnings: dict[str, Warned] = {}
        self.open_choices: list[str] = []
        self._weights = weights
        self._files = files if files is not None else NamedFiles(Path(), None)

    def require(
        self,
        condition: bool,
        message: str,
        *,
        field: str | None = None,
        code: str = codes.BAD_ARGUMENT,
        help: str | None = None,
    ) -> None:
        """Stop with a `Fault` unless the condition holds; `field` is the argument to point at."""
        if not condition:
            raise Fault(code, message, field=field, help=help)

    def warn(self, code: str, message: str, help: str | None = None) -> None:
        """Say that the layer does otherwise than its user may think, once for each code."""
        self.warnings.setdefault(code, Warned(code, message, help))

    def require_rank(self, x: Value, rank: int, form: str) -> None:
        """Stop unless the value has so many axes; `form` shows the layout wanted: `(batch, steps, channels)`."""
        if x.rank != rank:
            message = f"expected an input of rank {rank}, {form}, found {x.type} of rank {x.rank}"
            raise Fault(codes.WRONG_RANK, message, help=_rank_help(x.rank, rank))

    def known(self, size: Dim, what: str, help: str | None = None) -> int:
        """The size as an integer; a `Fault` that names `what` where it is not known."""
        if not isinstance(size, int):
            raise Fault(codes.UNKNOWN_SIZE, f"{what} must be known", help=help)
        return size

    def leave_open(self, choice: str) -> None:
        """Say that known sizes will decide how this is computed: until then it has no more than the right shape."""
        self.open_choices.append(choice)

    def file(self, path: str, field: str) -> str:
        """The text of the file that an argument names: beside the spec, or in a program where it runs."""
        try:
            return self._files.text(path, field)
        except MalformedError as wrong:
            raise Fault(wrong.code or codes.UNREADABLE_FILE, wrong.message, field=field, help=wrong.help) from None

    def axis(self, axis: int, rank: int, field: str = "axis") -> int:
        """The axis counted from the front; a `Fault` where there is no such axis."""
        if not -rank <= axis < rank:
            message = f"`{field}` {axis} is no axis of an input of rank {rank}"
            raise Fault(codes.BAD_AXIS, message, field=field, help=f"axes run from 0 (the batch) to {rank - 1}")
        return axis % rank

    def weight(
        self,
        name: str,
        shape: tuple[Dim, ...],
        initializer: str | Named | Pieces,
        *,
        dtype: str | None = None,
        trainable: bool = True,
        autocast: bool = True,
    ) -> Value:
        """The layer's weight under Keras' name, in the dtype the layer computes in; as it is kept without `autocast`.

        Weights are declared in the order of Keras' `layer.weights`. All sizes must be known.
        """
        path = f"{self.path}/{name}"
        sizes = tuple([size for size in shape if isinstance(size, int)])
        if len(sizes) < len(shape):
            sizes = tuple(self.known(size, f"axis {axis} of weight `{name}`") for axis, size in enumerate(shape))
        kept = dtype if dtype is not None else self.policy.variable
        value = self._weights.get(path)
        if value is None:
            wrong = misfit(initializer, sizes)
            if wrong is not None:
                message = f"the initializer of `{name}`, of the shape {TensorType(sizes, kept)}, {wrong}"
                field, help = f"{name}_initializer", "choose another initializer"
                raise Fault(codes.BAD_ARGUMENT, message, field=field, help=help)
            value = Weight(WeightSpec(path, sizes, kept, initializer, trainable and self.trainable))()
            self._weights[path] = value
        elif value.shape != sizes:
            message = f"the shared weight `{path}` has shape {value.type}, this call needs {sizes}"
            raise Fault(codes.SHARED_WEIGHT_SHAPE, message)
        self.declared[path] = value
        return cast(value, self.policy.compute) if autocast and is_floating(kept) else value

    def activation(self, activation: str | Named, x: Value) -> Value:
        """An activation function applied to a value."""
        if activation == "linear":
            return x
        name, arguments = (activation, ()) if isinstance(activation, str) else (activation.name, activation.arguments)
        result: Value = _activation(name)(x, **dict(arguments))
        return result

    def inside(self, layer: "Layer", name: str) -> "Scope":
        """The scope of a layer inside this one, below its path; what it declares and requires counts for both."""
        inner = Scope(
            f"{self.path}/{name}",
            policy_of(layer.own_dtype) if layer.own_dtype is not None else self.policy,
            self._weights,
            trainable=self.trainable and layer.own_trainable,
            batch=self.batch,
            files=self._files,
        )
        inner.assume, inner.declared, inner.warnings = self.assume, self.declared, self.warnings
        inner.open_choices = self.open_choices
        return inner

    def layer(self, layer: "Layer", name: str, arguments: Mapping[str, Any]) -> tuple[Masked, ...]:
        """Call a layer inside this one, under a name of its own; its weights stand below this layer's path."""
        from specmodel.layers.call import call_layer

        return call_layer(self.inside(layer, name), layer, arguments)


@cache
def _activation(name: str) -> Callable[..., Value]:
    """The function that an activation's name stands for."""
    found: Callable[..., Value] = getattr(import_module(ACTIVATIONS.module), ACTIVATIONS.spellings[name])
    return found


def _rank_help(found: int, wanted: int) -> str | None:
    """The usual repair for a rank that is off by some axes."""
    if found == wanted + 2 and wanted == 2:
        return "put Flatten or a global pooling layer before it"
    if found == wanted - 1 and wanted == 3:
        return "add an axis with Reshape, or `return_sequences: true` on the recurrent layer before it"
    if found == wanted - 1:
        return "add the missing axis with Reshape, or give the input one more size (the batch axis is not written)"
    return None
