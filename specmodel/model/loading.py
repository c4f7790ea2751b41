"""Specs as models: `load` and `loads`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from specmodel.graph.graph import Graph
from specmodel.kernels import Array
from specmodel.model.model import Model
from specmodel.model.network import Network
from specmodel.model.opening import Opened, open_mapping, open_source, open_spec
from specmodel.plan.settings import Settings
from specmodel.spec.params import Choice
from specmodel.weights.location import NOWHERE, weights_path
from specmodel.weights.store import initial_weights, load_weights
from specmodel.weights.stored import read_stored
from specmodel.yaml import Node

AnyPath = str | os.PathLike[str]
TEXT_NAME = "<text>"


def load(
    spec: AnyPath | Mapping[str, Any],
    *,
    preset: str | None = None,
    params: Mapping[str, Any] | None = None,
    weights: AnyPath | None = None,
    root: AnyPath | None = None,
    threads: int | None = None,
    fast_math: bool = False,
) -> Model:
    """The model of a spec: a file's path, or a mapping (tuples stand for lists).

    `preset` names one of the spec's presets, `params` are values of its params, which come before those of the preset.
    `weights` is a weights file that takes the place of the spec's own; without either, the spec's seed gives the
    numbers. `root` is the folder that paths in the spec may not leave, its own unless given. `threads` are those to
    compute with: all processors, at most OMP_NUM_THREADS, unless given; results are the same with any number.
    `fast_math` saves time where that makes errors ten times as large. Raises `SpecError`, whose `.diagnostics` hold
    everything that is wrong.
    """
    choice = _choice(preset, params)
    if isinstance(spec, Mapping):
        opened = open_mapping(spec, Path(), Path(root) if root is not None else None, choice)
    elif isinstance(spec, str | os.PathLike):
        opened = open_spec(spec, root, choice)
    else:
        raise TypeError(f"`load` takes the path of a spec or a mapping, got {type(spec).__name__}")
    return _model(opened, weights, Settings(threads, fast_math))


def loads(
    text: str,
    *,
    preset: str | None = None,
    params: Mapping[str, Any] | None = None,
    weights: AnyPath | None = None,
    root: AnyPath | None = None,
    threads: int | None = None,
    fast_math: bool = False,
) -> Model:
    """The model of a spec's text; its paths start in the current folder. Otherwise as `load`."""
    from specmodel.yaml import decode_source

    if not isinstance(text, str):
        raise TypeError(f"`loads` takes the text of a spec, got {type(text).__name__}")
    source = decode_source(TEXT_NAME, text.encode("utf-8", "surrogatepass"))
    return _model(open_source(source, Path(), root, _choice(preset, params)), weights, Settings(threads, fast_math))


def _choice(preset: str | None, params: Mapping[str, Any] | None) -> Choice:
    given = Node.from_plain({"params": dict(params)}).items["params"].items if params else {}
    return Choice(preset, given)


def _model(opened: Opened, weights: AnyPath | None, settings: Settings) -> Model:
    threads = settings.threads
    if threads is not None and (not isinstance(threads, int) or threads < 1):
        raise ValueError(f"`threads` is a number of threads, at least 1, got {threads!r}")
    spec, graph = opened.sound()
    file, place = weights, NOWHERE
    if file is None and spec.weights is not None:
        file, place = weights_path(spec, opened.folder, opened.root), spec.weights_place
    if file is not None and graph is None:
        read_stored(file, place=place)  # an unbuilt model needs it later: what is wrong with it is said now

    def numbers(graph: Graph) -> Mapping[str, Array]:
        if file is not None:
            return load_weights(file, graph.weights(), graph, place=place)
        return initial_weights(graph.weights(), spec.seed)

    return Model._of(Network(spec, graph, numbers, settings=settings))
