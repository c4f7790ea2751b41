"""The whole document: sections, entries, layers, blocks."""

from inspect import getdoc

from specmodel import layers
from specmodel.layers.base import Layer
from specmodel.layers.refused import REFUSED
from specmodel.layers.scope import INTEGER_POLICIES, POLICIES
from specmodel.schema.arguments import FAMILIES, arguments_of, family
from specmodel.schema.shapes import Json, any_of, list_of, mapping, names_to, ref
from specmodel.spec.document import Document
from specmodel.summary.figures import TOTALS
from specmodel.types.tensor import DTYPES

DRAFT = "http://json-schema.org/draft-07/schema#"
TITLE = "A specmodel spec: a neural network in Keras' vocabulary"

_TEXT: Json = {"type": "string"}
_NULL: Json = {"type": "null"}
_EXPRESSION: Json = {
    "type": "string",
    "pattern": r"\$\(",
    "description": "An expression of the params: `$(32 * width)`.",
}
_REFERENCES = any_of(_TEXT, list_of(_TEXT), _NULL)
_SIZE = any_of({"type": "integer", "minimum": 1, "maximum": 2**31 - 1}, _TEXT, _NULL)
_SHAPE = any_of(list_of(_SIZE, maxItems=8), ref("expression"))
_ROW = any_of({"type": "object"}, ref("expression"))
_FLAG = any_of({"type": "boolean"}, ref("expression"))
_POLICY = any_of({"enum": [*POLICIES, *INTEGER_POLICIES]}, ref("expression"))
_DTYPES = [name for name in DTYPES if name != "bfloat16"]


def schema() -> Json:
    """The JSON Schema (draft-07) of a spec."""
    return {
        "$schema": DRAFT,
        "title": TITLE,
        **mapping(_sections(), required=["layers"], patternProperties={"^x-": {}, "^<<$": {}}),
        "definitions": {
            "expression": _EXPRESSION,
            **{name: family(name, objects) for name, objects in FAMILIES.items()},
            "layer": _layer_argument(),
            "cell": ref("layer"),
            "entry": _entry(),
            "entries": list_of(ref("entry"), minItems=1),
            "expect": _expect(),
            "example": _example(),
            "input": _input(),
            "param": _param(),
            **{f"layer.{name}": _layer(_class(name)) for name in layers.NAMES},
        },
    }


def _class(name: str) -> type[Layer]:
    found = layers.find(name)
    assert found is not None
    return found


def _sections() -> Json:
    """The keys of the top level; their descriptions are those of `Document`."""
    forms: Json = {
        "params": any_of(names_to(ref("param")), _NULL),
        "presets": any_of(names_to(_preset()), _NULL),
        "inputs": any_of(ref("input"), names_to(ref("input")), _NULL),
        "blocks": any_of(names_to(_block(), "^[A-Z]"), _NULL),
        "layers": ref("entries"),
        "outputs": any_of(_TEXT, list_of(_TEXT), names_to(_TEXT), _NULL),
        "expect": any_of(ref("expect"), _NULL),
        "examples": any_of(list_of(ref("example")), _NULL),
    }
    plain = arguments_of(Document)["properties"]
    return {name: _section(plain[name], forms.get(name)) for name in Document.model_fields}


def _section(declared: Json, form: Json | None) -> Json:
    return declared if form is None else {"description": declared["description"], **form}


def _entry() -> Json:
    """An entry of `layers`: a word, or a mapping with a layer, group, block or reuse and what stands beside it."""
    beside: Json = {
        "name": {"type": "string", "description": "The entry's name; automatic names are Keras'."},
        "inputs": {
            "description": "What it is called with: references in order, or by the layer's call arguments.",
            **any_of(_REFERENCES, names_to(any_of(_REFERENCES, ref("expression")))),
        },
        "when": {"description": "False leaves the entry out.", **_FLAG},
        "repeat": {
            "description": "How often the entry is written, or a row of values for each time.",
            **any_of(
                {"type": "integer", "minimum": 0},
                list_of(any_of({"type": "object"}, ref("expression"))),
                ref("expression"),
            ),
        },
        "index": {"type": "string", "description": "The name of the counter of `repeat`; `i` otherwise."},
        "trainable": {
            "description": "False counts the weights as not trained.",
            **any_of({"type": "boolean"}, ref("expression")),
        },
        "dtype": {
            "description": "The dtype policy.",
            **any_of({"enum": [*POLICIES, *INTEGER_POLICIES]}, ref("expression")),
        },
        "layers": {"description": "A group of entries.", "allOf": [ref("entries")]},
        "reuse": {
            "description": "The entry that is called again, with the same weights.",
            **any_of(_TEXT, {"type": "object", "minProperties": 1, "maxProperties": 1}),
        },
    }
    kinds = {name: ref(f"layer.{name}") for name in layers.NAMES}
    kinds |= {alias: ref(f"layer.{name}") for alias, name in layers.ALIASES.items()}
    refused: Json = {name: {"not": {}, "description": why} for name, why in REFUSED.items()}
    words = {"type": "string", "anyOf": [{"enum": _words()}, {"pattern": "^[A-Z]"}]}
    entry = mapping(beside | refused | kinds, patternProperties={"^[A-Z]": {}, "^<<$": {}}, minProperties=1)
    return any_of(words, entry)


