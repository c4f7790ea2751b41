"""Arguments against their declaration: pydantic validates, this module says it in the user's words."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from specmodel.diagnostics import codes, did_you_mean, unmistakable
from specmodel.record import Record

Location = tuple[str | int, ...]

_MOST_LISTED = 8
_MOST_UNKNOWN = 100  # comparing names is slow, and a hostile text has many


class ArgumentFault(Record):
    """What is wrong with one argument: `location` is the way to it from the arguments' mapping.

    `meant` is the word that should stand there, where that is beyond doubt.
    """

    location: Location
    code: str
    message: str
    help: str | None = None
    at_key: bool = False
    meant: str | None = None


class ArgumentError(Exception):
    """Arguments do not fit their declaration; `.faults` says where and why."""

    def __init__(self, faults: Sequence[ArgumentFault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(fault.message for fault in faults))


def validated(owner: str, instance: BaseModel, arguments: Mapping[str, Any]) -> None:
    """Fill a fresh pydantic instance from arguments; raises `ArgumentError` with every fault found.

    `owner` is the name that messages use. A missing argument beside an unknown one that looks like it is said once.
    """
    fields = type(instance).model_fields
    unknown = islice((name for name in arguments if name not in fields), _MOST_UNKNOWN)
    faults = [unknown_argument(owner, name, fields) for name in unknown]
    suggestions = tuple(fault.help for fault in faults if fault.help is not None)
    known = {name: value for name, value in arguments.items() if name in fields}
    try:
        type(instance).__pydantic_validator__.validate_python(known, self_instance=instance)
    except ValidationError as error:
        for found in faults_of(owner, error):
            name = str(found.location[0]) if found.location else ""
            if found.code != codes.MISSING_ARGUMENT or name in known:  # of the argument itself, or inside of it
                faults.append(found)
            elif not any(help.startswith(f"did you mean `{name}`?") for help in suggestions):
                faults.append(found.replace(help=_meaning(name, fields[name].description)))
    if faults:
        raise ArgumentError(faults)


def unknown_argument(owner: str, name: str, known: Mapping[str, Any]) -> ArgumentFault:
    """The fault of an argument that does not exist."""
    if name in ("name", "trainable", "dtype"):
        message = f"`{name}` stands beside `{owner}`, not among its arguments"
        return ArgumentFault(
            (name,), codes.UNKNOWN_ARGUMENT, message, f"move `{name}` up, to the entry's own keys", True
        )
    near = did_you_mean(name, known)
    help = f"did you mean `{near}`?" if near else _choices_of(owner, known)
    if near is None and "layer" in known and name[:1].isupper():
        help = f"did you mean `layer`? Write `layer: {{{name}: …}}`"
    meant = unmistakable(name, known) if near is not None else None
    return ArgumentFault((name,), codes.UNKNOWN_ARGUMENT, f"unknown argument `{name}` of {owner}", help, True, meant)


def _choices_of(owner: str, known: Mapping[str, Any]) -> str:
    if not known:
        return f"{owner} takes no arguments"
    listed = ", ".join(f"`{choice}`" for choice in islice(known, _MOST_LISTED))
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    page = f": `specmodel layers {owner}`" if more and owner.isidentifier() else ""
    return f"{owner} takes {listed}{more}{page}"


def _meaning(name: str, description: str | None) -> str | None:
    return f"`{name}`: {description[:1].lower()}{description[1:].rstrip('.')}" if description else None


def refuse(
    message: str,
    help: str | None = None,
    location: Location = (),
    code: str = codes.BAD_ARGUMENT,
    meant: str | None = None,
) -> PydanticCustomError:
    """The exception a field's validator raises for a wrong value."""
    return refuse_all([ArgumentFault(location, code, message, help, meant=meant)])


def refuse_all(faults: Sequence[ArgumentFault]) -> PydanticCustomError:
    """The exception for faults found inside an argument that is an object of its own."""
    return PydanticCustomError("specmodel", "{text}", {"text": faults[0].message, "faults": tuple(faults)})


