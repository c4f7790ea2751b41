"""Rules against a file and a spec: which arrays each weight is made of, and everything that does not fit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.ops.source import WeightSpec
from specmodel.record import Record
from specmodel.types.tensor import shape_text
from specmodel.weights.mapping.patterns import Pattern
from specmodel.weights.mapping.rules import Rule
from specmodel.weights.mapping.steps import MisfitError, Shape, Step
from specmodel.weights.stored import StoredArray, plain_name

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


class Product(Record):
    """A weight that a rule makes: number `index` of what the steps make of the arrays `names`."""

    names: tuple[str, ...]
    steps: tuple[Step, ...]
    index: int
    wanted: tuple[Shape, ...]
    stored: StoredArray

    def array(self, arrays: "Mapping[str, Array]") -> "Array":
        """The numbers, of the arrays of the file."""
        made = [arrays[name] for name in self.names]
        for step in self.steps:
            made = step.apply(made, self.wanted)
        return made[self.index]


class Resolved(Record):
    """What rules make of a file: products by path, and the arrays that no rule names."""

    products: Mapping[str, Product]
    rest: Mapping[str, StoredArray]


def resolve(
    rules: Sequence[Rule], entries: Mapping[str, StoredArray], specs: Sequence[WeightSpec], diagnostics: Diagnostics
) -> Resolved:
    """Follow the rules; what is wrong with one is reported where it was written. Headers alone are needed."""
    return _Resolution(entries, specs, diagnostics).follow(rules)


class _Resolution:
    def __init__(
        self, entries: Mapping[str, StoredArray], specs: Sequence[WeightSpec], diagnostics: Diagnostics
    ) -> None:
        self.entries = {plain_name(name): name for name in entries} | {name: name for name in entries}
        self.stored = entries
        self.specs = {spec.path: spec for spec in specs}
        self.diagnostics = diagnostics
        self.products: dict[str, Product] = {}
        self.used: set[str] = set()

    def follow(self, rules: Sequence[Rule]) -> Resolved:
        for rule in rules:
            found = list(self._uses(rule))
            if not found and not rule.optional:
                first = rule.sources[0].text if rule.sources else ""
                near = did_you_mean(first, list(self.entries)[:1000])
                help = f"did you mean `{near}`?" if near is not None else "is it `optional`?"
                self._report(rule, f"no array of the file is named `{first}`", help)
            for bindings in found:
                self._follow(rule, bindings)
        rest = {name: stored for name, stored in self.stored.items() if name not in self.used}
        return Resolved(self.products, rest)

    def _uses(self, rule: Rule) -> Iterator[dict[str, str]]:
        """What the placeholders stand for, each time the first source is found."""
        if not rule.sources:
            return
        first = rule.sources[0]
        if not first.placeholders:
            if first.text in self.entries:
                yield {}
            return
        for name in self.stored:
            bindings = first.match(plain_name(name))
            if bindings is not None:
                yield bindings

    def _follow(self, rule: Rule, bindings: Mapping[str, str]) -> None:
        try:
            sources, targets = (_filled(patterns, bindings) for patterns in (rule.sources, rule.targets))
        except ValueError:
            shown = ", ".join(f"`{{{word}}}` is `{value}`" for word, value in bindings.items())
            self._report(rule, f"a name cannot be counted on from: {shown}", "`{i+1}` takes a number")
            return
        missing = [name for name in sources if name not in self.entries]
        if missing:
            self._report(rule, f"the file has `{sources[0]}`, but no `{missing[0]}`", None)
            return
        names = tuple(self.entries[name] for name in sources)
        self.used.update(names)
        unknown = [path for path in targets if path not in self.specs]
        if unknown:
            near = did_you_mean(unknown[0], self.specs)
            help = f"did you mean `{near}`?" if near is not None else "`specmodel weights list SPEC` shows them"
            self._report(rule, f"the spec has no weight `{unknown[0]}`, which `{sources[0]}` should become", help)
            return
        if targets:
            self._make(rule, names, targets)

    def _make(self, rule: Rule, names: tuple[str, ...], targets: tuple[str, ...]) -> None:
        wanted = tuple(self.specs[path].shape for path in targets)
        made: list[Shape] = [self.stored[name].shape for name in names]
        try:
            for step in rule.steps:
                made = step.shapes(made, wanted)
        except MisfitError as misfit:
            self._report(rule, f"{misfit}, which is to become `{targets[0]}`", None)
            return
        if len(made) != len(targets):
            counts = f"makes {len(made)} array{'s' * (len(made) != 1)} for {len(targets)} weights"
            help = "join them with `concatenate`, `stack` or `sum`; `split` makes several"
            self._report(rule, f"the rule {counts}", help)
            return
        dtype = self.stored[names[0]].dtype
        for index, (path, shape) in enumerate(zip(targets, made, strict=True)):
            if shape != wanted[index]:
                message = f"the rule gives {shape_text(shape)} for `{path}`, the spec needs {shape_text(wanted[index])}"
                axes = sorted(shape) == sorted(wanted[index])
                self._report(rule, message, "its axes are in another order: `transpose`" if axes else None)
            elif path in self.products:
                self._report(rule, f"`{path}` is made by another rule already", None)
            else:
                self.products[path] = Product(names, rule.steps, index, wanted, StoredArray(shape, dtype))

    def _report(self, rule: Rule, message: str, help: str | None) -> None:
        self.diagnostics.add(codes.WEIGHTS_MAP, message, rule.place.span, place=rule.place.text, help=help)


def _filled(patterns: Sequence[Pattern], bindings: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(pattern.fill(bindings) for pattern in patterns)
