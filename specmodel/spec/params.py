"""Params: declared with a default that tells their type, given by presets, options and arguments."""

import re
from collections.abc import Mapping

from specmodel.diagnostics import Diagnostics, codes, did_you_mean, unmistakable
from specmodel.layers.validation import shown
from specmodel.record import Record
from specmodel.spec.expressions.evaluate import UNSET
from specmodel.spec.expressions.parse import WORDS
from specmodel.spec.expressions.substitute import Substitution
from specmodel.spec.expressions.tree import Value
from specmodel.spec.faults import refused, shown_at, too_many
from specmodel.spec.model import Place
from specmodel.yaml.node import Node

Values = dict[str, Value]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONG_FORM = ("default", "min", "max", "description")
_TYPES = ((bool, "true or false"), (int, "an integer"), (float, "a number"), (str, "text"), (list, "a list"))
ROUNDING = "`round`, `int`, `ceil`, `floor` and `round_to` make an integer of a number"


class Param(Record):
    """A declared param; without a `default` it must be given."""

    name: str
    place: Place
    default: Node | None
    least: float | None = None
    most: float | None = None


class Choice(Record):
    """What is asked of a spec from outside: a preset, and values of params."""

    preset: str | None = None
    given: Mapping[str, Node] = {}


def read_params(node: Node | None, diagnostics: Diagnostics) -> dict[str, Param]:
    """The params that a mapping declares."""
    if node is None or (node.kind == "scalar" and node.value is None):
        return {}
    if node.kind != "mapping":
        if not refused(node):
            message = f"`params` is a mapping of names to defaults, found {shown_at(node)}"
            diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
        return {}
    params = {}
    for name, declared in node.items.items():
        if too_many(diagnostics):
            break
        place = Place(node.key_spans.get(name), declared.place)
        if _NAME.fullmatch(name) is None or name in WORDS:
            message = f"`{name[:60]}` cannot be the name of a param"
            help = "expressions name it: letters, digits and `_`, no digit first, and none of their words"
            diagnostics.add(codes.BAD_PARAM, message, place.span, place=place.text, help=help)
            continue
        params[name] = _read_param(name, declared, place, diagnostics)
    return params


def _read_param(name: str, node: Node, place: Place, diagnostics: Diagnostics) -> Param:
    if node.kind != "mapping":
        empty = node.kind == "scalar" and node.value is None and not node.computed
        return Param(name, place, None if empty else node)
    bounds: dict[str, float | None] = {}
    for key, value in node.items.items():
        number = value.value if isinstance(value.value, int | float) and not isinstance(value.value, bool) else None
        if key not in _LONG_FORM:
            near = did_you_mean(key, _LONG_FORM)
            help = f"did you mean `{near}`?" if near else f"a param has {', '.join(_LONG_FORM)}"
            message = f"unknown key `{key}` of the param `{name}`"
            meant, span = unmistakable(key, _LONG_FORM) if near is not None else None, node.key_spans.get(key)
            diagnostics.add(codes.UNKNOWN_KEY, message, span, place=value.place, help=help, meant=meant)
        elif key in ("min", "max") and number is None and not value.refused:
            message = f"`{key}` of the param `{name}` must be a number, found {shown_at(value)}"
            diagnostics.add(codes.BAD_PARAM, message, value.span, place=value.place)
        elif key in ("min", "max"):
            bounds[key] = number
    return Param(name, place, node.items.get("default"), bounds.get("min"), bounds.get("max"))


def bind(
    params: Mapping[str, Param],
    given: Mapping[str, Node],
    outer: Mapping[str, Value],
    substitute: Substitution,
    diagnostics: Diagnostics,
) -> Values:
    """The value of each param: the one given, or its default, which may use the params above and `outer`.

    One without either is left `UNSET`, and whoever asks for it has to say so; one that is wrong is reported.
    """
    values: Values = {}
    for name, param in params.items():
        default = substitute(param.default, {**outer, **values}) if param.default is not None else None
        standard = default.plain() if default is not None and not refused(default) else None
        node = given.get(name, default)
        if node is None or refused(node):
            values[name] = UNSET
            continue
        values[name] = _checked(param, node, standard, diagnostics)
    return values


