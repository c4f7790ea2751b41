"""The page of each diagnostic code: what it means, why it is a mistake, a wrong and a right example."""

from pathlib import Path

_FOLDER = Path(__file__).with_name("pages")


def page(code: str) -> str | None:
    """The text of a code's page in Markdown, or None where there is no such code."""
    return (_FOLDER / f"{code}.md").read_text(encoding="utf-8") if code in codes() else None


def titles() -> dict[str, str]:
    """What each code means, in a few words, errors first."""
    return {code: _title(_FOLDER / f"{code}.md") for code in codes()}


def table(letters: str = "EWN") -> str:
    """The codes that begin with some letters, as a table in Markdown."""
    rows = [f"| {code} | {title} |" for code, title in titles().items() if code[0] in letters]
    return "\n".join(["| code | what it says |", "|---|---|", *rows])


def codes() -> list[str]:
    """The codes that have a page: errors, warnings, notes."""
    return sorted((file.stem for file in _FOLDER.glob("*.md")), key=lambda code: ("EWN".find(code[0]), code))


def _title(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        return lines.readline().partition(": ")[2].rstrip()