def _words() -> list[str]:
    """The layers that need no arguments."""
    every = {**{name: name for name in layers.NAMES}, **layers.ALIASES}
    return [word for word, name in every.items() if not arguments_of(_class(name)).get("required")]


def _layer(layer: type[Layer]) -> Json:
    """The value of a layer's key: its arguments, its first argument alone, or nothing."""
    arguments = arguments_of(layer)
    arguments["properties"].setdefault("activity_regularizer", ref("regularizer"))
    arguments["patternProperties"] = {"^<<$": {}}
    first = next(iter(layer.positional()), None)
    required = arguments.get("required", [])
    forms = [arguments]
    if first is not None and set(required) <= {first}:
        forms.append({"allOf": [{"not": {"type": "object"}}, arguments["properties"][first]]})
    if not required:
        forms.append(_NULL)
    return {"description": (getdoc(layer) or "").strip(), "anyOf": forms}


def _layer_argument() -> Json:
    """A layer inside a layer."""
    kinds = {name: ref(f"layer.{name}") for name in layers.NAMES}
    kinds |= {alias: ref(f"layer.{name}") for alias, name in layers.ALIASES.items()}
    beside: Json = {"name": _TEXT, "trainable": {"type": "boolean"}, "dtype": {"enum": list(POLICIES)}}
    keyed = mapping(beside | kinds, patternProperties={"^[A-Z]": {}}, minProperties=1)
    return any_of({"type": "string", "pattern": "^[A-Z]"}, keyed, list_of(ref("layer")), ref("expression"), _NULL)


def _input() -> Json:
    long = mapping(
        {
            "shape": {"description": "The sizes behind the batch axis.", **_SHAPE},
            "dtype": {"description": "The element type.", **any_of({"enum": _DTYPES}, ref("expression"))},
            "batch": {"description": "A fixed batch size.", **_SIZE},
        },
        required=["shape"],
    )
    return any_of(_SHAPE, long)


def _param() -> Json:
    value: Json = {"not": {"type": "object"}}
    bound = any_of({"type": "number"}, ref("expression"))
    long = mapping({"default": value, "min": bound, "max": bound, "description": _TEXT}, minProperties=1)
    return any_of(long, value)


def _preset() -> Json:
    return any_of({"type": "object", "properties": {"expect": ref("expect")}}, _NULL)


def _block() -> Json:
    file = mapping({"file": {"type": "string", "description": "A spec used as a layer type."}}, required=["file"])
    place = mapping(
        {
            "params": any_of(names_to(ref("param")), _NULL),
            "inputs": {"description": "The names of its inputs; `x` if left out.", **list_of(_TEXT)},
            "layers": ref("entries"),
            "outputs": any_of(_TEXT, list_of(_TEXT), names_to(_TEXT), _NULL),
        },
        required=["layers"],
    )
    return any_of(place, file)


def _expect() -> Json:
    number = any_of(
        {"type": "number"},
        _TEXT,
        mapping({"min": any_of({"type": "number"}, _TEXT), "max": any_of({"type": "number"}, _TEXT)}, minProperties=1),
    )
    shapes = names_to(_SHAPE)
    totals: Json = dict.fromkeys(TOTALS, number)
    return mapping({**totals, "outputs": shapes, "shapes": shapes})


def _example() -> Json:
    files = any_of(_TEXT, names_to(_TEXT))
    number = any_of({"type": "number", "minimum": 0}, ref("expression"))
    described = {
        "inputs": ("An .npy or .npz file, or .npy files by the inputs' names.", files),
        "outputs": ("The recorded outputs, as the inputs; `test --update` writes them.", files),
        "atol": ("How far an element may be off.", any_of(number, names_to(number))),
        "rtol": ("How far it may be off as a part of the recorded number.", any_of(number, names_to(number))),
        "preset": ("The preset it is for; null for none.", any_of(_TEXT, _NULL)),
        "params": ("The values of params it is for.", {"type": "object"}),
        "name": ("What reports call it.", _TEXT),
    }
    keys = {key: {"description": text, **form} for key, (text, form) in described.items()}
    return mapping(keys, required=["inputs", "outputs"])
