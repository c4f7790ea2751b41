"""From what is wrong with some bytes to a diagnostic on the file that holds them."""

from collections.abc import Iterator
from contextlib import contextmanager

from specmodel.diagnostics import codes
from specmodel.diagnostics.diagnostic import failure


class MalformedError(Exception):
    """Bytes that cannot be what they should be. Internal: `located` turns it into a `SpecError` at the boundary.

    `code` replaces the boundary's code where the reason has one of its own.
    """

    def __init__(self, message: str, help: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.code = code

    def inside(self, part: str) -> "MalformedError":
        """The same, said of a part of the file."""
        return MalformedError(f"{part}: {self.message}", self.help, self.code)


@contextmanager
def located(name: str, code: str) -> Iterator[None]:
    """Raise what goes wrong while reading as a `SpecError` on the file of that name."""
    try:
        yield
    except MalformedError as wrong:
        raise failure(wrong.code or code, wrong.message, place=name, help=wrong.help) from None
    except OSError as error:
        raise failure(code, f"the file cannot be read: {reason(error)}", place=name) from None
    except MemoryError:
        raise failure(codes.OUT_OF_MEMORY, "there is not enough memory to read the file", place=name) from None


def reason(error: OSError) -> str:
    """What the operating system says, as a part of a sentence."""
    text = error.strerror or str(error) or type(error).__name__
    return text[:1].lower() + text[1:]


def shown(text: str, limit: int = 60) -> str:
    """Text from a file between backticks: short, and with nothing in it that moves a terminal's cursor."""
    cut = text if len(text) <= limit else text[:limit] + "…"
    return f"`{''.join(c if c.isprintable() else chr(0xFFFD) for c in cut)}`"


def counted(count: int, unit: str) -> str:
    """A number and its unit: `1 byte`, `2,048 bytes`."""
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
