"""Rules as a file writes them: which arrays go where, and what is done to them on the way."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.layers.objects import Named
from specmodel.layers.validation import ArgumentError, validated
from specmodel.record import Record
from specmodel.spec.faults import refused, report_fault, shown_at
from specmodel.spec.model import Place
from specmodel.text import SourceFile
from specmodel.weights.mapping.patterns import Pattern
from specmodel.weights.mapping.steps import STEPS, Step
from specmodel.yaml import Node, compose_mapping

READY = "torch"
"""The framework that there are ready rules for, `torch.Linear` and so on."""
_KEY = "rules"


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _steps(value: object) -> object:
    return tuple(STEPS.parse(one) for one in (value if isinstance(value, list) else [value]))


Names = Annotated[str | tuple[str, ...], BeforeValidator(_listed)]


class Declaration(BaseModel):
    """A rule: the names of arrays, the paths of weights, and the steps between them."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True, arbitrary_types_allowed=True)

    source: Names = Field(description="An array of the file, or several; `{i}` stands for any part of a name.")
    target: Names = Field(description="A weight of the spec, or several; `{i}` is what it was in `source`.")
    steps: Annotated[tuple[str | Named, ...], BeforeValidator(_steps)] = Field(
        (), description="What is done to the arrays, in order."
    )
    optional: bool = Field(False, description="Whether the file may have no such array.")
    use: str | None = Field(None, description="A ready rule such as `torch.Linear`: `source` is then a module's name.")


class Rule(Record):
    """Arrays that become weights. `place` is where it was written, or where the use of a ready rule was."""

    sources: tuple[Pattern, ...]
    targets: tuple[Pattern, ...]
    steps: tuple[Step, ...]
    optional: bool
    place: Place


def read_rules(source: SourceFile, diagnostics: Diagnostics) -> list[Rule]:
    """The rules of a file; what is wrong with them is reported."""
    top = compose_mapping(source, diagnostics)
    if top is None:
        return []
    for key, value in top.items.items():
        if key != _KEY and not key.startswith("x-"):
            near = f"did you mean `{_KEY}`?" if did_you_mean(key, [_KEY]) else "a map of weights has the key `rules`"
            message, span = f"unknown key `{key}` of a map of weights", top.key_spans.get(key)
            diagnostics.add(codes.UNKNOWN_KEY, message, span, place=value.place, help=near)
    listed = top.items.get(_KEY)
    if listed is None or listed.kind != "sequence":
        if listed is None or not refused(listed):
            at, found = (top, "none") if listed is None else (listed, shown_at(listed))
            message = f"a map of weights has a list `rules`, found {found}"
            diagnostics.add(codes.WEIGHTS_MAP, message, at.span, help="for example `rules: [{source: a, target: b}]`")
        return []
    return [rule for node in listed.elements for rule in _read(node, diagnostics)]


def _read(node: Node, diagnostics: Diagnostics) -> Iterator[Rule]:
    if node.kind != "mapping":
        if not refused(node):
            message = f"a rule is a mapping with `source` and `target`, found {shown_at(node)}"
            diagnostics.add(codes.WEIGHTS_MAP, message, node.span)
        return
    place = Place(node.span)
    declared = Declaration.__new__(Declaration)
    try:
        validated("a rule", declared, node.plain())
    except ArgumentError as error:
        for fault in error.faults:
            report_fault(fault, node, place, diagnostics)
        return
    rule = _rule(declared, place)
    unknown = {word for target in rule.targets for word in target.placeholders} - set(_bound(rule))
    if unknown:
        word = min(unknown)
        at = node.items["target"].span
        message = f"`{{{word}}}` of `target` does not stand in the first `source`"
        diagnostics.add(codes.WEIGHTS_MAP, message, at, help="it takes its value from there")
    elif declared.use is None:
        yield rule
    else:
        yield from _used(declared, rule, node, diagnostics)


def _bound(rule: Rule) -> list[str]:
    return rule.sources[0].placeholders if rule.sources else []


def _rule(declared: Declaration, place: Place) -> Rule:
    sources, targets = (
        tuple(map(Pattern, (names,) if isinstance(names, str) else names))
        for names in (declared.source, declared.target)
    )
    return Rule(sources, targets, tuple(map(_step, declared.steps)), declared.optional, place)


def _step(parsed: str | Named) -> Step:
    name, arguments = (parsed, {}) if isinstance(parsed, str) else (parsed.name, dict(parsed.arguments))
    made: Any = STEPS.declaration(name)(**arguments)
    assert isinstance(made, Step)
    return made


def _used(declared: Declaration, rule: Rule, node: Node, diagnostics: Diagnostics) -> Iterator[Rule]:
    """The ready rules that a rule names, for its module and layer."""
    at = node.items["use"].span
    ready = ready_rules()
    kind = (declared.use or "").removeprefix(f"{READY}.")
    if kind not in ready or not (declared.use or "").startswith(f"{READY}."):
        near = did_you_mean(kind, ready)
        help = f"did you mean `{READY}.{near}`?" if near else f"one of {', '.join(f'{READY}.{one}' for one in ready)}"
        diagnostics.add(codes.WEIGHTS_MAP, f"there is no ready rule `{declared.use}`", at, help=help)
        return
    if len(rule.sources) != 1 or len(rule.targets) != 1 or rule.steps:
        message = f"`use: {declared.use}` takes the name of one module, the path of one layer, and no steps"
        diagnostics.add(codes.WEIGHTS_MAP, message, at)
        return
    words = {"m": rule.sources[0].text, "l": rule.targets[0].text}
    for one in ready[kind]:
        sources, targets = (tuple(p.within(words) for p in patterns) for patterns in (one.sources, one.targets))
        yield Rule(sources, targets, one.steps, one.optional or rule.optional, rule.place)


@cache
def ready_rules() -> dict[str, tuple[Rule, ...]]:
    """The ready rules by the name of the module's class."""
    path = Path(__file__).with_name(f"{READY}.yaml")
    found = Diagnostics()
    top = compose_mapping(SourceFile(path.name, path.read_text(encoding="utf-8")), found)
    assert top is not None
    rules = {kind: tuple(_ready(node.elements, found)) for kind, node in top.items.items()}
    found.raise_errors()
    return rules


def _ready(nodes: Sequence[Node], diagnostics: Diagnostics) -> Iterator[Rule]:
    for node in nodes:
        declared = Declaration.__new__(Declaration)
        validated("a rule", declared, node.plain())
        yield _rule(declared, Place())