def faults_of(owner: str, error: ValidationError) -> list[ArgumentFault]:
    """Pydantic's findings in the words of this project, each place once."""
    faults: dict[Location, ArgumentFault] = {}
    for detail in error.errors(include_url=False):
        location = tuple(part for part in detail["loc"] if isinstance(part, int) or not _is_branch(part))
        context = detail.get("ctx", {})
        if "faults" in context:
            for inner in context["faults"]:
                found = inner.replace(location=location + inner.location)
                if found.message.startswith("must "):  # a validator of a field's type does not know the field
                    found = found.replace(message=f"`{_dotted(found.location)}` of {owner} {found.message}")
                faults.setdefault(found.location, found)
        else:
            faults.setdefault(location, _fault(owner, location, detail))
    return list(faults.values())


def _is_branch(part: str) -> bool:
    """Whether a part of pydantic's location names a branch of a union or a function, not a key."""
    return "[" in part or "-" in part or part in ("int", "float", "bool", "str", "none")


def _fault(owner: str, location: Location, detail: Any) -> ArgumentFault:
    name = f"`{_dotted(location)}` of {owner}" if location else owner
    kind, found, context = detail["type"], detail.get("input"), detail.get("ctx", {})
    if kind == "missing":
        return ArgumentFault(location, codes.MISSING_ARGUMENT, f"{owner} needs the argument `{_dotted(location)}`")
    if kind in _WANTED:
        message = f"{name} must be {_WANTED[kind]}, found {shown(found)}"
        return ArgumentFault(location, codes.BAD_ARGUMENT, message, _written_right(owner, location, kind, found))
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        return ArgumentFault(
            location, codes.BAD_ARGUMENT, f"{name} must be {word} {context[key]:.12g}, found {shown(found)}"
        )
    if kind == "literal_error":
        choices = _choices(context["expected"])
        near = did_you_mean(found, choices) if isinstance(found, str) else None
        meant = unmistakable(str(found), choices) if near is not None else None
        message = f"{name} must be {context['expected'].replace(chr(39), '`')}, found {shown(found)}"
        help = f"did you mean `{near}`?" if near else None
        return ArgumentFault(location, codes.BAD_ARGUMENT, message, help, meant=meant)
    return ArgumentFault(location, codes.BAD_ARGUMENT, f"{name}: {detail['msg'].lower()}, found {shown(found)}")


def _written_right(owner: str, location: Location, kind: str, found: object) -> str | None:
    """How to write what was probably meant by a value of the wrong kind."""
    number = kind.startswith(("int", "float"))
    if isinstance(found, str):
        if kind.startswith("bool"):
            return "write `true` or `false`"
        if number and re.fullmatch(_NUMBER, found):
            return f"write `{found}`, without quotes"
        if number and re.fullmatch(_ASSIGNED, found):
            return f"arguments are written by name: `{owner}: {{{found.replace('=', ': ')}}}`"
        if kind in ("tuple_type", "list_type") and re.fullmatch(_NUMBERS, found):
            return f"write `[{found}]`"
    if number and isinstance(found, list | tuple) and len(location) == 1:
        return f"arguments after the first are written by name: `{owner}: {{{location[0]}: …, …}}`"
    return f"write `{found:.0f}`" if isinstance(found, float) and found.is_integer() and abs(found) < 1e15 else None


def _choices(expected: str) -> list[str]:
    return [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]


def _dotted(location: Location) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: object) -> str:
    """A value as a message shows it: `the text "4"`, `4`, `a list`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        text = repr(value)
        return text if len(text) <= 40 else f"{text[:37]}..."
    if isinstance(value, str):
        return f'the text "{value}"' if len(value) <= 60 else f'the text "{value[:57]}..."'
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, Sequence):
        return f"a list of {len(value)}" if value else "an empty list"
    return f"a {type(value).__name__}"


# Patterns, compiled when a mistake needs them.
_NUMBER = r"[-+]?[0-9]{1,20}(\.[0-9]{1,20})?"
_NUMBERS = r"[0-9]{1,10}( *, *[0-9]{1,10}){1,7}"
_ASSIGNED = r"[a-z_]{1,40}=[\w.]{1,40}"
_WANTED = {
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "finite_number": "a finite number",
    "none_required": "null",
}
_BOUNDS = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
