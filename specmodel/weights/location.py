"""Where a spec's weights file is, and where the mistakes in it are reported."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from specmodel.diagnostics import Diagnostic, SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.malformed import shown
from specmodel.files.regular import AnyPath
from specmodel.spec.model import ModelSpec, Place

NOWHERE = Place()
"""Not named by a spec: the file itself is the place."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def weights_path(spec: ModelSpec, folder: Path, root: Path) -> Path:
    """The path of the file that `weights:` names, relative to `folder`; SpecError (E004) where it leaves `root`.

    Links are followed to tell where it leads, but the path is returned as the spec writes it, for messages.
    """
    assert spec.weights is not None
    place = spec.weights_place
    if _URL.match(spec.weights) is not None:
        message = f"`weights` must be the path of a file, found {shown(spec.weights)}, which looks like a URL"
        help = "specmodel opens no connections: download the file, and name it by its path"
        raise failure(codes.OUTSIDE_ROOT, message, place.span, place=place.text, help=help)
    path = folder / spec.weights
    try:
        inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))
    except (OSError, ValueError):
        message = f"no file can have the name {shown(spec.weights)}"
        raise failure(codes.WEIGHTS_FILE, message, place.span, place=place.text) from None
    if not inside:
        message = f"the weights file {shown(spec.weights)} is outside the folder that paths in this spec may not leave"
        help = "move the file beside the spec, or allow a folder above both with `--root DIR`"
        raise failure(codes.OUTSIDE_ROOT, message, place.span, place=place.text, help=help)
    return path


def said_of(found: Iterable[Diagnostic], path: AnyPath, place: Place) -> list[Diagnostic]:
    """Diagnostics on a weights file, moved to the place in the spec that names it; unchanged where there is none."""
    if place == NOWHERE:
        return list(found)
    file = f"weights file {shown(os.fspath(path), 200)}"
    return [one.replace(span=place.span, place=place.text, message=f"{file}: {one.message}") for one in found]


def moved(error: SpecError, path: AnyPath, place: Place) -> SpecError:
    """The same error, said at the place in the spec that names the file."""
    return SpecError(said_of(error.diagnostics, path, place))
