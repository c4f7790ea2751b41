"""What an entry is called with: the values that others have made."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from specmodel.diagnostics import Frame, Note, codes
from specmodel.layers.base import call_parameters, required_parameters
from specmodel.layers.scope import Masked
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.spec.model import ALL_OUTPUTS, Argument, Entry, Place, Ref
from specmodel.spec.wiring import IN_ORDER, too_many_inputs
from specmodel.types.fault import Fault

Outputs = tuple[Masked, ...]
Made = Mapping[str, Outputs]
"""The outputs of inputs and entries, by path. One that is missing has failed."""
Arguments = dict[str, "Masked | list[Masked] | None"]
_MOST_ORIGINS = 16
"""As many inputs of an entry are named in the notes of one message."""


class PoisonedError(Exception):
    """A value comes from a layer that has failed, which is reported there."""


class NoSuchOutput(Fault):
    """A reference names an output that an entry does not have."""


class Inside(Record):
    """Where a fault or a warning arose in a block: the layer, its path in the model, the values that it reads."""

    kind: str
    path: str
    place: Place
    frame: Frame | None
    values: tuple[Value, ...] = ()
    notes: tuple[Note, ...] = ()


def call_arguments(entry: Entry, made: Made) -> Arguments:
    """The call arguments of an entry, by name. Raises `Fault`, `PoisonedError`."""
    arguments = {name: _argument(argument, made) for name, argument in entry.arguments}
    return _in_order(entry, arguments[IN_ORDER]) if IN_ORDER in arguments else arguments


def value_of(ref: Ref, made: Made) -> Masked:
    """The value that a reference means. Raises `Fault`, `PoisonedError`."""
    outputs = _all_of(ref, made)
    if ref.index >= len(outputs):
        count = len(outputs)
        have = "one output" if count == 1 else f"{count} outputs"
        names = [str(Ref(ref.target, index)) for index in range(min(count, 4))]
        listed = ", ".join(f"`{name}`" for name in names) + (", …" if count > len(names) else "")
        message = f"`{ref}` does not exist: `{ref.target}` has {have}"
        raise NoSuchOutput(codes.NO_SUCH_OUTPUT, message, field="inputs", help=f"it has {listed}")
    return outputs[ref.index]


def values_read(entry: Entry, made: Made) -> Iterator[tuple[Ref, Value]]:
    """The values that an entry reads, each once, as far as they could be made."""
    for ref in dict.fromkeys(entry.refs()):
        outputs = made.get(ref.target, ())
        if ref.index < len(outputs):
            yield ref, outputs[max(ref.index, 0)].value


def origins(
    read: Iterable[tuple[Ref, Value]], source: Callable[[str], tuple[str, Place]], with_dtype: bool
) -> Iterator[Note]:
    """Where the shapes of values come from; `source` tells what a name stands for, and where that was written."""
    listed = list(read)
    for ref, value in listed[:_MOST_ORIGINS]:
        kind, place = source(ref.target)
        dtype = f" of {value.dtype}" if with_dtype else ""
        name = f"{ref.target}/*" if ref.index == ALL_OUTPUTS else str(ref)
        yield Note(f"{kind} `{name}` gives {value.type}{dtype}", place.span)
    if len(listed) > _MOST_ORIGINS:
        yield Note(f"{len(listed) - _MOST_ORIGINS:,} more inputs are not listed")


def _argument(argument: Argument, made: Made) -> "Masked | list[Masked] | None":
    if argument is None:
        return None
    if isinstance(argument, Ref) and argument.index != ALL_OUTPUTS:
        return value_of(argument, made)
    values: list[Masked] = []
    for ref in [argument] if isinstance(argument, Ref) else argument:
        values.extend(_all_of(ref, made) if ref.index == ALL_OUTPUTS else [value_of(ref, made)])
    return values


def _all_of(ref: Ref, made: Made) -> Outputs:
    if ref.target not in made:
        raise PoisonedError
    return made[ref.target]


def _in_order(entry: Entry, values: "Masked | list[Masked] | None") -> Arguments:
    """The call arguments that values in order are; raises `Fault` for too many or too few of them."""
    given = values if isinstance(values, list) else []
    kind, names = type(entry.layer), call_parameters(type(entry.layer))
    if len(given) > len(names):
        raise Fault(codes.CALL_ARGUMENTS, too_many_inputs(kind.__name__, len(names), len(given)), field="inputs")
    missing = required_parameters(kind)[len(given) :]
    if missing:
        raise Fault(codes.CALL_ARGUMENTS, f"{', '.join(f'`{name}`' for name in missing)} is missing", field="inputs")
    return dict(zip(names, given, strict=False))
