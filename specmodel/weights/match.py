"""Hold the weights that a spec needs against those that a file has. No NumPy: `check` does it by headers alone."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from specmodel.diagnostics import Diagnostic, Diagnostics, Note, SpecError, codes
from specmodel.files.regular import AnyPath
from specmodel.graph.graph import Graph
from specmodel.ops.source import WeightSpec
from specmodel.record import Record
from specmodel.spec.model import ModelSpec, Place
from specmodel.types.tensor import DTYPES, shape_text
from specmodel.weights.location import NOWHERE, said_of, weights_path
from specmodel.weights.renames import likely_renames
from specmodel.weights.stored import StoredArray, plain_name, read_stored

_MOST_LINES = 20
_MOST_RENAMES_IN_HELP = 3


class Pair(Record):
    """A weight and the array that a file has for it."""

    spec: WeightSpec
    stored: StoredArray


class Match(Record):
    """How the arrays of a file fit the weights of a spec; all sorted by path.

    `names` leads the path of each weight that is there to its name in the file. `wrong` are those of another shape or
    of a dtype that does not become the spec's, `narrowed` those whose numbers are rounded to it. `extra` are the names
    that the spec does not know, `renames` pairs of such a name and a missing path that look like the same.
    """

    names: Mapping[str, str]
    missing: tuple[WeightSpec, ...]
    extra: Mapping[str, StoredArray]
    wrong: tuple[Pair, ...]
    narrowed: tuple[Pair, ...]
    renames: tuple[tuple[str, str], ...]

    @property
    def fits(self) -> bool:
        """Whether every weight can be taken from the file."""
        return not self.missing and not self.wrong

    def diagnostics(self, path: AnyPath, place: Place = NOWHERE) -> list[Diagnostic]:
        """What there is to say: one error, or one warning for what is left over and one note for what is rounded.

        They are said at `place`, where a spec names the file, or on the file itself.
        """
        found = Diagnostics()
        file = os.fspath(path)
        if not self.fits:
            notes = _listed(_missing_lines(self), _wrong_lines(self), _extra_lines(self), _rename_lines(self))
            message = f"the weights do not fit the spec: {_counts(self)}"
            found.add(codes.WEIGHTS_MISMATCH, message, place=file, notes=notes, help=_help(self))
            return said_of(found, path, place)
        if self.extra:
            message = f"{_arrays(len(self.extra))} of the file {_is(self.extra)} not in the spec"
            help = "they are not loaded; `specmodel weights convert` writes a file without them"
            found.add(codes.WEIGHTS_EXTRA, message, place=file, notes=_listed(_extra_lines(self)), help=help)
        if self.narrowed:
            message = f"{_arrays(len(self.narrowed))} of the file {_is(self.narrowed)} rounded to the spec's dtype"
            found.add(codes.WEIGHTS_NARROWED, message, place=file, notes=_listed(_narrowed_lines(self)))
        return said_of(found, path, place)


def match(specs: Iterable[WeightSpec], entries: Mapping[str, StoredArray]) -> Match:
    """Compare what a spec needs with what a file has. A name may end in `:0`, as TensorFlow's do."""
    names: dict[str, str] = {}
    missing, wrong, narrowed = [], [], []
    for spec in sorted(specs, key=lambda spec: spec.path):
        name = next((name for name in (spec.path, f"{spec.path}:0") if name in entries), None)
        if name is None:
            missing.append(spec)
            continue
        names[spec.path] = name
        pair = Pair(spec, entries[name])
        if pair.stored.shape != spec.shape or not becomes(pair.stored.dtype, spec.dtype):
            wrong.append(pair)
        elif narrows(pair.stored.dtype, spec.dtype):
            narrowed.append(pair)
    taken = set(names.values())
    extra = {name: entries[name] for name in sorted(entries) if name not in taken}
    candidates = _of_known_dtypes(missing, extra)
    renames = tuple(likely_renames(missing, candidates)) if candidates else ()
    return Match(names, tuple(missing), extra, tuple(wrong), tuple(narrowed), renames)


def becomes(stored: str, wanted: str) -> bool:
    """Whether an array of one dtype may be taken as another: floats as any float, integers where every value fits."""
    if stored == wanted:
        return True
    one, other = DTYPES[stored], DTYPES[wanted]
    if one.is_floating or other.is_floating:
        return one.is_floating and other.is_floating
    if not one.is_integer or not other.is_integer or (one.is_signed and not other.is_signed):
        return False
    return one.itemsize < other.itemsize


