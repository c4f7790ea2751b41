"""The recorded cases, which of them can run, which speak of training, and which are known not to be met."""

import json
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel import layers
from specmodel.layers.base import Layer

FOLDER = Path(__file__).parent
FILES = ("cases", "calls", "errors")
Json = dict[str, Any]

NOT_LAYERS = frozenset({"InputLayer", "Wrapper"})
"""Classes of Keras that a spec never names: inputs stand under `inputs`, and Wrapper is a base class."""

LATER = frozenset((FOLDER / "later.txt").read_text(encoding="utf-8").split())
"""Layers with records that do not exist yet."""


@cache
def load(name: str) -> list[Json]:
    """The records of a file."""
    found: list[Json] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


@cache
def find(name: str) -> type[Layer] | None:
    """The class of a layer, or None where it does not exist yet."""
    return layers.find(name)


def arrays(record: Json) -> dict[str, Any]:
    """The arrays of a record."""
    with np.load(FOLDER / record["data"]) as archive:
        return dict(archive)


@cache
def exceptions() -> list[Json]:
    """The entries of the table of exceptions."""
    found: list[Json] = tomllib.loads((FOLDER / "exceptions.toml").read_text(encoding="utf-8")).get("exception", [])
    return found


@cache
def training() -> list[Json]:
    """The entries of the table of records of training mode."""
    found: list[Json] = tomllib.loads((FOLDER / "training.toml").read_text(encoding="utf-8"))["training"]
    return found


def checks(entry: Json) -> list[str]:
    """What an entry says is not met, or is not compared: one or several."""
    found: str | list[str] = entry["check"]
    return [found] if isinstance(found, str) else found


def covers(entry: Json, record: Json, check: str) -> bool:
    """Whether an entry speaks of a check of a record."""
    listed: list[str] = entry["record"]
    return check in checks(entry) and record["id"] in listed


def parameters(records: Iterable[Json], check: str) -> list[Any]:
    """Records whose layer exists, as parameters of the test `check`; those excepted must fail, in a comparison.

    What a record of training mode is set aside for is left out.
    """
    found = []
    for record in records:
        if record["layer"] in NOT_LAYERS or find(record["layer"]) is None:
            continue
        if any(covers(entry, record, check) for entry in training()):
            continue
        reasons = [entry["reason"] for entry in exceptions() if covers(entry, record, check)]
        marks = [pytest.mark.xfail(reason=reasons[0], strict=True, raises=AssertionError)] if reasons else []
        found.append(pytest.param(record, id=record["id"], marks=marks))
    return found
