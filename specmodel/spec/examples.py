"""The `examples` of a spec: data files with the outputs that are recorded for them."""

from collections.abc import Mapping
from itertools import islice

from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.record import Record
from specmodel.spec.faults import refused, shown_at, too_many
from specmodel.spec.model import Place
from specmodel.spec.params import Choice
from specmodel.spec.references import SUGGESTED_FROM
from specmodel.yaml.node import Node

KEYS = ("inputs", "outputs", "atol", "rtol", "preset", "params", "name")
ARCHIVE = ".npz"
EXAMPLES = 1_000
"""As many examples may a spec have."""
_LISTED = 20
_FORMS = "write the path of an .npy or .npz file, or a mapping of names to .npy files"

Tolerances = float | Mapping[str, float] | None
"""One for all outputs, or one for each by name."""


class DataFiles(Record):
    """Files that an example names. `paths` holds each with the name of its array; None for one that is alone."""

    node: Node
    paths: tuple[tuple[str | None, Node], ...]


class Example(Record):
    """An example as it is declared; `place` is where it begins.

    `tied` tells that it is for one preset alone, which None of `preset` says of none. Without an `outputs` or `inputs`
    that could be read these are None, which has been reported.
    """

    number: int
    place: Place
    name: str | None
    inputs: DataFiles | None
    outputs: DataFiles | None
    atol: Tolerances
    rtol: Tolerances
    tied: bool
    preset: str | None
    params: Mapping[str, Node]

    def choice(self, asked: Choice) -> Choice | None:
        """The params it is for, where others are asked for; None if it is not for these."""
        if self.tied and asked.preset is not None and asked.preset != self.preset:
            return None
        return Choice(self.preset if self.tied else asked.preset, {**self.params, **asked.given})


def read_examples(
    node: Node | None, presets: Mapping[str, object], params: Mapping[str, object], diagnostics: Diagnostics
) -> tuple[Example, ...]:
    """The examples that a spec with these presets and params declares; what is wrong with one is reported."""
    if node is None or refused(node) or (node.kind == "scalar" and node.value is None):
        return ()
    if node.kind != "sequence":
        message = f"`examples` is a list, found {shown_at(node)}"
        help = "put a dash before each: `- {inputs: a.npy, outputs: b.npy}`"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place, help=help)
        return ()
    if len(node.elements) > EXAMPLES:
        message = f"`examples` holds {len(node.elements):,} of them, and {EXAMPLES:,} is the most"
        diagnostics.add(codes.LIMIT, message, node.span, place=node.place)
        return ()
    found = []
    for number, element in enumerate(node.elements, 1):
        if too_many(diagnostics):
            break
        reader = _Reader(element, diagnostics)
        example = reader.example(number, presets, params)
        if example is not None:
            found.append(example)
    return tuple(found)


