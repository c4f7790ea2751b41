"""The top level of a spec, validated by a pydantic schema."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from specmodel.diagnostics import Diagnostics, codes, did_you_mean, unmistakable
from specmodel.layers.validation import ArgumentError, refuse, shown, validated
from specmodel.spec.faults import report_fault, too_many
from specmodel.spec.model import Place
from specmodel.yaml.node import Node

DtypePolicy = Literal["float32", "float16", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16"]


def _version(value: object) -> object:
    if value != 1 or not isinstance(value, int) or isinstance(value, bool):
        help = "the version of the spec language; this specmodel reads version 1"
        raise refuse(f"must be 1, found {shown(value)}", help)
    return value


class Document(BaseModel):
    """The keys of a spec's top level."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    specmodel: Annotated[Literal[1], BeforeValidator(_version)] = Field(
        1, description="The version of the spec language."
    )
    name: str | None = Field(None, description="The model's name; the file's name without its suffix if left out.")
    dtype: DtypePolicy = Field("float32", description="The dtype policy of every layer that sets none.")
    seed: Annotated[int, Field(ge=0, lt=2**64)] = Field(0, description="Seeds the initial weights.")
    weights: str | None = Field(None, description="A weights file, relative to this one.")
    params: Any = Field(None, description="What the expressions of the spec may use, with defaults.")
    presets: Any = Field(None, description="Named values of params.")
    inputs: Any = Field(None, description="The model's inputs; left out, the model is unbuilt.")
    blocks: Any = Field(None, description="Layer types of the spec's own.")
    layers: Any = Field(None, description="The layers, in order.")
    outputs: Any = Field(None, description="The model's outputs; the last entry if left out.")
    expect: Any = Field(None, description="What `check` holds the model to.")
    examples: Any = Field(None, description="Inputs and their outputs, for `test`.")


NODES = ("inputs", "layers", "outputs", "params", "presets", "blocks", "expect", "examples")
"""Keys whose values are read by functions of their own."""
COMPUTED = ("name", "dtype", "seed", "weights", "inputs", "outputs", "expect", "examples")
"""Keys whose values may hold expressions of the params."""
EXPANDED_MARK = "x-expanded"
"""The key by which `expand` marks what it writes: names may be paths there."""


def read_document(node: Node, diagnostics: Diagnostics) -> Document:
    """The top level of a mapping; keys that are wrong are left at their defaults.

    Those that start with `x-` are the author's own. What stands under a mistyped `inputs` or `layers` is read all the
    same, so that the rest of the spec is not blamed for it.
    """
    known = {}
    for key, value in node.items.items():
        if key in Document.model_fields:
            known[key] = value if key in NODES else value.plain()
        elif not key.startswith("x-"):
            meant = _refuse_key(node, key, diagnostics)
            if meant in ("inputs", "layers") and meant not in node.items:
                known[meant] = value
    document = Document.__new__(Document)
    try:
        validated("the spec", document, known)
    except ArgumentError as error:
        for fault in error.faults:
            report_fault(fault, node, Place(node.span, node.place), diagnostics)
        broken = {str(fault.location[0]) for fault in error.faults}
        sound: dict[str, Any] = {key: value for key, value in known.items() if key not in broken}
        document = Document.model_construct(**sound)
    return document


def _refuse_key(node: Node, key: str, diagnostics: Diagnostics) -> str | None:
    """Report a key that is not read; the key that was meant, where one is near."""
    if too_many(diagnostics):
        return None
    span, place = node.key_spans.get(key), node.items[key].place
    near = did_you_mean(key, Document.model_fields)
    meant = unmistakable(key, Document.model_fields) if near is not None and not key[:1].isupper() else None
    if key[:1].isupper():
        help = "layers stand in the list under `layers:`, each behind a dash"
    else:
        help = f"did you mean `{near}`?" if near else f"a spec has the keys {', '.join(Document.model_fields)}"
    message = f"unknown key `{key}` at the top of the spec"
    diagnostics.add(codes.UNKNOWN_KEY, message, span, place=place, help=help, meant=meant)
    return near
