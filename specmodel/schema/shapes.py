"""Small pieces that the schema is made of."""

from typing import Any

Json = dict[str, Any]


def ref(name: str) -> Json:
    """A reference to a definition."""
    return {"$ref": f"#/definitions/{name}"}


def any_of(*choices: Json) -> Json:
    """One of several forms."""
    return {"anyOf": list(choices)}


def mapping(properties: Json, **more: Any) -> Json:
    """A mapping with these keys alone."""
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def names_to(value: Json, pattern: str | None = None) -> Json:
    """A mapping of names that the author chooses."""
    if pattern is None:
        return {"type": "object", "additionalProperties": value}
    return {"type": "object", "patternProperties": {pattern: value}, "additionalProperties": False}


def list_of(item: Json, **more: Any) -> Json:
    """A list of equal things."""
    return {"type": "array", "items": item, **more}


def widened(schema: Json) -> Json:
    """A schema with what stands for it: an element for a list of it, at every level; text in another case."""
    forms = _forms(schema)
    return {**{key: schema[key] for key in schema.keys() & {"description", "default"}}, **any_of(*forms)}


def _forms(schema: Json) -> list[Json]:
    if "anyOf" in schema:
        return [form for choice in schema["anyOf"] for form in _forms(choice)]
    if schema.get("type") == "array":
        items = schema.get("prefixItems") or [schema.get("items", {})]
        elements = _forms(items[0]) if items[0] else []
        every: Json = {"items": any_of(*elements)} if elements else {}
        if "prefixItems" in schema:
            every = {"prefixItems": [any_of(*_forms(item)) for item in items]}
        return [{**schema, **every}, *elements]
    words = [word for word in schema.get("enum", [schema.get("const")]) if isinstance(word, str)]
    return [schema, *({"type": "string", "pattern": _any_case(word)} for word in words)]


def _any_case(word: str) -> str:
    letters = (f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in word)
    return f"^{''.join(letters)}$"
