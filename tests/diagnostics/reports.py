"""What `check` says of a text."""

from pathlib import Path

from specmodel.diagnostics import Diagnostic, SpecError
from specmodel.model.opening import check_opened, open_source
from specmodel.yaml import decode_source

HERE = Path(__file__).parent


def checked(text: str | bytes, name: str = "spec.yaml") -> list[Diagnostic]:
    """The diagnostics of a spec's text, in the order in which they are reported."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        opened = open_source(decode_source(name, data), Path())
    except SpecError as error:
        return error.diagnostics
    check_opened(opened)
    return list(opened.diagnostics)


def codes_of(text: str | bytes) -> set[str]:
    """The codes of all diagnostics of a text."""
    return {diagnostic.code for diagnostic in checked(text)}
