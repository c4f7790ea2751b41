"""The examples of a spec, each under the params that it is for, held against the headers of its files. No NumPy."""

from collections.abc import Iterable, Sequence

from specmodel.data.cases import Place, read_case, read_recorded
from specmodel.diagnostics import Diagnostic, Diagnostics, Note
from specmodel.model.opening import Opened
from specmodel.record import Record
from specmodel.spec.examples import Example, read_examples
from specmodel.spec.params import Choice

MOST_CHOICES = 20
"""Under so many different params are examples checked; `test` runs them all."""


class Trial(Record):
    """An example, and the spec under the params that the example is for; `errors` are what is wrong with that."""

    example: Example
    opened: Opened
    preset: str | None
    errors: tuple[Diagnostic, ...]

    @property
    def where(self) -> Place:
        """Where its files are."""
        return Place(self.opened.folder, self.opened.root)


def examples_of(opened: Opened, diagnostics: Diagnostics) -> tuple[Example, ...]:
    """The examples that a spec declares; what is wrong with their form is reported."""
    spec, node = opened.spec, opened.node
    if spec is None or spec.examples is None or node is None:
        return ()
    params = node.items["params"].items if "params" in node.items else {}
    return read_examples(spec.examples, dict.fromkeys(spec.presets), params, diagnostics)


def trials(
    opened: Opened, diagnostics: Diagnostics, *, all_presets: bool = False, most: int | None = None
) -> list[Trial]:
    """The examples that are to be run: each under its own preset, or the one that is asked for if it names none.

    With `all_presets` one that names none runs under every preset, too. The spec is opened under `most` different
    params; examples for others are left out.
    """
    asked = opened.choice
    own = examples_of(opened, diagnostics)
    known = {_key(asked): _Under(opened, own)}
    found = []
    presets = opened.spec.presets if opened.spec is not None else ()
    for example in own:
        for preset in (None, *presets) if all_presets and not example.tied else (asked.preset,):
            choice = example.choice(Choice(preset, asked.given))
            if choice is None:
                continue
            key = _key(choice)
            if key not in known:
                if most is not None and len(known) >= most:
                    continue
                under = opened.under(choice)
                known[key] = _Under(under, examples_of(under, Diagnostics()))
            found.append(known[key].trial(example, choice.preset))
    return found


class _Under:
    """A spec under some params, and its examples as they read there: their expressions are computed anew."""

    def __init__(self, opened: Opened, examples: Sequence[Example]) -> None:
        self._opened = opened
        self._examples = {example.number: example for example in examples}
        self._errors = tuple(one for one in opened.diagnostics if one.severity == "error")

    def trial(self, example: Example, preset: str | None) -> Trial:
        """One of the examples, if it can be read there."""
        return Trial(self._examples.get(example.number, example), self._opened, preset, self._errors)


def check_examples(opened: Opened) -> None:
    """Add what is wrong with the examples of a spec: their form, their files, what does not fit the model.

    One that names no preset is for the spec as it is, and says nothing where other params are asked for.
    """
    found = Diagnostics()
    as_it_is = opened.choice.preset is None and not opened.choice.given
    for trial in trials(opened, found, most=MOST_CHOICES):
        if as_it_is or trial.example.tied:
            found.extend(_with_preset(trial.errors or _misfits(trial), trial.preset))
    opened.diagnostics.extend(found)


def _misfits(trial: Trial) -> Iterable[Diagnostic]:
    found = Diagnostics()
    spec, graph = trial.opened.sound()
    case = read_case(trial.example, spec, graph, trial.where, found)
    if case is not None:
        read_recorded(trial.example, spec, graph, case, trial.where, found)
    return found


def _with_preset(found: Iterable[Diagnostic], preset: str | None) -> Sequence[Diagnostic]:
    if preset is None:
        return list(found)
    note = Note(f"under the preset `{preset}`")
    return [one.replace(notes=(*one.notes, note)) for one in found]


def _key(choice: Choice) -> str:
    return repr((choice.preset, {name: node.plain() for name, node in sorted(choice.given.items())}))
