"""Where a spec's weights file is, and where the mistakes in it are reported."""

import os
from collections.abc import Iterable
from pathlib import Path

from specmodel.diagnostics import Diagnostic, SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.location import path_below
from specmodel.files.malformed import MalformedError, shown
from specmodel.files.regular import AnyPath
from specmodel.spec.model import ModelSpec, Place

NOWHERE = Place()
"""Not named by a spec: the file itself is the place."""


def weights_path(spec: ModelSpec, folder: Path, root: Path) -> Path:
    """The path of the file that `weights:` names, relative to `folder`; SpecError (E004) where it leaves `root`."""
    assert spec.weights is not None
    place = spec.weights_place
    try:
        return path_below(spec.weights, folder, root, "weights file", "weights")
    except MalformedError as wrong:
        code = wrong.code or codes.WEIGHTS_FILE
        raise failure(code, wrong.message, place.span, place=place.text, help=wrong.help) from None


def said_of(found: Iterable[Diagnostic], path: AnyPath, place: Place) -> list[Diagnostic]:
    """Diagnostics on a weights file, moved to the place in the spec that names it; unchanged where there is none."""
    if place == NOWHERE:
        return list(found)
    file = f"weights file {shown(os.fspath(path), 200)}"
    return [one.replace(span=place.span, place=place.text, message=f"{file}: {one.message}") for one in found]


def moved(error: SpecError, path: AnyPath, place: Place) -> SpecError:
    """The same error, said at the place in the spec that names the file."""
    return SpecError(said_of(error.diagnostics, path, place))