class _Reader:
    """Reads one example."""

    def __init__(self, node: Node, diagnostics: Diagnostics) -> None:
        self.node = node
        self.diagnostics = diagnostics
        self.meant: set[str | None] = set()

    def example(self, number: int, presets: Mapping[str, object], params: Mapping[str, object]) -> Example | None:
        node = self.node
        if node.kind != "mapping":
            if not refused(node):
                message = f"an example is a mapping with `inputs` and `outputs`, found {shown_at(node)}"
                self._say(codes.WRONG_FORM, message, node)
            return None
        for key, value in node.items.items():
            if key not in KEYS and not too_many(self.diagnostics):
                self._unknown(f"unknown key `{key}` of an example", key, value, KEYS, codes.UNKNOWN_KEY)
                self.meant.add(did_you_mean(key, KEYS))
        preset = node.items.get("preset")
        return Example(
            number,
            Place(node.span, node.place),
            self._text("name"),
            self._files("inputs"),
            self._files("outputs"),
            self._tolerances("atol"),
            self._tolerances("rtol"),
            preset is not None,
            self._preset(preset, presets) if preset is not None else None,
            self._params(params),
        )

    def _files(self, key: str) -> DataFiles | None:
        node = self.node.items.get(key)
        if node is None:
            if not refused(self.node) and key not in self.meant:
                self._say(codes.MISSING_ARGUMENT, f"an example needs `{key}`", self.node, _FORMS)
            return None
        if node.kind == "scalar" and isinstance(node.value, str) and node.value and not node.refused:
            return DataFiles(node, ((None, node),))
        if node.kind == "mapping" and not refused(node):
            sound = [self._is_one_array(key, *one) for one in node.items.items()]
            return DataFiles(node, tuple(node.items.items())) if all(sound) else None
        if not refused(node):
            self._say(codes.WRONG_FORM, f"`{key}` of an example names files, found {shown_at(node)}", node, _FORMS)
        return None

    def _is_one_array(self, key: str, name: str, node: Node) -> bool:
        if node.kind != "scalar" or not isinstance(node.value, str) or not node.value:
            message = f"`{name}` of `{key}` is the path of an .npy file, found {shown_at(node)}"
            self._say(codes.WRONG_FORM, message, node)
            return False
        if node.value.lower().endswith(ARCHIVE):
            message = f"an .npz file names its arrays itself, and `{name}` stands for one array"
            self._say(codes.WRONG_FORM, message, node, f"write `{key}: {node.value}`")
            return False
        return True

    def _tolerances(self, key: str) -> Tolerances:
        node = self.node.items.get(key)
        if node is None or refused(node):
            return None
        if node.kind != "mapping":
            return self._tolerance(key, node)
        found = {name: self._tolerance(key, inner) for name, inner in node.items.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _tolerance(self, key: str, node: Node) -> float | None:
        value = node.value
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
            return float(value)
        message = f"`{key}` is a number from 0 on, or a mapping of outputs to such, found {shown_at(node)}"
        self._say(codes.BAD_ARGUMENT, message, node)
        return None

    def _preset(self, node: Node, presets: Mapping[str, object]) -> str | None:
        if refused(node) or (node.kind == "scalar" and node.value is None):
            return None
        if isinstance(node.value, str) and node.value in presets:
            return node.value
        named = f"there is no preset `{node.value[:60]}`" if isinstance(node.value, str) else None
        message = named or f"`preset` is the name of a preset, or null for none, found {shown_at(node)}"
        near = did_you_mean(str(node.value), islice(presets, SUGGESTED_FROM))
        listed = f"the presets are {', '.join(islice(presets, _LISTED))}" if presets else "this spec has no presets"
        self._say(codes.UNKNOWN_PARAM, message, node, f"did you mean `{near}`?" if near is not None else listed)
        return None

    def _params(self, params: Mapping[str, object]) -> dict[str, Node]:
        node = self.node.items.get("params")
        if node is None or refused(node):
            return {}
        if node.kind != "mapping":
            self._say(codes.WRONG_FORM, f"`params` of an example maps params to values, found {shown_at(node)}", node)
            return {}
        for name, value in node.items.items():
            if name not in params and not too_many(self.diagnostics):
                self._unknown(f"there is no param `{name[:60]}`", name, value, params, codes.UNKNOWN_PARAM, node)
        return {name: value for name, value in node.items.items() if name in params}

    def _text(self, key: str) -> str | None:
        node = self.node.items.get(key)
        if node is None or refused(node):
            return None
        if not isinstance(node.value, str) or not node.value:
            self._say(codes.WRONG_FORM, f"`{key}` of an example is a text, found {shown_at(node)}", node)
            return None
        return node.value

    def _unknown(
        self,
        message: str,
        key: str,
        value: Node,
        known: Mapping[str, object] | tuple[str, ...],
        code: str,
        holder: Node | None = None,
    ) -> None:
        near = did_you_mean(key, islice(known, SUGGESTED_FROM))
        listed = f"known here: {', '.join(islice(known, _LISTED)) or 'nothing'}"
        help = f"did you mean `{near}`?" if near is not None else listed
        span = (holder if holder is not None else self.node).key_spans.get(key)
        self.diagnostics.add(code, message, span, place=value.place, help=help)

    def _say(self, code: str, message: str, node: Node, help: str | None = None) -> None:
        self.diagnostics.add(code, message, node.span, place=node.place, help=help)
