"""The arguments of a layer, or of an object such as an initializer, as a JSON Schema."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from specmodel.layers import fields
from specmodel.layers.objects import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS, Family
from specmodel.layers.stacked_cells import CellArgument
from specmodel.schema.shapes import Json, ref, widened

FAMILIES = {"activation": ACTIVATIONS, "initializer": INITIALIZERS, "regularizer": REGULARIZERS}
FAMILIES |= {"constraint": CONSTRAINTS}

_DEFINED = {
    "activation": fields.Activation,
    "initializer": fields.Initializer,
    "regularizer": fields.Regularizer,
    "constraint": fields.Constraint,
    "layer": fields.LayerArgument,
    "cell": CellArgument,
}
"""Definitions of the schema, and the annotations that they stand for."""
_NULLABLE = ("activation", "regularizer", "constraint")


def _validator_of(annotation: Any) -> Callable[..., Any]:
    """The function that an annotation validates with."""
    found: Callable[..., Any] = annotation.__metadata__[0].func
    return found


_NAMES = {_validator_of(annotation): name for name, annotation in _DEFINED.items()}
_NESTED = ("anyOf", "items", "additionalProperties")
_LISTS = {_validator_of(fields.IntList)}
"""Validators that take lists alone, where others take an element in place of a list of it."""


class _Arguments(GenerateJsonSchema):
    """Pydantic's schema of what a class takes; where a function reads a value first, of what the function takes."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> Json:
        function = schema["function"]["function"]
        if function in _NAMES:
            return _reference(_NAMES[function])
        if "json_schema_input_schema" in schema:
            return self.generate_inner(schema["json_schema_input_schema"])
        inner = self.generate_inner(schema["schema"])
        return inner if function in _LISTS else widened(inner)

    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> Json:
        function = schema["function"]["function"]
        return _reference(_NAMES[function]) if function in _NAMES else {}


def _reference(name: str) -> Json:
    """A reference that pydantic does not follow; `plain` writes it out."""
    return {"x-ref": name}


def arguments_of(declaration: type[BaseModel]) -> Json:
    """The mapping of a class' arguments, each with its description and default."""
    schema = declaration.model_json_schema(schema_generator=_Arguments)
    properties = {name: _plain(value) for name, value in schema.get("properties", {}).items()}
    made: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    if schema.get("required"):
        made["required"] = schema["required"]
    return made


def family(name: str, objects: Family) -> Json:
    """An object of a family: a name, or one key with its arguments."""
    forms: dict[str, Json] = {}
    for spelling in objects.spellings:
        arguments = arguments_of(objects.declaration(spelling))
        first = next(iter(arguments["properties"].values()), None)
        forms[spelling] = {"anyOf": [arguments, {"type": "null"}, *([first] if first is not None else [])]}
    words = [spelling for spelling in objects.spellings if not _needs(objects, spelling)]
    keyed = {"type": "object", "properties": forms, "additionalProperties": False}
    keyed |= {"minProperties": 1, "maxProperties": 1}
    null = [{"type": "null"}] if name in _NULLABLE else []
    return {"anyOf": [{"enum": words}, keyed, ref("expression"), *null]}


def _needs(objects: Family, spelling: str) -> bool:
    return any(info.is_required() for info in objects.declaration(spelling).model_fields.values())


def _plain(value: Any) -> Any:
    """A part of pydantic's schema in the words of draft-07, where every value may be an expression."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "x-ref" in value:
        return {**_notes(value), "allOf": [ref(value["x-ref"])]}
    notes = _notes(value)
    rest = {key: inner for key, inner in value.items() if key not in notes and key != "title"}
    if "prefixItems" in rest:
        rest["items"] = rest.pop("prefixItems")
    made = {
        key: _plain(inner) if key in ("anyOf", "items", "additionalProperties") else inner
        for key, inner in rest.items()
    }
    if "anyOf" in made:
        return {**notes, "anyOf": [*_flat(made.pop("anyOf")), ref("expression")]}
    return {**notes, "anyOf": [made, ref("expression")]} if made else notes


def _flat(choices: list[Json]) -> list[Json]:
    """Choices without choices inside, and the expression once."""
    found: list[Json] = []
    for choice in choices:
        inner = _flat(choice["anyOf"]) if set(choice) == {"anyOf"} else [choice]
        found += [one for one in inner if one != ref("expression") and one not in found]
    return found


def _notes(value: Json) -> Json:
    return {key: value[key] for key in ("description", "default") if key in value}
