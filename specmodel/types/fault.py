"""What ops, layers and types raise when the user is wrong."""

from typing import Any


class Fault(Exception):  # noqa: N818, a user's mistake is no error of the program
    """A user's mistake without a place; the graph builder turns it into a located diagnostic.

    `code` is a constant of `specmodel.diagnostics.codes`, `field` the layer's argument that is to blame, if one is.
    `inside` tells the builder more where it arose in a layer that is made of layers.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None, help: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.field = field
        self.help = help
        self.inside: Any = None

    def of_argument(self, message: str, field: str) -> "Fault":
        """The fault of a layer that is an argument, in the words of the one around it, unless it knows its place."""
        return self if self.inside is not None else Fault(self.code, message, field=field, help=self.help)

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"
