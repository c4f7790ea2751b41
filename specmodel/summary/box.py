"""Tables in Keras' box-drawn form. They wrap long cells and never cut them."""

from collections.abc import Sequence

from specmodel.record import Record

NARROWEST = 16
"""No column of text is made narrower to fit a terminal."""


class Column(Record):
    """A column: its heading, whether it is set to the right, the width it may wrap at."""

    heading: str
    right: bool
    width: int


def box(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None = None) -> list[str]:
    """The lines of a table, no wider than `width` if wrapping texts can make it so."""
    most = _fitted(columns, rows, width)
    wrapped = [[_wrap(cell, limit) for cell, limit in zip(row, most, strict=True)] for row in rows]
    widths = [
        max([len(column.heading), *(len(line) for row in wrapped for line in row[index])])
        for index, column in enumerate(columns)
    ]

    def line(left: str, middle: str, right: str, fill: str) -> str:
        return left + middle.join(fill * (width + 2) for width in widths) + right

    def text(cells: Sequence[str], edge: str) -> str:
        padded = [
            f" {cell:>{width}} " if column.right else f" {cell:<{width}} "
            for cell, width, column in zip(cells, widths, columns, strict=True)
        ]
        return edge + edge.join(padded) + edge

    lines = [line("┏", "┳", "┓", "━"), text([column.heading for column in columns], "┃"), line("┡", "╇", "┩", "━")]
    for number, row in enumerate(wrapped):
        height = max(len(cell) for cell in row)
        for index in range(height):
            lines.append(text([cell[index] if index < len(cell) else "" for cell in row], "│"))
        lines.append(line("└", "┴", "┘", "─") if number == len(wrapped) - 1 else line("├", "┼", "┤", "─"))
    return lines if rows else [*lines[:2], line("└", "┴", "┘", "─")]


def _fitted(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[int]:
    """Where each column wraps: as it is declared, and the widest texts earlier where a terminal is narrow."""
    needed = [
        min(column.width, max([len(column.heading), *(len(row[index]) for row in rows)]))
        for index, column in enumerate(columns)
    ]
    most = [column.width for column in columns]
    excess = sum(needed) + 3 * len(columns) + 1 - width if width is not None else 0
    while excess > 0:
        texts = [index for index, column in enumerate(columns) if not column.right and needed[index] > NARROWEST]
        if not texts:
            break
        widest = max(texts, key=lambda index: needed[index])
        needed[widest] -= 1
        most[widest] = needed[widest]
        excess -= 1
    return most


def _wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most a width, broken at spaces, or inside a word that is longer than a line."""
    if len(text) <= width:
        return [text]
    lines, current = [], ""
    for word in text.split(" "):
        while len(word) > width:
            room = width - len(current) - 1 if current else width
            if room < 8 and current:
                lines.append(current)
                current, room = "", width
            lines.append(f"{current} {word[:room]}" if current else word[:room])
            current, word = "", word[room:]
        if current and len(current) + 1 + len(word) > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current] if current else lines