def _checked(param: Param, node: Node, standard: Value, diagnostics: Diagnostics) -> Value:
    value: Value = node.plain()
    wanted = next((words for kind, words in _TYPES if isinstance(standard, kind)), None)
    if not _fits(value, standard):
        help = ROUNDING if wanted == "an integer" and isinstance(value, float) else None
        help = f"its default, {shown(standard)}, tells its type" if help is None else help
        message = f"the param `{param.name}` must be {wanted}, found {shown(value)}"
        diagnostics.add(codes.BAD_PARAM, message, node.span, place=node.place, help=help)
        return UNSET
    if isinstance(value, int | float) and not isinstance(value, bool):
        for bound, word, wrong in (
            (param.least, "at least", param.least is not None and value < param.least),
            (param.most, "at most", param.most is not None and value > param.most),
        ):
            if wrong:
                message = f"the param `{param.name}` must be {word} {bound:.12g}, found {shown(value)}"
                diagnostics.add(codes.BAD_PARAM, message, node.span, place=node.place)
                return UNSET
    return float(value) if isinstance(standard, float) and isinstance(value, int) else value


def _fits(value: Value, standard: Value) -> bool:
    if standard is None or isinstance(standard, dict):
        return True
    if isinstance(standard, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(standard, bool)
    if isinstance(standard, float):
        return isinstance(value, int | float)
    return isinstance(value, type(standard))


def chosen(
    choice: Choice, params: Mapping[str, Param], presets: Node | None, top: Node, diagnostics: Diagnostics
) -> dict[str, Node]:
    """The values that the preset and the options give; unknown names are errors that list the choices."""
    found = read_presets(presets, params, diagnostics)
    given: dict[str, Node] = {}
    if choice.preset is not None and choice.preset in found:
        given.update(found[choice.preset])
    elif choice.preset is not None:
        help = _choices(choice.preset, found, "preset")
        message = f"there is no preset `{choice.preset[:60]}`"
        at = presets if presets is not None else top
        diagnostics.add(codes.UNKNOWN_PARAM, message, at.span, place=at.place, help=help)
    for name, node in choice.given.items():
        if name not in params:
            message = f"there is no param `{name[:60]}`"
            diagnostics.add(
                codes.UNKNOWN_PARAM, message, node.span, place=node.place, help=_choices(name, params, "param")
            )
        else:
            given[name] = node
    return given


def read_presets(
    node: Node | None, params: Mapping[str, Param], diagnostics: Diagnostics
) -> dict[str, dict[str, Node]]:
    """The values of each preset; its `expect` is read with the other expectations."""
    if node is None or (node.kind == "scalar" and node.value is None):
        return {}
    presets: dict[str, dict[str, Node]] = {}
    for name, values in node.items.items():
        presets[name] = {}
        for param, value in values.items.items():
            if param in params:
                presets[name][param] = value
            elif param != "expect":
                message, span = f"there is no param `{param[:60]}`", values.key_spans.get(param)
                help = _choices(param, params, "param")
                diagnostics.add(codes.UNKNOWN_PARAM, message, span, place=value.place, help=help)
        if values.kind != "mapping" and values.value is not None and not refused(values):
            message = f"the preset `{name}` is a mapping of params to values, found {shown_at(values)}"
            diagnostics.add(codes.WRONG_FORM, message, values.span, place=values.place)
    if node.kind != "mapping" and not refused(node):
        message = f"`presets` is a mapping of names to values of params, found {shown_at(node)}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
    return presets


def require(params: Mapping[str, Param], given: Mapping[str, Node], diagnostics: Diagnostics) -> None:
    """Report the params of a spec that have no default and were not given."""
    for name, param in params.items():
        if param.default is None and name not in given:
            message = f"the param `{name}` has no default and must be given"
            help = f"give it a default (`{{default: null}}` for null), or a value: `--set {name}=…`, a preset"
            diagnostics.add(codes.BAD_PARAM, message, param.place.span, place=param.place.text, help=help)


def _choices(word: str, known: Mapping[str, object], what: str) -> str:
    near = did_you_mean(word, known)
    if near is not None:
        return f"did you mean `{near}`?"
    listed = ", ".join(f"`{name}`" for name in known)
    return f"the {what}s are {listed}" if known else f"this spec has no {what}s"
