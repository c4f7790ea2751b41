"""A spec's text as the flat model it stands for."""

from pathlib import Path
from typing import Any

from specmodel.model.opening import Opened, open_source
from specmodel.spec.params import Choice
from specmodel.spec.style import document
from specmodel.spec.writing import written_spec
from specmodel.summary.figures import figures
from specmodel.yaml import Node, decode_source


def opened(text: str, preset: str | None = None, **params: object) -> Opened:
    """The spec of a text, with params."""
    given = {name: Node.from_plain(value) for name, value in params.items()}
    return open_source(decode_source("spec.yaml", text.encode()), Path(), None, Choice(preset, given))


def wiring(text: str, preset: str | None = None, **params: object) -> list[str]:
    """Each layer of a sound spec with what it reads: `path < input, other`; `(owner)` where weights are shared."""
    return wiring_of(opened(text, preset, **params))


def wiring_of(opened: Opened) -> list[str]:
    """The same of a spec that is open."""
    spec, _ = opened.sound()
    return [
        f"{entry.path}{f' ({entry.owner})' if entry.reused else ''} < {', '.join(map(str, entry.refs()))}"
        for entry in spec.entries
    ]


def messages(text: str, preset: str | None = None, **params: object) -> list[str]:
    """The codes and messages that a spec gives."""
    return [f"{one.code} {one.message}" for one in opened(text, preset, **params).diagnostics]


def expanded(text: str, preset: str | None = None, **params: object) -> str:
    """What `expand` writes of a sound spec."""
    return document(written_spec(opened(text, preset, **params).sound()[0]))


def shapes(text: str, *, preset: str | None = None, **params: object) -> dict[str, list[Any]]:
    """The first output's shape of each layer, by path."""
    found = figures(*opened(text, preset, **params).sound())
    return {row["path"]: row["output_shapes"][0] for row in found["layers"]}
