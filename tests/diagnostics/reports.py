"""What `check` says of a text."""

from pathlib import Path

from specmodel.checking.checks import EVERYTHING, errors_in, found_in
from specmodel.checking.fixes import Fixes, Repair
from specmodel.diagnostics import Diagnostic
from specmodel.model.opening import open_bytes, open_source
from specmodel.spec.params import Choice
from specmodel.text import SourceFile

HERE = Path(__file__).parent


def checked(text: str | bytes, name: str = "spec.yaml") -> list[Diagnostic]:
    """The diagnostics of a spec's text, in the order in which they are reported."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return found_in(open_bytes(data, name), Choice(), EVERYTHING, all_presets=False)


def repaired(text: str, fixes: Fixes, name: str = "spec.yaml") -> str | None:
    """What `check --fix` makes of a text; None where it leaves it as it is."""

    def found(source: SourceFile) -> list[Diagnostic]:
        return found_in(open_source(source, Path()), Choice(), EVERYTHING, all_presets=False)

    repair = Repair(
        SourceFile(name, text), found, lambda source: errors_in(open_source(source, Path()), Choice()), fixes
    )
    repair.run()
    return repair.change.after if repair.change is not None else None


def codes_of(text: str | bytes) -> set[str]:
    """The codes of all diagnostics of a text."""
    return {diagnostic.code for diagnostic in checked(text)}
