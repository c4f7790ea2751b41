"""Arguments that are objects of their own: activations, initializers, regularizers, constraints.

They are written as a name (`gelu`) or as one key with its arguments (`{gelu: {approximate: true}}`). A plain name
stays a string, and its module is only imported when something asks what it does.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model
from pydantic_core import PydanticCustomError

from specmodel.diagnostics import did_you_mean, unmistakable
from specmodel.layers.naming import snake_case
from specmodel.layers.validation import ArgumentError, refuse, refuse_all, shown, validated
from specmodel.record import Record


class Config(BaseModel):
    """Base of the objects that are declared as classes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Named(Record):
    """An object with arguments: its name in the family, and the arguments that differ from the defaults."""

    name: str
    arguments: tuple[tuple[str, Any], ...]

    def plain(self) -> dict[str, dict[str, Any]]:
        """The form it is written in: one key with its arguments."""
        return {self.name: dict(self.arguments)}


class Pieces(Record):
    """An initializer put together along the last axis: `(initializer, columns)` one after the other.

    Layers use it where parts of one weight start differently; a spec cannot write it.
    """

    parts: tuple[tuple[str | Named, int], ...]


class Family(Record):
    """The objects an argument may name. `spellings` leads every accepted word to the name in `module`."""

    title: str
    module: str
    spellings: dict[str, str]

    def parse(self, value: object) -> "str | Named":
        """The canonical form of what was written; raises a pydantic error that says what is wrong."""
        if isinstance(value, Named):
            return value
        if isinstance(value, Config):
            return _named(type(value).__name__, value)
        if isinstance(value, str):
            self._find(value)
            return value
        if isinstance(value, Mapping) and len(value) == 1:
            ((name, arguments),) = value.items()
            return self._parse_arguments(str(name), arguments)
        raise refuse(
            f"an {self.title} is a name or one key with its arguments, found {shown(value)}"
            if self.title[0] in "aeiou"
            else f"a {self.title} is a name or one key with its arguments, found {shown(value)}",
            f"for example `{next(iter(self.spellings))}`",
        )

    def checked(self, argument: str, value: object) -> "str | Named":
        """As `parse`, for an argument that no pydantic field holds: raises `ArgumentError`."""
        try:
            return self.parse(value)
        except PydanticCustomError as error:
            faults = (error.context or {})["faults"]
            raise ArgumentError([fault.replace(location=(argument, *fault.location)) for fault in faults]) from None

    def declaration(self, name: str) -> type[BaseModel]:
        """The pydantic class that validates an object's arguments; functions are read by their signature."""
        declared = getattr(import_module(self.module), self.spellings[name])
        return declared if isinstance(declared, type) else _model_of(declared)

    def _find(self, name: str) -> str:
        if name not in self.spellings:
            near = did_you_mean(name, self.spellings)
            hint = f"did you mean `{near}`?" if near else f"one of {', '.join(sorted(self.spellings))}"
            meant = unmistakable(name, self.spellings) if near is not None else None
            raise refuse(f"unknown {self.title} `{name}`", hint, meant=meant)
        return self.spellings[name]

    def _parse_arguments(self, name: str, arguments: object) -> "str | Named":
        self._find(name)
        model = self.declaration(name)
        if arguments is None:
            arguments = {}
        elif not isinstance(arguments, Mapping):
            if not model.model_fields:
                raise refuse(f"{self.title} `{name}` takes no arguments, found {shown(arguments)}", None, (name,))
            arguments = {next(iter(model.model_fields)): arguments}
        instance = model.__new__(model)
        try:
            validated(f"{self.title} `{name}`", instance, arguments)
        except ArgumentError as error:
            raise refuse_all([f.replace(location=(name, *f.location)) for f in error.faults]) from None
        return _named(name, instance)


def _named(name: str, instance: BaseModel) -> "str | Named":
    differing = tuple(
        (field, getattr(instance, field))
        for field, info in type(instance).model_fields.items()
        if info.is_required() or getattr(instance, field) != info.default
    )
    return Named(name, differing) if differing else name


@cache
def _model_of(function: Callable[..., Any]) -> type[BaseModel]:
    """A pydantic class of a function's parameters behind the first, which is the value it acts on."""
    import inspect

    parameters = list(inspect.signature(function).parameters.values())[1:]
    fields: Any = {
        parameter.name: (parameter.annotation, ... if parameter.default is parameter.empty else parameter.default)
        for parameter in parameters
    }
    return create_model(function.__name__, __config__=Config.model_config, **fields)


def _class_spellings(names: str, aliases: Mapping[str, str]) -> dict[str, str]:
    classes = names.split()
    own = {spelling: name for name in classes for spelling in (snake_case(name), name)}
    return {**own, **aliases}


ACTIVATIONS = Family(
    "activation",
    "specmodel.layers.activation_functions",
    {
        name: name
        for name in (
            "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid "
            "log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus "
            "sparse_sigmoid sparsemax squareplus tanh tanh_shrink threshold"
        ).split()
    }
    | {"hard_swish": "hard_silu", "swish": "silu"},
)
INITIALIZERS = Family(
    "initializer",
    "specmodel.layers.initializers",
    _class_spellings(
        "Constant Identity Ones STFT Zeros GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform "
        "Orthogonal RandomNormal RandomUniform TruncatedNormal VarianceScaling",
        {
            "normal": "RandomNormal",
            "uniform": "RandomUniform",
            "one": "Ones",
            "zero": "Zeros",
            "stft": "STFT",
            "IdentityInitializer": "Identity",
            "OrthogonalInitializer": "Orthogonal",
            "STFTInitializer": "STFT",
        },
    ),
)
REGULARIZERS = Family(
    "regularizer",
    "specmodel.layers.training",
    _class_spellings(
        "L1 L2 L1L2 OrthogonalRegularizer", {"l1_l2": "L1L2", "l1l2": "L1L2", "orthogonal": "OrthogonalRegularizer"}
    ),
)
CONSTRAINTS = Family(
    "constraint",
    "specmodel.layers.training",
    _class_spellings("MaxNorm MinMaxNorm NonNeg UnitNorm", {}),
)
