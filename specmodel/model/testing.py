"""Run the examples of a spec, compare with what is recorded, or record anew."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from io import BytesIO

from specmodel.data.cases import Case, Held, check_recorded, moved, path_of, read_case, read_recorded
from specmodel.data.comparing import Comparing, tolerance
from specmodel.data.outcomes import Compared, Outcome, Status, difference_text
from specmodel.data.pieces import Kind
from specmodel.data.request import check_output
from specmodel.data.writing import Sink, file_sink
from specmodel.diagnostics import Diagnostic, Diagnostics, Note, SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.arrays import map_npy, read_npz
from specmodel.kernels import Array
from specmodel.model.examples import Trial, examples_of
from specmodel.model.job import Job
from specmodel.model.numbers import given_weights, weights_files
from specmodel.spec.examples import Example
from specmodel.weights.store import Weights
from specmodel.yaml.node import Node

UPDATE = "if the new numbers are right, `specmodel test --update` records them"


class Tester:
    """Runs trials with at most `limit` bytes; with `update` those that fail are recorded anew.

    `spec_path` is the file of the spec, which no record may overwrite; nor may what is right for one example be
    overwritten for another.
    """

    def __init__(self, spec_path: str, limit: int, update: bool) -> None:
        self._spec_path = spec_path
        self._limit = limit
        self._update = update
        self._weights: dict[int, Weights] = {}
        self._right: set[str] = set()

    def outcome(self, trial: Trial) -> Outcome:
        """What comes of one example."""
        if trial.errors:
            return self._failed(trial, trial.errors)
        found = Diagnostics()
        spec, graph = trial.opened.sound()
        case = read_case(trial.example, spec, graph, trial.where, found)
        if case is None or trial.example.outputs is None:
            return self._failed(trial, found)
        held = read_recorded(trial.example, spec, graph, case, trial.where, found)
        compared: tuple[Compared, ...] = ()
        try:
            if not found.failed:
                compared = self._compare(trial.example, held, self._job(trial, case), found)
            if found.failed and self._update:
                paths = self._record(trial, self._job(trial, case))
                return Outcome(self._spec_path, trial.example, trial.preset, "recorded", compared, (), paths)
            if not found.failed:
                self._right.update(os.path.realpath(one.given.file) for one in held.values())
            status: Status = "failed" if found.failed else "passed"
            return Outcome(self._spec_path, trial.example, trial.preset, status, compared, tuple(found))
        except SpecError as error:
            assert trial.example.inputs is not None
            node = trial.example.inputs.node
            return self._failed(trial, [moved(one, node) if one.span is None else one for one in error.diagnostics])

    def _failed(self, trial: Trial, found: Iterable[Diagnostic]) -> Outcome:
        return Outcome(self._spec_path, trial.example, trial.preset, "failed", (), tuple(found))

    def _job(self, trial: Trial, case: Case) -> Job:
        spec, graph = trial.opened.sound()
        weights = self._weights.get(id(trial.opened)) if graph is not None else None
        if weights is None:
            weights = given_weights(trial.opened, case.graph, None, Diagnostics())
            self._weights[id(trial.opened)] = weights
        return Job(spec, graph, case.graph, case.sources, lambda graph: weights, BytesIO(), self._limit)

    def _compare(
        self, example: Example, held: Mapping[str, Held], job: Job, found: Diagnostics
    ) -> tuple[Compared, ...]:
        """The outputs beside the recorded ones; those that differ are reported where the example names their file."""
        outputs = job.pieces.outputs
        for name, kind in outputs.items():
            check_recorded(name, held[name], *kind, found)
        if found.failed:
            return ()
        tolerances = {name: tolerance(name, kind[1], example.atol, example.rtol) for name, kind in outputs.items()}
        comparing = Comparing(outputs, _arrays(held), tolerances)
        for _ in job.stream(comparing):
            pass
        compared = comparing.compared()
        for one in compared:
            if one.differing > 0:
                at = held[one.name].node
                what = "the number" if one.count == 1 else f"{one.differing:,} of {one.count:,} numbers"
                message = f"the output `{one.name}` differs from the recorded one in {what}"
                notes = [Note(difference_text(one))]
                found.add(codes.EXAMPLE, message, at.span, place=at.place, notes=notes, help=UPDATE)
        return compared

    def _record(self, trial: Trial, job: Job) -> tuple[str, ...]:
        """Write the outputs to the files that the example names: all of them, or none."""
        outputs = job.pieces.outputs
        targets = self._targets(trial, list(outputs))
        kept = [self._spec_path, *weights_files(trial.opened, None), *self._inputs(trial)]
        with ExitStack() as stack:
            sinks = {
                path: stack.enter_context(file_sink(path, {name: outputs[name] for name in names}, kept))
                for path, names in targets.items()
            }
            for _ in job.stream(_Several(sinks, targets, outputs)):
                pass
        self._right.update(map(os.path.realpath, targets))
        return tuple(targets)

    def _targets(self, trial: Trial, names: list[str]) -> dict[str, list[str]]:
        """The files to write, each with the names of its outputs."""
        files = trial.example.outputs
        assert files is not None
        found: dict[str, list[str]] = {}
        for name, node in files.paths:
            path = path_of(node, "outputs", trial.where)
            if os.path.realpath(path) in self._right or path in found:
                message = f"`{node.value}` holds what another example gives, and this one gives something else"
                raise _said(codes.EXAMPLE, message, node, "give each example files of its own")
            found[path] = names if name is None else [name]
            try:
                check_output(path, found[path])
            except SpecError as error:
                raise SpecError([moved(one, node) for one in error.diagnostics]) from None
        named = {name for listed in found.values() for name in listed}
        for name in {*names} ^ named:
            message = (
                f"no file is named for the output `{name}`" if name in names else f"the model has no output `{name}`"
            )
            raise _said(codes.DATA_MISMATCH, message, files.node, f"the outputs are {', '.join(names)}")
        return found

    def _inputs(self, trial: Trial) -> list[str]:
        """The input files of all examples, which no record may overwrite."""
        found = []
        for example in examples_of(trial.opened, Diagnostics()):
            for _, node in example.inputs.paths if example.inputs is not None else ():
                found.append(path_of(node, "inputs", trial.where))
        return found


class _Several:
    """A sink that gives each file its outputs."""

    def __init__(
        self, sinks: Mapping[str, Sink], targets: Mapping[str, list[str]], outputs: Mapping[str, Kind]
    ) -> None:
        order = {name: number for number, name in enumerate(outputs)}
        self._parts = [(sink, [order[name] for name in targets[path]]) for path, sink in sinks.items()]

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows of every output."""
        for sink, numbers in self._parts:
            sink.write([blocks[number] for number in numbers])


def _arrays(held: Mapping[str, Held]) -> dict[str, Array]:
    """The recorded arrays by the names of outputs."""
    archives: dict[str, Mapping[str, Array]] = {}
    found = {}
    for name, one in held.items():
        file = one.given.file
        if one.given.is_archive:
            if file not in archives:
                archives[file] = read_npz(file)
            found[name] = archives[file][name]
        else:
            found[name] = map_npy(file)
    return found


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _said(code: str, message: str, node: Node, help: str) -> SpecError:
    return failure(code, message, node.span, place=node.place, help=help)