def narrows(stored: str, wanted: str) -> bool:
    """Whether a float dtype has numbers that another lacks."""
    one, other = DTYPES[stored], DTYPES[wanted]
    return one.is_floating and stored != wanted and one.itemsize >= other.itemsize


def check_weights_file(
    spec: ModelSpec, graph: Graph | None, folder: Path, root: Path, diagnostics: Diagnostics
) -> None:
    """Hold the file that `weights:` names against the graph; what is wrong is reported there.

    Without a graph, as the spec is unbuilt, the file must only be a weights file.
    """
    if spec.weights is None:
        return
    try:
        path = weights_path(spec, folder, root)
        entries = read_stored(path, graph, place=spec.weights_place)
    except SpecError as error:
        diagnostics.extend(error.diagnostics)
        return
    if graph is not None:
        diagnostics.extend(match(graph.weights(), entries).diagnostics(path, spec.weights_place))


def _of_known_dtypes(missing: Iterable[WeightSpec], extra: Mapping[str, StoredArray]) -> dict[str, StoredArray]:
    """The arrays that a missing weight could be taken from by their dtype."""
    wanted = {spec.dtype for spec in missing}
    return {name: array for name, array in extra.items() if any(becomes(array.dtype, dtype) for dtype in wanted)}


def _counts(found: Match) -> str:
    shapes = sum(pair.spec.shape != pair.stored.shape for pair in found.wrong)
    dtypes = len(found.wrong) - shapes
    parts = [
        f"{count} {'is' if count == 1 else 'are'} {what}"
        for count, what in (
            (len(found.missing), "missing"),
            (shapes, "of another shape"),
            (dtypes, "of another dtype"),
            (len(found.extra), "not in the spec"),
        )
        if count > 0
    ]
    return ", ".join(parts)


def _missing_lines(found: Match) -> list[str]:
    return [f"missing: `{spec.path}` {shape_text(spec.shape)} {spec.dtype}" for spec in found.missing]


def _wrong_lines(found: Match) -> list[str]:
    return [_wrong_line(pair) for pair in found.wrong]


def _wrong_line(pair: Pair) -> str:
    spec, stored = pair.spec, pair.stored
    if stored.shape == spec.shape:
        return f"another dtype: `{spec.path}` is {stored.dtype} in the file, the spec needs {spec.dtype}"
    same_sizes = len(spec.shape) > 1 and sorted(stored.shape) == sorted(spec.shape)
    order = ": its axes are in another order" if same_sizes else ""
    sizes = f"{shape_text(stored.shape)} in the file, the spec needs {shape_text(spec.shape)}"
    return f"another shape: `{spec.path}` is {sizes}{order}"


def _extra_lines(found: Match) -> list[str]:
    return [f"not in the spec: `{name}` {array}" for name, array in found.extra.items()]


def _rename_lines(found: Match) -> list[str]:
    return [f"likely renamed: `{name}` may be `{path}`" for name, path in found.renames]


def _narrowed_lines(found: Match) -> list[str]:
    pairs = [(pair.spec, pair.stored) for pair in found.narrowed]
    return [f"`{spec.path}` is {stored.dtype} in the file, {spec.dtype} in the spec" for spec, stored in pairs]


def _listed(*groups: list[str]) -> list[Note]:
    """A note for each line, and for each group that is long how many more there are."""
    notes = []
    for lines in groups:
        notes += [Note(line) for line in lines[:_MOST_LINES]]
        if len(lines) > _MOST_LINES:
            kind = f" {lines[0].partition(':')[0]}" if lines[0][0] != "`" else ""
            notes.append(Note(f"and {len(lines) - _MOST_LINES:,} more{kind}"))
    return notes


def _help(found: Match) -> str | None:
    """The command that renames, where that is all there is to do; the one that lists what the spec needs otherwise."""
    if found.renames:
        first = [f"--rename {plain_name(name)}={path}" for name, path in found.renames[:_MOST_RENAMES_IN_HELP]]
        more = " …" if len(found.renames) > _MOST_RENAMES_IN_HELP else ""
        return f"if so: `specmodel weights convert SPEC FILE -o NEW_FILE {' '.join(first)}{more}`"
    return "`specmodel weights list SPEC` shows what the spec needs"


def _arrays(count: int) -> str:
    return f"{count:,} array" if count == 1 else f"{count:,} arrays"


def _is(found: Mapping[str, StoredArray] | tuple[Pair, ...]) -> str:
    return "is" if len(found) == 1 else "are"
