"""Layers as a spec writes them: `Flatten`, `{Dense: 8}`, `{Dense: {units: 8}, name: head}`."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from specmodel import layers
from specmodel.diagnostics import codes, did_you_mean, unmistakable
from specmodel.layers.base import Layer, call_parameters, own_faults
from specmodel.layers.validation import ArgumentError, ArgumentFault, Location, refuse, refuse_all, shown

_RUN_TOGETHER = r"(\w+) *[( :](.{0,40}?)\)?"
"""A layer and its arguments in one word: a pattern, compiled when it is needed."""
OWN_KEYS = ("name", "trainable", "dtype")
"""What may stand beside a layer that is an argument."""


def first_argument(kind: type[Layer], value: object) -> Mapping[str, Any]:
    """A layer's value as a mapping of its arguments: a scalar or list is the first one. Raises `ArgumentError`."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    names = kind.positional()
    if not names:
        message = f"{kind.__name__} takes no arguments, found {shown(value)}"
        raise ArgumentError([ArgumentFault((), codes.BAD_ARGUMENT, message)])
    return {names[0]: value}


def unknown_layer(name: str, others: Iterable[str] = ()) -> ArgumentFault:
    """What is wrong with a name that is no layer's: it cannot stand in a spec, or does not exist.

    `others` are what else could be meant.
    """
    from specmodel.layers.refused import reason

    why = reason(name)
    if why is not None:
        return ArgumentFault((), codes.REFUSED_LAYER, f"`{name}` cannot stand in a spec", why, True)
    known = [*others, *layers.NAMES, *layers.ALIASES]
    near = did_you_mean(name, known)
    help = f"did you mean `{near}`?" if near else "`specmodel layers` lists them all"
    meant = unmistakable(name, known) if near is not None else None
    run_together = re.fullmatch(_RUN_TOGETHER, name)
    if run_together is not None and layers.find(run_together[1]) is not None:
        help, meant = _apart(run_together[1], run_together[2]), None
    return ArgumentFault((), codes.UNKNOWN_LAYER, f"unknown layer `{name[:60]}`", help, True, meant)


def _apart(kind: str, arguments: str) -> str:
    """How a layer and its arguments are written that stand in one word: `Dense(4)`, `Dense:4`, `Dense 4`."""
    arguments = arguments.strip()
    if not arguments:
        return f"write `{kind}`, without parentheses"
    if "=" in arguments or "," in arguments:
        return f"write the arguments by name, behind a colon and a space: `{kind}: {{name: value}}`"
    return f"write `{kind}: {arguments}`, with a colon and a space"


def layer_argument(value: object) -> Layer:
    """The layer that an argument is, or is written as; raises pydantic's error with every fault at its place."""
    if isinstance(value, Layer):
        return value
    if isinstance(value, str):
        return _declared(value, None, {}, ())
    if not isinstance(value, Mapping):
        raise refuse(
            f"a layer is a name or one key with its arguments, found {shown(value)}", "for example `{Dense: 8}`"
        )
    names = [key for key in value if key not in OWN_KEYS]
    if len(names) != 1:
        found = f"found {', '.join(f'`{name}`' for name in names)}" if names else "found none"
        raise refuse(f"a layer is one key with its arguments, {found}", f"beside it may stand {', '.join(OWN_KEYS)}")
    own = {key: value[key] for key in OWN_KEYS if key in value}
    return _declared(str(names[0]), value[names[0]], own, (names[0],))


def _declared(name: str, written: object, own: Mapping[str, Any], location: Location) -> Layer:
    kind = layers.find(name)
    if kind is None:
        raise refuse_all([unknown_layer(name).replace(location=location, at_key=bool(location))])
    if not call_parameters(kind):
        raise refuse(f"{kind.__name__} takes no input and cannot stand inside another layer", None, location)
    faults = _faults_of_name(own)
    try:
        layer = kind.declare(first_argument(kind, written), **own)
    except ArgumentError as error:
        faults += [_placed(fault, written, own, location) for fault in error.faults]
    if faults:
        raise refuse_all(faults)
    return layer


def faults_beside(own: Mapping[str, Any]) -> list[ArgumentFault]:
    """What is wrong with the keys beside a layer that is an argument."""
    return _faults_of_name(own) + own_faults(own)


def _faults_of_name(own: Mapping[str, Any]) -> list[ArgumentFault]:
    if "name" not in own or (isinstance(own["name"], str) and own["name"] and "/" not in own["name"]):
        return []
    message = f"a name is a text without `/`, found {shown(own['name'])}"
    return [ArgumentFault(("name",), codes.BAD_NAME, message)]


def _placed(fault: ArgumentFault, written: object, own: Mapping[str, Any], location: Location) -> ArgumentFault:
    """The fault with its place counted from the written layer."""
    inside = fault.location
    if inside and inside[0] in own:
        return fault
    if not isinstance(written, Mapping):  # a bare value is the first argument
        inside = inside[1:]
    return fault.replace(location=(*location, *inside))
