"""Text inside of XML."""

from specmodel.report.text import printable

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def attributes(**values: object) -> str:
    """Attributes with their values."""
    return " ".join(f'{name}="{escaped(printable(str(value)))}"' for name, value in values.items())


def escaped(text: str) -> str:
    """A printable text, lines apart, as the content of an element or attribute."""
    return "".join(_ENTITIES.get(character, character) for character in text)
