"""What a benchmark hands back."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Section(NamedTuple):
    """A table for people, remarks below it, and the figures for results.json.

    `met` holds the goals by name, and whether they were reached.
    """

    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    remarks: list[str]
    figures: dict[str, Any]
    met: dict[str, bool]
