"""What `check` says of a text."""

from pathlib import Path

from specmodel.checking.checks import EVERYTHING, found_in
from specmodel.diagnostics import Diagnostic
from specmodel.model.opening import open_bytes
from specmodel.spec.params import Choice

HERE = Path(__file__).parent


def checked(text: str | bytes, name: str = "spec.yaml") -> list[Diagnostic]:
    """The diagnostics of a spec's text, in the order in which they are reported."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return found_in(open_bytes(data, name), Choice(), EVERYTHING, all_presets=False)


def codes_of(text: str | bytes) -> set[str]:
    """The codes of all diagnostics of a text."""
    return {diagnostic.code for diagnostic in checked(text)}
