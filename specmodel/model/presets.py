"""A spec under each of its presets."""

from collections.abc import Callable, Iterable, Iterator

from specmodel.diagnostics import Diagnostic, Diagnostics, Note, codes
from specmodel.diagnostics.diagnostic import Mistake
from specmodel.model.opening import Opened, check_opened, everything
from specmodel.spec.params import Choice

_MOST_PRESETS = 8
"""As many presets does a note name."""


def check_presets(opened: Opened, choice: Choice, wanted: Callable[[str], bool] = everything) -> Diagnostics:
    """What is wrong with a spec as it is and under each of its presets, each mistake once.

    A spec with presets may leave params without a default to them.
    """
    check_opened(opened, wanted)  # with the examples of all presets
    presets = opened.spec.presets if opened.spec is not None else ()
    lacking = bool(presets) and only_lacks_params(opened)
    found = _UnderPresets()
    if not lacking:
        found.add(None, opened.diagnostics)
    for preset in presets:
        under = opened.under(Choice(preset, choice.given))
        check_opened(under, wanted, examples=lacking)
        found.add(preset, under.diagnostics)
    return Diagnostics(found.merged())


def under_presets(opened: Opened) -> list[tuple[str | None, Opened]]:
    """The spec as it is, and under each of its presets; raises `SpecError` for what is wrong in any of them.

    One whose params have no default is left to its presets.
    """
    presets = opened.spec.presets if opened.spec is not None else ()
    found: list[tuple[str | None, Opened]] = [] if presets and only_lacks_params(opened) else [(None, opened)]
    found += [(preset, opened.under(Choice(preset, opened.choice.given))) for preset in presets]
    wrong = _UnderPresets()
    for preset, under in found:
        wrong.add(preset, (one for one in under.diagnostics if one.severity == "error"))
    Diagnostics(wrong.merged()).raise_errors()
    return found


class _UnderPresets:
    """Collects the diagnostics of one spec under several presets.

    What has the same code and place under another preset is the same mistake, whatever numbers its message holds.
    """

    def __init__(self) -> None:
        self._found: dict[Mistake, list[Diagnostic]] = {}
        self._presets: dict[Mistake, list[str]] = {}

    def add(self, preset: str | None, found: Iterable[Diagnostic]) -> None:
        """Take what was found under a preset; None is the spec as it is."""
        fresh: dict[Mistake, list[Diagnostic]] = {}
        for one in found:
            fresh.setdefault((one.code, one.span, one.place), []).append(one)
        for mistake, ones in fresh.items():
            if mistake not in self._found:
                self._found[mistake] = ones
                self._presets[mistake] = [preset] if preset is not None else []
            elif preset is not None and self._presets[mistake]:
                self._presets[mistake].append(preset)

    def merged(self) -> Iterator[Diagnostic]:
        """The mistakes; those that show under presets alone say under which."""
        for mistake, ones in self._found.items():
            presets = [f"`{preset}`" for preset in self._presets[mistake]]
            more = f" and {len(presets) - _MOST_PRESETS} more" if len(presets) > _MOST_PRESETS else ""
            word = "preset" if len(presets) == 1 else "presets"
            note = (Note(f"under the {word} {', '.join(presets[:_MOST_PRESETS])}{more}"),) if presets else ()
            yield from (one.replace(notes=(*one.notes, *note)) for one in ones)


def only_lacks_params(opened: Opened) -> bool:
    """Whether nothing is wrong but that params without a default are not given."""
    found = [one for one in opened.diagnostics if one.severity == "error"]
    return bool(found) and all(one.code == codes.BAD_PARAM and "has no default" in one.message for one in found)
