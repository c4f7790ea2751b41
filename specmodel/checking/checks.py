"""Check a spec, and say what is wanted of what was found."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from specmodel.checking.ignores import Ignores, without_ignored
from specmodel.checking.selection import Selection
from specmodel.diagnostics import Diagnostic, codes
from specmodel.model.opening import Opened, check_opened, open_mapping, open_spec
from specmodel.model.presets import check_presets
from specmodel.spec.params import Choice

EVERYTHING = Selection()
_OF_WHOLE_MODELS = (codes.EXPECTATION, "E4")
"""Errors of models that build: nothing is left unlooked at because of them."""


def check(
    spec: "str | os.PathLike[str] | Mapping[str, Any]", root: "str | os.PathLike[str] | None" = None
) -> list[Diagnostic]:
    """Everything that is wrong with a spec, given as a path or a mapping, sorted by place.

    As on the command line, but that no configuration is looked for.
    """
    if isinstance(spec, Mapping):
        opened = open_mapping(spec, Path(), Path(root) if root is not None else None)
    else:
        opened = open_spec(spec, root)
    return found_in(opened, Choice(), EVERYTHING, all_presets=False)


def found_in(opened: Opened, choice: Choice, selection: Selection, *, all_presets: bool) -> list[Diagnostic]:
    """The diagnostics of a spec that are wanted and that no comment of its text ignores, sorted by place."""
    if all_presets:
        found = list(check_presets(opened, choice, selection.wants))
    else:
        check_opened(opened, selection.wants)
        found = list(opened.diagnostics)
    texts: dict[int, Ignores] = {}
    kept = [one for one in without_ignored(found, texts) if selection.wants(one.code)]
    about = _about_ignores(opened, texts, selection, _is_whole(opened, choice, found, all_presets))
    if about:
        kept = sorted([*kept, *about], key=lambda one: one.order)
    return [selection.weighed(one) for one in kept]


def errors_in(opened: Opened, choice: Choice) -> list[Diagnostic]:
    """The errors of a spec as it is and under each of its presets, whatever is wanted or ignored."""
    found = check_presets(opened, choice, lambda code: False)
    return [one for one in found if one.code[0] == "E"]


def _is_whole(opened: Opened, choice: Choice, found: Iterable[Diagnostic], all_presets: bool) -> bool:
    """Whether all was looked at that a spec can be: what an ignore is good for may show in one preset alone."""
    if opened.spec is None or opened.graph is None or choice != Choice():
        return False
    broken = any(one.code[0] == "E" and not one.code.startswith(_OF_WHOLE_MODELS) for one in found)
    return not broken and (all_presets or not opened.spec.presets)


def _about_ignores(opened: Opened, texts: dict[int, Ignores], selection: Selection, whole: bool) -> list[Diagnostic]:
    """What is wrong with the ignores of a spec's own text."""
    span = opened.node.span if opened.node is not None else None
    if span is None:
        return []
    own = texts.get(id(span.source))
    if own is None:
        own = Ignores(span.source)
    judged = {code for code in codes.NAMES if selection.wants(code)} if whole and own.ignores else ()
    found = [*own.mistakes, *own.unused(judged)]
    return [one for one in found if selection.wants(one.code) and not own.silence(one)]
